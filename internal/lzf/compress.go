package lzf

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

const (
	// minSaving is what a packed string must save for servers to use it.
	minSaving = 4

	// tableBits trades memory (64 KiB) for finding most matches in a window
	// of 8192 positions.
	tableBits = 14

	// segmentLen bounds positions to what the table holds. Matches do not
	// cross from one segment to the next.
	segmentLen = 1 << 30

	// Bytes that match nothing are passed over faster and faster, up to
	// maxStride at a time, which keeps the loss small where packable bytes
	// begin again.
	strideShift = 6
	maxStride   = 16

	// probe is how many bytes a look for a match loads: the last probe-1 bytes
	// of a segment are never the start of one.
	probe = 4
)

// Compressor packs strings. The zero value is ready; reuse it, for it is
// large. The result depends on nothing but the string. A Compressor must not
// be used by two goroutines at once.
type Compressor struct {
	// table holds, per hash of three bytes, the last position that had it.
	// Positions count on from string to string, so that whatever an earlier
	// string left is more than maxOffset away and need not be cleared.
	table [1 << tableBits]uint32
	next  uint32
}

// Compress appends src, packed, to dst and reports true if that is at least
// four bytes shorter than src, which is when servers prefer it. Otherwise dst
// comes back with its length and bytes as they were. Either way dst may have
// grown by the length of src. src must not overlap the spare capacity of dst.
func (c *Compressor) Compress(dst, src []byte) ([]byte, bool) {
	return c.compress(dst, src, segmentLen)
}

// CompressAlways is Compress for a string that shall stand packed whether that
// is shorter or not, as when a file held it so. At worst it takes a byte more
// for every thirty-two.
func (c *Compressor) CompressAlways(dst, src []byte) []byte {
	if out, ok := c.Compress(dst, src); ok {
		return out
	}
	n := len(src) + (len(src)+maxLiterals-1)/maxLiterals
	dst = slices.Grow(dst, n)
	w := tokenWriter{out: dst[len(dst) : len(dst)+n]}
	w.literals(src)
	return dst[:len(dst)+n]
}

func (c *Compressor) compress(dst, src []byte, segment int) ([]byte, bool) {
	limit := len(src) - minSaving
	if limit <= 0 {
		return dst, false
	}
	dst = slices.Grow(dst, limit)
	w := tokenWriter{out: dst[len(dst) : len(dst)+limit]}
	for len(src) > 0 {
		n := min(len(src), segment)
		if !c.pack(&w, src[:n]) {
			return dst, false
		}
		src = src[n:]
	}
	return dst[:len(dst)+w.n], true
}

// pack writes the tokens of one segment and reports false if they do not fit.
func (c *Compressor) pack(w *tokenWriter, src []byte) bool {
	base := c.positions(len(src))
	last := len(src) - probe
	written, i := 0, 0
	for i <= last {
		v := binary.LittleEndian.Uint32(src[i:])
		slot := &c.table[hash(v)]
		off := base + uint32(i) - *slot
		*slot = base + uint32(i)
		if off > maxOffset || first3(binary.LittleEndian.Uint32(src[i-int(off):])^v) != 0 {
			i += min(1+(i-written)>>strideShift, maxStride)
			continue
		}
		n := matchLen(src, i, int(off))
		if !w.literals(src[written:i]) || !w.match(int(off), n) {
			return false
		}
		i += n
		written = i
		// Of the positions inside a match the last two are enough.
		for j := i - 2; j < i && j <= last; j++ {
			c.table[hash(binary.LittleEndian.Uint32(src[j:]))] = base + uint32(j)
		}
	}
	return w.literals(src[written:])
}

// positions hands out n positions, farther than maxOffset from any given out
// before and from the zeros of an empty table, and returns the first.
func (c *Compressor) positions(n int) uint32 {
	if c.next == 0 || uint64(c.next)+uint64(n)+maxOffset > 1<<32-1 {
		clear(c.table[:])
		c.next = maxOffset + 1
	}
	base := c.next
	c.next += uint32(n) + maxOffset
	return base
}

// first3 drops the fourth byte of a little-endian load.
func first3(v uint32) uint32 { return v << 8 }

// hash maps the first three bytes of v to a slot of the table.
func hash(v uint32) uint32 {
	return first3(v) * 0x9E3779B1 >> (32 - tableBits)
}

// matchLen returns how many bytes, up to maxMatch, src has in common at i and
// at off before it, given that the first three are.
func matchLen(src []byte, i, off int) int {
	limit := min(len(src)-i, maxMatch)
	a, b := src[i:i+limit], src[i-off:i-off+limit]
	n := minMatch
	for ; n+8 <= limit; n += 8 {
		diff := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:])
		if diff != 0 {
			return n + bits.TrailingZeros64(diff)/8
		}
	}
	for n < limit && a[n] == b[n] {
		n++
	}
	return n
}

// tokenWriter fills out with tokens; its methods report false, and write
// nothing, when there is no room.
type tokenWriter struct {
	out []byte
	n   int
}

func (w *tokenWriter) literals(p []byte) bool {
	tokens := (len(p) + maxLiterals - 1) / maxLiterals
	if len(p)+tokens > len(w.out)-w.n {
		return false
	}
	for len(p) > 0 {
		run := p[:min(len(p), maxLiterals)]
		w.out[w.n] = byte(len(run) - 1)
		w.n += 1 + copy(w.out[w.n+1:], run)
		p = p[len(run):]
	}
	return true
}

func (w *tokenWriter) match(off, n int) bool {
	to := w.out[w.n:]
	off--
	switch {
	case n < minLongMatch && len(to) >= 2:
		to[0], to[1] = byte((n-2)<<5|off>>8), byte(off)
		w.n += 2
	case n >= minLongMatch && len(to) >= 3:
		to[0], to[1], to[2] = byte(7<<5|off>>8), byte(n-minLongMatch), byte(off)
		w.n += 3
	default:
		return false
	}
	return true
}
