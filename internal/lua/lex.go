package lua

import (
	"strconv"
	"strings"
)

// token is a word of the text: a name or number or string with kind, else the
// symbol or keyword itself.
type token struct {
	kind kind
	text string  // of a name, symbol or keyword, or the string
	num  float64 // of a number
	line int
}

type kind uint8

const (
	tokSymbol kind = iota // and keywords
	tokName
	tokNumber
	tokString
	tokEnd
)

var keywords = map[string]bool{
	"and": true, "break": true, "do": true, "else": true, "elseif": true, "end": true, "false": true, "for": true,
	"function": true, "if": true, "in": true, "local": true, "nil": true, "not": true, "or": true, "repeat": true,
	"return": true, "then": true, "true": true, "until": true, "while": true,
}

type lexer struct {
	s    string
	at   int
	line int
}

func (l *lexer) peek(i int) byte {
	if l.at+i < len(l.s) {
		return l.s[l.at+i]
	}
	return 0
}

func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	t := token{line: l.line}
	if l.at >= len(l.s) {
		t.kind = tokEnd
		return t, nil
	}
	c := l.s[l.at]
	switch {
	case isAlpha(c):
		from := l.at
		for isAlpha(l.peek(0)) || isDigit(l.peek(0)) {
			l.at++
		}
		t.text = l.s[from:l.at]
		if !keywords[t.text] {
			t.kind = tokName
		}
		return t, nil
	case isDigit(c), c == '.' && isDigit(l.peek(1)):
		return l.number(t)
	case c == '"' || c == '\'':
		t.kind = tokString
		var err error
		t.text, err = l.quoted()
		return t, err
	case c == '[' && l.level(0) >= 0:
		t.kind = tokString
		var err error
		t.text, err = l.long(l.level(0))
		return t, err
	}
	for _, s := range []string{"...", "..", "==", "~=", "<=", ">="} {
		if strings.HasPrefix(l.s[l.at:], s) {
			l.at += len(s)
			t.text = s
			return t, nil
		}
	}
	if strings.IndexByte("+-*/%^#<>=(){}[];:,.", c) < 0 {
		return t, refuse("line %d: %q in the script", l.line, c)
	}
	l.at++
	t.text = string(rune(c))
	return t, nil
}

func isAlpha(c byte) bool { return c|0x20-'a' < 26 || c == '_' }

// skip passes over white space and comments.
func (l *lexer) skip() error {
	for l.at < len(l.s) {
		switch c := l.s[l.at]; {
		case c == '\n' || c == '\r':
			l.newline()
		case c == ' ' || c == '\t' || c == '\v' || c == '\f':
			l.at++
		case c == '-' && l.peek(1) == '-':
			l.at += 2
			if l.peek(0) == '[' && l.level(0) >= 0 {
				if _, err := l.long(l.level(0)); err != nil {
					return err
				}
				continue
			}
			for l.at < len(l.s) && l.s[l.at] != '\n' && l.s[l.at] != '\r' {
				l.at++
			}
		default:
			return nil
		}
	}
	return nil
}

// newline passes over the end of a line, which may be two bytes.
func (l *lexer) newline() {
	c := l.s[l.at]
	l.at++
	if d := l.peek(0); l.at < len(l.s) && (d == '\n' || d == '\r') && d != c {
		l.at++
	}
	l.line++
}

// level returns how many = stand in the long bracket that begins i bytes from
// here, -1 if none does.
func (l *lexer) level(i int) int {
	c := l.peek(i)
	n := 0
	for l.peek(i+1+n) == '=' {
		n++
	}
	if l.peek(i+1+n) != c {
		return -1
	}
	return n
}

// long reads a string or comment in long brackets.
func (l *lexer) long(level int) (string, error) {
	line := l.line
	l.at += 2 + level
	if c := l.peek(0); c == '\n' || c == '\r' {
		l.newline()
	}
	var b strings.Builder
	for l.at < len(l.s) {
		switch c := l.s[l.at]; {
		case c == ']' && l.level(0) == level:
			l.at += 2 + level
			return b.String(), nil
		case c == '[' && level == 0 && l.level(0) == 0:
			return "", refuse("line %d: [[ within [[", l.line)
		case c == '\n' || c == '\r':
			l.newline()
			b.WriteByte('\n')
		default:
			b.WriteByte(c)
			l.at++
		}
	}
	return "", refuse("line %d: no end of a long string or comment", line)
}

var escapes = map[byte]byte{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

func (l *lexer) quoted() (string, error) {
	quote := l.s[l.at]
	l.at++
	var b strings.Builder
	for l.at < len(l.s) {
		c := l.s[l.at]
		switch {
		case c == quote:
			l.at++
			return b.String(), nil
		case c == '\n' || c == '\r':
			return "", refuse("line %d: no end of a string", l.line)
		case c != '\\':
			b.WriteByte(c)
			l.at++
			continue
		}
		l.at++
		if l.at == len(l.s) {
			break
		}
		switch c := l.s[l.at]; {
		case c == '\n' || c == '\r':
			l.newline()
			b.WriteByte('\n')
		case isDigit(c):
			n := 0
			for i := 0; i < 3 && isDigit(l.peek(0)); i++ {
				n = n*10 + int(l.s[l.at]-'0')
				l.at++
			}
			if n > 255 {
				return "", refuse("line %d: an escape sequence too large", l.line)
			}
			b.WriteByte(byte(n))
		default:
			if e, ok := escapes[c]; ok {
				c = e
			}
			b.WriteByte(c)
			l.at++
		}
	}
	return "", refuse("line %d: no end of a string", l.line)
}

// number reads what Lua takes for one number: letters belong to it.
func (l *lexer) number(t token) (token, error) {
	from := l.at
	for isDigit(l.peek(0)) || l.peek(0) == '.' {
		l.at++
	}
	if l.peek(0)|0x20 == 'e' {
		l.at++
		if c := l.peek(0); c == '+' || c == '-' {
			l.at++
		}
	}
	for isAlpha(l.peek(0)) || isDigit(l.peek(0)) {
		l.at++
	}
	text := l.s[from:l.at]
	t.kind = tokNumber
	if hex, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		n, err := strconv.ParseUint(hex, 16, 52)
		if err != nil {
			return t, refuse("line %d: the number %.30s", l.line, text)
		}
		t.num = float64(n)
		return t, nil
	}
	f, ok, err := parseNumber(text)
	if err != nil {
		return t, err
	}
	if !ok {
		return t, refuse("line %d: the number %.30s", l.line, text)
	}
	t.num = f
	return t, nil
}
