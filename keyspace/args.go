package keyspace

import "math"

// parseInt reads an integer as servers do: canonical decimal, no sign but a
// minus, no leading zeros.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	digits, negative := b, b[0] == '-'
	if negative {
		digits = b[1:]
	}
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || digits[0] == '0' && (len(digits) > 1 || negative) {
		return 0, false
	}
	var u uint64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n := u*10 + uint64(c-'0')
		if u > math.MaxUint64/10 || n < u {
			return 0, false
		}
		u = n
	}
	switch {
	case negative && u <= 1<<63:
		return -int64(u), true
	case !negative && u <= math.MaxInt64:
		return int64(u), true
	}
	return 0, false
}

// intArg is parseInt with the error that servers answer.
func intArg(b []byte) (int64, error) {
	if n, ok := parseInt(b); ok {
		return n, nil
	}
	return 0, errNotInteger
}

// equalFold reports whether b is word, which is in upper case, in any case.
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i, c := range b {
		if c-'a' < 26 {
			c -= 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
