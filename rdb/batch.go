package rdb

import (
	"io"
	"iter"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
)

// Batch is a part of a file that holds whole records, so that it can be
// decoded apart from the rest. A record too large for memory is a batch of its
// own that reads on while its value is consumed.
type Batch struct {
	dec    decoder
	start  state
	data   []byte
	base   int64
	ends   []int32 // in data: where the value of each key ends
	large  bool
	target int
	spare  []byte // buffer of the batch when data is not in use
}

// Large reports whether the batch is a single record that is still being read
// from the file. Its entry's value must be consumed while the batch is in use,
// its Size is unknown until then.
func (b *Batch) Large() bool { return b.large }

// Len returns the bytes of the batch in the file, of a large one those in
// memory.
func (b *Batch) Len() int { return len(b.data) }

// Target returns the bytes that batches of this file aim at. It shrinks as
// their number grows; who keeps buffers for the output of batches does well to
// size them by it.
func (b *Batch) Target() int { return b.target }

// Next returns the next entry of the batch, io.EOF after the last. The entry,
// its value and their bytes are borrowed until the next call. An error is
// final.
func (b *Batch) Next() (*entry.Entry, error) { return b.dec.next() }

// Entries returns the entries left, for a range loop. An error ends the loop
// as its last pair, with a nil entry.
func (b *Batch) Entries() iter.Seq2[*entry.Entry, error] { return entries(b.Next) }

// Recover makes Next go on behind the record in which it, or a value that it
// gave, has met damage. It reports false where that record's end is not known:
// the damage stays.
func (b *Batch) Recover() bool { return b.dec.recover() }

// open makes the batch ready for Next.
func (b *Batch) open() {
	d := &b.dec
	d.heads.state = b.start
	d.heads.clearAttributes()
	d.heads.seen = [256]int64{}
	d.in = window{buf: b.data, base: b.base}
	d.ends, d.large = b.ends, b.large
	d.reset()
}

// checksum returns the CRC of the batch's bytes and their number. Of a large
// record it is known once the record has been read.
func (b *Batch) checksum() (crc uint64, n int64) {
	if b.large {
		b.dec.in.sum()
		return b.dec.in.crc, b.dec.in.crcLen
	}
	return crc64.Update(0, b.data), int64(len(b.data))
}

// finish reads what was left unread of a large record.
func (b *Batch) finish() error {
	for b.large {
		if _, err := b.Next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}
