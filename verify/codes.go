package verify

import (
	"errors"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/internal/lzf"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/rdb"
)

// reasons are the errors of readers with the codes of the rules that they are
// about. The first that fits counts.
var reasons = []struct {
	err  error
	code Code
}{
	{rdb.ErrEmpty, CodeEmpty},
	{entry.ErrTruncated, CodeTruncated},
	{entry.ErrChecksum, CodeChecksum},
	{entry.ErrTooLarge, CodeTooLarge},
	{lzf.ErrTruncated, CodeLZF},
	{lzf.ErrOffset, CodeLZF},
	{lzf.ErrTooLong, CodeLZF},
	{lzf.ErrTooShort, CodeLZF},
	{lzf.ErrLength, CodeLZF},
	{rdbwire.ErrForm, CodeLength},
	{rdbwire.ErrModule, CodeModule},
	{rdbwire.ErrNoNumber, CodeScore},
	{rdb.ErrVectorSet, CodeModule},
	{rdb.ErrFieldExpiry, CodeFieldExpiry},
	{rdb.ErrNodeKind, CodeNodeKind},
	{rdb.ErrNodeKey, CodeStreamNodeKey},
	{rdb.ErrOwner, CodePendingOwner},
	{rdb.ErrOwnedTwice, CodePendingOwned},
	{rdb.ErrTrailing, CodeTrailing},
	{rdb.ErrNotRDB, CodeNotRDB},
}

// findingOf turns an error of a reader into a finding. ok is false for an error
// that says nothing about the file.
func findingOf(err error) (f Finding, ok bool) {
	var corrupt *entry.CorruptError
	var unknown *entry.UnsupportedError
	switch {
	case errors.As(err, &unknown):
		f = Finding{CodeUnsupported, Unsupported, unknown.Place, unknown.What}
	case errors.As(err, &corrupt):
		f = Finding{codeOf(corrupt), Error, corrupt.Place, corrupt.Err.Error()}
	default:
		return f, false
	}
	f.Key = keptKey(f.Key)
	return f, true
}

func codeOf(e *entry.CorruptError) Code {
	var packed *compress.Error
	if errors.As(e.Err, &packed) {
		return CodePacked
	}
	for _, r := range reasons {
		if errors.Is(e.Err, r.err) {
			return r.code
		}
	}
	frame := e.Element < 0
	switch _, blob, _ := cutLast(e.Construct, " "); blob {
	case "listpack":
		return choose(frame, CodeListpackFrame, CodeListpackEntry)
	case "ziplist":
		return choose(frame, CodeZiplistFrame, CodeZiplistEntry)
	case "intset":
		return CodeIntsetFrame
	case "zipmap":
		return CodeZipmap
	case "value": // of a module
		return CodeModule
	}
	return CodeFraming
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

func choose(cond bool, yes, no Code) Code {
	if cond {
		return yes
	}
	return no
}
