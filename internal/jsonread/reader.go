// Package jsonread reads JSON as a stream of its parts: the caller knows what is
// due and asks for it. Nothing is held but the part being read, so an object of
// gigabytes takes as little memory as its largest string.
//
//	{"field": "value", ...}
//	^ Open    ^ String     ^ More
//
// It is strict: text that is not UTF-8, control characters in strings, escapes of
// half a surrogate pair, numbers with leading zeros and commas without a value
// behind them are errors.
package jsonread

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// What can be wrong with the text, beside its grammar.
var (
	// ErrCut says that the text ends inside a value.
	ErrCut = errors.New("the text ends inside a value")
	// ErrTooLong says that a string exceeds the limit of the Reader.
	ErrTooLong = errors.New("string exceeds the limit")
)

const (
	bufferSize = 64 << 10
	maxDepth   = 64 // of what Skip passes over
	maxNumber  = 400
)

// Reader reads one text or several in a row. IsSource tells errors
// of the source from those of the text.
type Reader struct {
	r     io.Reader
	buf   []byte
	pos   int
	base  int64 // offset of buf[0]
	limit int64
	first bool // no element of the innermost open array or object has been read
	err   error
}

// New returns a Reader of r. limit is the most bytes that a string may have.
func New(r io.Reader, limit int64) *Reader {
	return &Reader{r: r, limit: limit, buf: make([]byte, 0, bufferSize)}
}

// Offset returns the offset of the next byte.
func (r *Reader) Offset() int64 { return r.base + int64(r.pos) }

// fill reads more. It returns io.EOF at the end of the source.
func (r *Reader) fill() error {
	for range 100 {
		if r.err != nil {
			return r.err
		}
		r.base += int64(len(r.buf))
		n, err := r.r.Read(r.buf[:cap(r.buf)])
		if err != nil && err != io.EOF {
			err = &sourceError{err}
		}
		r.buf, r.pos, r.err = r.buf[:n], 0, err
		if n > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// sourceError is an error of the source.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }

func (e *sourceError) Unwrap() error { return e.err }

// IsSource reports whether err comes from the source and says nothing about
// the text.
func IsSource(err error) bool {
	var s *sourceError
	return errors.As(err, &s)
}

// next returns the next byte, without a step.
func (r *Reader) next() (byte, error) {
	if r.pos == len(r.buf) {
		if err := r.fill(); err != nil {
			if err == io.EOF {
				return 0, ErrCut
			}
			return 0, err
		}
	}
	return r.buf[r.pos], nil
}

// Peek returns the first byte of what comes next: '{', '[', '"', a digit, '-',
// 't', 'f', 'n', or whatever stands there. It returns io.EOF at the end of the
// text.
func (r *Reader) Peek() (byte, error) {
	for {
		if r.pos == len(r.buf) {
			if err := r.fill(); err != nil {
				return 0, err
			}
		}
		switch c := r.buf[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c, nil
		}
	}
}

// due is Peek inside a value.
func (r *Reader) due() (byte, error) {
	c, err := r.Peek()
	if err == io.EOF {
		err = ErrCut
	}
	return c, err
}

func unexpected(c byte, want string) error { return fmt.Errorf("%q where %s is due", c, want) }

// Open passes over the bracket c that begins an array or object.
func (r *Reader) Open(c byte) error {
	got, err := r.due()
	if err != nil {
		return err
	}
	if got != c {
		return unexpected(got, fmt.Sprintf("%q", c))
	}
	r.pos++
	r.first = true
	return nil
}

// More passes over the comma before the next element, or over the bracket end
// that closes the array or object: it then returns false.
func (r *Reader) More(end byte) (bool, error) {
	c, err := r.due()
	if err != nil {
		return false, err
	}
	first := r.first
	r.first = false
	switch {
	case c == end:
		r.pos++
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, unexpected(c, fmt.Sprintf("a comma or %q", end))
	}
	r.pos++
	if c, err = r.due(); err == nil && c == end {
		err = unexpected(c, "a value")
	}
	return err == nil, err
}

// AppendName appends the name of a member and passes over the colon behind it.
func (r *Reader) AppendName(dst []byte) ([]byte, error) {
	dst, err := r.AppendString(dst)
	if err != nil {
		return dst, err
	}
	c, err := r.due()
	if err == nil && c != ':' {
		err = unexpected(c, "a colon")
	}
	r.pos++
	return dst, err
}

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

// AppendNumber appends the text of a number.
func (r *Reader) AppendNumber(dst []byte) ([]byte, error) {
	if _, err := r.due(); err != nil {
		return dst, err
	}
	start := len(dst)
	for {
		c, err := r.next()
		if err != nil && err != ErrCut {
			return dst, err
		}
		if err != nil || (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			break
		}
		if len(dst)-start == maxNumber {
			return dst, fmt.Errorf("number of more than %d characters", maxNumber)
		}
		dst = append(dst, c)
		r.pos++
	}
	if !isNumber(dst[start:]) {
		return dst, fmt.Errorf("%q where a number is due", dst[start:])
	}
	return dst, nil
}

// isNumber reports whether s is a number of JSON.
func isNumber(s []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
	}
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' || !digits() {
		return false
	}
	if len(s) > 0 && s[0] == '.' {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if len(s) > 0 && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; len(s) > 0 && (s[0] == '-' || s[0] == '+') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(s) == 0
}

// Word passes over true, false or null.
func (r *Reader) Word(word string) error {
	if _, err := r.due(); err != nil {
		return err
	}
	for i := range len(word) {
		c, err := r.next()
		if err != nil {
			return err
		}
		if c != word[i] {
			return unexpected(c, word)
		}
		r.pos++
	}
	return nil
}

// Skip passes over a value.
func (r *Reader) Skip() error { return r.skip(maxDepth) }

func (r *Reader) skip(depth int) error {
	c, err := r.due()
	if err != nil {
		return err
	}
	switch c {
	case '"':
		_, err = r.AppendString(nil)
		return err
	case 't':
		return r.Word("true")
	case 'f':
		return r.Word("false")
	case 'n':
		return r.Word("null")
	case '{', '[':
		return r.skipInside(c, depth)
	}
	_, err = r.AppendNumber(nil)
	return err
}

func (r *Reader) skipInside(c byte, depth int) error {
	if depth == 0 {
		return fmt.Errorf("values nested more than %d deep", maxDepth)
	}
	end := c + 2 // of '{' and of '['
	if err := r.Open(c); err != nil {
		return err
	}
	for {
		more, err := r.More(end)
		if err != nil || !more {
			return err
		}
		if c == '{' {
			if _, err := r.AppendName(nil); err != nil {
				return err
			}
		}
		if err := r.skip(depth - 1); err != nil {
			return err
		}
	}
}
