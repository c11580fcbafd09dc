package rdb_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// TestLarge reads records that do not fit in a batch, in every mode, with
// strings whole and in fragments.
func TestLarge(t *testing.T) {
	unread, some := func(*entry.Entry) int { return 0 }, func(*entry.Entry) int { return 3 }
	// All sources with all modes would take long and show no more.
	ways := []struct {
		mode, source string
		p            pick
	}{
		{"reader", "by 20000", everything}, {"reader", "with EOF", everything}, {"process-1", "at once", everything},
		{"process-2", "by 100000", everything}, {"process-5", "at once", everything},
		{"reader", "at once", unread}, {"process-1", "by 100000", unread}, {"process-2", "at once", unread},
		{"reader", "at once", some}, {"process-1", "with EOF", some}, {"process-2", "by 100000", some},
	}
	readers := map[string]mode{}
	for _, m := range modes() {
		readers[m.name] = m
	}
	for _, c := range largeCases() {
		t.Run(c.name, func(t *testing.T) {
			value, elems := c.build()
			b := c.file(value)
			for _, fragments := range []bool{false, true} {
				o := rdb.Options{Fragments: fragments, Size: int64(len(b))}
				whole := read(b, o)
				if whole.err != nil {
					t.Errorf("fragments %t: %v", fragments, whole.err)
					continue
				}
				if n := len(whole.lines); n != 3 || !strings.HasSuffix(whole.lines[2], `db0 "last" string/raw[1]: "w"`) {
					t.Fatalf("fragments %t: %d records, the last is %.100s", fragments, n, whole.lines[n-1])
				}
				c.check(t, fmt.Sprintf("fragments %t", fragments), value, elems, whole.lines[1])
				skipped := map[bool]outcome{}
				for i, w := range ways {
					if testing.Short() && w.source != "by 100000" {
						continue
					}
					label := fmt.Sprintf("fragments %t, %d, %s, %s", fragments, i, w.mode, w.source)
					got := readers[w.mode].read(sources(false)[w.source](b), o, w.p)
					if i < 5 {
						same(t, label, whole, got)
						continue
					}
					half := i >= 8
					if _, ok := skipped[half]; !ok {
						skipped[half] = got
						continue
					}
					same(t, label, skipped[half], got)
				}
			}
		})
	}
}

// check compares the line of the large record with what the case expects.
func (c *largeCase) check(t *testing.T, label string, value []byte, elems []string, line string) {
	t.Helper()
	head, got, _ := strings.Cut(line, ": ")
	start := len(c.magic) + len(record(0, "first", str("v"))) + len(c.before)
	size := len(expireMs(5)) + len(record(c.typ, "k", value))
	if !strings.HasPrefix(head, fmt.Sprintf(`@%d+%d db0 "k" `, start, size)) || !strings.Contains(head, "expire=5") {
		t.Errorf("%s: %s, want it at %d+%d", label, head, start, size)
	}
	for i, want := range elems {
		if !strings.HasPrefix(got, want) {
			t.Fatalf("%s: element %d\n got %.200s...\nwant %.200s", label, i, got, want)
		}
		got = strings.TrimPrefix(got[len(want):], " ")
	}
	if got != "" {
		t.Errorf("%s: more than the elements: %.200s", label, got)
	}
}

// TestLargeMeta: records that are no keys may be large too, and so may keys and
// what stands before them.
func TestLargeMeta(t *testing.T) {
	long := words(50, huge)
	small := record(0, "small", str("v"))
	slots := cat(0xF3, str("job"), num(16000), repeat(16000, cat(num64(100), num64(200))))
	for name, c := range map[string]struct{ magic, body string }{
		"aux":         {"REDIS0009", string(aux("name", long))},
		"packed aux":  {"REDIS0009", string(cat(0xFA, str("name"), strLZF(long)))},
		"function":    {"REDIS0010", string(cat(0xF5, str(long)))},
		"module aux":  {"REDIS0009", string(cat(0xF7, num64(moduleID("scdtype00", 1)), 2, 1, itemStr(long), 0))},
		"key meta":    {"REDIS0013", string(cat(0xF3, 1, hx("19 F5 C4 28"), itemStr(long), 0))},
		"slot import": {"VALKEY080", string(slots)},
		"template":    {"REDIS0015", string(template(1, words(1, half), words(2, half), words(3, huge)))},
		"update":      {"VALKEY081", string(cat(0xF2, fmt.Sprintf("*1\r\n$%d\r\n%s\r\n", len(long), long)))},
		"long key":    {"REDIS0009", string(record(0, long, str("v")))},
		"packed key":  {"REDIS0009", string(cat(0, strLZF(long), str("v")))},
	} {
		b := file(c.magic, small, expireMs(9), []byte(c.body), small)
		for _, fragments := range []bool{false, true} {
			for _, meta := range []bool{false, true} {
				o := rdb.Options{Meta: meta, Fragments: fragments}
				want := read(b, o)
				if want.err != nil {
					t.Errorf("%s: %v", name, want.err)
					continue
				}
				if n := len(want.lines); n < 2 || !strings.Contains(want.lines[n-1], `"small"`) {
					t.Errorf("%s: %d records, the last is %.100s", name, n, want.lines[n-1])
				}
				for _, from := range []string{"at once", "by 100000"} {
					for _, m := range modes() {
						same(t, fmt.Sprintf("%s, %s, %s, meta %t", name, m.name, from, meta), want, m.read(sources(false)[from](b), o, everything))
					}
				}
			}
		}
	}
}

// TestLargeInARow: what comes after a large record is read alike, as a large
// record or not, however much of it was read ahead with the one before.
func TestLargeInARow(t *testing.T) {
	hash, _ := many(58000, func(i int) ([]byte, string) {
		return strs("a field of some length, number "+strconv.Itoa(i), "v"), ""
	})
	small := joinedFiles(3)["REDIS0012"]
	small = small[9 : len(small)-9]
	body := cat(small,
		record(0, "string", str(words(1, 9<<19))), record(4, "hash", hash), record(4, "hash", hash), record(0, "a", str("b")),
		record(0, "packed", strLZF(words(2, huge))), small, record(4, "hash", hash))
	b := file("REDIS0012", body)
	if len(hash) < 2<<20 {
		t.Fatalf("a hash of %d bytes is not large", len(hash))
	}
	for _, fragments := range []bool{false, true} {
		for name, p := range map[string]pick{"whole": everything, "unread": func(*entry.Entry) int { return 0 }, "mixed": mixed} {
			o := rdb.Options{Fragments: fragments}
			want := readSerially(&pieces{b, 30000}, o, p)
			if want.err != nil {
				t.Fatal(want.err)
			}
			for _, from := range []string{"at once", "by 100000"} {
				for _, m := range modes() {
					if m.name == "reader" || m.name == "process-2" {
						same(t, fmt.Sprintf("fragments %t, %s, %s, %s", fragments, name, from, m.name), want, m.read(sources(false)[from](b), o, p))
					}
				}
			}
		}
	}
}

// TestBomb reads zeros that unpack to 64 MiB, in fragments within less than
// that, whole only if the limit allows it.
func TestBomb(t *testing.T) {
	const size = 64 << 20
	zeros := strings.Repeat("\x00", size)
	packed := strLZF(zeros)
	for name, body := range map[string][]byte{
		"string": record(0, "k", packed),
		"list":   record(1, "k", cat(2, packed, str("x"))),
		"hash":   record(4, "k", cat(1, str("f"), packed)),
		"node":   record(18, "k", cat(1, 1, packed)),
		"ttl":    record(24, "k", cat(ms8(1), 1, 5, str("f"), packed)),
	} {
		b := file("REDIS0012", body)
		for _, m := range modes() {
			used := allocated(func() {
				n := 0
				out := m.read(bytes.NewReader(b), rdb.Options{Fragments: true}, func(e *entry.Entry) int {
					for e.Value.Next() {
						elem := e.Value.Elem()
						n += len(elem.Value)
						if e.Type != entry.Hash {
							n += len(elem.Data)
						}
					}
					return 0
				})
				if out.err != nil || n < size || n > size+1 {
					t.Errorf("%s, %s: %d bytes, %v", name, m.name, n, out.err)
				}
			})
			if used > 16<<20 {
				t.Errorf("%s, %s: fragments of 64 MiB took %d bytes of memory", name, m.name, used)
			}
		}
		out := readSerially(bytes.NewReader(b), rdb.Options{}, everything)
		if out.err != nil || !strings.Contains(out.lines[0], quoted(zeros)) {
			t.Errorf("%s, whole: %v, %.200s", name, out.err, out.lines)
		}
		used := allocated(func() {
			out := readSerially(bytes.NewReader(b), rdb.Options{MaxString: size - 1}, everything)
			if !isTooLarge(out.err) {
				t.Errorf("%s: with a limit below its size: %v", name, out.err)
			}
		})
		if used > 16<<20 {
			t.Errorf("%s: a string above the limit took %d bytes of memory", name, used)
		}
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLargeIsStreamed: a large record's elements are there before its end has
// been read, and its size only then.
func TestLargeIsStreamed(t *testing.T) {
	hash, _ := many(300000, func(i int) ([]byte, string) { return strs(fmt.Sprintf("field %d", i), "v"), "" })
	rec := record(4, "k", hash)
	b := file("REDIS0012", rec)
	src := bytes.NewReader(b)
	r := rdb.NewReader(src, nil)
	e, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if e.Size != -1 || e.Len != 300000 {
		t.Errorf("size %d and %d elements before the value was read", e.Size, e.Len)
	}
	if !e.Value.Next() || src.Len() == 0 {
		t.Errorf("the first element came with %d bytes left in the source: %v", src.Len(), e.Value.Err())
	}
	for e.Value.Next() {
	}
	if e.Size != int64(len(rec)) {
		t.Errorf("size %d, want %d", e.Size, len(rec))
	}
	if _, err := r.Next(); err != io.EOF {
		t.Error(err)
	}
}
