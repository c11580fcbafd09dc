package aof

import (
	"errors"

	"github.com/rdbtool/rdbtool/entry"
)

// What can be wrong with an append-only file, told apart by errors.Is. Each is
// a reason inside an *entry.CorruptError. A file that ends inside a command is
// entry.ErrTruncated as well.
var (
	// ErrFormat: bytes that are no command where one is due.
	ErrFormat = errors.New("no command")
	// ErrTransaction: MULTI inside a transaction, EXEC outside of one.
	ErrTransaction = errors.New("transaction out of order")
	// ErrOpenTransaction: the file ends between MULTI and EXEC. A server drops
	// all of the transaction.
	ErrOpenTransaction = errors.New("the file ends inside a transaction")
	// ErrArity: a command with a number of arguments that it cannot have.
	ErrArity = errors.New("wrong number of arguments")
	// ErrSelect: SELECT of no database.
	ErrSelect = errors.New("no database number")
	// ErrManifest: a manifest that servers refuse.
	ErrManifest = errors.New("bad manifest")
	// ErrMissing: a file that the manifest lists is not there.
	ErrMissing = errors.New("the file is not there")
	// ErrNotLast: a file is cut that other files follow. Nothing can be taken
	// away there.
	ErrNotLast = errors.New("not the last file")
	// ErrPreamble: damage in the RDB part of the file.
	ErrPreamble = errors.New("damaged RDB part")
)

// ErrNoLog is inside the *fs.PathError for a folder that holds no append-only
// file.
var ErrNoLog = errors.New("the folder holds no append-only file")

// reason is a text that is also one or two of the sentinels.
type reason struct {
	text string
	is   []error
}

func (r *reason) Error() string { return r.text }

func (r *reason) Unwrap() []error { return r.is }

func corrupt(file string, offset int64, construct, text string, is ...error) error {
	place := entry.Place{File: file, Offset: offset, Element: -1, Construct: construct}
	return &entry.CorruptError{Place: place, Err: &reason{text, is}}
}
