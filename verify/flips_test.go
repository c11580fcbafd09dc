package verify_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/fixtures/damaged"
	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
)

// flipped is what came of the bytes that were changed in a file.
type flipped struct {
	found int // a finding says that something is wrong
	same  int // the dump is that of the intact file
	value int // another value that no rule of the format can tell from the old one
}

// Each byte of small files is changed in several ways, with a checksum that
// holds all the same, and without any. Then either there is a finding, or the
// file can be dumped to its end: as before, or with another value. A file that
// verify takes for sound never fails to dump.
func TestFlips(t *testing.T) {
	var total [2]flipped
	for name, data := range smallFiles(t) {
		if r := verifyRDB(t, name, data, verify.Deep); r.Verdict() != verify.OK {
			t.Fatalf("intact: %s", lines(r))
		}
		want, err := dump(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var sums [2]flipped
		for at := range data {
			for _, mask := range []byte{0x01, 0x40, 0x80, 0xff} {
				for mode := range sums {
					b := bytes.Clone(data)
					b[at] ^= mask
					reseal(b, mode == 1)
					flipOne(t, fmt.Sprintf("%s: byte 0x%x ^ %#x, mode %d", name, at, mask, mode), b, want, &sums[mode])
				}
			}
		}
		for mode, s := range sums {
			total[mode].found += s.found
			total[mode].same += s.same
			total[mode].value += s.value
		}
	}
	for mode, s := range total {
		n := float64(s.found + s.same + s.value)
		t.Logf("checksum %s: %.0f flips: %.1f %% found, %.1f %% same data, %.1f %% another value",
			[]string{"recomputed", "off"}[mode], n, 100*float64(s.found)/n, 100*float64(s.same)/n, 100*float64(s.value)/n)
		if float64(s.found) < n/4 || s.same == 0 || s.value == 0 {
			t.Errorf("%+v: that cannot be", s)
		}
	}
}

func flipOne(t *testing.T, name string, b []byte, want string, sum *flipped) {
	r := verifyRDB(t, "dump.rdb", b, verify.Deep)
	if r.Verdict() == verify.Damaged || r.Verdict() == verify.NotKnown {
		sum.found++
		return
	}
	got, err := dump(b)
	switch {
	case err != nil:
		t.Errorf("%s: verified as %s, and cannot be dumped: %v", name, r.Verdict(), err)
	case r.Verdict() == verify.Warned:
		sum.found++
	case got == want:
		sum.same++
	default:
		sum.value++
	}
}

// smallFiles returns files of all types and versions that are small enough to
// change each of their bytes.
func smallFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"example": fixtures.Example()}
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	limit := 3 << 10
	if testing.Short() {
		limit = 1 << 10
	}
	for _, c := range cases {
		if len(c.RDB) <= limit {
			files[c.String()] = c.RDB
		}
	}
	for name, data := range damaged.Sound() {
		files[name] = data
	}
	return files
}

// reseal puts a checksum that holds at the end of a file, or none.
func reseal(b []byte, none bool) {
	if len(b) < 9+9 || string(b[:5]) != "VALKE" && string(b[5:9]) < "0005" {
		return
	}
	sum := uint64(0)
	if !none {
		sum = crc64.Update(0, b[:len(b)-8])
	}
	binary.LittleEndian.PutUint64(b[len(b)-8:], sum)
}

func dump(b []byte) (string, error) {
	var out strings.Builder
	o := convert.DumpOptions{Meta: true}
	err := convert.Dump(context.Background(), bytes.NewReader(b), rdb.Options{Name: "dump.rdb", Size: int64(len(b))}, &out, o)
	return out.String(), err
}
