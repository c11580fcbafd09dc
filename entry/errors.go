package entry

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What can be wrong with the bytes of a file, told apart by errors.Is. The
// first three are reasons inside a CorruptError.
var (
	// ErrTruncated: the file ends inside a record. All before it is good.
	ErrTruncated = errors.New("the file ends inside a record")
	// ErrChecksum: the file's checksum is not that of its bytes.
	ErrChecksum = errors.New("checksum mismatch")
	// ErrTooLarge: a single string or blob exceeds the reader's limit.
	ErrTooLarge = errors.New("too large")
	// ErrUnsupported: the bytes may be fine, but they use a version, type or
	// opcode that this program does not know.
	ErrUnsupported = errors.New("not supported")
)

// Place is where in a file an error lies, as far as it is known.
type Place struct {
	File      string // as the user named it
	Offset    int64  // in the unpacked file, -1 if the error is about the file as a whole
	DB        int
	Key       []byte // nil if the error is not in a key's record
	Element   int64  // 0-based, -1 if the error is in no element
	Construct string // "listpack", "footer", ...
}

// Describe returns text with the place before it, as errors have it.
func (p *Place) Describe(text string) string { return p.prefix() + text }

// maxKeyShown is how much of a key an error text shows.
const maxKeyShown = 64

func (p *Place) prefix() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		b.WriteString(": ")
	}
	if p.Offset >= 0 {
		fmt.Fprintf(&b, "offset 0x%x: ", p.Offset)
	}
	if p.Key != nil {
		fmt.Fprintf(&b, "db %d key %s: ", p.DB, p.QuotedKey())
	}
	if p.Construct != "" {
		b.WriteString(p.Construct)
		if p.Element >= 0 {
			fmt.Fprintf(&b, " element %d", p.Element)
		}
		b.WriteString(": ")
	} else if p.Element >= 0 {
		fmt.Fprintf(&b, "element %d: ", p.Element)
	}
	return b.String()
}

// QuotedKey returns the key as a message shows it.
func (p *Place) QuotedKey() string { return Quoted(p.Key) }

// Quoted returns a string of a file as a message shows it: quoted, and cut.
func Quoted(s []byte) string {
	if len(s) > maxKeyShown {
		return strconv.Quote(string(s[:maxKeyShown])) + "..."
	}
	return strconv.Quote(string(s))
}

// CorruptError says that the bytes of a file are wrong, where, and why.
// Failures of the disk or the network are never a CorruptError.
type CorruptError struct {
	Place
	Err error // the reason; wraps ErrTruncated, ErrChecksum or ErrTooLarge where one fits
}

func (e *CorruptError) Error() string { return e.prefix() + e.Err.Error() }

func (e *CorruptError) Unwrap() error { return e.Err }

// UnsupportedError says that the file holds something this program does not
// know how to read. It is ErrUnsupported to errors.Is.
type UnsupportedError struct {
	Place
	What string // "RDB version 99", "RDB type 41 ..."
}

func (e *UnsupportedError) Error() string { return e.prefix() + e.What + ": not supported" }

// Is makes every UnsupportedError an ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }
