package convert

import (
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/rdb"
)

// piece is the part of a result that comes from one batch.
type piece struct {
	c      *conversion
	enc    encoder
	buf    []byte
	marks  []mark // where in buf another database begins
	losses []loss
	keep   int // the largest buffer that is used again

	// lead is what belongs to the last key of the piece before; keys tells
	// whether this one has a key, and kept whether the last of them passed.
	lead       []byte
	keys, kept bool

	flush func() error // of a large record: emits buf
	held  spool.Buffer // records of a key that may yet be filtered out
}

// mark says that the bytes from there on are of that database.
type mark struct{ db, at int }

func (c *conversion) newPiece() *piece {
	p := &piece{c: c, held: spool.Buffer{Dir: c.opts.TempDir}}
	p.enc = c.out.encoder(c, func(e *entry.Entry, l rdb.Loss) { p.losses = append(p.losses, newLoss(e, l)) })
	return p
}

// work turns the entries of a batch into records.
func (c *conversion) work(b *rdb.Batch, p *piece, flush func() error) error {
	p.keys, p.keep = false, 4*b.Target()
	p.enc.SetFlush(nil)
	if p.flush = nil; b.Large() {
		p.flush = flush
		p.enc.SetFlush(p.handOn)
	}
	for {
		e, err := b.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = p.add(e)
		}
		if err != nil {
			return err
		}
	}
}

// handOn emits what the piece has of a large record.
func (p *piece) handOn(b []byte) ([]byte, error) {
	p.buf = b
	err := p.flush()
	p.begin(p.c.lastDB)
	return p.buf, err
}

// begin says that what follows is of the database db.
func (p *piece) begin(db int) {
	if n := len(p.marks); n == 0 || p.marks[n-1].db != db {
		p.marks = append(p.marks, mark{db, len(p.buf)})
	}
}

// add appends the records of an entry, if it passes the filter.
func (p *piece) add(e *entry.Entry) (err error) {
	c := p.c
	if e.Meta != nil {
		return p.addMeta(e)
	}
	p.keys, p.kept = true, c.opts.Filter.Pass(e)
	if !p.kept {
		return nil
	}
	if !c.opts.Target.Holds(e) { // a loss, and no place in the file for its database
		_, err = p.enc.AppendEntry(nil, e)
		return err
	}
	p.begin(e.DB)
	if e.Size < 0 && c.opts.Filter.NeedsSize() {
		return p.addHeld(e)
	}
	b, err := p.enc.AppendEntry(p.buf, e)
	if err == nil { // what there is of a damaged value is not written
		p.buf = b
	}
	return err
}

// addMeta appends a record that is no key. What KeyDB says of the key before
// goes the way of that key.
func (p *piece) addMeta(e *entry.Entry) (err error) {
	follows := dataAux(e.Meta)
	switch {
	case follows && p.keys && !p.kept:
		return nil
	case follows && !p.keys:
		p.lead, err = p.enc.AppendMeta(p.lead, e)
		return err
	case e.Meta.Kind == entry.MetaUpdate:
		p.begin(e.DB)
	case !follows:
		p.begin(-1)
	}
	p.buf, err = p.enc.AppendMeta(p.buf, e)
	return err
}

// addHeld appends the records of a key whose size is known at its end only, if
// that size passes the filter.
func (p *piece) addHeld(e *entry.Entry) error {
	p.held.Reset()
	defer p.held.Close()
	start, losses := len(p.buf), len(p.losses)
	hold := func(b []byte) ([]byte, error) {
		_, err := p.held.Write(b)
		return b[:0], err
	}
	p.enc.SetFlush(hold)
	b, err := p.enc.AppendEntry(nil, e)
	if err == nil {
		_, err = hold(b)
	}
	if err != nil || !p.c.opts.Filter.PassSize(e.Size) {
		p.buf, p.losses = p.buf[:start], p.losses[:losses]
		return err
	}
	return p.held.Each(func(b []byte) (err error) {
		if p.buf = append(p.buf, b...); len(p.buf) >= flushSize {
			p.buf, err = p.handOn(p.buf)
		}
		return err
	})
}

// emit hands a piece to the output. It is called in the order of the source.
func (c *conversion) emit(p *piece) error {
	err := c.account(p.losses)
	if err == nil && !c.failed {
		err = c.write(p)
	}
	if p.keys {
		c.kept = p.kept
	}
	if n := len(p.marks); n > 0 {
		c.lastDB = p.marks[n-1].db
	}
	if cap(p.buf) > p.keep {
		p.buf = nil
	}
	p.buf, p.marks, p.losses, p.lead = p.buf[:0], p.marks[:0], p.losses[:0], p.lead[:0]
	return err
}

func (c *conversion) account(losses []loss) error {
	for _, l := range losses {
		if !c.losses.minor(l.What) && !c.opts.AllowLoss {
			c.failed = true
		}
		if err := c.losses.add(l); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversion) write(p *piece) error {
	if len(p.lead) > 0 && c.kept {
		if err := c.out.records(-1, p.lead); err != nil {
			return err
		}
	}
	for i, m := range p.marks {
		end := len(p.buf)
		if i+1 < len(p.marks) {
			end = p.marks[i+1].at
		}
		if err := c.out.records(m.db, p.buf[m.at:end]); err != nil {
			return err
		}
	}
	return nil
}
