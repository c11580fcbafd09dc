package rdb

import (
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// A module value is the module's ID and items up to an end mark; only the
// module knows what they mean.
//
//	len ID, { len opcode, data }, 00

// beginModule reads the ID and chooses the cursor: vector sets are decoded,
// everything else is handed on as it stands.
func (d *decoder) beginModule() error {
	var id entry.ModuleID
	if err := d.parse(func(p *parser) { id = entry.ModuleID(p.length()) }); err != nil {
		return err
	}
	d.e.Module = id
	if id.Name() == vectorSetName && id.Version() == 0 {
		if ok, err := d.vset.begin(d); ok || err != nil {
			return err
		}
	}
	return d.module.begin(d)
}

// moduleValue is the cursor of an opaque module value: its bytes behind the ID,
// the end mark included, in one element or, where fragments were asked for, in
// parts.
type moduleValue struct {
	cursor
	body  uint64 // bytes left of the string item being read
	given bool
	whole []byte
}

func (v *moduleValue) begin(d *decoder) error {
	v.start(d)
	v.body, v.given = 0, false
	d.e.Value, d.e.Len = v, -1
	return nil
}

func (v *moduleValue) Next() bool {
	d := v.d
	if v.err != nil || v.given {
		return v.end()
	}
	part, more, err := v.part()
	if err == nil && more && !d.opts.Fragments {
		v.whole = append(v.whole[:0], part...)
		for more && err == nil {
			if part, more, err = v.part(); int64(len(v.whole)+len(part)) > d.in.limit {
				err = fmt.Errorf("module value exceeds the limit of %d bytes: %w", d.in.limit, entry.ErrTooLarge)
			}
			v.whole = append(v.whole, part...)
		}
		part = v.whole
	}
	if err != nil {
		return v.stop("module value", err)
	}
	v.elem.Total = -1
	v.elem.Data, v.elem.More, v.given = part, more, !more
	v.index = 0
	return true
}

// part walks over as many items as the window holds and borrows their bytes.
// more is false behind the end mark.
func (v *moduleValue) part() (part []byte, more bool, err error) {
	d := v.d
	for {
		start := d.in.pos
		for {
			rest := d.in.rest()
			if v.body > 0 && len(rest) > 0 {
				n := int(min(v.body, uint64(len(rest))))
				d.in.pos += n
				v.body -= uint64(n)
				continue
			}
			it, n, err := rdbwire.ModuleItem(rest)
			if v.body > 0 || err == rdbwire.ErrShort {
				break
			}
			if err != nil {
				return nil, false, err
			}
			d.in.pos += n
			if it.Kind == rdbwire.ItemEOF {
				return d.in.buf[start:d.in.pos:d.in.pos], false, nil
			}
			v.body = it.Head.Body
		}
		if d.in.pos > start {
			return d.in.buf[start:d.in.pos:d.in.pos], true, nil
		}
		if err := d.in.fill(1); err != nil {
			return nil, false, err
		}
	}
}
