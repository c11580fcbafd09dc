package rdb

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/lzf"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// parser reads a fixed sequence of primitives from b. Its first error sticks
// and every later read answers zero, so a sequence is checked once, at its end.
// When err is rdbwire.ErrShort, missing is a lower bound of the bytes that b
// lacks; the caller brings them and starts the sequence again.
type parser struct {
	b       []byte
	n       int // bytes read so far
	arena   *arena
	err     error
	missing uint64
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
		if err == rdbwire.ErrShort {
			p.missing = max(p.missing, 1)
		}
	}
}

func (p *parser) failf(format string, args ...any) { p.fail(fmt.Errorf(format, args...)) }

func (p *parser) length() uint64 {
	if p.err != nil {
		return 0
	}
	v, n, err := rdbwire.Length(p.b[p.n:])
	if err != nil {
		p.fail(err)
		return 0
	}
	p.n += n
	return v
}

// bytes borrows the next n bytes.
func (p *parser) bytes(n int) []byte {
	if p.err != nil {
		return nil
	}
	if have := len(p.b) - p.n; have < n {
		p.missing = uint64(n - have)
		p.fail(rdbwire.ErrShort)
		return nil
	}
	p.n += n
	return p.b[p.n-n : p.n : p.n]
}

func (p *parser) u8() byte {
	if b := p.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) u32() uint32 {
	if b := p.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) u64() uint64 {
	if b := p.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// text reads a string. The result borrows from b or lives in the arena.
func (p *parser) text() []byte {
	if p.err != nil {
		return nil
	}
	s, n, missing, err := p.arena.text(p.b[p.n:])
	if err != nil {
		p.missing = missing
		p.fail(err)
		return nil
	}
	p.n += n
	return s
}

// skipText passes over a string and returns what it would unpack to.
func (p *parser) skipText() uint64 {
	if p.err != nil {
		return 0
	}
	n, _, unpacked, missing, err := rdbwire.SkipStrings(p.b[p.n:], 1)
	if err != nil {
		p.missing = missing
		p.fail(err)
		return 0
	}
	p.n += n
	return unpacked
}

// module reads module items up to their end and borrows them.
func (p *parser) module() []byte {
	if p.err != nil {
		return nil
	}
	n, _, missing, err := rdbwire.SkipModule(p.b[p.n:])
	if err != nil {
		p.missing = missing
		p.fail(err)
		return nil
	}
	return p.bytes(n)
}

// arena holds strings that do not stand in the file as they are: integers and
// LZF blocks. Its strings live until reset.
type arena struct {
	buf   []byte
	limit int64  // of one unpacked string
	whole uint64 // strings above this size are left to a fragments, if not 0
	// lengths leaves compressed strings as they are: see Options.Lengths.
	lengths bool
}

// maxDigits is how long the text of an integer is. No string that short comes
// without its bytes.
const maxDigits = 20

// maxArenaKept is what an arena keeps for its next use.
const maxArenaKept = 256 << 10

func (a *arena) reset() {
	if cap(a.buf) > maxArenaKept {
		a.buf = nil
	}
	a.buf = a.buf[:0]
}

// text decodes the string at the start of b and returns it with the bytes that
// it takes there. The string borrows from b or from the arena. When b ends
// inside it, err is rdbwire.ErrShort and missing a lower bound of what lacks.
func (a *arena) text(b []byte) (s []byte, n int, missing uint64, err error) {
	if len(b) == 0 {
		return nil, 0, 1, rdbwire.ErrShort
	}
	var end int
	switch c := b[0]; {
	case c < 0x40:
		n, end = 1, 1+int(c)
	case c < 0x80 && len(b) > 1:
		n, end = 2, 2+int(c&0x3f)<<8+int(b[1])
	default:
		return a.special(b)
	}
	if end > len(b) {
		return nil, 0, uint64(end - len(b)), rdbwire.ErrShort
	}
	return b[n:end:end], end, 0, nil
}

// special is text for the forms that are not a short plain string.
func (a *arena) special(b []byte) (s []byte, n int, missing uint64, err error) {
	h, err := rdbwire.String(b)
	if err != nil {
		return nil, 0, 1, err
	}
	if a.whole > 0 && max(h.Size, h.Body) > a.whole {
		return nil, 0, 0, errFragments
	}
	if have := uint64(len(b) - h.Len); h.Body > have {
		return nil, 0, h.Body - have, rdbwire.ErrShort
	}
	n = h.Len + int(h.Body)
	body := b[h.Len:n:n]
	start := len(a.buf)
	switch h.Kind {
	case rdbwire.Integer:
		a.buf = strconv.AppendInt(a.buf, h.Int, 10)
	case rdbwire.Compressed:
		if h.Size > uint64(a.limit) {
			return nil, 0, 0, fmt.Errorf("string of %d bytes exceeds the limit of %d: %w", h.Size, a.limit, entry.ErrTooLarge)
		}
		if a.lengths && h.Size > maxDigits {
			a.buf = slices.Grow(a.buf, int(h.Size))[:start+int(h.Size)]
			break
		}
		if a.buf, err = lzf.Append(a.buf, b[h.Len:n], int(h.Size)); err != nil {
			a.buf = a.buf[:start]
			return nil, 0, 0, fmt.Errorf("lzf: %w", err)
		}
	default:
		return body, n, 0, nil
	}
	return a.buf[start:len(a.buf):len(a.buf)], n, 0, nil
}
