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
