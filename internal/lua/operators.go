package lua

import "math"

func unary(op string, v *operand) *operand {
	do := func(f *frame) (Value, error) {
		a, err := v.one(f)
		if err != nil {
			return nil, err
		}
		if err := f.m.Steps(1); err != nil {
			return nil, err
		}
		if op == "-" {
			if err := f.m.look(a); err != nil {
				return nil, err
			}
		}
		switch op {
		case "not":
			is, err := truth(a)
			return !is, err
		case "-":
			n, ok, err := number(a)
			switch {
			case err != nil:
				return nil, err
			case !ok:
				return nil, raise()
			}
			return -n, plain(-n)
		}
		return length(a)
	}
	return &operand{one: do, depth: v.depth + 1}
}

// length is the operator #.
func length(v Value) (Value, error) {
	switch v := v.(type) {
	case string:
		return float64(len(v)), nil
	case *Table:
		n, err := v.length()
		return float64(n), err
	case *Unknown:
		return nil, v.refusal()
	case *Lib:
		return nil, refuse("#%s", v.name)
	}
	return nil, raise()
}

func combine(op string, a, b *operand) *operand {
	o := &operand{depth: max(a.depth, b.depth) + 1}
	switch op {
	case "and", "or":
		o.one = func(f *frame) (Value, error) {
			x, err := a.one(f)
			if err != nil {
				return nil, err
			}
			is, err := truth(x)
			if err != nil || is == (op == "or") {
				return x, err
			}
			return b.one(f)
		}
		return o
	case "..":
		// Lua copies its operands from left to right.
		o.one = func(f *frame) (Value, error) {
			x, err := a.one(f)
			if err != nil {
				return nil, err
			}
			y, err := b.one(f)
			if err != nil {
				return nil, err
			}
			return join(f.m, x, y)
		}
		return o
	}
	do := operator(op)
	o.one = func(f *frame) (Value, error) {
		x, y, err := orderly(f, a, b)
		if err != nil {
			return nil, err
		}
		if err := f.m.Steps(1); err != nil {
			return nil, err
		}
		if err := f.m.look(x, y); err != nil {
			return nil, err
		}
		return do(x, y)
	}
	return o
}

func join(m *Machine, x, y Value) (Value, error) {
	s, ok, err := text(x)
	if err != nil {
		return nil, err
	}
	t, okT, err := text(y)
	switch {
	case err != nil:
		return nil, err
	case !ok || !okT:
		return nil, raise()
	}
	return s + t, m.Bytes(int64(len(s) + len(t)))
}

func operator(op string) func(x, y Value) (Value, error) {
	switch op {
	case "==":
		return func(x, y Value) (Value, error) {
			is, err := equal(x, y)
			return is, err
		}
	case "~=":
		return func(x, y Value) (Value, error) {
			is, err := equal(x, y)
			return !is, err
		}
	case "<":
		return less
	case ">":
		return func(x, y Value) (Value, error) { return less(y, x) }
	case "<=":
		return lessOrEqual
	case ">=":
		return func(x, y Value) (Value, error) { return lessOrEqual(y, x) }
	}
	return func(x, y Value) (Value, error) {
		a, ok, err := number(x)
		if err != nil {
			return nil, err
		}
		b, okB, err := number(y)
		switch {
		case err != nil:
			return nil, err
		case !ok || !okB:
			return nil, raise()
		}
		return arithmetic(op, a, b)
	}
}

// arithmetic computes with doubles. The conversions keep a compiler from joining
// two operations into one.
func arithmetic(op string, a, b float64) (Value, error) {
	var f float64
	switch op {
	case "+":
		f = float64(a + b)
	case "-":
		f = float64(a - b)
	case "*":
		f = float64(a * b)
	case "/":
		f = float64(a / b)
	case "%":
		f = float64(a - float64(math.Floor(float64(a/b))*b))
	case "^":
		var err error
		if f, err = power(a, b); err != nil {
			return nil, err
		}
	}
	return f, plain(f)
}

// power computes powers that are integers: others are up to a C library.
func power(a, b float64) (float64, error) {
	if a == math.Floor(a) && b == math.Floor(b) && b >= 0 && b < 64 {
		f := 1.0
		for range int(b) {
			if f = float64(f * a); math.Abs(f) > maxExact {
				break
			}
		}
		if math.Abs(f) <= maxExact {
			return f, nil
		}
	}
	return 0, refuse("%v ^ %v", a, b)
}

// less is the operator <. Servers compare strings by the rules of their locale.
func less(x, y Value) (Value, error) {
	a, b, err := numbers(x, y)
	return a < b, err
}

func lessOrEqual(x, y Value) (Value, error) {
	a, b, err := numbers(x, y)
	return a <= b, err
}

func numbers(x, y Value) (a, b float64, err error) {
	for _, v := range []Value{x, y} {
		if u, ok := v.(*Unknown); ok {
			return 0, 0, u.refusal()
		}
	}
	a, ok := x.(float64)
	b, okB := y.(float64)
	if ok && okB {
		return a, b, nil
	}
	_, isText := x.(string)
	if _, both := y.(string); isText && both {
		return 0, 0, refuse("an order of strings")
	}
	return 0, 0, raise()
}
