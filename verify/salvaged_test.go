package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/fixtures/damaged"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
	"github.com/rdbtool/rdbtool/verify/salvage"
)

// salvaged returns what is salvaged of a file, and what the deep rules say of that.
func salvaged(t *testing.T, name string, file []byte) (*salvage.Report, *verify.Report) {
	t.Helper()
	s, err := salvage.File(context.Background(), bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		return nil, nil // no header
	}
	defer s.Close()
	out, err := io.ReadAll(s.RDB())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return &s.Report, verifyRDB(t, name, out, verify.Deep)
}

// What is salvaged of files with one thing wrong is right by every rule, whether they have a
// checksum, none, or one that does not hold.
func TestSalvagedIsSound(t *testing.T) {
	files, lost := 0, 0
	check := func(name string, data []byte) {
		bare, wrong := bytes.Clone(data), bytes.Clone(data)
		if v, ok := rdb.ParseVersion(data); ok && v.HasChecksum() && len(data) > rdb.HeaderLen+8 {
			clear(bare[len(data)-8:])
			wrong[len(data)-1] ^= 0x5a
			wrong[len(data)-2] ^= 0xa5
		}
		for _, data := range [][]byte{data, bare, wrong} {
			rep, r := salvaged(t, name, data)
			if rep == nil {
				continue
			}
			files++
			if rep.LostKeys > 0 {
				lost++
			}
			if whole := slices.ContainsFunc(rep.Reasons, func(s string) bool { return strings.Contains(s, "every record is whole") }); whole && rep.SpanCount > 0 {
				t.Errorf("%s: %q, and %d damaged places", name, rep.Reasons, rep.SpanCount)
			}
			if r.Count(verify.Error) > 0 {
				t.Errorf("%s: salvaged: %v\n%s", name, rep.Lost, lines(r))
			}
		}
	}
	for _, f := range damaged.Unsound() {
		check(f.Name, f.Data)
	}
	for _, f := range damaged.Files() {
		check(f.Name, f.Data)
	}
	t.Logf("%d files, %d of them lost keys", files, lost)
	if files < 100 || lost < files/2 {
		t.Errorf("%d files, %d of them lost keys", files, lost)
	}
}

// Nor is a value kept that bytes changed at random have made one that no server wrote.
func TestSalvagedCorpusIsSound(t *testing.T) {
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	runs := 6
	if testing.Short() {
		runs = 1
	}
	rnd := rand.New(rand.NewPCG(1, 1))
	lost := int64(0)
	for _, c := range cases {
		type span struct{ from, to int64 }
		var records []span
		for e, err := range rdb.NewReader(bytes.NewReader(c.RDB), nil).Entries() {
			if err != nil {
				t.Fatal(err)
			}
			for e.Value.Next() {
			}
			records = append(records, span{e.Offset, e.Offset + e.Size})
		}
		if len(records) == 0 || len(c.RDB) > 4<<20 {
			continue
		}
		for run := range runs {
			file := bytes.Clone(c.RDB)
			for range 1 + rnd.IntN(4) {
				r := records[rnd.IntN(len(records))]
				at := r.from + rnd.Int64N(r.to-r.from)
				for i := at; i < min(at+1+rnd.Int64N(4), r.to); i++ {
					file[i] = byte(rnd.Uint32())
				}
			}
			rep, r := salvaged(t, c.String(), file)
			lost += rep.LostKeys
			if r.Count(verify.Error) > 0 {
				t.Errorf("%s, run %d: salvaged: %v\n%s", fmt.Sprint(c), run, rep.Lost, lines(r))
			}
		}
	}
	if lost == 0 {
		t.Error("no key was lost")
	}
}
