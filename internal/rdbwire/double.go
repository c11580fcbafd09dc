package rdbwire

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// TextDouble decodes the text double at the start of b and returns it with the
// number of bytes that it takes.
func TextDouble(b []byte) (f float64, n int, err error) {
	if len(b) == 0 {
		return 0, 0, ErrShort
	}
	switch n := int(b[0]); n {
	case 255:
		return math.Inf(-1), 1, nil
	case 254:
		return math.Inf(1), 1, nil
	case 253:
		return math.NaN(), 1, nil
	default:
		if len(b) < 1+n {
			return 0, 0, ErrShort
		}
		f, err := ParseScore(b[1 : 1+n])
		return f, 1 + n, err
	}
}

// ParseScore returns the double that a score's text stands for, correctly
// rounded. It takes what servers write: decimal text, "inf", "-inf", "nan".
func ParseScore(s []byte) (float64, error) {
	switch string(s) {
	case "inf", "+inf":
		return math.Inf(1), nil
	case "-inf":
		return math.Inf(-1), nil
	case "nan", "-nan":
		return math.NaN(), nil
	}
	for _, c := range s { // strconv takes more: hexadecimal, underscores, "infinity"
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, scoreError(s)
		}
	}
	f, err := strconv.ParseFloat(string(s), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range rounds to inf or 0, as strtod does
		return 0, scoreError(s)
	}
	return f, nil
}

func scoreError(s []byte) error {
	return fmt.Errorf("score %q: %w", s[:min(len(s), 32)], ErrNoNumber)
}
