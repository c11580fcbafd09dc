package convert

import (
	"context"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// openJSON begins to read a JSON source and settles the target by its header
// record, if there is one. first is what it has read of the source.
func (c *conversion) openJSON(src Source) (r *JSONReader, first *entry.Entry, err error) {
	r = NewJSONReader(src, JSONOptions{Name: src.RDB.Name})
	first, err = r.Next()
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	if first != nil && first.Meta != nil && first.Meta.Kind == entry.MetaHeader {
		m := first.Meta
		if c.source.Number = int(m.Nums[0]); string(m.Name) == rdb.Valkey.String() {
			c.source.Family = rdb.Valkey
		}
	}
	if c.opts.Target.Name == "" {
		if c.source.Known() {
			c.opts.Target = rdb.TargetOf(c.source)
		} else {
			c.opts.Target = Newest()
		}
	}
	return r, first, nil
}

// eachJSON calls do with every entry of a JSON source. begin is called first,
// when the target is known.
func (c *conversion) eachJSON(ctx context.Context, src Source, begin func() error, do func(e *entry.Entry) error) error {
	r, e, err := c.openJSON(src)
	if err != nil {
		return err
	}
	if err := begin(); err != nil || e == nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(e); err != nil {
			return err
		}
		if e, err = r.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (c *conversion) fromJSON(ctx context.Context, src Source) error {
	var p *piece
	begin := func() error {
		if err := c.begin(nil); err != nil {
			return err
		}
		p = c.newPiece()
		p.keep = 2 * flushSize
		p.flush = func() error { return c.emit(p) }
		return nil
	}
	err := c.eachJSON(ctx, src, begin, func(e *entry.Entry) error {
		p.enc.SetFlush(p.handOn)
		if err := p.add(e); err != nil || len(p.buf) < flushSize {
			return err
		}
		return c.emit(p)
	})
	if err != nil {
		return err
	}
	return c.emit(p)
}
