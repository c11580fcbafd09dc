package lua

import "math"

// Table is a table: the values of 1, 2, 3 ... and those of other keys. There may
// be nil among the former, but not as the last.
type Table struct {
	list   []Value
	holes  int // values in list that are nil
	other  map[Value]Value
	sparse int // keys of other that are positive integers
}

// NewTable returns a table of a list, which it keeps and in which no nil may be.
func NewTable(list []Value) *Table { return &Table{list: list} }

// index returns the place of a key in list.
func index(key Value) (int, bool) {
	f, ok := key.(float64)
	if !ok || f != math.Floor(f) || f < 1 || f > 1<<31-1 {
		return 0, false
	}
	return int(f) - 1, true
}

// Get returns the value of a key.
func (t *Table) Get(key Value) Value {
	if i, ok := index(key); ok && i < len(t.list) {
		return t.list[i]
	}
	return t.other[key]
}

// Set sets a key, which is neither nil nor NaN.
func (t *Table) Set(key, v Value) {
	i, positive := index(key)
	switch {
	case positive && i < len(t.list):
		t.replace(i, v)
		return
	case positive && i == len(t.list) && v != nil:
		t.take(key)
		t.list = append(t.list, v)
		for t.sparse > 0 {
			next := float64(len(t.list) + 1)
			v := t.other[next]
			if v == nil {
				break
			}
			t.take(next)
			t.list = append(t.list, v)
		}
		return
	}
	t.take(key)
	if v == nil {
		return
	}
	if t.other == nil {
		t.other = map[Value]Value{}
	}
	t.other[key] = v
	if positive {
		t.sparse++
	}
}

// take removes a key that does not stand in list.
func (t *Table) take(key Value) {
	if _, ok := t.other[key]; !ok {
		return
	}
	delete(t.other, key)
	if _, positive := index(key); positive {
		t.sparse--
	}
}

func (t *Table) replace(i int, v Value) {
	was := t.list[i]
	t.list[i] = v
	if was == nil && v != nil {
		t.holes--
	}
	if was != nil && v == nil {
		t.holes++
	}
	for n := len(t.list); n > 0 && t.list[n-1] == nil; n-- {
		t.list = t.list[:n-1]
		t.holes--
	}
}

// length is the operator #. Where there are holes it is up to the layout of the
// table.
func (t *Table) length() (int, error) {
	if t.holes > 0 || t.sparse > 0 {
		return 0, refuse("the length of a table with holes")
	}
	return len(t.list), nil
}

// setKey is an assignment of a script.
func (t *Table) setKey(m *Machine, key, v Value) error {
	switch k := key.(type) {
	case nil:
		return raise()
	case float64:
		if k != k {
			return raise()
		}
	case *Unknown:
		return k.refusal()
	}
	if err := m.Bytes(48); err != nil {
		return err
	}
	if err := m.look(key); err != nil {
		return err
	}
	t.Set(key, v)
	return nil
}
