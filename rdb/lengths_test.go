package rdb_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/rdbtool/rdbtool/rdb"
)

// TestLengths reads files with and without the bytes of long strings: keys, names
// and lengths are the same.
func TestLengths(t *testing.T) {
	compressed := 0
	for name, b := range smallFiles() {
		whole := rdb.NewReader(bytes.NewReader(b), nil)
		short := rdb.NewReader(bytes.NewReader(b), &rdb.Options{Lengths: true})
		for {
			want, err := whole.Next()
			got, gotErr := short.Next()
			if err == io.EOF && gotErr == io.EOF {
				break
			}
			if err != nil || gotErr != nil {
				if err == nil || gotErr == nil {
					t.Fatalf("%s: %v, want %v", name, gotErr, err)
				}
				break
			}
			if !bytes.Equal(got.Key, want.Key) || got.Type != want.Type || got.Encoding != want.Encoding {
				t.Fatalf("%s: key %q, want %q", name, got.Key, want.Key)
			}
			for want.Value.Next() {
				if !got.Value.Next() {
					t.Fatalf("%s: key %q ends early: %v", name, got.Key, got.Value.Err())
				}
				w, g := want.Value.Elem(), got.Value.Elem()
				if len(g.Data) != len(w.Data) || len(g.Value) != len(w.Value) || math.Float64bits(g.Score) != math.Float64bits(w.Score) || g.ExpireAt != w.ExpireAt {
					t.Fatalf("%s: key %q: an element of %d and %d bytes, want %d and %d", name, got.Key, len(g.Data), len(g.Value), len(w.Data), len(w.Value))
				}
				if len(w.Data) <= 20 && !bytes.Equal(g.Data, w.Data) || len(w.Value) <= 20 && !bytes.Equal(g.Value, w.Value) {
					t.Fatalf("%s: key %q: %q %q, want %q %q", name, got.Key, g.Data, g.Value, w.Data, w.Value)
				}
				if !bytes.Equal(g.Data, w.Data) {
					compressed++
				}
			}
			if got.Value.Next() || got.Value.Err() != nil && want.Value.Err() == nil {
				t.Fatalf("%s: key %q: %v", name, got.Key, got.Value.Err())
			}
		}
	}
	if compressed == 0 {
		t.Error("no compressed string: the test says nothing")
	}
}
