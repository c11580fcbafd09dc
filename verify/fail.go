package verify

import (
	"errors"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
)

// Fail takes the error that has ended the reading of a file: a finding if the
// bytes are to blame, else what Failed says.
func (r *Report) Fail(err error) {
	var corrupt *entry.CorruptError
	var unsupported *entry.UnsupportedError
	var packed *compress.Error
	whole := entry.Place{File: r.File, Offset: -1, Element: -1}
	switch {
	case err == nil:
	case errors.As(err, &corrupt):
		r.Add(Finding{Code: codeOf(corrupt), Severity: Error, Place: corrupt.Place, Reason: corrupt.Err.Error()})
	case errors.As(err, &unsupported):
		r.Add(Finding{Code: CodeUnsupported, Severity: Unsupported, Place: unsupported.Place, Reason: unsupported.What + ": not supported"})
	case errors.Is(err, compress.ErrUnsupported):
		r.Add(Finding{Code: CodeUnsupported, Severity: Unsupported, Place: whole, Reason: err.Error()})
	case errors.As(err, &packed):
		r.Add(Finding{Code: CodePacked, Severity: Error, Place: whole, Reason: packed.Error()})
	default:
		r.Failed = err
	}
}

func codeOf(e *entry.CorruptError) Code {
	switch {
	case errors.Is(e, aof.ErrManifest):
		return CodeManifest
	case errors.Is(e, entry.ErrTruncated):
		return CodeTruncated
	}
	return CodeFraming
}
