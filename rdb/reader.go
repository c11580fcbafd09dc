package rdb

import (
	"io"
	"iter"

	"github.com/rdbtool/rdbtool/entry"
)

// Reader reads the entries of one RDB file, front to back.
//
// It takes every version and family that this package knows, a file inside
// Valkey's compressed envelope or a diskless replication stream ("$EOF:"), and
// leaves what follows the footer to Rest.
type Reader struct {
	s     *scanner
	b     Batch
	sum   checksum
	begun bool
	err   error
}

// NewReader returns a reader of r. It reads ahead: see Rest.
func NewReader(r io.Reader, o *Options) *Reader {
	if o == nil {
		o = &Options{}
	}
	rd := &Reader{s: newScanner(r, o, batchSize)}
	rd.b.dec.opts, rd.b.target = &rd.s.opts, rd.s.size
	rd.err = rd.s.err
	rd.sum = checksum{crc: rd.s.crc, on: rd.s.trailer.Version.HasChecksum()}
	return rd
}

// Version returns the version of the file.
func (r *Reader) Version() Version { return r.s.trailer.Version }

// Next returns the next entry, which is borrowed until the following call. It
// returns io.EOF after the footer, when the checksum has been found to hold.
// Damage is an *entry.CorruptError, what this package does not know an
// *entry.UnsupportedError; a failure to read is returned as the source gave
// it. An error is final.
func (r *Reader) Next() (*entry.Entry, error) {
	if r.err != nil {
		return nil, r.err
	}
	e, err := r.next()
	if err != nil {
		r.err = err
		return nil, err
	}
	return e, nil
}

func (r *Reader) next() (*entry.Entry, error) {
	if !r.begun && r.s.opts.Meta {
		r.begun = true
		return r.s.headerEntry(&r.b.dec.e), nil
	}
	if r.b.data == nil {
		r.begun = true
		if err := r.advance(); err != nil {
			return nil, err
		}
	}
	for {
		e, err := r.b.Next()
		if err != io.EOF {
			return e, err
		}
		r.sum.add(&r.b)
		if r.b.large {
			r.s.resume(&r.b)
		}
		if err := r.advance(); err != nil {
			return nil, err
		}
	}
}

// advance makes b the next batch.
func (r *Reader) advance() error {
	err := r.s.next(&r.b)
	if err == io.EOF {
		return r.s.finish(r.sum.crc)
	}
	return err
}

// Entries returns the entries left, for a range loop. An error ends the loop
// as its last pair, with a nil entry.
func (r *Reader) Entries() iter.Seq2[*entry.Entry, error] { return entries(r.Next) }

func entries(next func() (*entry.Entry, error)) iter.Seq2[*entry.Entry, error] {
	return func(yield func(*entry.Entry, error) bool) {
		for {
			e, err := next()
			if err == io.EOF || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Trailer returns what the end of the file said. It is complete once Next has
// returned io.EOF.
func (r *Reader) Trailer() Trailer { return r.s.trailer }

// Rest returns the bytes that follow the footer, beginning with those already
// read from the source. It is valid once Next has returned io.EOF.
func (r *Reader) Rest() io.Reader { return r.s.rest() }

// Read makes a source an io.Reader.
func (s *source) Read(p []byte) (int, error) { return s.read(p) }
