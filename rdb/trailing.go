package rdb

import (
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
)

// CheckRest judges what follows the footer, as Process or Reader.Rest give it:
// nothing is fine, commands are an *entry.UnsupportedError (the file is an
// append-only file, and its entries are not what a server would load), other
// bytes are an *entry.CorruptError.
func (t *Trailer) CheckRest(name string, rest io.Reader) error {
	if t.Wrapped {
		return nil
	}
	var b [16]byte
	n, err := io.ReadFull(rest, b[:])
	if n == 0 {
		if err == io.EOF {
			return nil
		}
		return readError(name, t.End, err)
	}
	place := entry.Place{File: name, Offset: t.End, Element: -1}
	if b[0] == '*' || b[0] == '#' {
		return &entry.UnsupportedError{Place: place, What: "commands after the RDB preamble of an append-only file, without which the preamble is not the data set"}
	}
	place.Construct = "footer"
	return &entry.CorruptError{Place: place, Err: fmt.Errorf("bytes follow it: %q", b[:n])}
}
