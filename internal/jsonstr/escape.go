package jsonstr

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// controls[c] is the escape of the control byte c, first byte lowest, with its length in the top byte.
var controls = buildControls()

func buildControls() (t [0x20]uint64) {
	const digits = "0123456789abcdef"
	short := map[int]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}
	for c := range t {
		text := []byte{'\\', 'u', '0', '0', digits[c>>4], digits[c&15], 0, worst}
		if letter := short[c]; letter != 0 {
			text = []byte{'\\', letter, 0, 0, 0, 0, 0, 2}
		}
		t[c] = binary.LittleEndian.Uint64(text)
	}
	return t
}

// escapeGo writes src with its escapes to dst and returns the lengths read and written. Unless high is set it stops at the
// first byte >= 0x80. dst must have room for worst*len(src)+slack bytes; what lies beyond the bytes written is garbage.
//
// A word of eight bytes is copied before it is known to be clean. For each quote and backslash in it, from the left, a
// backslash is stored over that byte and the word from that byte on is stored again, one place further:
//
//	word     a " b " c d e f
//	store    a " b " c d e f
//	          \ " b " c d e f
//	              \ " c d e f
func escapeGo(dst, src []byte, high bool) (read, wrote int) {
	stops := uint64(highBits)
	if high {
		stops = 0
	}
	for {
		for len(src)-read >= 8 {
			w := binary.LittleEndian.Uint64(src[read:])
			special, control := classify(w)
			control |= w & stops
			d := (*[32]byte)(dst[wrote:])
			binary.LittleEndian.PutUint64(d[:], w)
			if special|control == 0 {
				read += 8
				wrote += 8
				continue
			}
			if control != 0 {
				break
			}
			wrote += 8 + backslashes(d, w, special)
			read += 8
		}
		rest := len(src) - read
		if rest == 0 {
			return read, wrote
		}
		if rest < 8 {
			w := loadTail(src, rest)
			tail := uint64(1)<<(8*rest&63) - 1
			special, control := classify(w)
			if (control|w&stops)&tail == 0 {
				d := (*[32]byte)(dst[wrote:])
				binary.LittleEndian.PutUint64(d[:], w)
				return len(src), wrote + rest + backslashes(d, w, special&tail)
			}
		}
		n, m := escapeBytes(dst[wrote:], src[read:read+min(rest, 8)], high)
		read += n
		wrote += m
		if read == len(src) || src[read] >= 0x80 && !high {
			return read, wrote
		}
	}
}

// classify sets the top bit of every byte of w that is a quote or a backslash, and of every byte that is a control byte.
// Neither includes bytes from 0x80 on.
func classify(w uint64) (special, control uint64) {
	// Without their top bits no sum below carries into the next byte.
	low := w &^ highBits
	quote := (low ^ '"'*ones) + 0x7f*ones // top bit set where different
	backslash := (low ^ '\\'*ones) + 0x7f*ones
	printable := low + (0x80-0x20)*ones
	return ^(quote&backslash | w) & highBits, ^(printable | w) & highBits
}

// backslashes inserts a backslash before each byte of w marked in special, and returns how many. w stands at the start of d.
func backslashes(d *[32]byte, w, special uint64) (n int) {
	for special != 0 {
		shift := bits.TrailingZeros64(special) & 56
		at := (n + shift>>3) & 15
		d[at] = '\\'
		binary.LittleEndian.PutUint64(d[at+1:at+9], w>>shift)
		special &= special - 1
		n++
	}
	return n
}

// loadTail returns the last n bytes of src, 1 <= n <= 7, in the low bytes of a word. The bytes above are not defined.
func loadTail(src []byte, n int) uint64 {
	if len(src) >= 8 {
		return binary.LittleEndian.Uint64(src[len(src)-8:]) >> (64 - 8*n&63)
	}
	p := src[len(src)-n:]
	if n >= 4 {
		return uint64(binary.LittleEndian.Uint32(p)) | uint64(binary.LittleEndian.Uint32(p[n-4:]))<<(8*(n-4)&63)
	}
	return uint64(p[0]) | uint64(p[n>>1])<<(8*(n>>1)&63) | uint64(p[n-1])<<(8*(n-1)&63)
}

// escapeBytes is escapeGo one byte at a time.
func escapeBytes(dst, src []byte, high bool) (read, wrote int) {
	for i, c := range src {
		switch {
		case c < 0x20:
			binary.LittleEndian.PutUint64(dst[wrote:], controls[c])
			wrote += int(controls[c] >> 56)
		case c >= 0x80 && !high:
			return i, wrote
		case c == '"' || c == '\\':
			dst[wrote] = '\\'
			dst[wrote+1] = c
			wrote += 2
		default:
			dst[wrote] = c
			wrote++
		}
	}
	return len(src), wrote
}
