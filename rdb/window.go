package rdb

import (
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
)

// source is the stream a file comes from. Its errors are sticky.
type source struct {
	r    io.Reader
	off  int64 // file offset of the next byte to be read
	size int64 // of the whole file, -1 if unknown
	err  error
}

// maxEmptyReads is how often in a row a reader may give nothing.
const maxEmptyReads = 100

// read reads at least one byte into p, or says why not.
func (s *source) read(p []byte) (int, error) {
	for range maxEmptyReads {
		if s.err != nil {
			return 0, s.err
		}
		n, err := s.r.Read(p)
		s.off += int64(n)
		s.err = err
		if n > 0 {
			return n, nil
		}
	}
	s.err = io.ErrNoProgress
	return 0, s.err
}

// window is the part of a file that is in memory. buf[:pos] has been consumed,
// buf[pos:] is unread; buf[0] stands at offset base of the file.
//
//	            base          base+pos
//	file  ------|-------------|------------------|------------
//	buf         [  consumed   |      unread      ]
//
// A window over a batch has no source: buf is all there is.
type window struct {
	buf   []byte
	pos   int
	base  int64
	src   *source
	limit int64 // what may be held unread at once

	// tap is given all bytes consumed since it was set, before they leave the
	// window; buf[:tapped] has been given.
	tap    func(p []byte)
	tapped int

	crc    uint64 // of the consumed bytes from where the window began
	crcPos int    // buf[:crcPos] is in crc
	crcLen int64  // bytes that crc covers
}

func (w *window) rest() []byte { return w.buf[w.pos:] }

func (w *window) offset() int64 { return w.base + int64(w.pos) }

// fill brings more unread bytes into memory. missing is a lower bound of how
// many the caller lacks. Bytes borrowed from the window are lost.
func (w *window) fill(missing uint64) error {
	if w.src == nil {
		return errOverrun
	}
	unread := uint64(len(w.buf) - w.pos)
	if w.src.size >= 0 {
		if left := uint64(max(w.src.size-w.src.off, 0)); missing > left {
			return &reason{fmt.Sprintf("the file ends at least %d bytes too early", missing-left), entry.ErrTruncated}
		}
	}
	if unread+missing > uint64(w.limit) || unread+missing < unread {
		return fmt.Errorf("%d bytes in one piece exceed the limit of %d: %w", unread+missing, w.limit, entry.ErrTooLarge)
	}
	w.slide()
	if len(w.buf) == cap(w.buf)-slack || cap(w.buf) < minWindow {
		w.buf = append(make([]byte, 0, max(2*cap(w.buf), minWindow)), w.buf...)
	}
	room := w.buf[len(w.buf) : cap(w.buf)-slack]
	n, err := w.src.read(room[:min(uint64(len(room)), max(missing, batchSize))])
	w.buf = w.buf[:len(w.buf)+n]
	if err == io.EOF {
		return entry.ErrTruncated
	}
	return err
}

// slide moves the unread bytes to the front.
func (w *window) slide() {
	w.sum()
	w.drain()
	n := copy(w.buf, w.buf[w.pos:])
	w.base += int64(w.pos)
	w.buf, w.pos, w.crcPos, w.tapped = w.buf[:n], 0, 0, 0
}

// setTap has tap given what is consumed from here on; nil ends that.
func (w *window) setTap(tap func(p []byte)) {
	w.drain()
	w.tap, w.tapped = tap, w.pos
}

// drain gives the tap what has been consumed.
func (w *window) drain() {
	if w.tap != nil && w.pos > w.tapped {
		w.tap(w.buf[w.tapped:w.pos])
		w.tapped = w.pos
	}
}

// sum brings crc up to the consumed bytes.
func (w *window) sum() {
	w.crc = crc64.Update(w.crc, w.buf[w.crcPos:w.pos])
	w.crcLen += int64(w.pos - w.crcPos)
	w.crcPos = w.pos
}

const (
	// slack is what every buffer has behind its bytes: the LZF decoder copies
	// sixteen bytes at a time.
	slack     = 64
	minWindow = 64 << 10
)
