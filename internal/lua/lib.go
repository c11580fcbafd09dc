package lua

import "math"

// native is a function of the library.
type native func(m *Machine, a args) ([]Value, error)

// args are the arguments of one.
type args []Value

func (a args) at(i int) Value {
	if i < len(a) {
		return a[i]
	}
	return nil
}

func (a args) text(i int) (string, error) {
	s, ok, err := text(a.at(i))
	if err == nil && !ok {
		err = raise()
	}
	return s, err
}

func (a args) number(i int) (float64, error) {
	f, ok, err := number(a.at(i))
	if err == nil && !ok {
		err = raise()
	}
	return f, err
}

func (a args) integer(i int) (int, error) { return integer(a.at(i)) }

// option is integer for an argument that may be left out.
func (a args) option(i, missing int) (int, error) {
	if a.at(i) == nil {
		return missing, nil
	}
	return a.integer(i)
}

func (a args) table(i int) (*Table, error) {
	switch v := a.at(i).(type) {
	case *Table:
		return v, nil
	case *Unknown:
		return nil, v.refusal()
	case *Lib:
		return nil, refuse("%s as a table", v.name)
	}
	return nil, raise()
}

func lib(name string, all map[string]native) *Lib {
	fields := map[string]Value{}
	for n, do := range all {
		fields[n] = fn(n, do)
	}
	return NewLib(name, fields)
}

func fn(name string, do native) *Func {
	return NewFunc(name, func(m *Machine, all []Value) ([]Value, error) { return do(m, all) })
}

// Library returns what is executed of Lua's own library.
func Library() Env {
	env := Env{
		"string": lib("string", map[string]native{
			"len": strLen, "sub": strSub, "upper": strUpper, "lower": strLower, "rep": strRep, "reverse": strReverse, "byte": strByte,
			"char": strChar, "format": strFormat, "find": strFind, "match": strMatch, "gmatch": strGMatch, "gsub": strGSub,
		}),
		"table": lib("table", map[string]native{
			"insert": tabInsert, "remove": tabRemove, "concat": tabConcat, "getn": tabGetN, "sort": tabSort,
		}),
		"math": lib("math", map[string]native{
			"floor": mathOf(math.Floor), "ceil": mathOf(math.Ceil), "abs": mathOf(math.Abs), "sqrt": mathOf(math.Sqrt),
			"max": mathMost(func(a, b float64) bool { return a > b }), "min": mathMost(func(a, b float64) bool { return a < b }), "fmod": mathMod,
		}),
	}
	next := fn("ipairs", ipairsNext)
	for name, do := range map[string]native{
		"type": baseType, "tostring": baseToString, "tonumber": baseToNumber, "unpack": baseUnpack, "select": baseSelect,
		"error": baseError, "assert": baseAssert, "pcall": basePcall,
		"ipairs": func(_ *Machine, a args) ([]Value, error) {
			t, err := a.table(0)
			return []Value{next, t, 0.0}, err
		},
	} {
		env[name] = fn(name, do)
	}
	return env
}

func ipairsNext(_ *Machine, a args) ([]Value, error) {
	t, err := a.table(0)
	if err != nil {
		return nil, err
	}
	i, err := a.integer(1)
	if err != nil {
		return nil, err
	}
	n := float64(i + 1)
	if v := t.Get(n); v != nil {
		return []Value{n, v}, nil
	}
	return []Value{nil}, nil
}

func baseType(_ *Machine, a args) ([]Value, error) {
	if len(a) == 0 {
		return nil, raise()
	}
	s, err := typeName(a[0])
	return []Value{s}, err
}

func baseToString(_ *Machine, a args) ([]Value, error) {
	if len(a) == 0 {
		return nil, raise()
	}
	switch v := a[0].(type) {
	case nil:
		return []Value{"nil"}, nil
	case bool:
		if v {
			return []Value{"true"}, nil
		}
		return []Value{"false"}, nil
	}
	s, ok, err := text(a[0])
	if err == nil && !ok {
		err = refuse("the address of a table or a function")
	}
	return []Value{s}, err
}

func baseToNumber(_ *Machine, a args) ([]Value, error) {
	if len(a) == 0 {
		return nil, raise()
	}
	base, err := a.option(1, 10)
	if err != nil {
		return nil, err
	}
	if base != 10 {
		return nil, refuse("tonumber with a base of %d", base)
	}
	f, ok, err := number(a[0])
	if err != nil || !ok {
		return []Value{nil}, err
	}
	return []Value{f}, nil
}

// maxUnpack is below what fits on the stack of Lua.
const maxUnpack = 7000

func baseUnpack(m *Machine, a args) ([]Value, error) {
	t, err := a.table(0)
	if err != nil {
		return nil, err
	}
	from, err := a.option(1, 1)
	if err != nil {
		return nil, err
	}
	to, err := 0, error(nil)
	if a.at(2) == nil {
		to, err = t.length()
	} else {
		to, err = a.integer(2)
	}
	switch {
	case err != nil:
		return nil, err
	case to-from >= maxUnpack:
		return nil, refuse("unpack of more than %d values", maxUnpack)
	}
	var all []Value
	for i := from; i <= to; i++ {
		all = append(all, t.Get(float64(i)))
	}
	return all, m.Bytes(int64(16 * len(all)))
}

func baseSelect(_ *Machine, a args) ([]Value, error) {
	if s, ok := a.at(0).(string); ok && s == "#" {
		return []Value{float64(len(a) - 1)}, nil
	}
	i, err := a.integer(0)
	if err != nil {
		return nil, err
	}
	rest := a[1:]
	switch {
	case i < 0 && -i <= len(rest):
		return rest[len(rest)+i:], nil
	case i < 1:
		return nil, raise()
	}
	return rest[min(i-1, len(rest)):], nil
}

// baseError: a text gets the place in front of it, unless the level is 0.
func baseError(_ *Machine, a args) ([]Value, error) {
	level, err := a.option(1, 1)
	if err != nil {
		return nil, err
	}
	switch a.at(0).(type) {
	case string, float64:
		if level != 0 {
			return nil, raise()
		}
	}
	return nil, &Error{a.at(0)}
}

func baseAssert(_ *Machine, a args) ([]Value, error) {
	if len(a) == 0 {
		return nil, raise()
	}
	is, err := truth(a[0])
	if err == nil && !is {
		err = raise()
	}
	return a, err
}

func basePcall(m *Machine, a args) ([]Value, error) {
	if len(a) == 0 {
		return nil, raise()
	}
	all, err := m.Call(a[0], a[1:])
	if e, ok := err.(*Error); ok {
		return []Value{false, e.Value}, nil
	}
	if err != nil {
		return nil, err
	}
	return append([]Value{true}, all...), nil
}

func mathOf(do func(float64) float64) native {
	return func(_ *Machine, a args) ([]Value, error) {
		f, err := a.number(0)
		if err != nil {
			return nil, err
		}
		f = do(f)
		return []Value{f}, plain(f)
	}
}

func mathMost(better func(a, b float64) bool) native {
	return func(_ *Machine, a args) ([]Value, error) {
		most, err := a.number(0)
		for i := 1; i < len(a) && err == nil; i++ {
			var f float64
			if f, err = a.number(i); better(f, most) {
				most = f
			}
		}
		return []Value{most}, err
	}
}

func mathMod(_ *Machine, a args) ([]Value, error) {
	x, err := a.number(0)
	if err != nil {
		return nil, err
	}
	y, err := a.number(1)
	if err != nil {
		return nil, err
	}
	f := math.Mod(x, y)
	return []Value{f}, plain(f)
}
