package size

import (
	"fmt"
	"math/bits"
	"slices"
)

// Allocator is what a server gets its memory from. It decides how many bytes a
// block of a wanted size has.
type Allocator uint8

// The allocators.
const (
	Bundled     Allocator = iota // the jemalloc in the servers' source trees: default builds, vendors' packages, official images
	Jemalloc                     // a distribution's jemalloc up to 5.3.0
	Jemalloc531                  // a distribution's jemalloc 5.3.1
	Libc                         // glibc
	Allocators
)

var allocatorNames = []string{"jemalloc-bundled", "jemalloc", "jemalloc-5.3.1", "libc"}

func (a Allocator) String() string { return allocatorNames[a] }

// ParseAllocator returns the allocator of that name.
func ParseAllocator(name string) (Allocator, error) {
	if i := slices.Index(allocatorNames, name); i >= 0 {
		return Allocator(i), nil
	}
	return 0, fmt.Errorf("unknown allocator %q: one of %s", name, allocatorNames)
}

// Bytes is a figure for each allocator.
type Bytes [Allocators]int64

// all returns the figure n whatever the allocator.
func all(n int64) Bytes { return Bytes{n, n, n, n} }

// Add adds c to b.
func (b *Bytes) Add(c *Bytes) {
	for i := range b {
		b[i] += c[i]
	}
}

func (b *Bytes) add(c Bytes) { b.Add(&c) }

func (b *Bytes) addAll(n int64) {
	for i := range b {
		b[i] += n
	}
}

// times returns n times b.
func (b Bytes) times(n int64) Bytes {
	for i := range b {
		b[i] *= n
	}
	return b
}

func (b Bytes) plus(c Bytes) Bytes {
	b.Add(&c)
	return b
}

func (b Bytes) minus(c Bytes) Bytes {
	for i := range b {
		b[i] -= c[i]
	}
	return b
}

// usable returns the bytes of the block that n bytes are given, on 64-bit Linux
// with pages of 4 KiB.
//
//	bundled    8 16 24 ... 64 | 80 96 112 128 | four sizes for each doubling
//	jemalloc   8 16 32 48 ... 128             | likewise
//	5.3.1      likewise, above 32 KiB every multiple of 4 KiB
//	libc       24 40 56 ...: multiples of 16 less the 8 bytes of a header
func (a Allocator) usable(n int64) int64 {
	switch {
	case a == Libc:
		return max(24, roundUp(n+8, 16)-8)
	case n <= 8:
		return 8
	case n <= 64 && a == Bundled:
		return roundUp(n, 8)
	case n <= 128:
		return roundUp(n, 16)
	case n > 32<<10 && a == Jemalloc531:
		return roundUp(n, 4<<10)
	}
	return roundUp(n, 1<<(bits.Len64(uint64(n-1))-3))
}

func roundUp(n, step int64) int64 { return (n + step - 1) / step * step }

// smallBlocks is where the table of usable sizes ends.
const smallBlocks = 1 << 10

var blocks = makeBlocks()

func makeBlocks() (t [smallBlocks]Bytes) {
	for n := range t {
		for a := range t[n] {
			t[n][a] = Allocator(a).usable(int64(n))
		}
	}
	return t
}

// usable returns the bytes of the block that n bytes are given, by allocator.
func usable(n int64) Bytes {
	if n < smallBlocks {
		return blocks[n]
	}
	var b Bytes
	for a := range b {
		b[a] = Allocator(a).usable(n)
	}
	return b
}
