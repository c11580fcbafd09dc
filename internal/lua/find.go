package lua

import "strings"

func strFind(m *Machine, a args) ([]Value, error)  { return find(m, a, true) }
func strMatch(m *Machine, a args) ([]Value, error) { return find(m, a, false) }

func find(m *Machine, a args, places bool) ([]Value, error) {
	src, err := a.text(0)
	if err != nil {
		return nil, err
	}
	pat, err := a.text(1)
	if err != nil {
		return nil, err
	}
	from, err := a.option(2, 1)
	if err != nil {
		return nil, err
	}
	from = min(max(position(from, len(src))-1, 0), len(src))
	plainFind := false
	if places {
		if plainFind, err = truth(a.at(3)); err != nil {
			return nil, err
		}
	}
	if places && (plainFind || !strings.ContainsAny(pat, specials)) {
		if err := m.Steps(int64(len(src))); err != nil {
			return nil, err
		}
		i := strings.Index(src[from:], pat)
		if i < 0 {
			return []Value{nil}, nil
		}
		return []Value{float64(from + i + 1), float64(from + i + len(pat))}, nil
	}
	s, anchor, err := newMatcher(m, src, pat)
	if err != nil {
		return nil, err
	}
	for i := from; i <= len(src); i++ {
		s.captures = s.captures[:0]
		end, err := s.match(i, 0)
		if err != nil {
			return nil, err
		}
		if end >= 0 {
			all, err := s.values(i, end, !places)
			if places {
				all = append([]Value{float64(i + 1), float64(end)}, all...)
			}
			return all, err
		}
		if anchor {
			break
		}
	}
	return []Value{nil}, nil
}

func strGMatch(m *Machine, a args) ([]Value, error) {
	src, err := a.text(0)
	if err != nil {
		return nil, err
	}
	pat, err := a.text(1)
	if err != nil {
		return nil, err
	}
	if err := zeroFree(pat); err != nil {
		return nil, err
	}
	at := 0
	return []Value{NewFunc("gmatch", func(m *Machine, _ []Value) ([]Value, error) {
		for ; at <= len(src); at++ {
			s := &matcher{m: m, src: src, pat: pat}
			end, err := s.match(at, 0)
			if err != nil {
				return nil, err
			}
			if end >= 0 {
				from := at
				if at = end; end == from {
					at++
				}
				return s.values(from, end, true)
			}
		}
		return []Value{nil}, nil
	})}, nil
}

func strGSub(m *Machine, a args) ([]Value, error) {
	src, err := a.text(0)
	if err != nil {
		return nil, err
	}
	pat, err := a.text(1)
	if err != nil {
		return nil, err
	}
	most, err := a.option(3, len(src)+1)
	if err != nil {
		return nil, err
	}
	switch with := a.at(2).(type) {
	case nil, bool: // an error even where nothing matches
		return nil, raise()
	case *Lib:
		return nil, refuse("%s as a replacement", with.name)
	case *Unknown:
		return nil, with.refusal()
	}
	s, anchor, err := newMatcher(m, src, pat)
	if err != nil {
		return nil, err
	}
	var b []byte
	n := 0
	for i := 0; n < most; {
		s.captures = s.captures[:0]
		end, err := s.match(i, 0)
		if err != nil {
			return nil, err
		}
		if end >= 0 {
			n++
			r, err := s.replacement(a.at(2), i, end)
			if err != nil {
				return nil, err
			}
			if err := m.Bytes(int64(2*len(r) + 16)); err != nil { // r, and b as it grows
				return nil, err
			}
			b = append(b, r...)
		}
		switch {
		case end > i:
			i = end
		case i < len(src):
			b = append(b, src[i])
			i++
		default:
			return []Value{string(b), float64(n)}, m.Bytes(int64(len(b)))
		}
		if anchor || n >= most {
			b = append(b, src[i:]...)
			return []Value{string(b), float64(n)}, m.Bytes(int64(len(b)))
		}
	}
	return []Value{src, float64(n)}, nil
}

// replacement is what gsub puts in the place of a match.
func (s *matcher) replacement(with Value, from, to int) (string, error) {
	whole := s.src[from:to]
	var v Value
	switch w := with.(type) {
	case string, float64:
		t, _, err := text(w)
		if err != nil {
			return "", err
		}
		return s.expand(t, from, to)
	case *Func, *Table:
		all, err := s.values(from, to, true)
		if err != nil {
			return "", err
		}
		if t, ok := w.(*Table); ok {
			v = t.Get(first(all))
		} else if all, err = s.m.Call(w, all); err != nil {
			return "", err
		} else {
			v = first(all)
		}
	case *Unknown:
		return "", w.refusal()
	default:
		return "", raise()
	}
	if v == nil || v == false {
		return whole, nil
	}
	return args{v}.text(0)
}

// expand puts captures in the place of %1 and its like.
func (s *matcher) expand(t string, from, to int) (string, error) {
	var b []byte
	for i := 0; i < len(t); i++ {
		if t[i] != '%' {
			b = append(b, t[i])
			continue
		}
		if i++; i == len(t) {
			return "", refuse("a %% at the end of a replacement")
		}
		switch c := t[i]; {
		case !isDigit(c):
			b = append(b, c)
		case c == '0':
			if err := s.m.Bytes(int64(to - from)); err != nil {
				return "", err
			}
			b = append(b, s.src[from:to]...)
		default:
			all, err := s.values(from, to, true)
			if err != nil {
				return "", err
			}
			k := int(c - '1')
			if k >= len(all) {
				return "", raise()
			}
			part, _, err := text(all[k])
			if err != nil {
				return "", err
			}
			b = append(b, part...)
		}
	}
	return string(b), nil
}
