package lua

import (
	"math"
	"strconv"
	"strings"
)

// Value is nil, a bool, a float64, a string, a *Table, a *Func, a *Lib or an
// *Unknown.
type Value any

// Func is a function, of the script or of the host.
type Func struct {
	name   string
	native func(m *Machine, args []Value) ([]Value, error)
	proto  *proto
	up     []*Value
}

// NewFunc returns a function of the host. An error that it returns ends the
// script; an *Error is one that the script may catch.
func NewFunc(name string, do func(m *Machine, args []Value) ([]Value, error)) *Func {
	return &Func{name: name, native: do}
}

// Lib is a table of functions and constants that scripts may only look into.
type Lib struct {
	name   string
	fields map[string]Value
}

// NewLib returns a library.
func NewLib(name string, fields map[string]Value) *Lib { return &Lib{name, fields} }

func (l *Lib) get(key string) (Value, error) {
	v, ok := l.fields[key]
	if !ok {
		return nil, refuse("%s.%s is not executed", l.name, key)
	}
	return v, nil
}

// Unknown is a value that is not known: Why says the reason. With Text it is
// some string.
type Unknown struct {
	Why  string
	Text bool
}

func (u *Unknown) refusal() error { return &Refusal{u.Why} }

// typeName is what the function type returns.
func typeName(v Value) (string, error) {
	switch v := v.(type) {
	case nil:
		return "nil", nil
	case bool:
		return "boolean", nil
	case float64:
		return "number", nil
	case string:
		return "string", nil
	case *Table, *Lib:
		return "table", nil
	case *Func:
		return "function", nil
	case *Unknown:
		if !v.Text {
			return "", v.refusal()
		}
	}
	return "string", nil
}

// truth tells whether a condition holds.
func truth(v Value) (bool, error) {
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	case *Unknown:
		if !v.Text {
			return false, v.refusal()
		}
	}
	return true, nil
}

// number reads a value where a number is due; ok is false where Lua has an
// error.
func number(v Value) (f float64, ok bool, err error) {
	switch v := v.(type) {
	case float64:
		return v, true, nil
	case string:
		return parseNumber(v)
	case *Unknown:
		return 0, false, v.refusal()
	}
	return 0, false, nil
}

// parseNumber reads a string as a number. What C libraries read in several ways
// is refused.
func parseNumber(s string) (f float64, ok bool, err error) {
	t := strings.Trim(s, " \t\n\v\f\r")
	digits := strings.TrimLeft(t, "+-")
	if len(digits) < len(t)-1 || digits == "" || !isDigit(digits[0]) && digits[0] != '.' {
		if lower := strings.ToLower(digits); strings.HasPrefix(lower, "inf") || strings.HasPrefix(lower, "nan") {
			return 0, false, refuse("the number %.20q", s)
		}
		return 0, false, nil
	}
	for i := range len(digits) {
		switch c := digits[i]; {
		case isDigit(c), c == '.', c == '+', c == '-', c == 'e', c == 'E':
		case c == 'x', c == 'X', c == 0:
			return 0, false, refuse("the number %.20q", s)
		default:
			return 0, false, nil
		}
	}
	f, perr := strconv.ParseFloat(t, 64)
	if perr != nil {
		if math.IsInf(f, 0) {
			return 0, false, refuse("the number %.20q", s)
		}
		return 0, false, nil
	}
	if f == 0 && math.Signbit(f) || f == 0 && strings.ContainsAny(digits, "123456789") {
		return 0, false, refuse("the number %.20q", s)
	}
	return f, true, nil
}

// text reads a value where a string is due; ok is false where Lua has an error.
func text(v Value) (s string, ok bool, err error) {
	switch v := v.(type) {
	case string:
		return v, true, nil
	case float64:
		s, err := FormatNumber(v)
		return s, true, err
	case *Unknown:
		return "", false, v.refusal()
	}
	return "", false, nil
}

// FormatNumber returns a number as Lua turns it into a string, with %.14g.
func FormatNumber(f float64) (string, error) {
	if err := plain(f); err != nil {
		return "", err
	}
	return strconv.FormatFloat(f, 'g', 14, 64), nil
}

// plain refuses numbers whose text or sign is not the same everywhere.
func plain(f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) || f == 0 && math.Signbit(f) {
		return refuse("a number that is infinite, none, or a zero with a sign")
	}
	return nil
}

// maxExact is up to where all integers are numbers.
const maxExact = 1 << 53

// integer reads an argument that must be an integer. Others are cut in ways that
// differ.
func integer(v Value) (int, error) {
	f, ok, err := number(v)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return 0, raise()
	case f != math.Floor(f) || math.Abs(f) >= 1<<31-1:
		return 0, refuse("%v as an index or a count", f)
	}
	return int(f), nil
}

func isDigit(c byte) bool { return c-'0' < 10 }

// equal is the operator ==.
func equal(a, b Value) (bool, error) {
	u, ok := a.(*Unknown)
	if !ok {
		if u, ok = b.(*Unknown); !ok {
			return a == b, nil
		}
		b = a
	}
	switch b.(type) {
	case string, *Unknown:
		return false, u.refusal()
	}
	if !u.Text {
		return false, u.refusal()
	}
	return false, nil
}
