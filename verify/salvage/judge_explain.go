package salvage

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// byExplanation looks for a changed byte that explains the gap. A gap that begins
// like a record needs no other explanation, unless the numbers say so.
func (j *judge) byExplanation(i int, told bool) {
	g := &j.p.pieces[i]
	looks, cut := j.sc.ev.mayBegin(j.sc.p, g.from)
	if !told && (looks || cut || j.explains(g.from, -1, g.to, g.state)) {
		return
	}
	unmeant := j.p.loose(i) && j.unmeant(j.p.pieces[i-1].last, g.state)
	if next, ok := j.bare(i); ok && !unmeant && j.explains(g.from, next.Bare, next.End, g.state) {
		j.cutNext(i, next)
		return
	}
	if j.p.loose(i) && (!told || !j.cutExpiry(i) && j.explains(j.p.pieces[i-1].last, -1, g.to, g.state)) {
		j.cutBefore(i)
	}
}

const (
	// explainable is how many bytes explains looks at.
	explainable = 512
	// maxTries is how many changed bytes are tried for a file, about a second's
	// work.
	maxTries = 4 << 20
)

// explains reports whether the bytes are one whole record but for a single byte.
// bare is where its type must stand, -1 for anywhere.
func (s *salvage) explains(from, bare, to int64, st rdb.State) bool {
	if to-from > explainable || from < rdb.HeaderLen || s.tries > maxTries {
		return false
	}
	s.tries += int(to-from) * 256
	p := s.sc.p
	b := append(make([]byte, 0, explainable), p.Bytes(from, int(to-from))...)
	defer p.BeStrict()()
	for i := range b {
		was := b[i]
		for v := range 256 {
			b[i] = byte(v)
			if i == 0 && !p.May(b[0]) {
				continue
			}
			r, err := p.In(b, st)
			if err == nil && r.Damage == nil && r.End == int64(len(b)) && (bare < 0 || r.Bare == bare-from) && meant(r.ExpireAt) && s.sc.ev.keep(&r).bits > 0 && s.sc.ev.written(attrsOf(b[:min(r.Bare, maxAttrs)]), bare >= 0) {
				return true
			}
			if err != nil && i > 0 && r.Value == 0 && i > headBytes {
				break // the head is wrong whatever stands here
			}
		}
		b[i] = was
	}
	return false
}

// meant reports whether a client can have meant an expiry.
func meant(at int64) bool {
	return at == entry.NoExpire || at > earliestExpiry && at < latestExpiry
}

// unmeant reports whether the fields of the hash at off have expiries that no
// client can have meant: lengths before them are wrong.
func (s *salvage) unmeant(off int64, st rdb.State) bool {
	e, err := s.sc.p.Open(off, st, min(off+explainable, s.size))
	if err != nil || e.Type != entry.Hash {
		return false
	}
	for e.Value.Next() {
		if !meant(e.Value.Elem().ExpireAt) {
			return true
		}
	}
	return false
}

// headBytes is how far the head of a record may reach, but for a long key.
const headBytes = 128
