package salvage

import "github.com/rdbtool/rdbtool/rdb"

// skipNested returns where a file inside of a value ends that begins at the
// place, or the place itself if none does: none of its records is one of this
// file.
func (s *search) skipNested(at int64) int64 {
	v, ok := nestedAt(s.p, at)
	if !ok {
		return at
	}
	to, last := at+rdb.HeaderLen, at
	for {
		if s.nested++; s.nested > maxNested {
			return at
		}
		r, err := s.p.At(to, rdb.State{})
		switch {
		case err != nil:
			return last // which may reach beyond the value
		case r.Kind != rdb.EndRecord:
			last, to = r.Offset, r.End
		case s.isEnd(r.End):
			return at // that of this file: the one inside has none
		case v.HasChecksum():
			return min(r.End+footerLen, s.hi)
		default:
			return r.End
		}
	}
}

// nestedAt reports whether an RDB file begins at the place, and of which version.
func nestedAt(p *rdb.Prober, at int64) (v rdb.Version, ok bool) {
	b := p.Bytes(at, rdb.HeaderLen)
	if len(b) < rdb.HeaderLen || b[0] != 'R' && b[0] != 'V' {
		return v, false
	}
	v, ok = rdb.ParseVersion(b)
	return v, ok && v.Known()
}
