package rdb

import (
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
)

// Trailer is what the end of a file says.
type Trailer struct {
	Version  Version
	Stored   uint64 // checksum in the footer; 0 if the writer did not compute one
	Computed uint64 // checksum of the bytes, where the file has a footer and it was asked for
	Footer   int64  // offset of the footer
	End      int64  // offset after the footer, or after the mark of a replication stream
	Dangling bool   // an attribute of a key stands before the end mark, and no key follows it
	Wrapped  bool   // the file came in a replication stream or a compressed one: what follows is not its own
}

// Checked reports whether the file carries a checksum to hold its bytes against.
func (t *Trailer) Checked() bool { return t.Version.HasChecksum() && t.Stored != 0 }

// checksum follows the bytes of a file batch by batch.
type checksum struct {
	crc uint64
	on  bool
}

func (c *checksum) add(b *Batch) {
	if c.on {
		c.combine(b.checksum())
	}
}

func (c *checksum) combine(crc uint64, n int64) {
	if c.on {
		c.crc = crc64.Combine(c.crc, crc, n)
	}
}

// finish holds the checksum of the file against its footer and returns io.EOF
// if all is well.
func (s *scanner) finish(crc uint64) error {
	t := &s.trailer
	if t.Version.HasChecksum() {
		t.Computed = crc
	}
	if t.Checked() && crc != t.Stored {
		place := entry.Place{File: s.opts.Name, Offset: t.Footer, Element: -1, Construct: "footer"}
		return &entry.CorruptError{Place: place, Err: fmt.Errorf("%w: stored %016x, computed %016x", entry.ErrChecksum, t.Stored, crc)}
	}
	return io.EOF
}

// CheckRest judges what follows the footer, as Process or Reader.Rest give it:
// nothing is fine, commands are an *entry.UnsupportedError (the file is an
// append-only file, and its entries are not what a server would load), other
// bytes are an *entry.CorruptError.
func (t *Trailer) CheckRest(name string, rest io.Reader) error {
	if t.Wrapped {
		return nil
	}
	var b [16]byte
	n, err := io.ReadFull(rest, b[:])
	if n == 0 {
		if err == io.EOF {
			return nil
		}
		return readError(name, t.End, err)
	}
	place := entry.Place{File: name, Offset: t.End, Element: -1}
	if b[0] == '*' || b[0] == '#' {
		return &entry.UnsupportedError{Place: place, What: "commands after the RDB preamble of an append-only file, without which the preamble is not the data set"}
	}
	place.Construct = "footer"
	return &entry.CorruptError{Place: place, Err: wrong(ErrTrailing, "bytes follow it: %q", b[:n])}
}
