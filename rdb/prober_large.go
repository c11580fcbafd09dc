package rdb

import (
	"errors"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// Open returns the key at off for reading, up to the byte at limit of the
// source. Where the file ends inside the record, or the value is damaged, its
// cursor says so in its turn. The entry is borrowed until the next call of any
// method.
func (p *Prober) Open(off int64, st State, limit int64) (*entry.Entry, error) {
	p.enter(st)
	limit = min(limit, p.size)
	b := &p.far
	b.start = state{grammar: p.head.grammar, db: st.db}
	b.large, b.base = true, off
	ahead := p.view(off, 64<<10)
	ahead = ahead[:min(int64(len(ahead)), 64<<10, limit-off)]
	b.data = append(make([]byte, 0, minWindow+slack), ahead...)
	b.open()
	from := off + int64(len(ahead))
	p.in = source{r: &allowance{p: p, r: io.NewSectionReader(p.src, from, limit-from)}, off: from, size: limit}
	b.dec.in.src, b.dec.in.limit = &p.in, p.opts.maxString()
	if p.Strict {
		b.dec.in.limit = strictString
	}
	return b.Next()
}

// allowance is what Strict lets a Prober read for large records.
type allowance struct {
	p *Prober
	r io.Reader
}

var errAllowance = errors.New("no record: too much would have to be read to tell")

func (a *allowance) Read(b []byte) (int, error) {
	if a.p.Strict {
		if a.p.left <= 0 {
			return 0, errAllowance
		}
		a.p.left -= int64(len(b))
	}
	return a.r.Read(b)
}

// large is At for a record that is not held in memory.
func (p *Prober) large(off int64, st State) (r Record, err error) {
	bare := p.bareAt(off, st)
	e, err := p.Open(off, st, p.size)
	if err != nil {
		return r, p.sourceErr(err)
	}
	d := &p.far.dec
	r = Record{
		Offset: off, Bare: bare, Value: d.value, First: d.typ, Key: e.Key, Type: e.Type, Module: e.Module, ExpireAt: e.ExpireAt, Tight: tight(d.info),
		After: State{db: d.db, known: d.known, dragonfly: d.dragonfly},
	}
	if r.Elements, err = walkValue(e); err == nil {
		r.End = off + e.Size
		return r, nil
	}
	var corrupt *entry.CorruptError
	if errors.As(err, &corrupt) && !p.Strict {
		if n, ok := p.extent(r.Value, r.First); ok {
			r.End, r.Damage, r.Tight = r.Value+n, err, false
			return r, nil
		}
	}
	return r, p.sourceErr(err)
}

// extent tells how long the value at off is by its lengths alone.
func (p *Prober) extent(off int64, typ byte) (n int64, ok bool) {
	for need := 2 * maxBatch; need <= maxDamaged; need *= 2 {
		k, _, _, err := p.head.skipValue(p.view(off, need), typ)
		if err != rdbwire.ErrShort {
			return int64(k), err == nil
		}
	}
	return 0, false
}

// sourceErr tells failures of the source from what is wrong with the bytes.
func (p *Prober) sourceErr(err error) error {
	if s := p.in.err; s != nil && s != io.EOF && s != errAllowance && errors.Is(err, s) {
		p.err = s
	}
	return err
}
