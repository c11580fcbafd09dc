package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// scanner cuts a file into batches. It reads lengths and opcodes only; what is
// inside strings is left to whoever decodes the batch.
//
//	file   magic | record record record | record record | ... | EOF footer | rest
//	               ^------ batch ------^  ^--- batch ---^
//
// A batch ends after a whole record. The bytes of a record that is cut by the
// end of the buffer move to the next batch's buffer and are scanned again.
type scanner struct {
	src  source
	opts Options
	head heads
	safe state // at the start of buf

	header entry.Meta // Name and Nums of the magic
	mark   []byte     // what must follow the footer of a replication stream
	size   int        // bytes that a batch aims at

	buf  []byte // bytes in memory; buf[0] stands at base
	base int64

	crc     uint64 // of the header
	crcLen  int64
	trailer Trailer
	err     error // sticky; io.EOF after the footer
}

const (
	batchSize = 512 << 10
	// maxBatch is the largest record that is held in memory as a whole, and
	// maxUnpacked what its compressed strings may unpack to.
	maxBatch    = 1 << 20
	maxUnpacked = 2 << 20
)

func newScanner(r io.Reader, o *Options, size int) *scanner {
	if o.Size > 0 { // a small file needs no large buffers
		size = int(min(int64(size), max(minWindow, o.Size-o.Offset)))
	}
	s := &scanner{src: source{r: r, off: o.Offset, size: o.size()}, base: o.Offset, opts: *o, size: size}
	s.head.skim, s.head.arena.limit = true, maxUnpacked
	s.head.templates = &templates{byID: map[uint64]template{}}
	s.err = s.open()
	s.safe = s.head.state
	return s
}

// more reads until buf has at least missing bytes more.
func (s *scanner) more(missing uint64) error {
	want := len(s.buf) + int(missing)
	if room := cap(s.buf) - slack; want > room {
		s.buf = append(make([]byte, 0, max(want, min(2*room, maxBatch))+slack), s.buf...)
	}
	for len(s.buf) < want {
		n, err := s.src.read(s.buf[len(s.buf) : cap(s.buf)-slack])
		s.buf = s.buf[:len(s.buf)+n]
		if err != nil {
			return err
		}
	}
	return nil
}

// need reads until buf holds n bytes.
func (s *scanner) need(n int) error {
	return s.more(uint64(max(n-len(s.buf), 0)))
}

// drop forgets the first n bytes of buf.
func (s *scanner) drop(n int) {
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
	s.base += int64(n)
}

func (s *scanner) place(at int64, construct string) entry.Place {
	return entry.Place{File: s.opts.Name, Offset: s.base + at, Element: -1, Construct: construct}
}

// corrupt is damage outside any key, at buf[at].
func (s *scanner) corrupt(at int64, construct string, reason error) error {
	return &entry.CorruptError{Place: s.place(at, construct), Err: reason}
}

// ended turns the end of the file into damage and leaves other errors alone.
func (s *scanner) ended(err error, at int64, construct string) error {
	if err == io.EOF {
		return s.corrupt(at, construct, entry.ErrTruncated)
	}
	return readError(s.opts.Name, s.src.off, err)
}

// next makes b the next batch, with the buffers that b had before. It returns
// io.EOF after the footer. After a large batch resume must come first.
func (s *scanner) next(b *Batch) error {
	if s.err != nil {
		return s.err
	}
	b.ends, b.large = b.ends[:0], false
	b.start = s.safe
	s.head.state = s.safe // what was scanned behind the last batch is scanned again
	s.head.clearAttributes()
	pos, safe := 0, 0 // scanned so far; where the batch may end
	unpacked := uint64(0)
	for {
		// What a large record left in memory may be more than a batch holds.
		scan := s.buf[:min(len(s.buf), maxBatch)]
		n, u, size, missing, err := s.record(scan[pos:], maxUnpacked-unpacked)
		switch {
		case err == nil && u == unitEOF:
			s.trailer.Dangling = s.head.attr.pending
			k, err := s.footer(pos + n)
			if s.err = err; err == nil {
				s.err = io.EOF
			}
			err = s.cut(b, pos+n)
			s.drop(k)
			return err
		case err == nil:
			pos, unpacked = pos+n, unpacked+size
			if u == unitKey {
				b.ends = append(b.ends, int32(pos))
			}
			if !s.head.attr.pending {
				safe = pos
				s.safe = s.head.state
			}
			continue
		case err == errUnpacked || err == rdbwire.ErrShort && (missing > maxBatch || uint64(len(scan))+missing > maxBatch):
			if safe > 0 {
				return s.cut(b, safe)
			}
			return s.lend(b)
		case err != rdbwire.ErrShort:
			s.err = s.damage(safe, pos+n, err)
			return s.cut(b, safe)
		case safe >= s.size/2 || safe > 0 && len(s.buf)+int(missing) > cap(s.buf)-slack:
			return s.cut(b, safe)
		}
		if err := s.more(missing); err != nil {
			switch {
			case err != io.EOF:
			case safe == len(s.buf):
				err = s.damage(safe, safe, &reason{"the file ends without an end mark", entry.ErrTruncated})
			default:
				err = s.damage(safe, len(s.buf), entry.ErrTruncated)
			}
			s.err = readError(s.opts.Name, s.src.off, err)
			return s.cut(b, safe)
		}
	}
}

// errUnpacked says that the strings of a record unpack to more than a batch
// may hold.
var errUnpacked = errors.New("record unpacks to more than a batch holds")

// record passes over the unit at the start of b, of a key with its value.
func (s *scanner) record(b []byte, budget uint64) (n int, u unit, unpacked, missing uint64, err error) {
	n, u, missing, err = s.head.next(b)
	head := s.head.unpacked
	if err == nil && head > budget {
		err = errUnpacked
	}
	if err != nil || u != unitKey {
		return n, u, head, missing, err
	}
	m, unpacked, missing, err := s.head.skipValue(b[n:], s.head.typ)
	if unpacked += head; err == nil && (unpacked > budget || unpacked < head) {
		err = errUnpacked
	}
	if err == nil {
		s.head.clearAttributes()
	}
	return n + m, u, unpacked, missing, err
}

// cut gives the first n bytes of buf to b and keeps the rest. With nothing to
// give it returns the error that the scanner met.
func (s *scanner) cut(b *Batch, n int) error {
	if n == 0 {
		return s.err
	}
	tail := s.buf[n:]
	if b.spare, b.data = b.data, s.buf[:n]; cap(b.spare) < max(s.size, len(tail))+slack || cap(b.spare) > 2*s.size+slack {
		b.spare = make([]byte, 0, max(s.size, len(tail))+slack)
	}
	b.base = s.base
	s.base += int64(n)
	s.buf, b.spare = append(b.spare[:0], tail...), nil
	b.open()
	return nil
}

// lend gives b the record at the start of buf and the source to read the rest
// of it from.
func (s *scanner) lend(b *Batch) error {
	b.large, b.base, b.data, b.spare = true, s.base, s.buf, b.data
	b.open()
	b.dec.in.src, b.dec.in.limit = &s.src, s.opts.maxString()
	return nil
}

// resume takes the source back from a large batch that has been read to its
// end.
func (s *scanner) resume(b *Batch) {
	w := &b.dec.in
	s.base = w.offset()
	s.buf = append(make([]byte, 0, max(s.size, len(w.rest()))+slack), w.rest()...)
	b.data, b.spare, w.src = b.spare, nil, nil
	s.safe = b.dec.heads.state
}

// footer reads what follows the EOF opcode at buf[at] and returns its length.
func (s *scanner) footer(at int) (n int, err error) {
	s.trailer.Footer = s.base + int64(at)
	if s.trailer.Version.HasChecksum() {
		n = 8
	}
	if err := s.need(at + n + len(s.mark)); err != nil {
		return 0, s.ended(err, int64(len(s.buf)), "footer")
	}
	if n > 0 {
		s.trailer.Stored = binary.LittleEndian.Uint64(s.buf[at:])
	}
	if got := s.buf[at+n : at+n+len(s.mark)]; string(got) != string(s.mark) {
		return 0, s.corrupt(int64(at+n), "replication stream", fmt.Errorf("ends with the mark %q, it began with %q", got, s.mark))
	}
	n += len(s.mark)
	s.trailer.End = s.base + int64(at+n)
	return n, nil
}

// damage explains err, met at buf[at] in the record that begins at buf[from].
func (s *scanner) damage(from, at int, err error) error {
	place := s.place(int64(at), "")
	h := heads{state: s.safe, arena: arena{limit: maxBatch}}
	for {
		n, u, _, e := h.next(s.buf[from:])
		if e != nil {
			return fault(place, nil, err)
		}
		if from += n; u == unitKey {
			place.DB, place.Key = h.db, append([]byte{}, h.key...)
			return fault(place, h.info, err)
		}
	}
}

func (s *scanner) rest() io.Reader {
	return io.MultiReader(bytes.NewReader(s.buf), &s.src)
}

// headerEntry puts the record for the magic into e.
func (s *scanner) headerEntry(e *entry.Entry) *entry.Entry {
	*e = entry.Entry{RDBType: -1, ExpireAt: entry.NoExpire, Idle: -1, Freq: -1, Offset: s.base - headerLen, Size: headerLen, Len: -1, Meta: &s.header}
	return e
}
