package fpconv

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
)

// ParseDouble reads a score as servers do: what strtod takes, hexadecimal
// numbers and infinities among it, but no NaN, nothing around the number, and
// no number that is not zero and too small, or too large, for a double.
func ParseDouble(b []byte) (float64, bool) {
	if f, ok := parseShort(b); ok {
		return f, true
	}
	text, hex, ok := cleaned(b)
	if !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.IsNaN(f):
		return 0, false
	case f == 0 && !isZero(text, hex):
		return 0, false
	}
	return f, true
}

// parseShort reads a decimal number of few digits, which a division gives
// exactly.
func parseShort(b []byte) (float64, bool) {
	rest, neg := b, len(b) > 0 && b[0] == '-'
	if neg {
		rest = b[1:]
	}
	if len(rest) == 0 || len(rest) > 16 {
		return 0, false
	}
	var n uint64
	point := -1
	for i, c := range rest {
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + uint64(c-'0')
		case c == '.' && point < 0 && len(rest) > 1:
			point = i
		default:
			return 0, false
		}
	}
	if n >= 1<<53 {
		return 0, false
	}
	f := float64(n)
	if point >= 0 {
		f /= pow10[len(rest)-1-point]
	}
	if neg {
		f = -f
	}
	return f, true
}

var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16}

// cleaned returns b in the form that package strconv takes.
func cleaned(b []byte) (text string, hex, ok bool) {
	if len(b) == 0 || bytes.IndexByte(b, '_') >= 0 {
		return "", false, false
	}
	text = string(b)
	digits := bytes.TrimLeft(b, "+-")
	if len(b)-len(digits) > 1 {
		return "", false, false
	}
	hex = len(digits) > 1 && digits[0] == '0' && digits[1]|0x20 == 'x'
	if hex && !bytes.ContainsAny(digits, "pP") {
		text += "p0"
	}
	return text, hex, true
}

// isZero reports whether all digits of a number are 0.
func isZero(text string, hex bool) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case hex && c|0x20 == 'p', !hex && c|0x20 == 'e':
			return true
		case c >= '1' && c <= '9', hex && c|0x20 >= 'a' && c|0x20 <= 'f':
			return false
		}
	}
	return true
}

// longDouble is the precision of the numbers that INCRBYFLOAT computes with.
const longDouble = 64

// AddLongDouble appends the sum of two numbers as INCRBYFLOAT computes and
// prints it: with a mantissa of 64 bits, 17 digits behind the point, and no
// zeros at the end. ok is false where one is no number, or the sum is infinite.
func AddLongDouble(dst, a, b []byte) (sum []byte, ok bool) {
	x, okA := parseLong(a)
	y, okB := parseLong(b)
	if !okA || !okB {
		return dst, false
	}
	z := new(big.Float).SetPrec(longDouble).Add(x, y)
	if z.MantExp(nil) > 16384 {
		return dst, false
	}
	start := len(dst)
	dst = z.Append(dst, 'f', 17)
	dst = append(dst[:start], bytes.TrimSuffix(bytes.TrimRight(dst[start:], "0"), []byte("."))...)
	if string(dst[start:]) == "-0" {
		dst = append(dst[:start], '0')
	}
	return dst, true
}

func parseLong(b []byte) (*big.Float, bool) {
	text, _, ok := cleaned(b)
	if !ok || len(b) > 5*1024 {
		return nil, false
	}
	f, _, err := big.ParseFloat(text, 0, longDouble, big.ToNearestEven)
	if err != nil || f.IsInf() || f.Sign() != 0 && (f.MantExp(nil) > 16384 || f.MantExp(nil) < -16445) {
		return nil, false
	}
	return f, true
}
