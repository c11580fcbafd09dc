package lzf

import (
	"errors"
	"fmt"
)

const (
	// streamChunk is about what Next gives at most.
	streamChunk = 256 << 10

	// streamWindow is the part of a stream's buffer that output may fill.
	streamWindow = maxOffset + streamChunk
)

// Stream unpacks one block that arrives in pieces, in constant memory whatever
// its length. Each call of Next takes input and gives output; when the input
// is at its end, Finish tells whether the block was complete:
//
//	s := lzf.NewStream(n)
//	for more input {
//		out, used, err := s.Next(input)    // err: the block is damaged
//		use out, drop used bytes of input
//		if used == 0, get more input behind what is left of it
//	}
//	err := s.Finish()
//
// What comes out, and the error, do not depend on how the input is cut.
type Stream struct {
	// buf[:end] is output: the last of it is what matches may copy from, at
	// least maxOffset bytes unless the block is younger than that.
	buf []byte
	end int

	declared, written int64 // unpacked bytes
	read              int64 // packed bytes in whole tokens
	partial           bool  // the last input ended inside a token
	err               error // sticky
}

// NewStream returns a stream for a block that is declared to hold n bytes. Its
// buffer of 264 KiB is allocated by the first call of Next.
func NewStream(n int64) *Stream {
	s := new(Stream)
	s.Reset(n)
	return s
}

// Reset makes s ready for another block, of n bytes, and keeps its buffer.
func (s *Stream) Reset(n int64) {
	*s = Stream{buf: s.buf, declared: n}
	if n < 0 {
		s.err = fmt.Errorf("%w: %d bytes", ErrLength, n)
	}
}

// Next unpacks whole tokens from the start of src and returns their bytes, at
// most about 256 KiB, and the length of the tokens. The caller offers the rest
// of src again, with more input behind it. No output, used == 0 and no error
// mean that src ends inside its first token; MaxToken bytes never do.
//
// The output is valid until the next call of Next or Reset and must not be
// changed. Bytes before damage are still given; the error comes with the call
// that follows them, and with every later one.
//
// As with Append, bytes between len(src) and cap(src) may be read and must not
// be written by another goroutine meanwhile.
func (s *Stream) Next(src []byte) (out []byte, used int, err error) {
	if s.err != nil {
		return nil, 0, s.err
	}
	if len(src) == 0 {
		return nil, 0, nil
	}
	s.makeRoom()
	start, left := s.end, s.declared-s.written
	limit := start + int(min(left, int64(streamWindow-start)))
	end, used, reason := unpack(s.buf, start, limit, src)
	s.end = end
	s.written += int64(end - start)
	s.read += int64(used)
	windowFull := errors.Is(reason, ErrTooLong) && int64(limit-start) < left
	s.partial = errors.Is(reason, ErrTruncated)
	if reason != nil && !windowFull && !s.partial {
		s.err = tokenError(s.read, reason)
		if used == 0 {
			return nil, 0, s.err
		}
	}
	return s.buf[start:end:end], used, nil
}

// Finish reports whether the block is complete. The caller has no more input;
// what Next has left over of the last input counts as cut off.
func (s *Stream) Finish() error {
	switch {
	case s.err != nil:
	case s.partial:
		s.err = tokenError(s.read, ErrTruncated)
	case s.written < s.declared:
		s.err = shortError(s.written, s.declared)
	}
	return s.err
}

// makeRoom leaves space for half a chunk at least, which is more than the
// longest match, and moves history only when it must.
func (s *Stream) makeRoom() {
	if s.buf == nil {
		s.buf = make([]byte, streamWindow+outSlack)
	}
	if streamWindow-s.end < streamChunk/2 {
		s.end = copy(s.buf, s.buf[s.end-maxOffset:s.end])
	}
}
