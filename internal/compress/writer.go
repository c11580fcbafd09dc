package compress

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

const (
	// Blocks are compressed at once, each with memory of its own.
	maxWriterJobs = 4

	lz4Block   = lz4.Block1Mb
	zstdWindow = 4 << 20
)

// NewWriter gives a writer that compresses to w, at the default level of each
// format and with checksums. None passes the bytes on unchanged, one Write for
// one.
//
// Compression goes on while Write returns: a failure of w may be seen by a later
// Write or by Close, and nothing is written whole before Close returned
// nil. Close ends the stream, frees memory and leaves w open; after it, or after
// an error, Write and Close fail.
func NewWriter(w io.Writer, f Format) (io.WriteCloser, error) {
	jobs := min(runtime.GOMAXPROCS(0), maxWriterJobs)
	s := &sink{w: w}
	p := &packer{sink: s}
	switch f {
	case None:
		p.enc = s
	case LZ4:
		z := lz4.NewWriter(s)
		if err := z.Apply(lz4.BlockSizeOption(lz4Block), lz4.ConcurrencyOption(jobs)); err != nil {
			return nil, err
		}
		p.enc = z
	case Gzip:
		p.enc = gzip.NewWriter(s)
	case Zstd:
		z, err := zstd.NewWriter(s,
			zstd.WithEncoderConcurrency(jobs),
			zstd.WithWindowSize(zstdWindow))
		if err != nil {
			return nil, err
		}
		p.enc = z
	default:
		return nil, fmt.Errorf("format %d is none to compress to", f)
	}
	return p, nil
}

// packer makes errors stay and ends an encoder in every case.
type packer struct {
	sink *sink
	enc  io.WriteCloser
	err  error
}

func (p *packer) Write(b []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	if p.err = p.sink.failure(); p.err != nil {
		return 0, p.err
	}
	n, err := p.enc.Write(b)
	p.err = p.first(err)
	return n, p.err
}

func (p *packer) Close() error {
	if p.enc == nil {
		return p.err
	}
	err := p.first(p.enc.Close())
	if z, ok := p.enc.(*lz4.Writer); ok {
		// Close leaves its goroutine running if the frame header failed.
		z.Reset(io.Discard)
	}
	p.enc = nil
	if p.err == nil {
		p.err = err
	}
	if p.err != nil {
		return p.err
	}
	p.err = os.ErrClosed
	return nil
}

// first prefers the error of the writer below, which encoders dress up.
func (p *packer) first(err error) error {
	if err == nil {
		return nil
	}
	if low := p.sink.failure(); low != nil {
		return low
	}
	return err
}

// sink hands on what an encoder makes, possibly from another goroutine, until
// the writer below fails.
type sink struct {
	w   io.Writer
	mu  sync.Mutex
	err error
}

func (s *sink) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *sink) Write(b []byte) (int, error) {
	if err := s.failure(); err != nil {
		return 0, err
	}
	n, err := s.w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

// Close ends a stream that is not compressed, and so has no end to write.
func (s *sink) Close() error { return nil }
