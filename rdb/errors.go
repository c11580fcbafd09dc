package rdb

import (
	"errors"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// fault is the error for bytes that cannot be read, because they are damaged
// or because this package does not know them.
func fault(place entry.Place, info *typeInfo, err error) error {
	var unknown unknownByte
	var odd surprise
	switch {
	case errors.As(err, &unknown):
		return &entry.UnsupportedError{Place: place, What: unknown.Error()}
	case errors.As(err, &odd):
		return &entry.UnsupportedError{Place: place, What: odd.Error()}
	case errors.Is(err, rdbwire.ErrPrivateCompression):
		return &entry.UnsupportedError{Place: place, What: err.Error()}
	case info != nil && info.unproven && !errors.Is(err, entry.ErrTruncated) && !errors.Is(err, entry.ErrTooLarge):
		return &entry.UnsupportedError{Place: place, What: surprise{err}.Error()}
	}
	return &entry.CorruptError{Place: place, Err: err}
}

// What is wrong with a file, told apart by errors.Is, beside what entry's errors
// say. Each is a reason inside an *entry.CorruptError.
var (
	// ErrFieldExpiry: an expiry that no field of a hash can have.
	ErrFieldExpiry = errors.New("expiry of a field out of range")
	// ErrNodeKind: a list node of an unknown kind.
	ErrNodeKind = errors.New("unknown kind of list node")
	// ErrNodeKey: the key of a stream node is no ID.
	ErrNodeKey = errors.New("key of a stream node is no ID")
	// ErrOwner: a consumer owns an entry that is not pending in its group.
	ErrOwner = errors.New("owned entry is not pending")
	// ErrOwnedTwice: a pending entry has two owners.
	ErrOwnedTwice = errors.New("pending entry has two owners")
	// ErrVectorSet: items of a module value that make no vector set.
	ErrVectorSet = errors.New("no vector set")
	// ErrNotRDB: the file begins with no magic.
	ErrNotRDB = errors.New("not an RDB file")
	// ErrEmpty: the file has no bytes. It is entry.ErrTruncated too.
	ErrEmpty error = &reason{"the file is empty", entry.ErrTruncated}
	// ErrTrailing: bytes follow the end of the file.
	ErrTrailing = errors.New("bytes follow the end")
)

// unproven marks damage in a layout that no server at hand writes.
func unproven(err error) error {
	if err == nil {
		return nil
	}
	return surprise{err}
}

// surprise is what an unproven layout does not expect.
type surprise struct{ err error }

func (s surprise) Error() string {
	return "layout known from development sources only, and this differs: " + s.err.Error()
}

// errOverrun says that a value does not end where the scan of its lengths has
// found its end: the two disagree, and that is our mistake.
var errOverrun = errors.New("internal error: the value does not end with its record")

// readError is the error for a source that fails. A damaged compressed stream
// is damage of the file.
func readError(name string, off int64, err error) error {
	var packed *compress.Error
	if errors.Is(err, compress.ErrUnsupported) {
		return &entry.UnsupportedError{Place: entry.Place{File: name, Offset: off, Element: -1}, What: err.Error()}
	}
	if errors.As(err, &packed) {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = &reason{fmt.Sprintf("the %s stream is cut", packed.Format), entry.ErrTruncated}
		}
		return &entry.CorruptError{Place: entry.Place{File: name, Offset: off, Element: -1}, Err: err}
	}
	return err
}

// reason is a text that is also one of these errors, or of entry's.
type reason struct {
	text string
	is   error
}

func (r *reason) Error() string { return r.text }

func (r *reason) Unwrap() error { return r.is }

func wrong(is error, format string, args ...any) error {
	return &reason{fmt.Sprintf(format, args...), is}
}

// unknownByte says that a byte where an opcode or a type is due is neither.
type unknownByte struct {
	b byte
	g *grammar
}

func (u unknownByte) Error() string {
	text := fmt.Sprintf("byte 0x%02x (%d) is no opcode or type of a %s file", u.b, u.b, u.g.version)
	other := Valkey - u.g.version.Family
	switch {
	case u.g.dragonfly:
		return text + " that rdbtool reads: Dragonfly's own"
	case u.b == typeModulePreGA:
		return "module value of a Redis 4.0 release candidate (type 6)"
	case typesOf[other][u.b].layout != layUnknown:
		return text + ", it is one of " + other.String() + " files"
	}
	return text
}
