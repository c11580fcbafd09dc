// Package glob matches keys against patterns by the rules of the server's
// KEYS and SCAN MATCH.
//
//	?        one byte
//	*        any run of bytes, also none
//	[abc]    one of these bytes; [a-z] a range, its ends in either order
//	[^abc]   one byte that is none of these
//	\x       the byte x itself, also inside brackets
//
// Everything is byte-wise: "?" takes one byte of a UTF-8 sequence. No pattern
// is invalid; odd ones mean what the server makes of them:
//
//	[ab        a missing "]" is supplied at the end of the pattern
//	[  []      no byte
//	[^  [^]    any byte
//	[a-]       the range from "]" to "a", and still open
//	[a-\]      the range from "\" to "a": the end of a range is no escape
//	ab\  [ab\  a backslash with nothing behind it is itself
//	**         and longer: every key but the empty one, which "*" does match
//
// Ranges order bytes as signed numbers, as a server on x86 does: the range from
// 0x00 to 0xff spans 0 to -1 and holds just these two bytes.
//
// Servers also refuse to look for a match below 1,000 nested stars, a guard of
// their recursion. Here matching takes O(pattern x key) steps at worst, so
// the guard has no counterpart.
package glob

import "bytes"

// Pattern is a compiled pattern. The zero Pattern is that of Compile(""),
// which matches the empty key alone. It is safe for concurrent use.
//
// Each part of a pattern other than a star takes exactly one byte, so a pattern
// is a row of segments of fixed length with stars between them:
//
//	head * mid[0] * mid[1] * ... * tail
//
// The head lies at the start of the key and the tail at its end, and of every
// segment between them the leftmost place is as good as any other. Literals,
// "prefix*", "*suffix" and "*infix*" are the rows where most of this is empty.
type Pattern struct {
	head, tail segment
	mid        []segment
	star       bool
	minLen     int // shorter keys cannot match
}

// Match reports whether the whole key matches. It keeps no reference to key.
func (p *Pattern) Match(key []byte) bool {
	if len(key) < p.minLen {
		return false
	}
	if !p.star {
		return len(key) == p.minLen && p.head.at(key)
	}
	if !p.head.at(key) || !p.tail.at(key[len(key)-p.tail.len():]) {
		return false
	}
	key = key[p.head.len() : len(key)-p.tail.len()]
	for i := range p.mid {
		seg := &p.mid[i]
		at := seg.index(key)
		if at < 0 {
			return false
		}
		key = key[at+seg.len():]
	}
	return true
}

// segment is a run of one-byte parts: literal bytes, or a set of bytes for
// each place if any part is not a literal. Never both.
type segment struct {
	lit  []byte
	sets []byteSet
}

func (s *segment) len() int { return len(s.lit) + len(s.sets) }

// at reports whether b begins with the segment; b is long enough.
func (s *segment) at(b []byte) bool {
	if s.sets == nil {
		return string(b[:len(s.lit)]) == string(s.lit)
	}
	b = b[:len(s.sets)]
	for i := range b {
		if !s.sets[i].has(b[i]) {
			return false
		}
	}
	return true
}

// index gives the first place of the segment in b, or -1.
func (s *segment) index(b []byte) int {
	if s.sets == nil {
		return bytes.Index(b, s.lit)
	}
	for i := 0; i+len(s.sets) <= len(b); i++ {
		if s.at(b[i:]) {
			return i
		}
	}
	return -1
}

// byteSet holds a bit for each byte value.
type byteSet [4]uint64

func (s *byteSet) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

func (s *byteSet) add(c byte) { s[c>>6] |= 1 << (c & 63) }

func (s *byteSet) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// addRange adds lo to hi, taken as signed numbers in either order.
func (s *byteSet) addRange(lo, hi int8) {
	if lo > hi {
		lo, hi = hi, lo
	}
	for c := int(lo); c <= int(hi); c++ {
		s.add(byte(c))
	}
}
