package jsonread

import (
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendString appends the text of a string.
func (r *Reader) AppendString(dst []byte) ([]byte, error) {
	c, err := r.due()
	if err != nil {
		return dst, err
	}
	if c != '"' {
		return dst, unexpected(c, "a string")
	}
	r.pos++
	start := len(dst)
	for {
		b := r.buf[r.pos:]
		n := 0
		for n < len(b) && b[n] != '"' && b[n] != '\\' && b[n] >= 0x20 {
			n++
		}
		dst = append(dst, b[:n]...)
		r.pos += n
		if int64(len(dst)-start) > r.limit {
			return dst, fmt.Errorf("%w of %d bytes", ErrTooLong, r.limit)
		}
		if n == len(b) {
			if _, err := r.next(); err != nil {
				return dst, err
			}
			continue
		}
		switch c := b[n]; c {
		case '"':
			r.pos++
			if !utf8.Valid(dst[start:]) {
				return dst, errors.New("string is not UTF-8")
			}
			return dst, nil
		case '\\':
			r.pos++
			if dst, err = r.escape(dst); err != nil {
				return dst, err
			}
		default:
			return dst, fmt.Errorf("control character 0x%02x in a string", c)
		}
	}
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape appends what stands behind a backslash.
func (r *Reader) escape(dst []byte) ([]byte, error) {
	c, err := r.next()
	if err != nil {
		return dst, err
	}
	r.pos++
	if e := escapes[c]; e != 0 {
		return append(dst, e), nil
	}
	if c != 'u' {
		return dst, fmt.Errorf("escape \\%c", c)
	}
	v, err := r.hex()
	if err != nil || !utf16.IsSurrogate(v) {
		return utf8.AppendRune(dst, v), err
	}
	for _, want := range []byte(`\u`) {
		if c, err = r.next(); err != nil {
			return dst, err
		}
		if c != want {
			return dst, errors.New("escape of half a surrogate pair")
		}
		r.pos++
	}
	low, err := r.hex()
	if err != nil {
		return dst, err
	}
	if v = utf16.DecodeRune(v, low); v == utf8.RuneError {
		return dst, errors.New("escape of half a surrogate pair")
	}
	return utf8.AppendRune(dst, v), nil
}

func (r *Reader) hex() (v rune, err error) {
	for range 4 {
		c, err := r.next()
		if err != nil {
			return 0, err
		}
		r.pos++
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, fmt.Errorf("%q among four hexadecimal digits", c)
		}
	}
	return v, nil
}
