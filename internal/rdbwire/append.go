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

// maxPlainDouble bounds the whole numbers that servers print without an
// exponent.
const maxPlainDouble = 1 << 52

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

// AppendScore appends the shortest text that reads back as f: what servers
// since Redis 7.2 store in compact sorted sets. A negative zero stays one.
func AppendScore(dst []byte, f float64) []byte {
	if dst, ok := appendSpecial(dst, f); ok {
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
// with 17 significant digits.
func AppendScore17(dst []byte, f float64) []byte {
	if dst, ok := appendSpecial(dst, f); ok {
		return dst
	}
	return strconv.AppendFloat(dst, f, 'g', 17, 64)
}

// appendSpecial appends what is no fraction.
func appendSpecial(dst []byte, f float64) ([]byte, bool) {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "inf"...), true
	case math.IsInf(f, -1):
		return append(dst, "-inf"...), true
	case math.IsNaN(f):
		return append(dst, "nan"...), true
	case f == 0 && math.Signbit(f):
		return append(dst, "-0"...), true
	case f > -maxPlainDouble && f < maxPlainDouble && f == float64(int64(f)):
		return strconv.AppendInt(dst, int64(f), 10), true
	}
	return dst, false
}

// AppendItemUint appends an unsigned integer of a module value.
func AppendItemUint(dst []byte, v uint64) []byte {
	return AppendLength(append(dst, byte(ItemUint)), v)
}

// AppendItemString appends a string of a module value.
func AppendItemString(dst, s []byte) []byte {
	return AppendPlain(append(dst, byte(ItemString)), s)
}

// AppendItemEOF appends the end of a module value.
func AppendItemEOF(dst []byte) []byte { return append(dst, byte(ItemEOF)) }
