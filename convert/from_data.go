package convert

import (
	"context"
	"io"

	"github.com/rdbtool/rdbtool/entry"
)

// fromData writes the entries of a data set, several of its parts at a time.
func (c *conversion) fromData(ctx context.Context, d Data) error {
	if err := c.begin(nil); err != nil {
		return err
	}
	parts := d.Parts()
	return inOrder(ctx, c.opts.Jobs, len(parts), c.newPiece, func(i int, p *piece, flush func() error) error {
		p.keep, p.flush, p.keys = 4*flushSize, flush, false
		p.enc.SetFlush(p.handOn)
		for e, err := range parts[i] {
			if err == nil {
				err = p.add(e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, c.emit)
}

// surveyData counts the keys of a data set that will be written.
func (c *conversion) surveyData(d Data) (counts, error) {
	all := counts{}
	for e, err := range entriesOf(d) {
		if err != nil {
			return nil, err
		}
		c.count(all, e)
	}
	return all, nil
}

// DumpData is Dump for a data set.
func DumpData(ctx context.Context, data Data, w io.Writer, o DumpOptions) error {
	d := newDumper(w, o)
	if err := d.write(prologues[o.Format]); err != nil {
		return err
	}
	parts := data.Parts()
	err := inOrder(ctx, o.Jobs, len(parts), d.newChunk, func(i int, c *chunk, flush func() error) error {
		c.flush, c.keep, c.whole = flush, 4*flushSize, false
		defer c.big.Close()
		for e, err := range parts[i] {
			if err != nil {
				return err
			}
			if err := d.appendEntry(c, e); err != nil {
				return err
			}
			if o.Limit > 0 && int64(len(c.starts)) == o.Limit {
				break
			}
		}
		c.whole = true
		return nil
	}, d.emit)
	if err != nil && err != errLimit {
		return err
	}
	return d.write(epilogues[o.Format])
}

// appendEntry appends the record of an entry, if there is to be one.
func (d *dumper) appendEntry(c *chunk, e *entry.Entry) error {
	switch {
	case e.Meta != nil && d.opts.Meta:
		c.appendMeta(e)
	case e.Meta == nil && d.opts.Filter.Pass(e):
		return c.appendKey(e)
	}
	return nil
}
