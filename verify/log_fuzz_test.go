package verify_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/verify"
)

// FuzzLog verifies any bytes as an append-only file: the findings do not depend on
// the sizes of reads, and where nothing is found a Reader reads the file to its
// end, and counts as many commands.
func FuzzLog(f *testing.F) {
	multi := cmd("MULTI")
	for _, text := range []string{
		set, set + "x" + set, set + multi + set + cmd("SELECT 0") + set, multi + multi + cmd("EXEC", "EXEC"),
		set + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nv\r\n" + set + set + set,
		"#TS:1700000000\r\n" + set + "#x\n" + set, string(fixtures.Example()) + set, set + "\x00\x00\x00",
		"*1\n$4\nPING\r\n" + set, cmd("SELECT x", "SELECT 99", "GETSET k", "NOSUCH x"),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		check := func(r io.Reader) *verify.Report {
			report, err := verify.Log(t.Context(), aof.NewLog(r, "a.aof", nil), "a.aof", nil)
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		report := check(bytes.NewReader(b))
		if one := check(iotest.OneByteReader(bytes.NewReader(b))); codes(one) != codes(report) {
			t.Fatalf("found %s, byte by byte %s", codes(report), codes(one))
		}
		if v := report.Verdict(); v != verify.OK && v != verify.Warned {
			return
		}
		r := aof.NewReader(bytes.NewReader(b), nil)
		n := int64(0)
		for ; ; n++ {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("nothing was found, and it does not read: %v", err)
			}
		}
		if n != report.Facts.Commands || len(b) > 0 && r.ValidUpTo() != report.Facts.Parts[0].ValidUpTo {
			t.Fatalf("%d commands up to %d, the report says %+v", n, r.ValidUpTo(), report.Facts)
		}
	})
}

func BenchmarkLog(b *testing.B) {
	text := []byte(strings.Repeat(cmd("SELECT 0", "MULTI", "HSET key:12345 field value", "SET key:123456 some-value-of-a-key", "ZADD z 1 member", "EXEC"), 10000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := verify.Log(b.Context(), aof.NewLog(bytes.NewReader(text), "a.aof", nil), "a.aof", nil); err != nil {
			b.Fatal(err)
		}
	}
}
