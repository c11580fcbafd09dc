package rdb

import (
	"errors"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// decoder turns the bytes in its window into entries. The window holds whole
// records (a batch), or reads on while one large record is consumed.
type decoder struct {
	heads
	opts  *Options
	in    window
	ends  []int32 // where the records of keys end in a batch
	large bool

	e       entry.Entry
	vectors entry.VectorSet
	first   int64  // offset of the first byte of the record, attributes included
	open    bool   // e is a key whose value may be unread
	value   int64  // offset of the first byte of the value
	lead    []byte // of a large record: what begin has consumed of the value
	end     int    // of the record in in.buf, if not large
	blob    int64  // offset of the blob being walked, -1 if none: it has been consumed by then
	done    bool   // the one record of a large batch has been read
	err     error

	p      parser
	names  arena // of an element: field, member
	items  arena // of an element: what may be so long that it comes in fragments
	values arena // all other strings of a value, and blobs

	// The cursors, one of each kind, used again for each value.
	str      stringValue
	plain    plainValue
	packed   packedValue
	quick    quicklistValue
	stream   streamValue
	module   moduleValue
	vset     vectorSetValue
	array    arrayValue
	template templateValue
	paths    pathHashValue
	cron     cronValue
}

// reset makes the decoder ready for a new window.
func (d *decoder) reset() {
	d.open, d.done, d.err = false, false, nil
	limit := d.opts.maxString()
	d.heads.arena.limit, d.names.limit, d.items.limit, d.values.limit, d.in.limit = limit, limit, limit, limit, limit
	d.items.lengths = d.opts.Lengths
	if d.items.whole = 0; d.large && d.opts.Fragments {
		d.items.whole = fragmentSize
	}
	d.blob = -1
}

// next returns the next entry, io.EOF at the end of the window.
func (d *decoder) next() (*entry.Entry, error) {
	if d.err == nil {
		d.err = d.advance()
	}
	if d.err != nil {
		return nil, d.err
	}
	return &d.e, nil
}

func (d *decoder) advance() error {
	if d.open {
		if err := d.skipRest(); err != nil {
			return err
		}
		d.blob = -1
	}
	for {
		if !d.attr.pending {
			d.first = d.in.offset()
		}
		if d.done || !d.large && d.in.pos == len(d.in.buf) {
			return io.EOF
		}
		n, u, missing, err := d.heads.next(d.in.rest())
		if err == rdbwire.ErrShort {
			if err = d.in.fill(missing); err == nil {
				continue
			}
		}
		if err != nil {
			return d.fail(nil, "", -1, err)
		}
		switch u {
		case unitEOF:
			return io.EOF
		case unitKey:
			if d.large { // the window moves on while the value is read
				d.key = append([]byte{}, d.key...)
			}
			d.in.pos += n
			return d.begin()
		case unitMeta:
			d.in.pos += n
			if d.large && !d.attr.pending {
				d.done = true
			}
			if d.opts.Meta {
				d.e = entry.Entry{DB: d.db, RDBType: -1, ExpireAt: entry.NoExpire, Idle: -1, Freq: -1, Offset: d.in.offset() - int64(n), Size: int64(n), Len: -1, Meta: &d.meta}
				return nil
			}
		case unitAttr:
			d.in.pos += n
		}
	}
}

// begin makes e the key whose head has just been read.
func (d *decoder) begin() error {
	d.e = entry.Entry{
		DB: d.db, Key: d.key, Type: d.info.typ, Encoding: d.info.encoding, RDBType: int(d.typ),
		ExpireAt: d.attr.expireAt, Idle: d.attr.idle, Freq: d.attr.freq, KeyMeta: d.attr.keyMeta,
		Offset: d.first, Size: -1, Len: -1,
	}
	d.clearAttributes()
	d.open, d.blob = true, -1
	if !d.large {
		d.end = int(d.ends[0])
		d.ends = d.ends[1:]
		d.e.Size = d.in.base + int64(d.end) - d.first
	}
	d.value = d.in.offset()
	if !d.large {
		return d.beginValue()
	}
	d.lead = d.lead[:0]
	d.in.setTap(func(p []byte) { d.lead = append(d.lead, p...) })
	defer d.in.setTap(nil)
	return d.beginValue()
}

// rewind puts the value of a record in memory back to its start.
func (d *decoder) rewind() {
	d.in.pos, d.blob = int(d.value-d.in.base), -1
	_ = d.beginValue() // it has been begun before, with the same bytes
}

// beginValue chooses the cursor for the value at the start of the window and
// reads what the entry says about the value.
func (d *decoder) beginValue() error {
	switch d.info.layout {
	case layString:
		return d.str.begin(d)
	case layPlain, layPlainMin:
		return d.plain.begin(d)
	case layBlob, layBlobMin:
		return d.packed.begin(d)
	case layQuicklist, layQuicklist2:
		return d.quick.begin(d)
	case layStream:
		return d.stream.begin(d)
	case layModule:
		return d.beginModule()
	case layArray:
		return d.array.begin(d)
	case layTemplate:
		return d.template.begin(d)
	case layPathHash:
		return d.paths.begin(d)
	default:
		return d.cron.begin(d)
	}
}

// skipRest passes over what was left unread of the value. Damage in what was
// read stays an error.
func (d *decoder) skipRest() error {
	d.open = false
	v := d.e.Value
	if err := v.Err(); err != nil {
		return err
	}
	if !d.large {
		d.in.pos = d.end
		return nil
	}
	for v.Next() {
	}
	d.done = true
	return v.Err()
}

// recover passes over the record in which damage was met. The scan of lengths
// has found where each record of a batch ends.
func (d *decoder) recover() bool {
	v, packed := d.e.Value.(*packedValue)
	switch {
	case d.large && d.open && packed && v.raw != nil: // the blob was all of the value
		d.done = true
	case d.large:
		return false
	case d.open:
		d.in.pos = d.end
	case !d.recoverHead():
		return false
	}
	d.open, d.err, d.blob = false, nil, -1
	return true
}

// recoverHead passes over a record whose strings before the value are damaged.
func (d *decoder) recoverHead() bool {
	h := heads{state: d.state, skim: true}
	n, u, _, err := h.next(d.in.rest())
	if err != nil {
		return false
	}
	if u != unitKey {
		d.in.pos += n
		return true
	}
	d.clearAttributes()
	d.in.pos = int(d.ends[0])
	d.ends = d.ends[1:]
	return true
}

// parse runs read over the bytes at the start of the window until they are
// enough, then consumes what it read.
func (d *decoder) parse(read func(p *parser)) error {
	for {
		d.values.reset()
		p := &d.p
		*p = parser{b: d.in.rest(), arena: &d.values}
		read(p)
		if p.err == nil {
			d.in.pos += p.n
			return nil
		}
		if err := d.more(p.err, p.missing); err != nil {
			return d.fault("", -1, err)
		}
	}
}

// more brings bytes if err is that they lack, else it returns err.
func (d *decoder) more(err error, missing uint64) error {
	if err != rdbwire.ErrShort {
		return err
	}
	return d.in.fill(missing)
}

// fault is the error for err, met in the value being read.
func (d *decoder) fault(construct string, element int64, err error) error {
	return d.fail(d.e.Key, construct, element, err)
}

func (d *decoder) fail(key []byte, construct string, element int64, err error) error {
	at := d.in.offset()
	if d.blob >= 0 {
		at = d.blob
	}
	place := entry.Place{File: d.opts.Name, Offset: at, DB: d.db, Element: element, Construct: construct}
	if key != nil {
		place.Key = append([]byte{}, key...)
	}
	if errors.Is(err, errOverrun) {
		return fmt.Errorf("%s: offset 0x%x: key %q: %w", d.opts.Name, at, key, err)
	}
	if src := d.in.src; src != nil && src.err != nil && errors.Is(err, src.err) {
		return readError(d.opts.Name, src.off, err)
	}
	return fault(place, d.info, err)
}
