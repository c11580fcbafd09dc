package verify_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/fixtures/damaged"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/verify"
)

var update = flag.Bool("update", false, "write the golden files anew")

// verifyRDB returns the report of a file, which must be the same for any number
// of jobs and any size of reads.
func verifyRDB(t testing.TB, name string, data []byte, level verify.Level) *verify.Report {
	t.Helper()
	again := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	r, err := verify.RDB(context.Background(), bytes.NewReader(data), name, int64(len(data)), &verify.Options{Level: level, Again: again, At: bytes.NewReader(data)})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

func lines(r *verify.Report) string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Severity, f.Code, f.String())
	}
	return b.String()
}

// Each file with one thing wrong has a finding with the code of that rule. The
// deep level finds it; what the others find is in the golden file too.
func TestRules(t *testing.T) {
	covered := map[verify.Code]bool{}
	var golden strings.Builder
	for _, f := range damaged.Unsound() {
		r := verifyRDB(t, f.Name+".rdb", f.Data, verify.Deep)
		fmt.Fprintf(&golden, "# %s: %s\n%s", f.Name, f.What, lines(r))
		if !slices.ContainsFunc(r.Findings, func(found verify.Finding) bool { return string(found.Code) == f.Code }) {
			t.Errorf("%s: %s: no finding %s:\n%s", f.Name, f.What, f.Code, lines(r))
		}
		for code := range r.ByCode {
			covered[code] = true
		}
	}
	for _, f := range damaged.Files() {
		r := verifyRDB(t, f.Name+".rdb", f.Data, verify.Deep)
		fmt.Fprintf(&golden, "# %s: %s\n%s", f.Name, f.What, lines(r))
		want := verify.Damaged
		if f.Class == damaged.Unsupported {
			want = verify.NotKnown
		}
		if r.Verdict() != want {
			t.Errorf("%s: %s: %s, want %s:\n%s", f.Name, f.What, r.Verdict(), want, lines(r))
		}
		for code := range r.ByCode {
			covered[code] = true
		}
	}
	for code, data := range envelopes(t) {
		r := verifyRDB(t, "dump.rdb", data, verify.Checksum)
		if r.ByCode[code] == nil || r.Verdict() != verify.Damaged {
			t.Errorf("no finding %s:\n%s", code, lines(r))
		}
		covered[code] = true
	}
	for _, rule := range verify.Rules() {
		if !covered[rule.Code] && rule.Subject == verify.SubjectRDB {
			t.Errorf("no damaged file for %s: %s", rule.Code, rule.Title)
		}
	}
	compareGolden(t, "rules.golden", golden.String())
}

// envelopes returns files with damage that is not in the format itself.
func envelopes(t *testing.T) map[verify.Code][]byte {
	var packed bytes.Buffer
	packed.WriteString("VCS\x01\x01\x00\x01")
	w, err := compress.NewWriter(&packed, compress.LZ4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(fixtures.Example()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	broken := packed.Bytes()
	broken[13] ^= 0xff // the checksum of the frame's head
	resumed := bytes.Clone(fixtures.Example())
	resumed[bytes.Index(resumed, []byte("\xfe\x00\xfb"))+5] = 0x63 // where the first key begins
	return map[verify.Code][]byte{
		verify.CodeResumed:  resumed,
		verify.CodePacked:   broken,
		verify.CodeTooLarge: []byte("REDIS0011\xfe\x00\x00\xc3\x05\x80\x80\x00\x00\x00\x01aa\xe0\xff\x01v\xff" + strings.Repeat("\x00", 8)),
	}
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; with -update it is written anew\n%s", path, got)
	}
}
