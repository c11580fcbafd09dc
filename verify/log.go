package verify

import (
	"context"
	"errors"
	"io"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

// Log verifies all files of an append-only file. The error is a failure to read;
// the report then says how far it came.
func Log(ctx context.Context, log *aof.Log, name string, o *Options) (*Report, error) {
	r := NewReport(name, KindAOF, o)
	defer log.Close()
	for {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		rec, err := log.Next()
		var corrupt *entry.CorruptError
		switch {
		case err == io.EOF:
			r.Facts.Complete = true
			return r, nil
		case errors.As(err, &corrupt):
			r.Add(Finding{Code: CodeFraming, Severity: Error, Place: corrupt.Place, Reason: corrupt.Err.Error()})
			return r, nil
		case err != nil:
			r.Failed = err
			return r, err
		case rec.Command != nil:
			r.Facts.Commands++
		default:
			r.Facts.Keys++
		}
	}
}
