package rdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/internal/crc64"
)

const (
	eofMark    = "$EOF:" // a diskless replication stream begins and ends with a mark
	eofMarkLen = 40
	vcsMagic   = "VCS" // Valkey's compressed stream
	vcsLen     = 7
)

// open reads the header: the magic, perhaps inside an envelope.
//
//	$EOF:<40 characters>\r\n <file> <the same 40 characters>
//	VCS | 01 version | codec | 00 | 01 kind | one frame of the codec holding the file
func (s *scanner) open() error {
	s.buf = make([]byte, 0, s.size+slack)
	if err := s.need(headerLen); err != nil {
		if err != io.EOF {
			return readError(s.opts.Name, s.src.off, err)
		}
		if len(s.buf) == 0 {
			return s.corrupt(0, "", ErrEmpty)
		}
		if start := s.buf[:min(len(s.buf), 7)]; bytes.HasPrefix([]byte("REDIS00"), start) || bytes.HasPrefix([]byte("VALKEY0"), start) {
			return s.corrupt(0, "header", entry.ErrTruncated)
		}
		return s.corrupt(0, "", notRDB(s.buf))
	}
	if string(s.buf[:len(eofMark)]) == eofMark {
		n := len(eofMark) + eofMarkLen
		if err := s.need(n + 2 + headerLen); err != nil {
			return s.ended(err, 0, "replication stream")
		}
		s.mark, s.trailer.Wrapped = bytes.Clone(s.buf[len(eofMark):n]), true
		if string(s.buf[n:n+2]) != "\r\n" {
			return s.corrupt(int64(n), "replication stream", errors.New("no line end after the mark"))
		}
		s.drop(n + 2)
	}
	if string(s.buf[:len(vcsMagic)]) == vcsMagic {
		if s.mark != nil {
			return &entry.UnsupportedError{Place: s.place(0, "header"), What: "compressed Valkey RDB in a replication stream"}
		}
		if err := s.unwrap(); err != nil {
			return err
		}
	}
	v, ok := parseVersion(s.buf)
	if !ok {
		return s.corrupt(0, "", notRDB(s.buf))
	}
	s.head.version, s.trailer.Version = v, v
	if !v.Known() {
		return &entry.UnsupportedError{Place: s.place(0, "header"), What: "RDB version " + v.String()}
	}
	s.head.types = &typesOf[v.Family]
	s.header = entry.Meta{Kind: entry.MetaHeader, Name: []byte(v.Family.String()), Nums: []uint64{uint64(v.Number)}}
	s.crc, s.crcLen = crc64.Update(0, s.buf[:headerLen]), headerLen
	s.drop(headerLen)
	return nil
}

// unwrap replaces the source by the file inside Valkey's compressed stream.
// From there on offsets are those of the unpacked file.
func (s *scanner) unwrap() error {
	version, codec, reserved, kind := s.buf[3], s.buf[4], s.buf[5], s.buf[6]
	if version != 1 || codec != 1 || reserved != 0 || kind != 1 {
		return &entry.UnsupportedError{
			Place: s.place(0, "header"),
			What:  fmt.Sprintf("compressed Valkey RDB, version %d, codec %d, kind %d", version, codec, kind),
		}
	}
	outer := s.src
	packed := io.MultiReader(bytes.NewReader(bytes.Clone(s.buf[vcsLen:])), &outer)
	unpacked, format, err := compress.NewReader(packed)
	if err != nil {
		return readError(s.opts.Name, s.src.off, err)
	}
	if format != compress.LZ4 {
		return s.corrupt(vcsLen, "compressed stream", errors.New("no LZ4 frame follows the header"))
	}
	s.trailer.Wrapped = true
	s.src = source{r: unpacked, size: -1}
	s.buf, s.base = s.buf[:0], 0
	if err := s.need(headerLen); err != nil {
		return s.ended(err, 0, "compressed stream")
	}
	return nil
}

// notRDB says what b, the start of a file, is instead of an RDB header.
func notRDB(b []byte) error {
	return wrong(ErrNotRDB, "not an RDB file: it begins with %q", b[:min(len(b), headerLen)])
}
