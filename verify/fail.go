package verify

import (
	"errors"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
)

// Fail takes the error for which a file was not read, or not to its end: a
// finding if the bytes are to blame, else what Failed says.
func (r *Report) Fail(err error) {
	var packed *compress.Error
	f, ok := findingOf(err)
	switch {
	case ok:
	case errors.As(err, &packed):
		f = Finding{CodePacked, Error, entry.Place{File: r.File, Offset: -1, Element: -1}, packed.Error()}
		if errors.Is(err, compress.ErrUnsupported) {
			f.Code, f.Severity = CodeUnsupported, Unsupported
		}
	default:
		r.Failed = err
		return
	}
	r.Add(f)
}
