package size

import "math"

// The headers of packed blobs.
const (
	listpackHead = 7  // total bytes, count, end
	ziplistHead  = 11 // total bytes, offset of the tail, count, end
	intsetHead   = 8
)

// packer adds up the bytes of a blob that a server would build of the strings and
// numbers it is given.
type packer struct {
	ziplist bool // for Redis 6.2
	bytes   int64
	prev    int64 // bytes of the last entry of a ziplist
	entries int
	longest int64
}

func (p *packer) reset(ziplist bool) {
	*p = packer{ziplist: ziplist, bytes: listpackHead}
	if ziplist {
		p.bytes = ziplistHead
	}
}

// text adds a string, as a number if it is the text of one.
func (p *packer) text(b []byte) {
	p.longest = max(p.longest, int64(len(b)))
	if v, ok := integer(b); ok && (!p.ziplist || len(b) < 32) {
		p.number(v)
		return
	}
	p.entry(stringEntry(int64(len(b)), p.ziplist))
}

// length adds a string of n bytes that is no number.
func (p *packer) length(n int64) {
	p.longest = max(p.longest, n)
	p.entry(stringEntry(n, p.ziplist))
}

// either adds an entry of another blob: a string or, if that is nil, a number.
func (p *packer) either(s []byte, num int64) {
	if s == nil {
		p.number(num)
	} else {
		p.text(s)
	}
}

func (p *packer) number(v int64) {
	p.longest = max(p.longest, digits(v))
	if p.ziplist {
		p.entry(ziplistInteger(v))
	} else {
		p.entry(listpackInteger(v))
	}
}

// entry adds an entry of n bytes without its length for the way back.
func (p *packer) entry(n int64) {
	p.entries++
	if !p.ziplist {
		p.bytes += n + backLength(n)
		return
	}
	if p.prev < 254 {
		n++
	} else {
		n += 5
	}
	p.bytes += n
	p.prev = n
}

func stringEntry(n int64, ziplist bool) int64 {
	switch {
	case n < 64:
		return n + 1
	case n < 1<<12, ziplist && n < 1<<14:
		return n + 2
	}
	return n + 5
}

func listpackInteger(v int64) int64 {
	switch {
	case v >= 0 && v <= 127:
		return 1
	case v >= -1<<12 && v < 1<<12:
		return 2
	case v >= math.MinInt16 && v <= math.MaxInt16:
		return 3
	case v >= -1<<23 && v < 1<<23:
		return 4
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return 5
	}
	return 9
}

func ziplistInteger(v int64) int64 {
	switch {
	case v >= 0 && v <= 12:
		return 1
	case v >= math.MinInt8 && v <= math.MaxInt8:
		return 2
	}
	return max(3, listpackInteger(v)) // which has a form of 13 bits more
}

// backLength returns the bytes of the length behind an entry of a listpack.
func backLength(n int64) int64 {
	switch {
	case n <= 127:
		return 1
	case n < 16383:
		return 2
	case n < 2097151:
		return 3
	case n < 268435455:
		return 4
	}
	return 5
}

// intsetWidth returns the bytes of each member of an intset that holds v.
func intsetWidth(v int64) int64 {
	switch {
	case v >= math.MinInt16 && v <= math.MaxInt16:
		return 2
	case v >= math.MinInt32 && v <= math.MaxInt32:
		return 4
	}
	return 8
}

// digits returns the bytes of the text of v.
func digits(v int64) int64 {
	n := int64(1)
	if v < 0 {
		n++
	}
	for v /= 10; v != 0; v /= 10 {
		n++
	}
	return n
}
