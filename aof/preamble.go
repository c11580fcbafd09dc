package aof

import (
	"bytes"
	"errors"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// IsPreamble reports whether an RDB file that begins with head says that it is
// the first part of an append-only file: commands may follow it. known is false
// if head is too short to tell.
func IsPreamble(head []byte) (is, known bool) { return says(head, "aof-preamble") }

// IsBase reports whether an RDB file that begins with head says that it is the
// base of an append-only file of several: commands do not follow in it.
func IsBase(head []byte) bool {
	is, _ := says(head, "aof-base")
	return is
}

// says reports whether the field of that name is 1.
func says(head []byte, field string) (is, known bool) {
	r := rdb.NewReader(bytes.NewReader(head), &rdb.Options{Meta: true})
	for e, err := range r.Entries() {
		switch {
		case err != nil: // what is damaged is for others to tell
			return false, !errors.Is(err, entry.ErrTruncated)
		case e.Meta == nil:
			return false, true
		case e.Meta.Kind == entry.MetaAux && string(e.Meta.Name) == field:
			return string(e.Meta.Value) == "1", true
		}
	}
	return false, true
}
