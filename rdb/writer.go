package rdb

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// Sizes are the numbers of keys in a database.
type Sizes struct{ Keys, Expires uint64 }

// WriterOptions say what a Writer writes.
type WriterOptions struct {
	EncoderOptions
	// Sizes are the databases to come, by number. The loading server makes
	// room for the keys at once. They may be left out, for some databases or
	// all.
	Sizes map[int]Sizes
	// About writes the fields that a server begins every file with, for a
	// source that does not bring them.
	About bool
}

// Writer writes an RDB file:
//
//	magic | aux ... functions ... | SELECTDB RESIZEDB key ... | SELECTDB ... | EOF checksum
//
// Its errors are sticky.
type Writer struct {
	w    io.Writer
	o    WriterOptions
	x    *Encoder
	buf  []byte
	crc  uint64
	db   int // of the records written last, -1 at first
	seen map[int]bool
	err  error
}

// ErrClosed is the error of a Writer that has been closed.
var ErrClosed = errors.New("rdb: the writer is closed")

// NewWriter returns a Writer to w. Without Close the file is incomplete.
func NewWriter(w io.Writer, o WriterOptions) *Writer {
	wr := &Writer{w: w, o: o, db: -1, seen: map[int]bool{}}
	o.EncoderOptions.Flush = func(b []byte) ([]byte, error) { return b[:0], wr.write(b) }
	wr.x = NewEncoder(o.EncoderOptions)
	t := &wr.o.Target
	b := append(wr.buf, t.Version.String()...)
	if o.About && t.format() >= 7 {
		if t.Release != "" {
			b = appendAux(b, t.versionField(), []byte(t.Release))
		}
		b = appendAux(b, "redis-bits", []byte("64"))
		if name := t.baseField(); o.Base && name != "" {
			b = appendAux(b, name, []byte("1"))
		}
	}
	wr.buf = b
	return wr
}

// writeSize is how much a Writer collects before it writes.
const writeSize = 256 << 10

// WriteEntry writes a key with all of its value, or a record that is no key.
func (w *Writer) WriteEntry(e *entry.Entry) error {
	if w.err != nil {
		return w.err
	}
	var err error
	if e.Meta != nil {
		w.buf, err = w.x.AppendMeta(w.buf, e)
	} else if w.o.Target.Holds(e) {
		w.selectDB(e.DB)
		w.buf, err = w.x.AppendEntry(w.buf, e)
	} else {
		_, err = w.x.AppendEntry(nil, e)
	}
	if err == nil && len(w.buf) >= writeSize {
		err = w.flush()
	}
	w.fail(err)
	return w.err
}

// WriteRecords writes records that Encoders of the same options have made, all
// of one database. Records that are no keys belong to any: db is then -1.
func (w *Writer) WriteRecords(db int, records []byte) error {
	if w.err != nil || len(records) == 0 {
		return w.err
	}
	if db >= 0 {
		w.selectDB(db)
	}
	if w.fail(w.flush()); w.err == nil {
		w.fail(w.write(records))
	}
	return w.err
}

// selectDB writes the number of a database before its keys, and how many they
// are before the first.
func (w *Writer) selectDB(db int) {
	if w.db == db {
		return
	}
	w.db = db
	w.buf = rdbwire.AppendLength(append(w.buf, opSelectDB), uint64(db))
	if n, ok := w.o.Sizes[db]; ok && !w.seen[db] && w.o.Target.format() >= 7 {
		w.buf = rdbwire.AppendLength(append(w.buf, opResizeDB), n.Keys)
		w.buf = rdbwire.AppendLength(w.buf, n.Expires)
	}
	w.seen[db] = true
}

func (w *Writer) flush() error {
	b := w.buf
	w.buf = w.buf[:0]
	return w.write(b)
}

func (w *Writer) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	w.crc = crc64.Update(w.crc, b)
	_, err := w.w.Write(b)
	return err
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Close writes the end of the file with its checksum. It does not close the
// underlying writer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.buf = append(w.buf, opEOF)
	if w.fail(w.flush()); w.err == nil && w.o.Target.Version.HasChecksum() {
		_, err := w.w.Write(binary.LittleEndian.AppendUint64(nil, w.crc))
		w.fail(err)
	}
	if w.err == nil {
		w.err = ErrClosed
		return nil
	}
	return w.err
}
