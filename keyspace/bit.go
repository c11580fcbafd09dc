package keyspace

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

const (
	errBitOffset = ReplyError("ERR bit offset is not an integer or out of range")
	errBit       = ReplyError("ERR bit is not an integer or out of range")
	errBitType   = ReplyError("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
)

// bitOffset reads an offset in bits. One that begins with # counts in fields of
// the width.
func bitOffset(b []byte, width int) (int64, error) {
	scale := int64(1)
	if width > 0 && len(b) > 0 && b[0] == '#' {
		b, scale = b[1:], int64(width)
	}
	n, ok := parseInt(b)
	n *= scale // may overflow, and be taken, as in servers
	if !ok || n < 0 || n >= maxString*8 {
		return 0, errBitOffset
	}
	return n, nil
}

func cmdSetBit(x *Executor, args [][]byte) error {
	off, err := bitOffset(args[2], 0)
	if err != nil {
		return err
	}
	bit, ok := parseInt(args[3])
	if !ok || bit&^1 != 0 {
		return errBit
	}
	b, err := x.growBits(args[1], off)
	if err != nil {
		return err
	}
	mask := byte(0x80) >> (off & 7)
	b[off>>3] &^= mask
	if bit == 1 {
		b[off>>3] |= mask
	}
	return nil
}

// growBits returns the string at key, made so long that it has the bit last.
func (x *Executor) growBits(key []byte, last int64) ([]byte, error) {
	r, err := x.typed(key, entry.String)
	if err != nil {
		return nil, err
	}
	if !r.ok() {
		if err := r.create(entry.String, entry.NoExpire); err != nil {
			return nil, err
		}
	}
	if err := r.growString(int(last>>3) + 1); err != nil {
		return nil, err
	}
	return r.value(), nil
}

// bitField is an operation of BITFIELD.
type bitField struct {
	set, incr bool // else it is read only
	signed    bool
	width     int
	offset    int64
	value     int64
	overflow  byte // 'w'rap, 's'aturate, 'f'ail
}

// cmdBitField is BITFIELD key [GET type offset] [SET type offset value] [INCRBY
// type offset increment] [OVERFLOW WRAP|SAT|FAIL] ...
func cmdBitField(x *Executor, args [][]byte) error {
	var ops []bitField
	overflow := byte('w')
	last := int64(-1)
	for rest := args[2:]; len(rest) > 0; {
		op := bitField{overflow: overflow}
		size := 4
		switch word := rest[0]; {
		case equalFold(word, "OVERFLOW") && len(rest) > 1:
			switch w := rest[1]; {
			case equalFold(w, "WRAP"), equalFold(w, "SAT"), equalFold(w, "FAIL"):
				overflow = w[0] | 0x20
			default:
				return ReplyError("ERR Invalid OVERFLOW type specified")
			}
			rest = rest[2:]
			continue
		case equalFold(word, "GET"):
			size = 3
		case equalFold(word, "SET"):
			op.set = true
		case equalFold(word, "INCRBY"):
			op.incr = true
		default:
			return errSyntax
		}
		if len(rest) < size {
			return errSyntax
		}
		var ok bool
		if op.signed, op.width, ok = bitType(rest[1]); !ok {
			return errBitType
		}
		var err error
		if op.offset, err = bitOffset(rest[2], op.width); err != nil {
			return err
		}
		if size == 4 {
			if op.value, err = intArg(rest[3]); err != nil {
				return err
			}
			last = max(last, op.offset+int64(op.width)-1)
			ops = append(ops, op)
		}
		rest = rest[size:]
	}
	if len(ops) == 0 {
		_, err := x.typed(args[1], entry.String)
		return err
	}
	b, err := x.growBits(args[1], last)
	if err != nil {
		return err
	}
	for _, op := range ops {
		op.apply(b)
	}
	return nil
}

// bitType reads i1 to i64, or u1 to u63.
func bitType(b []byte) (signed bool, width int, ok bool) {
	if len(b) < 2 || b[0] != 'i' && b[0] != 'u' {
		return false, 0, false
	}
	signed = b[0] == 'i'
	n, ok := parseInt(b[1:])
	if !ok || n < 1 || n > 64 || !signed && n > 63 {
		return false, 0, false
	}
	return signed, int(n), true
}

func (op *bitField) apply(b []byte) {
	value := op.value
	if op.incr {
		old := getBits(b, op.offset, op.width)
		ok := true
		if op.signed {
			value, ok = op.addSigned(int64(old<<(64-op.width))>>(64-op.width), op.value)
		} else {
			value, ok = op.addUnsigned(old, op.value)
		}
		if !ok {
			return
		}
	} else if v, ok := op.fit(value); ok {
		value = v
	} else {
		return
	}
	putBits(b, op.offset, op.width, uint64(value))
}

// fit is what SET does with a value that the field cannot hold.
func (op *bitField) fit(v int64) (int64, bool) {
	if op.signed {
		return op.addSigned(v, 0)
	}
	// The value is taken as unsigned.
	limit := uint64(1)<<op.width - 1
	if uint64(v) <= limit {
		return v, true
	}
	switch op.overflow {
	case 's':
		return int64(limit), true
	case 'f':
		return 0, false
	}
	return int64(uint64(v) & limit), true
}

func (op *bitField) addSigned(a, by int64) (int64, bool) {
	most := int64(math.MaxInt64) >> (64 - op.width)
	least := -most - 1
	// Both may overflow, as in servers: SET of a number far below the least
	// saturates at the most.
	up, down := most-a, least-a
	var out int64
	switch {
	case a > most || op.width < 64 && by > up || a >= 0 && by > 0 && by > up:
		out = most
	case a < least || op.width < 64 && by < down || a < 0 && by < 0 && by < down:
		out = least
	default:
		return a + by, true
	}
	switch op.overflow {
	case 's':
		return out, true
	case 'f':
		return 0, false
	}
	return (a + by) << (64 - op.width) >> (64 - op.width), true
}

func (op *bitField) addUnsigned(a uint64, by int64) (int64, bool) {
	limit := uint64(1)<<op.width - 1
	var out uint64
	switch {
	case by > 0 && uint64(by) > limit-a:
		out = limit
	case by < 0 && -uint64(by) > a:
		out = 0
	default:
		return int64(a + uint64(by)), true
	}
	switch op.overflow {
	case 's':
		return int64(out), true
	case 'f':
		return 0, false
	}
	return int64((a + uint64(by)) & limit), true
}

// getBits reads width bits, the most significant first, as an unsigned number.
func getBits(b []byte, off int64, width int) (v uint64) {
	for i := off; i < off+int64(width); i++ {
		v = v<<1 | uint64(b[i>>3]>>(7-i&7)&1)
	}
	return v
}

func putBits(b []byte, off int64, width int, v uint64) {
	for i := off + int64(width) - 1; i >= off; i-- {
		mask := byte(0x80) >> (i & 7)
		b[i>>3] &^= mask
		if v&1 == 1 {
			b[i>>3] |= mask
		}
		v >>= 1
	}
}

// cmdBitOp is BITOP AND|OR|XOR|NOT|DIFF|DIFF1|ANDOR|ONE destination key ...
func cmdBitOp(x *Executor, args [][]byte) error {
	op := string(upper(args[1]))
	keys := args[3:]
	switch op {
	case "AND", "OR", "XOR", "ONE":
	case "NOT":
		if len(keys) != 1 {
			return ReplyError("ERR BITOP NOT must be called with a single source key.")
		}
	case "DIFF", "DIFF1", "ANDOR":
		if len(keys) < 2 {
			return ReplyError("ERR BITOP " + op + " must be called with at least two source keys.")
		}
	default:
		return errSyntax
	}
	srcs := make([][]byte, len(keys))
	size := 0
	for i, key := range keys {
		r, err := x.typed(key, entry.String)
		if err != nil {
			return err
		}
		if r.ok() {
			srcs[i] = r.value()
		}
		size = max(size, len(srcs[i]))
	}
	out := make([]byte, size)
	at := func(s []byte, i int) byte {
		if i < len(s) {
			return s[i]
		}
		return 0
	}
	for i := range out {
		first, or, twice := at(srcs[0], i), byte(0), byte(0)
		and, xor := first, first
		for _, s := range srcs[1:] {
			c := at(s, i)
			and &= c
			xor ^= c
			twice |= or & c
			or |= c
		}
		// or and twice leave out the first.
		switch op {
		case "AND":
			out[i] = and
		case "OR":
			out[i] = first | or
		case "XOR":
			out[i] = xor
		case "NOT":
			out[i] = ^first
		case "DIFF":
			out[i] = first &^ or
		case "DIFF1":
			out[i] = or &^ first
		case "ANDOR":
			out[i] = first & or
		case "ONE":
			out[i] = (first ^ or) &^ (twice | first&or)
		}
	}
	dst := x.lookup(args[2])
	if size == 0 {
		if dst.ok() {
			dst.remove()
		}
		return nil
	}
	return dst.replace(entry.String, out, entry.NoExpire)
}
