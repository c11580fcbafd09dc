package verify_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures/damaged"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
)

// readAll reads a file with all values and returns what stops it.
func readAll(data []byte) error {
	r := rdb.NewReader(bytes.NewReader(data), &rdb.Options{Size: int64(len(data)), Meta: true, Fragments: true})
	for e, err := range r.Entries() {
		if err != nil {
			return err
		}
		if e.Value == nil {
			continue
		}
		for e.Value.Next() {
		}
		if err := e.Value.Err(); err != nil {
			return err
		}
	}
	t := r.Trailer()
	return t.CheckRest("", r.Rest())
}

// checkReport holds the report of a file against what a reader says of it, and
// against the report of several jobs.
func checkReport(t *testing.T, data []byte, level verify.Level) {
	t.Helper()
	again := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	var reports [2]*verify.Report
	for i := range reports {
		o := &verify.Options{Level: level, Jobs: 1 + 2*i, Again: again, At: bytes.NewReader(data), MaxFindings: 50}
		r, err := verify.RDB(context.Background(), bytes.NewReader(data), "dump.rdb", int64(len(data)), o)
		if err != nil {
			t.Fatal(err)
		}
		reports[i] = r
	}
	if a, b := lines(reports[0]), lines(reports[1]); a != b || reports[0].Verdict() != reports[1].Verdict() {
		t.Fatalf("one job:\n%s\nthree:\n%s", a, b)
	}
	r, err := reports[0], readAll(data)
	if bad := r.Count(verify.Error)+r.Count(verify.Unsupported) > 0; err != nil && !bad && level > verify.Checksum {
		t.Fatalf("verified as %s, and reading says: %v", r.Verdict(), err)
	}
	if r.Verdict() == verify.OK && !r.Facts.Complete {
		t.Fatal("ok, and not read to the end")
	}
}

func FuzzRDB(f *testing.F) {
	for _, file := range damaged.Files() {
		f.Add(file.Data, false)
	}
	for _, file := range damaged.Unsound() {
		f.Add(file.Data, false)
	}
	for _, data := range damaged.Sound() {
		f.Add(data, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		if seal { // lets the fuzzer past the checksum
			data = bytes.Clone(data)
			reseal(data, false)
		}
		for _, level := range levels {
			checkReport(t, data, level)
		}
	})
}

// Thousands of files that are damaged in several places at once are verified in
// bounded memory. The seed is fixed: each run tries the same ones.
func TestMalformed(t *testing.T) {
	n := 10000
	if testing.Short() {
		n = 1000
	}
	rng := rand.New(rand.NewPCG(5, 7))
	var base [][]byte
	for _, f := range damaged.Unsound() {
		base = append(base, f.Data)
	}
	for _, name := range []string{"sound-6", "sound-9", "sound-12", "sound-80"} {
		for range 20 { // they hold the most
			base = append(base, damaged.Sound()[name])
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	verdicts := map[verify.Verdict]int{}
	for i := range n {
		data := malform(rng, base[i%len(base)])
		if i%10 == 0 {
			checkReport(t, data, verify.Deep)
		}
		r, err := verify.RDB(context.Background(), bytes.NewReader(data), "dump.rdb", int64(len(data)), &verify.Options{Level: verify.Deep})
		if err != nil {
			t.Fatal(err)
		}
		verdicts[r.Verdict()]++
		if len(r.Findings) > verify.DefaultMaxFindings {
			t.Fatalf("%d findings kept", len(r.Findings))
		}
	}
	runtime.ReadMemStats(&after)
	t.Logf("%d files: %v, at most %d MB from the system", n, verdicts, after.Sys>>20)
	if grown := int64(after.Sys) - int64(before.Sys); grown > 256<<20 {
		t.Errorf("memory has grown by %d MB", grown>>20)
	}
	if verdicts[verify.Damaged] < n/3 {
		t.Errorf("only %d are damaged", verdicts[verify.Damaged])
	}
}

// malform changes, inserts, removes and doubles bytes.
func malform(rng *rand.Rand, b []byte) []byte {
	b = bytes.Clone(b)
	for range 1 + rng.IntN(4) {
		at, n := 9+rng.IntN(max(len(b)-9, 1)), 1+rng.IntN(8)
		end := min(at+n, len(b))
		if at >= len(b) {
			return b
		}
		switch rng.IntN(5) {
		case 0:
			b[at] = byte(rng.UintN(256))
		case 1:
			b = append(b[:at:at], b[end:]...)
		case 2:
			b = append(b[:end:end], b[at:]...)
		case 3:
			b = append(b[:at:at], append([]byte{0x80, byte(rng.UintN(256)), 0xff, 0xff, 0xff}, b[at:]...)...)
		default:
			clear(b[at:end])
		}
	}
	if rng.IntN(2) == 0 {
		reseal(b, rng.IntN(2) == 0)
	}
	return b
}
