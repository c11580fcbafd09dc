package salvage

import (
	"context"
	"io"

	"github.com/rdbtool/rdbtool/rdb"
)

// CountWhole reads an RDB file with all its values, of that name, and returns how
// many keys it has. An error tells what is wrong with it, or with the reading.
func CountWhole(ctx context.Context, r io.Reader, name string) (keys int64, err error) {
	rd := rdb.NewReader(r, &rdb.Options{Name: name, Fragments: true})
	for {
		if keys%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return keys, err
			}
		}
		e, err := rd.Next()
		if err == io.EOF {
			return keys, nil
		}
		if err != nil {
			return keys, err
		}
		for e.Value.Next() {
		}
		if err := e.Value.Err(); err != nil {
			return keys, err
		}
		keys++
	}
}
