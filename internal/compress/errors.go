package compress

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ErrUnsupported is wrapped by an *Error on a stream that may well be intact
// but asks for what this package does not have: a zstd window above MaxWindow,
// or a zstd dictionary.
var ErrUnsupported = errors.New("not supported")

// Error says that a compressed stream is cut, damaged or not supported. It
// wraps io.ErrUnexpectedEOF if the stream ends too early, and ErrUnsupported
// if that is the reason. A failure of the reader below is never an *Error.
type Error struct {
	Format Format
	Err    error // the reason, never nil
}

func (e *Error) Error() string {
	name := e.Format.String()
	return name + " stream: " + strings.TrimPrefix(e.Err.Error(), name+": ")
}

func (e *Error) Unwrap() error { return e.Err }

// reason turns what a decoder says into what an *Error wraps.
func reason(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("%w: window above %d MiB", ErrUnsupported, MaxWindow>>20)
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return fmt.Errorf("%w: dictionary needed", ErrUnsupported)
	}
	return err
}
