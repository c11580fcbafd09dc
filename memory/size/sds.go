package size

import "strconv"

// sdsHeader returns the bytes before a string of n bytes, inside a block that
// holds other things too.
//
//	1 byte up to 31, 3 up to 252, 5 up to 65,530, 9 below 4 GiB, then 17
//
// Before Redis 8 and in Valkey a header of 3 goes up to 255 and one of 5 up to
// 65,535; no block is of another size for that.
func sdsHeader(n int64) int64 {
	switch {
	case n < 32:
		return 1
	case n <= 1<<8-4:
		return 3
	case n <= 1<<16-6:
		return 5
	case n < 1<<32-10:
		return 9
	}
	return 17
}

// sdsRequest returns the bytes that a string of n bytes asks for: header, bytes
// and a zero byte.
func sdsRequest(n int64) int64 { return sdsHeader(n) + n + 1 }

// sdsAlone is sdsRequest for a string in a block of its own: an empty one has
// the header of a longer one, since it is bound to grow.
func sdsAlone(n int64) int64 {
	if n == 0 {
		return 3 + 1
	}
	return sdsRequest(n)
}

// sds returns the block of a string by itself.
func sds(n int64) Bytes { return usable(sdsAlone(n)) }

// smallStrings are the blocks of short strings by themselves, in a quarter of the
// room that a table of blocks takes.
var smallStrings = makeSmallStrings()

func makeSmallStrings() (t [1 << 8][Allocators]uint16) {
	for n := range t {
		for a, u := range sds(int64(n)) {
			t[n][a] = uint16(u)
		}
	}
	return t
}

// addSds adds the block of a string by itself.
func (b *Bytes) addSds(n int64) {
	if n < int64(len(smallStrings)) {
		for a, u := range &smallStrings[n] {
			b[a] += int64(u)
		}
		return
	}
	b.add(sds(n))
}

// sdsCounted returns what MEMORY USAGE adds for the string of a value.
func (l *layout) sdsCounted(n int64) Bytes {
	switch {
	case l.gen == valkey8 && (n == 0 || n > 31 && n < 1<<8): // what the header can express
		return capped(sds(n), 3+1<<8)
	case l.gen == valkey8 && n >= 1<<8 && n < 1<<16:
		return capped(sds(n), 5+1<<16)
	case l.gen == kvobj && n > 0 && n < 32: // its header has no room for what the block has left
		return all(sdsRequest(n))
	}
	return sds(n)
}

func capped(b Bytes, most int64) Bytes {
	for i := range b {
		b[i] = min(b[i], most)
	}
	return b
}

// field returns the block of a hash field of Redis 7.4 and 8.0, whose strings
// have a header of their own kind and, with an expiry, 18 bytes more.
func field(n int64, ttl bool) Bytes {
	h := int64(1)
	switch {
	case n >= 1<<16:
		h = 9
	case n >= 32:
		h = 3
	}
	if ttl {
		n += 18
	}
	return usable(h + n + 1)
}

// integer returns the number that b is the text of, if a server would hold it as
// one.
func integer(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 20 || b[0] != '-' && (b[0] < '0' || b[0] > '9') {
		return 0, false
	}
	v, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, false
	}
	var text [20]byte
	return v, string(strconv.AppendInt(text[:0], v, 10)) == string(b)
}
