package rdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// Names inside values are whole also where long strings come in fragments.
func TestLongNamesWithFragments(t *testing.T) {
	name := strings.Repeat("name ", 600_000)
	for label, b := range map[string][]byte{
		"group of a stream without nodes": file("REDIS0011", record(15, "k", hx("00 00 00 00 01"), str(name), hx("00 00 00 00"))),
		"path":                            file("VALKEY081", record(23, "k", num(1), str(name), num(1), str("f"), str("v"))),
		"field":                           file("REDIS0011", record(4, "k", num(1), str(name), str("v"))),
	} {
		for _, fragments := range []bool{false, true} {
			r := rdb.NewReader(bytes.NewReader(b), &rdb.Options{Fragments: fragments})
			found := false
			for e, err := range r.Entries() {
				if err != nil {
					t.Fatalf("%s: %v", label, err)
				}
				for e.Value.Next() {
					elem := e.Value.Elem()
					found = found || string(elem.Data) == name || string(elem.Path) == name ||
						elem.Stream != nil && elem.Stream.Kind == entry.StreamGroup && string(elem.Stream.Group.Name) == name
				}
				if err := e.Value.Err(); err != nil {
					t.Fatalf("%s, fragments %v: %v", label, fragments, err)
				}
			}
			if !found {
				t.Errorf("%s, fragments %v: the name is lost", label, fragments)
			}
		}
	}
}

// What a large blob brings into memory beyond itself does not decide how the
// records behind it are read.
func TestRecordBehindLargeBlob(t *testing.T) {
	items := make([]any, 0, 60_000)
	for i := range cap(items) {
		items = append(items, fmt.Sprintf("%080d", i))
	}
	damaged := cat(num(400_000), repeat(250_000, str("ten bytes.")), 0x82, repeat(100_000, str("ten bytes.")))
	b := file("REDIS0011", record(20, "blob", blob(listpack(items...))), record(1, "list", damaged))
	want := readSerially(bytes.NewReader(b), rdb.Options{}, everything)
	if want.err == nil || !strings.Contains(want.err.Error(), `key "list": list element 250000: byte 0x82 starts no length`) {
		t.Fatal(want.err)
	}
	same(t, "half reads", want, readSerially(iotest.HalfReader(bytes.NewReader(b)), rdb.Options{}, everything))
	same(t, "two jobs", want, readBatches(2, bytes.NewReader(b), rdb.Options{}, everything))
	same(t, "pieces", want, readBatches(2, &shortReader{r: bytes.NewReader(b), n: 64 << 10}, rdb.Options{}, everything))
}

// shortReader gives n bytes at most with one Read.
type shortReader struct {
	r *bytes.Reader
	n int
}

func (s *shortReader) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

func TestSummaryOfDamagedValue(t *testing.T) {
	b := file("REDIS0014", record(0, "k", str("v")), record(28, "a", hx("00 00")))
	s, err := rdb.Summarize(context.Background(), bytes.NewReader(b), rdb.Options{}, 1, time.Unix(0, 0))
	if !errors.Is(err, entry.ErrUnsupported) || s.Checksum == rdb.ChecksumBad || s.Complete {
		t.Errorf("checksum %s, complete %v, %v", s.Checksum, s.Complete, err)
	}
}

func TestSummaryOrdersModules(t *testing.T) {
	var parts [][]byte
	for v := range 5 {
		parts = append(parts, record(7, fmt.Sprint("k", v), num(moduleID("ReJSON-RL", v)), itemStr("{}"), hx("00")))
	}
	for range 20 {
		s, err := rdb.Summarize(context.Background(), bytes.NewReader(file("REDIS0012", parts...)), rdb.Options{}, 2, time.Unix(0, 0))
		if err != nil || len(s.Modules) != 5 {
			t.Fatal(s.Modules, err)
		}
		for v, m := range s.Modules {
			if m.ID.Version() != v {
				t.Fatalf("module %d is of version %d", v, m.ID.Version())
			}
		}
	}
}

// A great many templates take time in proportion, and each is known from its
// record on, no matter how batches fall.
func TestManyTemplates(t *testing.T) {
	const n = 50_000
	parts := make([][]byte, 0, 2*n)
	for i := range uint64(n) {
		parts = append(parts, template(i, "a", "b"), record(32, fmt.Sprint("k", i), num(i), str("v"), str("w")))
	}
	b := file("REDIS0015", parts...)
	for _, jobs := range []int{1, 3} {
		if out := readBatches(jobs, bytes.NewReader(b), rdb.Options{}, everything); out.err != nil {
			t.Errorf("%d jobs: %v", jobs, out.err)
		}
	}
	early := file("REDIS0015", record(32, "k", num(7), str("v")), template(7, "a"))
	if out := read(early, rdb.Options{}); !errors.Is(out.err, entry.ErrUnsupported) {
		t.Errorf("a template used before its definition: %v", out.err)
	}
	twice := file("REDIS0015", template(7, "a"), template(7, "a"))
	if out := read(twice, rdb.Options{}); !errors.Is(out.err, entry.ErrUnsupported) {
		t.Errorf("a template defined twice: %v", out.err)
	}
}

// Counts and sizes that a small file declares cost little memory.
func TestHostileCounts(t *testing.T) {
	for label, b := range map[string][]byte{
		"vector dimension": file("REDIS0012", record(7, "k", num(moduleID("vectorset", 0)), itemUint(1<<28), itemUint(1), itemUint(2), itemUint(0),
			itemStr("e"), hx("05"), strLZF(strings.Repeat("\x00", 8<<20)), itemUint(0), hx("00"))),
		"fields of a template": file("REDIS0015", cat(0xF2, num(1), num(5_000_000)), make([]byte, 5_000_000)),
		"packed names":         file("REDIS0015", record(29, "k", num(0), strLZF(string(packedNames(1<<20))), str("x"))),
		"cron arguments":       file("REDIS0009", record(64, "k", str("s"), ms8(0), ms8(0), num(0), num(3_000_000), make([]byte, 3_000_000))),
		"slot ranges":          file("VALKEY080", cat(0xF3, str("job"), num(3_000_000)), make([]byte, 6_000_000)),
		"aux values behind an expiry": file("REDIS0012", expireMs(1), repeat(20, cat(0xFA, str("name"), strLZF(strings.Repeat("\x00", 1<<20)))),
			record(0, "k", str("v"))),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := rdb.Summarize(context.Background(), bytes.NewReader(b), rdb.Options{}, 1, time.Unix(0, 0))
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
			t.Errorf("%s: %d MiB allocated, %v", label, n>>20, err)
		}
	}
}

func TestImpossibleFieldExpiries(t *testing.T) {
	for label, b := range map[string][]byte{
		"negative, of type 24": file("REDIS0012", record(24, "k", ms8(-10), num(1), num(10), str("f"), str("v"))),
		"far, of type 24":      file("REDIS0012", record(24, "k", ms8(1<<48-1), num(1), num(2), str("f"), str("v"))),
		"overflow, of type 24": file("REDIS0012", record(24, "k", ms8(1<<62), num(1), num64(1<<63), str("f"), str("v"))),
		"negative, of type 22": file("VALKEY080", record(22, "k", num(1), str("f"), str("v"), ms8(-77))),
	} {
		out := read(b, rdb.Options{})
		var corrupt *entry.CorruptError
		if !errors.As(out.err, &corrupt) || !strings.Contains(out.err.Error(), "a field expires at") {
			t.Errorf("%s: %v", label, out.err)
		}
	}
}

// packedNames is a listpack of n equal one-byte strings.
func packedNames(n int) []byte {
	names := make([]any, n)
	for i := range names {
		names[i] = "a"
	}
	return listpack(names...)
}
