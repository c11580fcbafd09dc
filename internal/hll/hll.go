// Package hll edits HyperLogLogs, the strings in which servers count distinct
// elements, so that every byte is as a server would have it.
//
//	"HYLL" | encoding u8 | 000000 | cardinality u64 LE, top bit: stale | registers
//
// There are 16384 registers of six bits. The dense encoding (0) packs them, the
// least significant bits first. The sparse one (1) is a sequence of runs:
//
//	00nnnnnn            n+1 registers that are 0
//	01nnnnnn nnnnnnnn   n+1 registers that are 0
//	1vvvvvnn            n+1 registers that are v+1
package hll

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

const (
	precision = 14
	registers = 1 << precision
	hashBits  = 64 - precision

	headSize  = 16
	denseSize = headSize + registers*6/8

	dense  = 0
	sparse = 1

	// A sparse one that would get longer, or hold a higher value, turns dense.
	maxSparse = 3000
	maxValue  = 32

	maxZeros  = 64 // in a run of one byte
	maxValues = 4

	seed = 0xadc83b19
)

// ErrCorrupt is the error for a sparse HyperLogLog whose runs do not make up
// all registers.
var ErrCorrupt = errors.New("corrupted HyperLogLog")

// Valid reports whether b looks like a HyperLogLog to a server.
func Valid(b []byte) bool {
	return len(b) >= headSize && string(b[:4]) == "HYLL" && b[4] <= sparse && (b[4] != dense || len(b) == denseSize)
}

// New returns an empty HyperLogLog.
func New() []byte {
	b := make([]byte, headSize, headSize+64)
	copy(b, "HYLL")
	b[4] = sparse
	return appendZeros(b, registers)
}

// Invalidate marks the cardinality as stale, as each change does.
func Invalidate(b []byte) { b[15] |= 0x80 }

// Add adds an element to b, which is valid, and returns it, perhaps elsewhere.
func Add(b, elem []byte) ([]byte, bool, error) {
	h := hash(elem)
	index := int(h & (registers - 1))
	count := bits.TrailingZeros64(h>>precision|1<<hashBits) + 1
	return set(b, index, count)
}

// set raises a register.
func set(b []byte, index, count int) ([]byte, bool, error) {
	if b[4] == dense {
		return b, setDense(b, index, count), nil
	}
	return setSparse(b, index, count)
}

func setDense(b []byte, index, count int) bool {
	if register(b, index) >= count {
		return false
	}
	at, shift := headSize+index*6/8, uint(index*6&7)
	b[at] = b[at]&^(63<<shift) | byte(count<<shift)
	if shift > 2 {
		b[at+1] = b[at+1]&^(63>>(8-shift)) | byte(count>>(8-shift))
	}
	return true
}

func register(b []byte, index int) int {
	at, shift := headSize+index*6/8, uint(index*6&7)
	v := uint(b[at]) >> shift
	if shift > 2 {
		v |= uint(b[at+1]) << (8 - shift)
	}
	return int(v & 63)
}

// run decodes the run at the start of b: its registers, their value, and the
// bytes that it takes.
func run(b []byte) (span, value, size int) {
	switch c := b[0]; {
	case c&0x80 != 0:
		return int(c&3) + 1, int(c>>2&31) + 1, 1
	case c&0x40 == 0:
		return int(c&0x3f) + 1, 0, 1
	case len(b) < 2:
		return 0, 0, 2
	default:
		return (int(c&0x3f)<<8 | int(b[1])) + 1, 0, 2
	}
}

func appendZeros(dst []byte, n int) []byte {
	if n > maxZeros {
		return append(dst, byte((n-1)>>8)|0x40, byte(n-1))
	}
	return append(dst, byte(n-1))
}

func appendValues(dst []byte, v, n int) []byte {
	return append(dst, byte((v-1)<<2|(n-1))|0x80)
}

func setSparse(b []byte, index, count int) ([]byte, bool, error) {
	if count > maxValue {
		return promote(b, index, count)
	}
	prev, at, first := headSize, headSize, 0
	var span, value, size int
	for {
		if at >= len(b) {
			return b, false, ErrCorrupt
		}
		if span, value, size = run(b[at:]); span == 0 {
			return b, false, ErrCorrupt
		}
		if index < first+span {
			break
		}
		prev, at, first = at, at+size, first+span
	}
	if value >= count {
		return b, false, nil
	}
	var buf [5]byte
	seq := buf[:0]
	part := func(n int) {
		switch {
		case n == 0:
		case value == 0:
			seq = appendZeros(seq, n)
		default:
			seq = appendValues(seq, value, n)
		}
	}
	part(index - first)
	seq = appendValues(seq, count, 1)
	part(first + span - 1 - index)
	if grown := len(seq) - size; grown > 0 && len(b)+grown > maxSparse {
		return promote(b, index, count)
	}
	b = slices.Replace(b, at, at+size, seq...)
	return mergeRuns(b, prev), true, nil
}

// mergeRuns joins runs of the same value near at, as far as servers look.
func mergeRuns(b []byte, at int) []byte {
	for scan := 5; at < len(b) && scan > 0; scan-- {
		if b[at]&0x80 == 0 {
			_, _, size := run(b[at:])
			at += size
			continue
		}
		if at+1 < len(b) && b[at+1]&0x80 != 0 && b[at]>>2 == b[at+1]>>2 {
			if n := int(b[at]&3+1) + int(b[at+1]&3+1); n <= maxValues {
				b[at+1] = b[at+1]&^3 | byte(n-1)
				b = slices.Delete(b, at, at+1)
				continue
			}
		}
		at++
	}
	return b
}

// promote turns b dense and raises a register.
func promote(b []byte, index, count int) ([]byte, bool, error) {
	d, err := ToDense(b)
	if err != nil {
		return b, false, err
	}
	return d, setDense(d, index, count), nil
}

// ToDense returns b in the dense encoding.
func ToDense(b []byte) ([]byte, error) {
	if b[4] == dense {
		return b, nil
	}
	d := make([]byte, denseSize)
	copy(d, b[:headSize])
	d[4] = dense
	err := each(b, func(index, span, value int) {
		for i := index; value > 0 && i < index+span; i++ {
			setDense(d, i, value)
		}
	})
	return d, err
}

// each calls do with the runs of a sparse HyperLogLog.
func each(b []byte, do func(index, span, value int)) error {
	index := 0
	for rest := b[headSize:]; len(rest) > 0; {
		span, value, size := run(rest)
		if span == 0 || index+span > registers {
			return ErrCorrupt
		}
		do(index, span, value)
		index += span
		rest = rest[size:]
	}
	if index != registers {
		return ErrCorrupt
	}
	return nil
}

// Merge returns the union of HyperLogLogs, written into dst, which may be nil
// for a new one and else is one of them.
func Merge(dst []byte, all ...[]byte) ([]byte, error) {
	var most [registers]byte
	isDense := false
	for _, b := range all {
		if b[4] == sparse {
			if err := each(b, func(index, span, value int) {
				for i := index; i < index+span; i++ {
					most[i] = max(most[i], byte(value))
				}
			}); err != nil {
				return dst, err
			}
			continue
		}
		isDense = true
		for i := range most {
			most[i] = max(most[i], byte(register(b, i)))
		}
	}
	if dst == nil {
		dst = New()
	}
	var err error
	if isDense {
		if dst, err = ToDense(dst); err != nil {
			return dst, err
		}
	}
	for i, v := range most {
		if v > 0 {
			if dst, _, err = set(dst, i, int(v)); err != nil {
				return dst, err
			}
		}
	}
	Invalidate(dst)
	return dst, nil
}

// Stale reports whether the cardinality must be computed anew.
func Stale(b []byte) bool { return b[15]&0x80 != 0 }

// Refresh computes the cardinality and keeps it in b, as PFCOUNT does.
func Refresh(b []byte) error {
	n, err := count(b)
	if err == nil {
		binary.LittleEndian.PutUint64(b[8:], n)
	}
	return err
}

// hash is MurmurHash64A.
func hash(b []byte) uint64 {
	const m, r = 0xc6a4a7935bd1e995, 47
	h := uint64(seed) ^ uint64(len(b))*m
	for ; len(b) >= 8; b = b[8:] {
		k := binary.LittleEndian.Uint64(b) * m
		k ^= k >> r
		h = (h ^ k*m) * m
	}
	if len(b) > 0 {
		var k uint64
		for i, c := range b {
			k |= uint64(c) << (8 * i)
		}
		h = (h ^ k) * m
	}
	h ^= h >> r
	h *= m
	return h ^ h>>r
}
