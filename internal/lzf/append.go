package lzf

import (
	"fmt"
	"math"
	"slices"
)

// Append unpacks the block src, which is declared to hold n bytes, and returns
// dst with them appended. It grows dst at most once. After an error, which says
// that the block is damaged, dst comes back as it was. Nothing is allocated for
// an n that src cannot yield.
//
// Unpacking works in steps of 16 bytes. Therefore Append scribbles on the spare
// capacity of dst beyond the n bytes, and it reads, without effect on the
// result, spare capacity of src: bytes between len(src) and cap(src) must not
// be written by another goroutine meanwhile. Pass src[:len:len] where that
// cannot be promised; it costs some speed on short blocks. Neither region may
// overlap the other slice.
func Append(dst, src []byte, n int) ([]byte, error) {
	if n < 0 || uint64(n) > MaxRatio*uint64(len(src)) || n > math.MaxInt-outSlack-len(dst) {
		return dst, fmt.Errorf("%w: %d bytes from %d packed", ErrLength, n, len(src))
	}
	grown := slices.Grow(dst, n+outSlack)
	end := len(dst) + n
	got, at, err := unpack(grown[len(dst):end+outSlack], 0, n, src)
	if err != nil {
		return dst, tokenError(int64(at), err)
	}
	if got < n {
		return dst, shortError(int64(got), int64(n))
	}
	return grown[:end], nil
}
