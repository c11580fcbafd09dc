package jsonstr

import (
	"slices"
	"unicode/utf8"
)

const (
	// worst is the longest output of one input byte, \u001f.
	worst = 6

	// slack is what a kernel may write beyond its output: the width of its last stores.
	slack = 32

	// Room for the worst case is reserved once for strings up to wholeMax, and for pieceLen bytes of input at a time
	// above, because six times a large value would be kept by every buffer that ever met one.
	wholeMax = 8 << 10
	pieceLen = 4 << 10

	// resume is how many bytes the Go kernel handles after the assembly stopped at a control byte, so that dense
	// control bytes do not cost a call each.
	resume = 48
)

// Append appends s as one JSON string, quotes included, by the rule of Auto, and returns the extended buffer. It keeps
// neither slice. It does not allocate when dst has room for 6*len(s)+50 bytes.
func Append(dst, s []byte) []byte {
	if hasPrefix(s) {
		return appendBase64(dst, s)
	}
	if len(s) > wholeMax {
		start := len(dst)
		return appendText(append(dst, '"'), start, s, 0)
	}
	dst = reserve(dst, len(s))
	start := len(dst)
	out := dst[start:cap(dst)]
	out[0] = '"'
	read, wrote := escape(out[1:], s, false)
	if read == len(s) {
		out[1+wrote] = '"'
		return dst[:start+wrote+2]
	}
	return appendText(dst[:start+1+wrote], start, s, read)
}

// appendText finishes Append for a string of which dst[start:] already holds the opening quote and the escaped s[:i].
func appendText(dst []byte, start int, s []byte, i int) []byte {
	high := false
	for i < len(s) {
		if s[i] >= 0x80 && !high {
			// Most binary data shows at the first character; do not read on for it.
			if r, size := utf8.DecodeRune(s[i:]); r == utf8.RuneError && size == 1 || !valid(s[i+size:]) {
				return appendBase64(dst[:start], s)
			}
			high = true
		}
		var read int
		dst, read = appendPiece(dst, s[i:], high)
		i += read
	}
	return append(dst, '"')
}

// AppendEscaped appends s with the escapes of text, without quotes, and returns the extended buffer. It does not check for
// UTF-8: it is for pieces of a text that is known to be valid, and a piece may begin or end inside a rune.
func AppendEscaped(dst, s []byte) []byte {
	for len(s) > 0 {
		var read int
		dst, read = appendPiece(dst, s, true)
		s = s[read:]
	}
	return dst
}

// appendPiece escapes the beginning of s, at most pieceLen bytes. It reads at least one byte of a non-empty s, unless that
// byte is 0x80 or above and high is false.
func appendPiece(dst, s []byte, high bool) (_ []byte, read int) {
	s = s[:min(len(s), pieceLen)]
	dst = reserve(dst, len(s))
	read, wrote := escape(dst[len(dst):cap(dst)], s, high)
	dst = dst[:len(dst)+wrote]
	if read == len(s) || s[read] >= 0x80 {
		return dst, read
	}
	n, wrote := escapeGo(dst[len(dst):cap(dst)], s[read:min(read+resume, len(s))], high)
	return dst[:len(dst)+wrote], read + n
}

// reserve makes room for n escaped bytes, two quotes and what the kernels may write beyond.
func reserve(dst []byte, n int) []byte {
	if need := worst*n + slack + 2; cap(dst)-len(dst) < need {
		dst = slices.Grow(dst, need)
	}
	return dst
}
