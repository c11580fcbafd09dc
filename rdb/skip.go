package rdb

import (
	"math"

	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// skipValue passes over the value at the start of b, reading lengths only. It
// returns its length and what its compressed strings unpack to. When b ends too
// early err is rdbwire.ErrShort and missing a lower bound of the bytes that b
// lacks.
func (h *heads) skipValue(b []byte, typ byte) (n int, unpacked, missing uint64, err error) {
	s := skipper{parser: parser{b: b, arena: &h.arena}, g: &h.grammar}
	s.value(typ)
	return s.n, s.unpacked, s.missing, s.err
}

type skipper struct {
	parser
	g        *grammar
	unpacked uint64
}

func (s *skipper) strings(count uint64) {
	if s.err != nil {
		return
	}
	n, _, unpacked, missing, err := rdbwire.SkipStrings(s.b[s.n:], count)
	s.n += n
	if s.unpacked += unpacked; s.unpacked < unpacked {
		s.unpacked = math.MaxUint64
	}
	if err != nil {
		s.missing = missing
		s.fail(err)
	}
}

// each calls step n times, or until an error.
func (s *skipper) each(n uint64, step func()) {
	for ; n > 0 && s.err == nil; n-- {
		step()
	}
}

func (s *skipper) lengths(n int) {
	for range n {
		s.length()
	}
}

func (s *skipper) value(typ byte) {
	info := &s.g.types[typ]
	switch info.layout {
	case layString, layBlob:
		s.strings(1)
	case layBlobMin:
		s.bytes(8)
		s.strings(1)
	case layPlain, layPlainMin:
		if info.layout == layPlainMin {
			s.bytes(8)
		}
		s.plain(info.plain)
	case layQuicklist:
		if n := s.length(); s.err == nil {
			s.strings(n)
		}
	case layQuicklist2:
		s.each(s.length(), func() {
			s.length()
			s.strings(1)
		})
	case layStream:
		s.stream(info.version)
	case layModule:
		s.length()
		if s.err == nil {
			n, unpacked, missing, err := rdbwire.SkipModule(s.b[s.n:])
			s.n, s.unpacked = s.n+n, s.unpacked+unpacked
			if err != nil {
				s.missing = missing
				s.fail(err)
			}
		}
	case layArray:
		s.array()
	case layTemplate:
		s.template(typ)
	case layPathHash:
		s.each(s.length(), func() {
			s.strings(1)
			s.pairs(s.length())
		})
	case layCron:
		s.strings(1)
		s.bytes(16)
		s.strings(s.length())
		s.strings(s.length())
	}
}

// pairs passes over n pairs of strings. A count that can be no number of pairs
// runs into the end of b.
func (s *skipper) pairs(n uint64) {
	if n > math.MaxUint64/2 {
		n = math.MaxUint64 / 2
	}
	s.strings(2 * n)
}

func (s *skipper) plain(shape plainShape) {
	n := s.length()
	if s.err != nil {
		return
	}
	switch {
	case !shape.ttl && shape.tail == tailNone && shape.strings == 2:
		s.pairs(n)
	case !shape.ttl && shape.tail == tailNone:
		s.strings(n)
	default:
		for ; n > 0 && s.err == nil; n-- {
			if shape.ttl {
				s.length()
			}
			s.strings(uint64(shape.strings))
			switch shape.tail {
			case tailText:
				if c := s.u8(); c < 253 {
					s.bytes(int(c))
				}
			case tailFloat, tailMs:
				s.bytes(8)
			}
		}
	}
}

func (s *skipper) stream(version int) {
	if n := s.length(); s.err == nil {
		s.pairs(n)
	}
	s.lengths(3)
	if version >= 2 {
		s.lengths(5)
	}
	s.each(s.length(), func() {
		s.strings(1)
		s.lengths(2)
		if version >= 2 {
			s.length()
		}
		s.each(s.length(), func() {
			s.bytes(24)
			s.length()
		})
		s.each(s.length(), func() {
			s.strings(1)
			s.bytes(8)
			if version >= 3 {
				s.bytes(8)
			}
			s.each(s.length(), func() { s.bytes(16) })
		})
		if version >= 5 {
			s.each(s.length(), func() { s.bytes(16) })
		}
	})
	if version >= 4 {
		s.lengths(2)
		s.each(s.length(), func() {
			s.strings(1)
			s.each(s.length(), func() {
				s.strings(1)
				s.lengths(2)
			})
		})
		s.lengths(2)
	}
}

func (s *skipper) array() {
	n := s.length()
	if flag := s.length(); flag == 1 {
		s.length()
	} else if flag > 1 {
		s.failf("array flag %d is unknown", flag)
	}
	s.each(n, func() {
		s.length()
		switch tag := s.length(); tag {
		case arrayText, arrayShort:
			s.strings(1)
		case arrayInt, arrayFloat:
			s.bytes(8)
		default:
			s.failf("array tag %d is unknown", tag)
		}
	})
}

func (s *skipper) template(typ byte) {
	switch typ {
	case typeTemplatePackRef:
		s.strings(1)
	case typeTemplateArrayRef:
		id := s.length()
		names, ok := s.g.lookup(id)
		if s.err == nil && !ok {
			s.failf("hash template %d is not defined", id)
		}
		s.strings(uint64(len(names)))
	default:
		n := uint64(1)
		if names := s.templateNames(); typ == typeTemplateArray {
			n = uint64(len(names))
		}
		s.strings(n)
	}
}
