package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/rdb"
)

// Format is a form that Dump writes.
type Format uint8

// The formats.
const (
	NDJSON Format = iota // an object a line
	JSON                 // the same objects in one array
	CSV                  // a line for each key, without its value
	Keys                 // a key a line, written as in JSON but without the quotes
)

var formatNames = []string{"ndjson", "json", "csv", "keys"}

func (f Format) String() string { return formatNames[f] }

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	for f, n := range formatNames {
		if n == name {
			return Format(f), nil
		}
	}
	return NDJSON, fmt.Errorf("unknown format %q: one of %s", name, formatNames)
}

// Strings is the rule by which byte strings become JSON strings.
type Strings = jsonstr.Mode

// ParseStrings returns the rule of that name: auto, base64, hex or sha256.
func ParseStrings(name string) (Strings, error) { return jsonstr.ParseMode(name) }

// DumpOptions say what Dump writes. The zero value writes everything as NDJSON.
type DumpOptions struct {
	Format   Format
	Strings  Strings
	Filter   *filter.Filter
	KeysOnly bool  // leave values out
	Meta     bool  // records that are not keys too (NDJSON and JSON only)
	Limit    int64 // keys to write, 0: all
	Jobs     int   // goroutines
	TempDir  string
}

// flushSize is when the output of a large record is handed on.
const flushSize = 256 << 10

// errLimit ends a dump that has written as many keys as were asked for.
var errLimit = errors.New("limit reached")

// Dump writes the entries of the RDB file src to w, in the order of the file
// and with one Write for some hundred kilobytes. The output does not depend on
// o.Jobs. At damage all entries before it have been written; the last line of
// NDJSON is complete, unless the damage is inside a record of several
// megabytes: its line has been begun, and ends as no JSON would. A JSON array
// is left open. The error is then an *entry.CorruptError.
func Dump(ctx context.Context, src io.Reader, ro rdb.Options, w io.Writer, o DumpOptions) error {
	d := newDumper(w, o)
	ro.Fragments, ro.Meta = true, true
	if o.Limit < 0 {
		return fmt.Errorf("limit %d is negative", o.Limit)
	}
	t, rest, err := rdb.Process(ctx, src, &ro, rdb.Processor[*chunk]{
		Jobs: o.Jobs, New: d.newChunk, Work: d.work, Emit: d.emit,
		Header: func(e *entry.Entry) error {
			if err := d.write(prologues[o.Format]); err != nil {
				return err
			}
			c := d.newChunk()
			if d.opts.Meta {
				c.appendMeta(e)
			}
			return d.emit(c)
		},
	})
	if err == nil {
		err = t.CheckRest(ro.Name, rest)
	}
	if err != nil && !errors.Is(err, errLimit) {
		return err
	}
	return d.write(epilogues[o.Format])
}

var (
	prologues = [...]string{NDJSON: "", JSON: "[", CSV: csvHeader, Keys: ""}
	epilogues = [...]string{NDJSON: "", JSON: "\n]\n", CSV: "", Keys: ""}
)

// dumper is one run of Dump.
type dumper struct {
	w     io.Writer
	opts  DumpOptions
	keys  int64 // written
	begun bool  // a record has been written
	kept  bool  // the last key passed the filter
}

func newDumper(w io.Writer, o DumpOptions) *dumper {
	d := &dumper{w: w, opts: o}
	if d.opts.Filter == nil {
		d.opts.Filter = &filter.Filter{}
	}
	return d
}

func (d *dumper) write(s string) error {
	if s == "" {
		return nil
	}
	_, err := io.WriteString(d.w, s)
	return err
}

// chunk is the output of one batch.
type chunk struct {
	d      *dumper
	buf    []byte
	starts []int        // where the record of each key begins in buf, if there is a limit
	flush  func() error // of a large record: emits buf
	spilt  bool         // part of the record has been flushed
	keep   int          // the largest buffer that is used again
	err    error        // of flush
	// lead is what belongs to the last key of the chunk before; keys tells
	// whether this one has a key, and kept whether the last of them passed.
	lead       []byte
	keys, kept bool
	whole      bool // buf ends with a whole record
	big        spool.Buffer
	held       spool.Buffer // output of a record that may yet be filtered out
}

func (d *dumper) newChunk() *chunk {
	return &chunk{d: d, big: spool.Buffer{Dir: d.opts.TempDir}, held: spool.Buffer{Dir: d.opts.TempDir}}
}

// work turns the entries of a batch into output.
func (d *dumper) work(b *rdb.Batch, c *chunk, flush func() error) error {
	c.flush, c.keys, c.whole = nil, false, false
	defer func() { c.whole = true }()
	if b.Large() {
		c.flush = flush
	}
	defer c.big.Close()
	c.keep = 5 * b.Target()
	if c.d.opts.Format <= JSON && !c.d.opts.KeysOnly {
		// What a batch mostly becomes. To grow step by step leaves several
		// times as much behind.
		c.buf = slices.Grow(c.buf, b.Len()+b.Len()*3/4)
	}
	for {
		e, err := b.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Meta != nil {
			switch {
			case d.opts.Meta, dataAux(e.Meta) && c.keys && c.kept:
				c.appendMeta(e)
			case dataAux(e.Meta) && !c.keys:
				start := len(c.buf)
				c.appendMeta(e)
				c.lead, c.buf = append(c.lead, c.buf[start:]...), c.buf[:start]
			}
			continue
		}
		passes := d.opts.Filter.Pass(e)
		c.keys, c.kept = true, passes
		if !passes {
			continue
		}
		if d.opts.Limit > 0 && int64(len(c.starts)) == d.opts.Limit {
			return nil // emit sees that there are enough
		}
		if err := c.appendKey(e); err != nil {
			return err
		}
	}
}

// dataAux reports whether m is an aux field that carries data: KeyDB writes the
// expiry of a set's member or a hash's field as a pair of aux fields behind the
// key.
func dataAux(m *entry.Meta) bool {
	return m.Kind == entry.MetaAux && (string(m.Name) == "keydb-subexpire-key" || string(m.Name) == "keydb-subexpire-when")
}

// appendKey appends the record of a key. A record that turns out damaged
// leaves no trace, as long as it has not been flushed.
func (c *chunk) appendKey(e *entry.Entry) error {
	start := len(c.buf)
	if e.Size < 0 && c.d.opts.Filter.NeedsSize() {
		return c.appendHeld(e)
	}
	if c.d.opts.Limit > 0 {
		c.starts = append(c.starts, start)
	}
	c.spilt = false
	err := c.appendRecord(e)
	switch {
	case err == nil:
	case !c.spilt:
		c.buf = c.buf[:start]
		if c.d.opts.Limit > 0 {
			c.starts = c.starts[:len(c.starts)-1]
		}
	case c.d.opts.Format == NDJSON:
		c.buf = append(c.buf, '\n')
	}
	return err
}

// appendHeld appends the record of a key whose size is known at its end only,
// if that size passes the filter.
func (c *chunk) appendHeld(e *entry.Entry) error {
	c.held.Reset()
	defer c.held.Close()
	flush := c.flush
	c.flush = func() error {
		_, err := c.held.Write(c.buf)
		c.buf = c.buf[:0]
		return err
	}
	err := c.appendRecord(e)
	if err == nil {
		err = c.flush()
	}
	if err == nil { // a format that takes no value has not come to its end
		for e.Value.Next() {
		}
		err = e.Value.Err()
	}
	c.buf, c.flush = c.buf[:0], flush
	if err != nil || !c.d.opts.Filter.PassSize(e.Size) {
		return err
	}
	if c.d.opts.Limit > 0 {
		c.starts = append(c.starts, 0)
	}
	return c.held.Each(func(p []byte) error {
		c.buf = append(c.buf, p...)
		return c.flush()
	})
}

func (c *chunk) appendRecord(e *entry.Entry) error {
	switch c.d.opts.Format {
	case CSV:
		return c.appendCSV(e)
	case Keys:
		c.appendKeyLine(e)
		return nil
	}
	c.begin()
	c.appendHead(e)
	if !c.d.opts.KeysOnly {
		c.raw(`,"value":`)
		if err := c.appendValue(e); err != nil {
			return err
		}
	}
	c.end()
	return c.err
}

// begin and end stand around an object. In an array a comma goes before each
// object; emit takes the first one away.
func (c *chunk) begin() {
	if c.d.opts.Format == JSON {
		c.raw(",\n")
	}
}

func (c *chunk) end() {
	c.buf = append(c.buf, '}')
	if c.d.opts.Format == NDJSON {
		c.buf = append(c.buf, '\n')
	}
}

func (c *chunk) raw(s string) { c.buf = append(c.buf, s...) }

// spill hands on what has been written of a large record.
func (c *chunk) spill() {
	if c.flush != nil && len(c.buf) >= flushSize && c.err == nil {
		c.spilt = true
		c.err = c.flush()
	}
}

// emit writes a chunk. It is called in the order of the file.
func (d *dumper) emit(c *chunk) error {
	buf, limit := c.buf, false
	if len(c.lead) > 0 && d.kept {
		buf = append(c.lead, buf...)
		for i := range c.starts {
			c.starts[i] += len(c.lead)
		}
	}
	if c.keys {
		d.kept = c.kept
	}
	if left := d.opts.Limit - d.keys; d.opts.Limit > 0 && int64(len(c.starts)) > left {
		buf, limit = buf[:c.starts[left]], true
		c.starts = c.starts[:left]
	}
	d.keys += int64(len(c.starts))
	if !d.begun && len(buf) > 0 {
		d.begun = true
		if d.opts.Format == JSON {
			buf = buf[1:]
		}
	}
	var err error
	if len(buf) > 0 {
		_, err = d.w.Write(buf)
	}
	if cap(c.buf) > c.keep {
		c.buf = nil
	}
	c.buf, c.starts, c.lead = c.buf[:0], c.starts[:0], c.lead[:0]
	if err == nil && (limit || d.opts.Limit > 0 && d.keys == d.opts.Limit && c.whole) {
		err = errLimit
	}
	return err
}
