package lua

import "strings"

// matcher matches a pattern of Lua, step by step as its C code does.
type matcher struct {
	m        *Machine
	src, pat string
	captures []captured
	depth    int
}

// captured is a part of the source, or with one of the sizes below a place or
// what has not ended yet.
type captured struct{ at, size int }

const (
	sizeOpen     = -1
	sizePosition = -2

	maxCaptures = 32
	maxMatch    = 200 // calls within each other
	specials    = "^$*+?.([%-"
)

// newMatcher returns one for a pattern, which may be anchored.
func newMatcher(m *Machine, src, pat string) (s *matcher, anchor bool, err error) {
	pat, anchor = strings.CutPrefix(pat, "^")
	return &matcher{m: m, src: src, pat: pat}, anchor, zeroFree(pat)
}

// zeroFree refuses patterns that end early for C code.
func zeroFree(pat string) error {
	if strings.IndexByte(pat, 0) >= 0 {
		return refuse("a pattern with a zero byte")
	}
	return nil
}

// class tells where the item of the pattern at p ends.
func (s *matcher) class(p int) (int, error) {
	if p >= len(s.pat) {
		return 0, raise()
	}
	c := s.pat[p]
	p++
	switch c {
	case '%':
		if p >= len(s.pat) {
			return 0, raise()
		}
		return p + 1, nil
	case '[':
		if p < len(s.pat) && s.pat[p] == '^' {
			p++
		}
		for { // a ] that comes first belongs to the set
			if p >= len(s.pat) {
				return 0, raise()
			}
			c := s.pat[p]
			p++
			if c == '%' && p < len(s.pat) {
				p++
			}
			if p < len(s.pat) && s.pat[p] == ']' {
				return p + 1, nil
			}
		}
	}
	return p, nil
}

func inClass(c, class byte) bool {
	var is bool
	switch lowerByte(class) {
	case 'a':
		is = c|0x20-'a' < 26
	case 'c':
		is = c < 32 || c == 127
	case 'd':
		is = isDigit(c)
	case 'l':
		is = c-'a' < 26
	case 'p':
		is = c > 32 && c < 127 && !isDigit(c) && c|0x20-'a' >= 26
	case 's':
		is = c == ' ' || c-'\t' < 5
	case 'u':
		is = c-'A' < 26
	case 'w':
		is = isDigit(c) || c|0x20-'a' < 26
	case 'x':
		is = isDigit(c) || c|0x20-'a' < 6
	case 'z':
		is = c == 0
	default:
		return class == c
	}
	return is == (class|0x20 == class)
}

// inSet: p is at the [, end at the ].
func (s *matcher) inSet(c byte, p, end int) bool {
	is := true
	p++
	if s.pat[p] == '^' {
		is = false
		p++
	}
	for ; p < end; p++ {
		switch {
		case s.pat[p] == '%' && p+1 < len(s.pat):
			p++
			if inClass(c, s.pat[p]) {
				return is
			}
		case s.pat[p+1] == '-' && p+2 < end:
			if s.pat[p] <= c && c <= s.pat[p+2] {
				return is
			}
			p += 2
		case s.pat[p] == c:
			return is
		}
	}
	return !is
}

// single tells whether a byte matches the item from p to end.
func (s *matcher) single(c byte, p, end int) bool {
	switch s.pat[p] {
	case '.':
		return true
	case '%':
		return inClass(c, s.pat[p+1])
	case '[':
		return s.inSet(c, p, end-1)
	}
	return s.pat[p] == c
}

// match matches the pattern from p on against the source from i on, and returns
// where the match ends, -1 for none.
func (s *matcher) match(i, p int) (int, error) {
	if s.depth++; s.depth > maxMatch {
		return 0, refuse("a pattern that goes too deep")
	}
	defer func() { s.depth-- }()
	for {
		if err := s.m.Steps(1); err != nil {
			return 0, err
		}
		if p == len(s.pat) {
			return i, nil
		}
		switch c := s.pat[p]; {
		case c == '(':
			if p+1 < len(s.pat) && s.pat[p+1] == ')' {
				return s.open(i, p+2, sizePosition)
			}
			return s.open(i, p+1, sizeOpen)
		case c == ')':
			return s.close(i, p+1)
		case c == '$' && p+1 == len(s.pat):
			if i == len(s.src) {
				return i, nil
			}
			return -1, nil
		case c == '%' && p+1 < len(s.pat) && (s.pat[p+1] == 'b' || s.pat[p+1] == 'f' || isDigit(s.pat[p+1])):
			return 0, refuse("%%%c in a pattern", s.pat[p+1])
		}
		end, err := s.class(p)
		if err != nil {
			return 0, err
		}
		if err := s.m.Steps(weight(p, end)); err != nil {
			return 0, err
		}
		here := i < len(s.src) && s.single(s.src[i], p, end)
		var suffix byte
		if end < len(s.pat) {
			suffix = s.pat[end]
		}
		switch suffix {
		case '?':
			if here {
				if r, err := s.match(i+1, end+1); r >= 0 || err != nil {
					return r, err
				}
			}
			p = end + 1
		case '*':
			return s.most(i, p, end)
		case '+':
			if !here {
				return -1, nil
			}
			return s.most(i+1, p, end)
		case '-':
			return s.least(i, p, end)
		default:
			if !here {
				return -1, nil
			}
			i, p = i+1, end
		}
	}
}

// weight is what it takes to hold a byte against the item from p to end, which may
// be a long set.
func weight(p, end int) int64 { return int64((end - p) / 4) }

func (s *matcher) most(i, p, end int) (int, error) {
	n := 0
	for i+n < len(s.src) && s.single(s.src[i+n], p, end) {
		n++
		if err := s.m.Steps(1 + weight(p, end)); err != nil {
			return 0, err
		}
	}
	for ; n >= 0; n-- {
		if r, err := s.match(i+n, end+1); r >= 0 || err != nil {
			return r, err
		}
	}
	return -1, nil
}

func (s *matcher) least(i, p, end int) (int, error) {
	for {
		if r, err := s.match(i, end+1); r >= 0 || err != nil {
			return r, err
		}
		if i >= len(s.src) || !s.single(s.src[i], p, end) {
			return -1, nil
		}
		if err := s.m.Steps(weight(p, end)); err != nil {
			return 0, err
		}
		i++
	}
}

func (s *matcher) open(i, p, size int) (int, error) {
	if len(s.captures) >= maxCaptures {
		return 0, raise()
	}
	n := len(s.captures)
	s.captures = append(s.captures, captured{i, size})
	r, err := s.match(i, p)
	if r < 0 {
		s.captures = s.captures[:n]
	}
	return r, err
}

func (s *matcher) close(i, p int) (int, error) {
	for k := len(s.captures) - 1; k >= 0; k-- {
		if s.captures[k].size != sizeOpen {
			continue
		}
		s.captures[k].size = i - s.captures[k].at
		r, err := s.match(i, p)
		if r < 0 {
			s.captures[k].size = sizeOpen
		}
		return r, err
	}
	return 0, raise()
}

// values returns the captures of a match, or if there are none and whole is set
// the match.
func (s *matcher) values(from, to int, whole bool) ([]Value, error) {
	if len(s.captures) == 0 && whole {
		return []Value{s.src[from:to]}, s.m.Bytes(int64(to - from))
	}
	var all []Value
	for _, c := range s.captures {
		switch c.size {
		case sizeOpen:
			return nil, raise()
		case sizePosition:
			all = append(all, float64(c.at+1))
		default:
			all = append(all, s.src[c.at:c.at+c.size])
		}
	}
	return all, s.m.Bytes(int64(32*len(all) + to - from))
}
