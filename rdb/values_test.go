package rdb_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/rdbtool/rdbtool/rdb"
)

func TestValues(t *testing.T) {
	for _, c := range valueCases() {
		t.Run(c.name, func(t *testing.T) {
			rec := record(c.typ, "k", c.value)
			before := len(c.magic) + len(c.before)
			b := file(c.magic, c.before, rec, record(0, "next", str("v")))
			r := rdb.NewReader(bytes.NewReader(b), nil)
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if e.RDBType != int(c.typ) || e.Offset != int64(before) || e.Size != int64(len(rec)) {
				t.Errorf("type %d at %d+%d, want %d at %d+%d", e.RDBType, e.Offset, e.Size, c.typ, before, len(rec))
			}
			got, err := render(e, all)
			if err != nil {
				t.Fatal(err)
			}
			if want := `db0 "k" ` + c.want; got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
			if e.Value.Next() || e.Value.Err() != nil {
				t.Errorf("the value goes on behind its end: %v", e.Value.Err())
			}
			if e, err = r.Next(); err != nil || string(e.Key) != "next" {
				t.Fatalf("the next record: %v, %v", e, err)
			}
			for range 2 {
				if _, err := r.Next(); err != io.EOF {
					t.Errorf("at the end: %v", err)
				}
			}
			if len(b) != int(r.Trailer().End) {
				t.Errorf("the file ends at %d, not %d", r.Trailer().End, len(b))
			}
		})
	}
}

// TestEveryType holds the cases against the numbers that exist.
func TestEveryType(t *testing.T) {
	seen := map[string]map[byte]bool{"REDIS": {}, "VALKE": {}}
	for _, c := range valueCases() {
		seen[c.magic[:5]][c.typ] = true
	}
	for typ := byte(0); typ < 255; typ++ {
		known := typ <= 5 || typ == 7 || typ >= 9 && typ <= 32 || typ == 64
		if known && !seen["REDIS"][typ] && !seen["VALKE"][typ] {
			t.Errorf("no case for type %d", typ)
		}
		if !known && (seen["REDIS"][typ] || seen["VALKE"][typ]) {
			t.Errorf("a case for type %d, which does not exist", typ)
		}
	}
	for _, typ := range []byte{22, 23} {
		if !seen["REDIS"][typ] || !seen["VALKE"][typ] {
			t.Errorf("type %d differs between the families and needs a case in both", typ)
		}
	}
}
