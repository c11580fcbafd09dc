package jsonread

import (
	"fmt"
)

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
