package convert

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/rdb"
)

// What a replay in parts keeps in a temporary file is a sequence of records:
//
//	'k' db type expiry n key { 1 element } 0     a key of a type that all servers have
//	'd' db expiry key payload                    another one, as DUMP gives it
//	'c' commands                                 packed, see keyspace.Splitter
//
//	element: data, of a hash also value and expiry, of a sorted set score f64
//
// Numbers are varints; keys, payloads and strings have a length before them.
const (
	spilledKey      = 'k'
	spilledDump     = 'd'
	spilledCommands = 'c'
)

// spillWriter writes the records of a section.
type spillWriter struct {
	file    *spool.Sections
	section spool.Section
	room    int // bytes that are held back
	buf     []byte
}

// newDumpEncoder returns an encoder for values of all types.
func newDumpEncoder() *rdb.Encoder {
	return rdb.NewEncoder(rdb.EncoderOptions{Target: Newest()})
}

func isCommon(t entry.Type) bool {
	switch t {
	case entry.String, entry.List, entry.Set, entry.ZSet, entry.Hash:
		return true
	}
	return false
}

// entry writes a key. dump is used for rare types.
func (w *spillWriter) entry(e *entry.Entry, dump *rdb.Encoder) error {
	if !isCommon(e.Type) {
		w.head(spilledDump, e)
		w.text(e.Key)
		payload, err := dump.AppendDump(nil, e)
		if err != nil {
			return err
		}
		w.text(payload)
		return w.spare()
	}
	w.head(spilledKey, e)
	w.buf = append(w.buf, byte(e.Type))
	w.number(e.Len)
	w.text(e.Key)
	for e.Value.Next() {
		m := e.Value.Elem()
		w.buf = append(w.buf, 1)
		w.text(m.Data)
		switch e.Type {
		case entry.Hash:
			w.text(m.Value)
			w.number(m.ExpireAt)
		case entry.ZSet:
			w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(m.Score))
		}
		if err := w.spare(); err != nil {
			return err
		}
	}
	w.buf = append(w.buf, 0)
	if err := e.Value.Err(); err != nil {
		return err
	}
	return w.spare()
}

func (w *spillWriter) commands(packed []byte) error {
	w.buf = append(w.buf, spilledCommands)
	w.text(packed)
	return w.spare()
}

func (w *spillWriter) head(kind byte, e *entry.Entry) {
	w.buf = append(w.buf, kind)
	w.number(int64(e.DB))
	w.number(e.ExpireAt)
}

func (w *spillWriter) number(n int64) { w.buf = binary.AppendVarint(w.buf, n) }

func (w *spillWriter) text(b []byte) {
	w.buf = append(binary.AppendUvarint(w.buf, uint64(len(b))), b...)
}

// spare writes what is held back if it has become much.
func (w *spillWriter) spare() error {
	if len(w.buf) < w.room {
		return nil
	}
	return w.flush()
}

func (w *spillWriter) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	err := w.file.Append(&w.section, w.buf)
	w.buf = w.buf[:0]
	if cap(w.buf) > 4*max(w.room, flushSize) {
		w.buf = nil
	}
	return err
}

// size returns the bytes of all records.
func (w *spillWriter) size() int64 { return w.section.Size() + int64(len(w.buf)) }

// spillReader reads the records of a section.
type spillReader struct {
	r     *bufio.Reader
	dumps *rdb.DumpDecoder
	size  int64 // of the section: no string in it is longer
	err   error

	kind     byte
	commands []byte // of a record of commands, borrowed until the next one
	entry    entry.Entry
	cursor   spillCursor

	key, payload, data, value []byte
}

// reader ends the section and returns a reader of it.
func (w *spillWriter) reader(dumps *rdb.DumpDecoder) (*spillReader, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	return newSpillReader(w.file, &w.section, dumps), nil
}

func newSpillReader(f *spool.Sections, s *spool.Section, dumps *rdb.DumpDecoder) *spillReader {
	return &spillReader{r: bufio.NewReaderSize(f.Reader(s), flushSize), dumps: dumps, size: s.Size()}
}

var errSpill = errors.New("internal error: a temporary file does not hold what was written to it")

// next reads the start of a record. It reports false at the end of the section,
// or after an error.
func (r *spillReader) next() bool {
	for r.cursor.open && r.cursor.Next() {
	}
	if r.err != nil {
		return false
	}
	kind, err := r.r.ReadByte()
	if err == io.EOF {
		return false
	}
	r.err = err
	if r.kind = kind; kind == spilledCommands {
		r.commands = r.text(r.commands)
		return r.err == nil
	}
	db, expireAt := r.number(), r.number()
	if kind == spilledDump {
		r.key = r.text(r.key)
		r.payload = r.text(r.payload)
		if r.err != nil {
			return false
		}
		e, err := r.dumps.Decode(r.payload)
		if err != nil {
			r.err = err
			return false
		}
		r.entry = *e
		r.entry.DB, r.entry.Key, r.entry.ExpireAt = int(db), r.key, expireAt
		return true
	}
	if kind != spilledKey && r.err == nil {
		r.err = errSpill
	}
	typ := entry.Type(r.byte())
	n := r.number()
	r.key = r.text(r.key)
	r.cursor = spillCursor{r: r, typ: typ, open: true}
	r.entry = entry.Entry{
		DB: int(db), Key: r.key, Type: typ, RDBType: -1, ExpireAt: expireAt, Idle: -1, Freq: -1,
		Offset: -1, Size: -1, Len: n, Value: &r.cursor,
	}
	return r.err == nil
}

func (r *spillReader) fail(err error) {
	if r.err == nil {
		if r.err = err; err == io.EOF {
			r.err = errSpill
		}
	}
}

func (r *spillReader) byte() byte {
	b, err := r.r.ReadByte()
	if err != nil {
		r.fail(err)
	}
	return b
}

func (r *spillReader) number() int64 {
	n, err := binary.ReadVarint(r.r)
	if err != nil {
		r.fail(err)
	}
	return n
}

// text reads a string into b.
func (r *spillReader) text(b []byte) []byte {
	n, err := binary.ReadUvarint(r.r)
	if err == nil && n > uint64(r.size) {
		err = errSpill
	}
	if err != nil {
		r.fail(err)
		return b[:0]
	}
	if uint64(cap(b)) < n {
		b = make([]byte, n)
	}
	b = b[:n]
	if _, err := io.ReadFull(r.r, b); err != nil {
		r.fail(err)
	}
	return b
}

// spillCursor walks over the elements of a key.
type spillCursor struct {
	r    *spillReader
	typ  entry.Type
	open bool
	elem entry.Elem
}

func (c *spillCursor) Err() error        { return c.r.err }
func (c *spillCursor) Elem() *entry.Elem { return &c.elem }

// Distinct implements entry.Distinct: what a data set holds has been written.
func (c *spillCursor) Distinct() {}

func (c *spillCursor) Next() bool {
	if !c.open || c.r.byte() == 0 || c.r.err != nil {
		c.open = false
		return false
	}
	c.r.data = c.r.text(c.r.data)
	m := &c.elem
	m.Data = c.r.data
	switch c.typ {
	case entry.String:
		m.Total = int64(len(m.Data))
	case entry.Hash:
		c.r.value = c.r.text(c.r.value)
		m.Value = c.r.value
		m.ExpireAt = c.r.number()
	case entry.ZSet:
		var bits [8]byte
		if _, err := io.ReadFull(c.r.r, bits[:]); err != nil {
			c.r.fail(err)
		}
		m.Score = math.Float64frombits(binary.LittleEndian.Uint64(bits[:]))
	}
	return c.r.err == nil
}
