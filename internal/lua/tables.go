package lua

import "slices"

func tabGetN(_ *Machine, a args) ([]Value, error) {
	t, err := a.table(0)
	if err != nil {
		return nil, err
	}
	n, err := t.length()
	return []Value{float64(n)}, err
}

// sequence returns the table that is the first argument, and its length.
func (a args) sequence() (t *Table, n int, err error) {
	if t, err = a.table(0); err == nil {
		n, err = t.length()
	}
	return t, n, err
}

func tabInsert(m *Machine, a args) ([]Value, error) {
	t, n, err := a.sequence()
	if err != nil {
		return nil, err
	}
	switch len(a) {
	case 2:
		return nil, t.setKey(m, float64(n+1), a[1])
	case 3:
	default:
		return nil, raise()
	}
	at, err := a.integer(1)
	if err != nil {
		return nil, err
	}
	if at < 1 || at > n+1 || a[2] == nil {
		return nil, refuse("table.insert at %d of %d", at, n)
	}
	if err := m.Steps(int64(n)); err != nil {
		return nil, err
	}
	t.list = slices.Insert(t.list, at-1, a[2])
	return nil, m.Bytes(48)
}

func tabRemove(m *Machine, a args) ([]Value, error) {
	t, n, err := a.sequence()
	if err != nil {
		return nil, err
	}
	at, err := a.option(1, n)
	if err != nil {
		return nil, err
	}
	if at < 1 || at > n {
		return nil, nil
	}
	v := t.list[at-1]
	t.list = slices.Delete(t.list, at-1, at)
	return []Value{v}, m.Steps(int64(n))
}

func tabConcat(m *Machine, a args) ([]Value, error) {
	t, err := a.table(0)
	if err != nil {
		return nil, err
	}
	sep := ""
	if a.at(1) != nil {
		if sep, err = a.text(1); err != nil {
			return nil, err
		}
	}
	from, err := a.option(2, 1)
	if err != nil {
		return nil, err
	}
	to := 0
	if a.at(3) == nil {
		to, err = t.length()
	} else {
		to, err = a.integer(3)
	}
	if err != nil {
		return nil, err
	}
	var b []byte
	for i := from; i <= to; i++ {
		s, err := args{t.Get(float64(i))}.text(0)
		if err != nil {
			return nil, err
		}
		if i > from {
			b = append(b, sep...)
		}
		b = append(b, s...)
		if err := m.Bytes(int64(2*(len(s)+len(sep)) + 1)); err != nil {
			return nil, err
		}
		if err := m.Steps(1); err != nil {
			return nil, err
		}
	}
	return []Value{string(b)}, nil
}

// tabSort sorts numbers: of other values, or by a function, the order of equals
// is up to the algorithm.
func tabSort(m *Machine, a args) ([]Value, error) {
	t, n, err := a.sequence()
	if err != nil {
		return nil, err
	}
	if a.at(1) != nil {
		return nil, refuse("table.sort with a function")
	}
	if n < 2 {
		return nil, nil
	}
	all := make([]float64, n)
	for i, v := range t.list {
		f, ok := v.(float64)
		if !ok {
			return nil, refuse("table.sort of what is no number")
		}
		all[i] = f
	}
	slices.Sort(all)
	for i, f := range all {
		t.list[i] = f
	}
	return nil, m.Bytes(int64(32 * n))
}
