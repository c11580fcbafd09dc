package verify

import (
	"context"
	"errors"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// RDB verifies the RDB file that src gives, of that name and size (-1 if
// unknown). The error is a failure to read; the report then says how far it came.
func RDB(ctx context.Context, src io.Reader, name string, size int64, o *Options) (*Report, error) {
	r := NewReport(name, KindRDB, o)
	s, err := rdb.Summarize(ctx, src, rdb.Options{Name: name, Size: size}, o.Jobs, o.now())
	f := &r.Facts
	f.Version, f.Checksum, f.Complete, f.Keys, f.Expires = s.Version, s.Checksum, s.Complete, s.Keys, s.Expires
	for _, db := range s.DBs {
		f.DBs[db.DB] = db.Keys
	}
	var corrupt *entry.CorruptError
	switch {
	case errors.As(err, &corrupt):
		r.Add(Finding{Code: CodeFraming, Severity: Error, Place: corrupt.Place, Reason: corrupt.Err.Error()})
		err = nil
	case errors.Is(err, entry.ErrUnsupported):
		r.Add(Finding{Code: CodeUnsupported, Severity: Unsupported, Reason: err.Error()})
		err = nil
	}
	r.Failed = err
	return r, err
}
