//go:build !purego

package jsonstr

import (
	"encoding/base64"
	"slices"
)

// simd tells whether the CPU has the instructions of the assembly: SSSE3 for PSHUFB, and POPCNT.
var simd = cpuidFeatures()&(1<<9|1<<23) == 1<<9|1<<23

// spread[m] is the PSHUFB control that copies the low eight bytes of a register and inserts a backslash before each whose
// bit is set in m. The register holds backslashes in its upper half. What follows the bytes copied is garbage.
//
//lint:ignore U1000 the assembly reads it
var spread = buildSpread()

//lint:ignore U1000 see spread
func buildSpread() (t [256][16]byte) {
	for m := range t {
		out := t[m][:0]
		for i := range byte(8) {
			if m>>i&1 != 0 {
				out = append(out, 8)
			}
			out = append(out, i)
		}
	}
	return t
}

// escape writes src with its escapes to dst and returns the lengths read and written. It may stop at any control byte, and
// stops at the first byte >= 0x80 unless high is set. dst must have room for worst*len(src)+slack bytes; what lies beyond
// the bytes written is garbage.
func escape(dst, src []byte, high bool) (read, wrote int) {
	if !simd {
		return escapeGo(dst, src, high)
	}
	if len(src) == 0 {
		return 0, 0
	}
	_ = dst[2*len(src)+slack-1] // the assembly relies on it
	var stops uint64 = highBits
	if high {
		stops = 0
	}
	return escapeSSSE3(&dst[0], &src[0], len(src), stops)
}

// valid reports whether s is valid UTF-8.
func valid(s []byte) bool {
	if !simd || len(s) < 16 {
		return validGo(s)
	}
	return validSSSE3(&s[0], len(s))
}

// encode64 appends standard base64 with padding.
func encode64(dst, s []byte) []byte {
	if simd && len(s) >= 16 {
		size := base64.StdEncoding.EncodedLen(len(s))
		dst = slices.Grow(dst, size)
		read := base64SSSE3(&dst[len(dst) : len(dst)+size][0], &s[0], len(s))
		dst = dst[:len(dst)+read/3*4]
		s = s[read:]
	}
	return base64.StdEncoding.AppendEncode(dst, s)
}

//go:noescape
func escapeSSSE3(dst, src *byte, n int, stops uint64) (read, wrote int)

//go:noescape
func validSSSE3(src *byte, n int) bool

//go:noescape
func base64SSSE3(dst, src *byte, n int) (read int)

// cpuidFeatures returns ECX of CPUID leaf 1.
func cpuidFeatures() uint32
