package rdbwire

import (
	"encoding/binary"
	"math"
	"strconv"
)

// AppendLength appends v in the shortest form.
func AppendLength(dst []byte, v uint64) []byte {
	switch {
	case v < 1<<6:
		return append(dst, byte(v))
	case v < 1<<14:
		return append(dst, 0x40|byte(v>>8), byte(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, len32), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(dst, len64), v)
}

// AppendPlain appends s as it is.
func AppendPlain(dst, s []byte) []byte {
	return append(AppendLength(dst, uint64(len(s))), s...)
}

// maxIntegerText is the longest text of an integer that a string holds in
// binary.
const maxIntegerText = 11

// AppendText appends s, in binary if it is the canonical text of an integer of
// up to 32 bits.
func AppendText(dst, s []byte) []byte {
	if len(s) == 0 || len(s) > maxIntegerText || s[0] > '9' {
		return AppendPlain(dst, s)
	}
	v, ok := smallInteger(s)
	switch {
	case !ok:
		return AppendPlain(dst, s)
	case v == int64(int8(v)):
		return append(dst, strInt8, byte(v))
	case v == int64(int16(v)):
		return binary.LittleEndian.AppendUint16(append(dst, strInt16), uint16(v))
	case v == int64(int32(v)):
		return binary.LittleEndian.AppendUint32(append(dst, strInt32), uint32(v))
	}
	return AppendPlain(dst, s)
}

// smallInteger returns the number that s, of at most maxIntegerText bytes, is
// the canonical text of.
func smallInteger(s []byte) (v int64, ok bool) {
	digits := s
	if s[0] == '-' {
		digits = s[1:]
	}
	if len(digits) == 0 || digits[0] == '0' && len(s) > 1 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	if s[0] == '-' {
		v = -v
	}
	return v, true
}

// AppendLZFHead appends what stands before an LZF block of packed bytes that
// unpacks to size bytes.
func AppendLZFHead(dst []byte, packed, size uint64) []byte {
	return AppendLength(AppendLength(append(dst, strLZF), packed), size)
}

// The largest whole numbers that servers print digit by digit: before Redis
// 7.0, and since.
const (
	maxWhole17 = 1<<52 - 1
	maxWhole   = 1 << 62
)

// AppendTextDouble appends f as a text double, exact: 17 significant digits
// tell any two doubles apart.
func AppendTextDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, 253)
	case math.IsInf(f, 1):
		return append(dst, 254)
	case math.IsInf(f, -1):
		return append(dst, 255)
	}
	at := len(dst)
	dst = AppendScore17(append(dst, 0), f)
	dst[at] = byte(len(dst) - at - 1)
	return dst
}

// AppendScore appends a short text that reads back as f, for compact sorted sets
// of servers since Redis 7.2. Whole numbers up to 2^62 are exact, as theirs are;
// other numbers have no more digits than they need, though servers put an
// exponent to some that stand without one here. A negative zero stays one.
func AppendScore(dst []byte, f float64) []byte {
	if dst, ok := appendSpecial(dst, f, maxWhole); ok {
		return dst
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' { // e-07
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

// AppendScore17 appends f as older servers do: whole numbers plainly, others
// with 17 significant digits, as %.17g of C prints them.
func AppendScore17(dst []byte, f float64) []byte {
	if dst, ok := appendSpecial(dst, f, maxWhole17); ok {
		return dst
	}
	return strconv.AppendFloat(dst, f, 'g', 17, 64)
}

// appendSpecial appends f if it is infinite, no number, or whole and at most as
// large as whole.
func appendSpecial(dst []byte, f, whole float64) ([]byte, bool) {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "inf"...), true
	case math.IsInf(f, -1):
		return append(dst, "-inf"...), true
	case math.IsNaN(f):
		return append(dst, "nan"...), true
	case f == 0 && math.Signbit(f):
		return append(dst, "-0"...), true
	case f >= -whole && f <= whole && f == float64(int64(f)):
		return strconv.AppendInt(dst, int64(f), 10), true
	}
	return dst, false
}

// AppendDouble appends f as a binary double.
func AppendDouble(dst []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

// AppendItemSint appends a signed integer of a module value.
func AppendItemSint(dst []byte, v int64) []byte {
	return AppendLength(append(dst, byte(ItemSint)), uint64(v))
}

// AppendItemUint appends an unsigned integer of a module value.
func AppendItemUint(dst []byte, v uint64) []byte {
	return AppendLength(append(dst, byte(ItemUint)), v)
}

// AppendItemFloat appends a float of a module value.
func AppendItemFloat(dst []byte, f float32) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, byte(ItemFloat)), math.Float32bits(f))
}

// AppendItemDouble appends a double of a module value.
func AppendItemDouble(dst []byte, f float64) []byte {
	return AppendDouble(append(dst, byte(ItemDouble)), f)
}

// AppendItemString appends a string of a module value.
func AppendItemString(dst, s []byte) []byte {
	return AppendPlain(append(dst, byte(ItemString)), s)
}

// AppendItemEOF appends the end of a module value.
func AppendItemEOF(dst []byte) []byte { return append(dst, byte(ItemEOF)) }
