package jsonstr

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"unicode/utf8"
)

// Checker tells whether a string that arrives in fragments is text to Auto: valid UTF-8 that does not begin with "base64:".
// Fragments may end inside a character. The zero Checker has seen nothing and is ready.
type Checker struct {
	head    [len(prefix)]byte
	headLen int
	cut     [utf8.UTFMax]byte // begin of the character that the last fragment ended in
	cutLen  int
	invalid bool
}

// Reset forgets all fragments.
func (c *Checker) Reset() { *c = Checker{} }

// Write takes the next fragment. It keeps no reference to p and never fails.
func (c *Checker) Write(p []byte) (int, error) {
	n := len(p)
	c.headLen += copy(c.head[c.headLen:], p)
	for c.cutLen > 0 && len(p) > 0 {
		c.cut[c.cutLen] = p[0]
		c.cutLen++
		p = p[1:]
		if whole := c.cut[:c.cutLen]; utf8.FullRune(whole) {
			c.invalid = c.invalid || !utf8.Valid(whole)
			c.cutLen = 0
		}
	}
	if c.invalid {
		return n, nil
	}
	end := wholeRunes(p)
	c.invalid = !valid(p[:end])
	c.cutLen += copy(c.cut[c.cutLen:], p[end:])
	return n, nil
}

// wholeRunes returns the length of p without a character that could be completed by bytes to come.
func wholeRunes(p []byte) int {
	for i := len(p) - 1; i >= 0 && i > len(p)-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) {
				return i
			}
			break
		}
	}
	return len(p)
}

// Text reports whether all fragments together are text.
func (c *Checker) Text() bool {
	return !c.invalid && c.cutLen == 0 && string(c.head[:c.headLen]) != prefix
}

// Stream writes one JSON string from fragments. Begin, any number of Append and End together write the bytes that
// Mode.Append writes for the whole. A Stream may be used again after End. The only allocation beyond dst is the state of
// the hash, once, at the first Begin with SHA256.
type Stream struct {
	mode  Mode
	carry [3]byte // Base64: bytes that do not fill a group yet
	held  int
	hash  hash.Hash
	sum   [sha256.Size]byte
}

// Begin appends the opening of a string. For Auto, text is what a Checker found for the same bytes; other modes ignore it.
func (s *Stream) Begin(dst []byte, mode Mode, text bool) []byte {
	s.mode, s.held = mode, 0
	dst = append(dst, '"')
	switch mode {
	case Hex:
	case SHA256:
		if s.hash == nil {
			s.hash = sha256.New()
		}
		s.hash.Reset()
	default:
		if mode != Base64 && text {
			s.mode = Auto
			break
		}
		s.mode = Base64
		dst = append(dst, prefix...)
	}
	return dst
}

// Append appends what the next fragment adds to the output, which may be nothing. It does not keep p.
func (s *Stream) Append(dst, p []byte) []byte {
	switch s.mode {
	case Base64:
		if s.held > 0 {
			n := copy(s.carry[s.held:], p)
			s.held += n
			p = p[n:]
			if s.held < len(s.carry) {
				return dst
			}
			dst = encode64(dst, s.carry[:])
		}
		groups := len(p) - len(p)%3
		dst = encode64(dst, p[:groups])
		s.held = copy(s.carry[:], p[groups:])
		return dst
	case Hex:
		return hex.AppendEncode(dst, p)
	case SHA256:
		s.hash.Write(p)
		return dst
	default:
		return AppendEscaped(dst, p)
	}
}

// End appends the end of the string.
func (s *Stream) End(dst []byte) []byte {
	switch s.mode {
	case Base64:
		dst = encode64(dst, s.carry[:s.held])
		s.held = 0
	case SHA256:
		dst = hex.AppendEncode(dst, s.hash.Sum(s.sum[:0]))
	}
	return append(dst, '"')
}
