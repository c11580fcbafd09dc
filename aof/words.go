package aof

import (
	"errors"
	"strconv"
	"strings"
)

// A line of a manifest is split into words as servers split a line of their
// configuration:
//
//	word   "with \n escapes and \x00"   'with \' only'
//
// A closing quote ends the word.

var errQuotes = errors.New("quotes that do not match")

const spaces = " \t\r\n\v\f\x00"

func splitWords(s string) (words []string, err error) {
	for {
		s = strings.TrimLeft(s, spaces)
		if s == "" {
			return words, nil
		}
		var word string
		switch s[0] {
		case '"':
			word, s, err = doubleQuoted(s[1:])
		case '\'':
			word, s, err = singleQuoted(s[1:])
		default:
			n := strings.IndexAny(s, spaces+`"'`)
			if n < 0 {
				n = len(s)
			}
			word, s = s[:n], s[n:]
			if s != "" && (s[0] == '"' || s[0] == '\'') { // quotes may begin inside a word
				var more string
				if s[0] == '"' {
					more, s, err = doubleQuoted(s[1:])
				} else {
					more, s, err = singleQuoted(s[1:])
				}
				word += more
			}
		}
		if err == nil && s != "" && !strings.ContainsRune(spaces, rune(s[0])) {
			err = errQuotes
		}
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
}

var unescaped = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'a': '\a'}

func doubleQuoted(s string) (word, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], nil
		case c == '\\' && i+3 < len(s) && s[i+1] == 'x' && isHex(s[i+2]) && isHex(s[i+3]):
			v, _ := strconv.ParseUint(s[i+2:i+4], 16, 8)
			b.WriteByte(byte(v))
			i += 3
		case c == '\\' && i+1 < len(s):
			i++
			if e, ok := unescaped[s[i]]; ok {
				b.WriteByte(e)
			} else {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errQuotes
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func singleQuoted(s string) (word, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == '\'':
			i++
			b.WriteByte('\'')
		case s[i] == '\'':
			return b.String(), s[i+1:], nil
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", errQuotes
}

// appendWordOf appends s as a word, in quotes if it needs them.
func appendWordOf(dst []byte, s string) []byte {
	plain := s != ""
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7F || c == '"' || c == '\'' || c == '\\' || c == '#' && i == 0 {
			plain = false
		}
	}
	if plain {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		const hexDigits = "0123456789abcdef"
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\a':
			dst = append(dst, `\a`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c < ' ' || c >= 0x7F:
			dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
