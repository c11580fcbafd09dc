package compress

import (
	"bufio"
	"compress/gzip"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// MaxWindow is the largest zstd window accepted, in bytes. The zstd tool stays
// within it up to level 20, without --long.
const MaxWindow = 32 << 20

const (
	inputBuffer   = 64 << 10
	maxEmptyReads = 100
)

// NewReader tells by its first bytes how r is compressed and gives a reader of
// the unpacked bytes. An empty r and one of less than 4 bytes are None.
//
// With None the bytes come as they are and as they arrive: each Read is at most
// one Read of r, and nothing waits for more. Compressed input is read ahead, past
// the end of what is unpacked so far.
//
// Errors of Read stay. They are io.EOF after the last whole member or
// frame, an *Error if the stream is cut, damaged or not supported, or else the
// very error of r. What was read before an error is as the stream
// holds it, but zstd and lz4 check a frame, and gzip a member, only at its end.
//
// NewReader itself fails only with an error of r, met before the format was
// told. Close frees memory and leaves r open; a Read after it fails with
// os.ErrClosed.
func NewReader(r io.Reader) (rc io.ReadCloser, format Format, err error) {
	p, format, err := sniff(r)
	if err != nil {
		return nil, None, err
	}
	if format == None {
		return p, None, nil
	}
	src := &source{br: bufio.NewReaderSize(p, inputBuffer)}
	u := &unpacker{format: format, src: src}
	switch format {
	case LZ4:
		u.dec = lz4.NewReader(src)
	case Gzip:
		u.dec = &gzipReader{src: src}
	case Zstd:
		d, err := zstd.NewReader(src,
			zstd.WithDecoderConcurrency(1),
			zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(MaxWindow))
		if err != nil {
			return nil, None, err
		}
		u.dec, u.free = d, d.Close
	}
	return u, format, nil
}

// unpacker sorts the errors of a decoder into those of the stream and those of
// the reader below.
type unpacker struct {
	format Format
	src    *source
	dec    io.Reader
	free   func()
	err    error
}

func (u *unpacker) Read(b []byte) (n int, err error) {
	if u.err != nil {
		return 0, u.err
	}
	if len(b) == 0 {
		return 0, nil
	}
	n, err = u.dec.Read(b)
	if err != nil {
		u.err = u.sort(err)
	}
	return n, u.err
}

// sort looks at the reader below first: decoders take some of its errors for the
// end of the stream, or put their own in their place.
func (u *unpacker) sort(err error) error {
	if u.src.err != nil {
		return u.src.err
	}
	if err == io.EOF {
		return io.EOF
	}
	return &Error{Format: u.format, Err: reason(err)}
}

func (u *unpacker) Close() error {
	if u.free != nil {
		u.free()
	}
	*u = unpacker{format: u.format, err: os.ErrClosed}
	return nil
}

// source feeds a decoder and keeps the error the reader below failed with. It is
// an io.ByteReader, for which gzip asks.
type source struct {
	br  *bufio.Reader
	err error // never io.EOF
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.br.Read(b)
	for empty := 1; n == 0 && err == nil && len(b) > 0; empty++ {
		if empty == maxEmptyReads {
			err = io.ErrNoProgress
			break
		}
		n, err = s.br.Read(b)
	}
	s.keep(err)
	return n, err
}

func (s *source) ReadByte() (byte, error) {
	c, err := s.br.ReadByte()
	if err != nil {
		s.keep(err)
	}
	return c, err
}

func (s *source) keep(err error) {
	if err != nil && err != io.EOF && s.err == nil {
		s.err = err
	}
}

// gzipReader reads the header of the first member when it is asked for
// data, not before.
type gzipReader struct {
	src *source
	z   *gzip.Reader
}

func (g *gzipReader) Read(b []byte) (int, error) {
	if g.z == nil {
		z, err := gzip.NewReader(g.src)
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return 0, err
		}
		g.z = z
	}
	return g.z.Read(b)
}
