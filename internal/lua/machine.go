package lua

// The limits of one run of a script. A script of a server that runs into one
// would have kept the server busy for long.
const (
	maxSteps = 1 << 25
	maxBytes = 256 << 20 // made in all, also if given up again
	maxCalls = 150       // within each other; C code of Lua allows 200
)

// Machine is one run of a script.
type Machine struct {
	steps, bytes int64
	depth        int
	env          Env
}

// Env holds the global names that a script may use.
type Env map[string]Value

// Steps counts work that the host does for a script.
func (m *Machine) Steps(n int64) error {
	if m.steps += n; m.steps > maxSteps {
		return refuse("the script takes more than %d steps", maxSteps)
	}
	return nil
}

// Bytes counts memory that is made for a script.
func (m *Machine) Bytes(n int64) error {
	if m.bytes += n; m.bytes > maxBytes {
		return refuse("the script makes more than %d bytes", maxBytes)
	}
	return m.Steps(n / 16)
}

// look counts what it takes to look at values as a whole, which matters for long
// strings.
func (m *Machine) look(values ...Value) error {
	n := 0
	for _, v := range values {
		if s, ok := v.(string); ok {
			n += len(s)
		}
	}
	return m.Steps(int64(n / 16))
}

// frame is a call of a function of the script.
type frame struct {
	m       *Machine
	locals  []*Value
	up      []*Value
	varargs []Value
	ret     []Value
}

// control says how a statement ended.
type control uint8

const (
	goOn control = iota
	broke
	returned
)

type (
	expr  func(f *frame) (Value, error)
	multi func(f *frame) ([]Value, error)
	stmt  func(f *frame) (control, error)
)

// proto is a function as compiled.
type proto struct {
	params int
	vararg bool
	slots  int
	ups    []capture
	body   []stmt
}

// capture says where the variable of an outer function is when a function is
// made.
type capture struct {
	local bool // of the function around it, else a variable that it captured too
	index int
}

// Run runs a program, with the values of the names that it was compiled for, and
// returns what the script returns.
func (p *Program) Run(env Env) ([]Value, error) {
	m := &Machine{env: env}
	return m.Call(&Func{proto: p.main}, nil)
}

// Call calls a function.
func (m *Machine) Call(v Value, args []Value) ([]Value, error) {
	fn, ok := v.(*Func)
	if !ok {
		if u, ok := v.(*Unknown); ok && !u.Text {
			return nil, u.refusal()
		}
		return nil, raise()
	}
	if m.depth++; m.depth > maxCalls {
		return nil, refuse("more than %d calls within each other", maxCalls)
	}
	defer func() { m.depth-- }()
	if err := m.Steps(int64(4 + len(args))); err != nil {
		return nil, err
	}
	if fn.native != nil {
		if err := m.look(args...); err != nil {
			return nil, err
		}
		return fn.native(m, args)
	}
	p := fn.proto
	f := &frame{m: m, locals: make([]*Value, p.slots), up: fn.up}
	if err := m.Bytes(int64(64 + 8*p.slots)); err != nil {
		return nil, err
	}
	for i := range p.params {
		var v Value
		if i < len(args) {
			v = args[i]
		}
		f.locals[i] = &v
	}
	if p.vararg && len(args) > p.params {
		f.varargs = args[p.params:]
	}
	if _, err := run(f, p.body); err != nil {
		return nil, err
	}
	return f.ret, nil
}

func run(f *frame, body []stmt) (control, error) {
	for _, s := range body {
		if err := f.m.Steps(1); err != nil {
			return goOn, err
		}
		if c, err := s(f); c != goOn || err != nil {
			return c, err
		}
	}
	return goOn, nil
}

// first returns the first of several values.
func first(all []Value) Value {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// get is the operator [].
func get(m *Machine, v, key Value) (Value, error) {
	if err := m.Steps(1); err != nil {
		return nil, err
	}
	if err := m.look(key); err != nil {
		return nil, err
	}
	if u, ok := key.(*Unknown); ok {
		return nil, u.refusal()
	}
	switch v := v.(type) {
	case *Table:
		return v.Get(key), nil
	case *Lib:
		if s, ok := key.(string); ok {
			return v.get(s)
		}
		return nil, refuse("%s[...] is not executed", v.name)
	case string: // methods
		s, ok := key.(string)
		if !ok {
			return nil, nil
		}
		lib, ok := m.env["string"].(*Lib)
		if !ok {
			return nil, refuse("a method of a string")
		}
		return lib.get(s)
	case *Unknown:
		return nil, v.refusal()
	}
	return nil, raise()
}

// set is an assignment to v[key].
func set(m *Machine, v, key, value Value) error {
	switch v := v.(type) {
	case *Table:
		return v.setKey(m, key, value)
	case *Lib:
		return refuse("an assignment to a field of %s", v.name)
	case *Unknown:
		return v.refusal()
	}
	return raise()
}
