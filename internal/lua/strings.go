package lua

import (
	"math"
	"strconv"
	"strings"
)

func strLen(_ *Machine, a args) ([]Value, error) {
	s, err := a.text(0)
	return []Value{float64(len(s))}, err
}

// position reads an index that counts from the end if it is negative.
func position(i, n int) int {
	if i < 0 {
		i += n + 1
	}
	return max(i, 0)
}

func strSub(m *Machine, a args) ([]Value, error) {
	s, err := a.text(0)
	if err != nil {
		return nil, err
	}
	from, err := a.integer(1)
	if err != nil {
		return nil, err
	}
	to, err := a.option(2, -1)
	if err != nil {
		return nil, err
	}
	from, to = max(position(from, len(s)), 1), min(position(to, len(s)), len(s))
	if from > to {
		return []Value{""}, nil
	}
	return []Value{s[from-1 : to]}, m.Bytes(int64(to - from))
}

func changed(do func(s string) string) native {
	return func(m *Machine, a args) ([]Value, error) {
		s, err := a.text(0)
		if err != nil {
			return nil, err
		}
		return []Value{do(s)}, m.Bytes(int64(len(s)))
	}
}

// mapBytes applies do to each byte: in strings of any encoding.
func mapBytes(do func(c byte) byte) native {
	return changed(func(s string) string {
		b := []byte(s)
		for i, c := range b {
			b[i] = do(c)
		}
		return string(b)
	})
}

func upperByte(c byte) byte {
	if c-'a' < 26 {
		c -= 'a' - 'A'
	}
	return c
}

func lowerByte(c byte) byte {
	if c-'A' < 26 {
		c += 'a' - 'A'
	}
	return c
}

func strUpper(m *Machine, a args) ([]Value, error) { return mapBytes(upperByte)(m, a) }
func strLower(m *Machine, a args) ([]Value, error) { return mapBytes(lowerByte)(m, a) }

func strReverse(m *Machine, a args) ([]Value, error) {
	return changed(func(s string) string {
		b := make([]byte, len(s))
		for i := range len(s) {
			b[len(s)-1-i] = s[i]
		}
		return string(b)
	})(m, a)
}

func strRep(m *Machine, a args) ([]Value, error) {
	s, err := a.text(0)
	if err != nil {
		return nil, err
	}
	n, err := a.integer(1)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return []Value{""}, nil
	}
	if err := m.Bytes(int64(len(s))*int64(n) + 16); err != nil {
		return nil, err
	}
	return []Value{strings.Repeat(s, n)}, nil
}

func strByte(m *Machine, a args) ([]Value, error) {
	s, err := a.text(0)
	if err != nil {
		return nil, err
	}
	from, err := a.option(1, 1)
	if err != nil {
		return nil, err
	}
	from = position(from, len(s))
	to, err := a.option(2, from)
	if err != nil {
		return nil, err
	}
	from, to = max(from, 1), min(position(to, len(s)), len(s))
	if to-from >= maxUnpack {
		return nil, refuse("string.byte of more than %d bytes", maxUnpack)
	}
	var all []Value
	for i := from; i <= to; i++ {
		all = append(all, float64(s[i-1]))
	}
	return all, m.Bytes(int64(16 * len(all)))
}

func strChar(m *Machine, a args) ([]Value, error) {
	b := make([]byte, len(a))
	for i := range a {
		n, err := a.integer(i)
		if err != nil {
			return nil, err
		}
		if n < 0 || n > 255 {
			return nil, raise()
		}
		b[i] = byte(n)
	}
	return []Value{string(b)}, m.Bytes(int64(len(b)))
}

// spec is a conversion of string.format: %[flags][width][.precision]verb.
type spec struct {
	left, zero, plus, space bool
	width, precision        int // -1: none
	verb                    byte
}

// readSpec reads what follows a percent sign.
func readSpec(s string) (p spec, rest string, err error) {
	p.width, p.precision = -1, -1
	for len(s) > 0 {
		switch s[0] {
		case '-':
			p.left = true
		case '0':
			p.zero = true
		case '+':
			p.plus = true
		case ' ':
			p.space = true
		default:
			goto width
		}
		s = s[1:]
	}
width:
	digits := func() (n int) {
		for i := 0; i < 2 && len(s) > 0 && isDigit(s[0]); i++ {
			n, s = n*10+int(s[0]-'0'), s[1:]
		}
		return n
	}
	if len(s) > 0 && isDigit(s[0]) {
		p.width = digits()
	}
	if len(s) > 0 && s[0] == '.' {
		s = s[1:]
		p.precision = digits()
	}
	if len(s) == 0 {
		return p, "", raise()
	}
	p.verb = s[0]
	return p, s[1:], nil
}

func strFormat(m *Machine, a args) ([]Value, error) {
	f, err := a.text(0)
	if err != nil {
		return nil, err
	}
	var b []byte
	next := 0
	for {
		before, behind, found := strings.Cut(f, "%")
		b = append(b, before...)
		if !found {
			return []Value{string(b)}, m.Bytes(int64(len(b)))
		}
		if strings.HasPrefix(behind, "%") {
			b = append(b, '%')
			f = behind[1:]
			continue
		}
		var p spec
		if p, f, err = readSpec(behind); err != nil {
			return nil, err
		}
		next++
		if next >= len(a) {
			return nil, raise()
		}
		s, err := p.format(a[next:])
		if err != nil {
			return nil, err
		}
		if err := m.Bytes(int64(len(s))); err != nil {
			return nil, err
		}
		b = append(b, s...)
	}
}

func (p *spec) format(a args) (string, error) {
	switch p.verb {
	case 's':
		s, err := a.text(0)
		switch {
		case err != nil:
			return "", err
		case p.zero || p.plus || p.space:
			return "", refuse("a flag of %%s")
		case p.precision < 0 && len(s) >= 100:
			return s, nil
		case strings.IndexByte(s, 0) >= 0:
			return "", refuse("%%s of a string with a zero byte")
		case p.precision >= 0:
			s = s[:min(len(s), p.precision)]
		}
		return p.pad("", s), nil
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return p.integer(a)
	case 'f', 'e', 'E', 'g', 'G':
		f, err := a.number(0)
		if err != nil {
			return "", err
		}
		precision := p.precision
		if precision < 0 {
			precision = 6
		}
		if precision == 0 && p.verb|0x20 == 'g' {
			precision = 1
		}
		s := strconv.FormatFloat(math.Abs(f), p.verb, precision, 64)
		return p.pad(p.sign(f < 0), s), plain(f)
	}
	return "", refuse("%%%c of string.format", p.verb)
}

func (p *spec) integer(a args) (string, error) {
	f, err := a.number(0)
	if err != nil {
		return "", err
	}
	signed := p.verb == 'd' || p.verb == 'i'
	f = math.Trunc(f)
	if math.Abs(f) > maxExact || !signed && (f < 0 || p.plus || p.space) || p.precision >= 0 {
		return "", refuse("%%%c of %v", p.verb, f)
	}
	base := 10
	switch p.verb {
	case 'x', 'X':
		base = 16
	case 'o':
		base = 8
	}
	s := strconv.FormatInt(int64(math.Abs(f)), base)
	if p.verb == 'X' {
		s = strings.ToUpper(s)
	}
	if !signed {
		return p.pad("", s), nil
	}
	return p.pad(p.sign(f < 0), s), nil
}

func (p *spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case p.plus:
		return "+"
	case p.space:
		return " "
	}
	return ""
}

func (p *spec) pad(sign, s string) string {
	n := p.width - len(sign) - len(s)
	switch {
	case n <= 0:
		return sign + s
	case p.left:
		return sign + s + strings.Repeat(" ", n)
	case p.zero:
		return sign + strings.Repeat("0", n) + s
	}
	return strings.Repeat(" ", n) + sign + s
}
