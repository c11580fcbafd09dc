package memory_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"testing"

	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/memory/render"
)

// shards returns a data set as one file and as three.
func shards(n int) (whole string, parts []string) {
	files := []*file{newFile("used-mem", "9000000"), newFile(), newFile()}
	one := newFile()
	mixed(1, n, func(string) *file { return one })
	mixed(1, n, func(key string) *file {
		h := fnv.New32a()
		h.Write([]byte(key))
		return files[h.Sum32()%4%3]
	})
	for _, f := range files {
		parts = append(parts, f.String())
	}
	return one.String(), parts
}

// saved returns a report as it is after it has been written and read.
func saved(t *testing.T, r *memory.Report) *memory.Report {
	t.Helper()
	out, err := render.Parse(bytes.NewReader(text(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func text(t *testing.T, r *memory.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := render.Write(&b, r, render.JSON, render.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func merge(t *testing.T, r ...*memory.Report) *memory.Report {
	t.Helper()
	out, err := memory.Merge(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Reports that were saved where the files lie make the report of the files
// together, with much room for patterns and with little, of samples too.
func TestMergeOfSavedReports(t *testing.T) {
	_, parts := shards(3000)
	for _, o := range []memory.Options{
		{}, {MaxPatterns: 1}, {MaxPatterns: 2}, {MaxPatterns: 7}, {MaxPatterns: 30, Top: 3}, {Sample: 0.2}, {By: everyGrouping()},
		{By: []memory.Grouping{{By: "prefix", Depth: 3, Separator: ":"}}, MaxPatterns: 9},
	} {
		t.Run(fmt.Sprintf("%d patterns, sample %v, %d tables", o.MaxPatterns, o.Sample, len(o.By)), func(t *testing.T) {
			var direct, read []*memory.Report
			for i, p := range parts {
				o.Name = fmt.Sprintf("%d.rdb", i)
				r := analyze(t, p, o)
				direct, read = append(direct, r), append(read, saved(t, r))
			}
			before := text(t, direct[1])
			want, got := text(t, merge(t, direct...)), text(t, merge(t, read...))
			if !bytes.Equal(got, want) {
				t.Errorf("merged from JSON: %s", firstDifference(got, want))
			}
			if !bytes.Equal(text(t, direct[1]), before) {
				t.Error("Merge has changed a report")
			}
			addsUp(t, merge(t, read...))
		})
	}
}

// firstDifference shows where two texts begin to differ.
func firstDifference(a, b []byte) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	from := max(0, n-60)
	return fmt.Sprintf("byte %d:\n%.160s\n%.160s", n, a[from:], b[from:])
}

// In what order reports are put together does not matter where nothing is folded.
func TestMergeInSteps(t *testing.T) {
	_, parts := shards(2000)
	var r []*memory.Report
	for i, p := range parts {
		r = append(r, analyze(t, p, memory.Options{Name: fmt.Sprint(i), By: everyGrouping(), MaxPatterns: 10_000}))
	}
	want := text(t, merge(t, r...))
	for name, got := range map[string]*memory.Report{
		"left":  merge(t, saved(t, merge(t, r[0], r[1])), r[2]),
		"right": merge(t, r[0], saved(t, merge(t, r[1], r[2]))),
	} {
		if b := text(t, got); !bytes.Equal(b, want) {
			t.Errorf("%s first: %s", name, firstDifference(b, want))
		}
	}
	if one := merge(t, r[0]); one != r[0] {
		t.Error("one report alone is not itself")
	}
}

// What a data set takes does not depend on over how many files it is spread.
func TestMergeIsTheWhole(t *testing.T) {
	whole, parts := shards(3000)
	o := memory.Options{By: everyGrouping(), Top: 50, MaxPatterns: 10_000}
	want := analyze(t, whole, o)
	var r []*memory.Report
	for _, p := range parts {
		r = append(r, analyze(t, p, o))
	}
	got := merge(t, r...)
	// Which of several largest keys comes first, and the tags of slots, depend on
	// the order of keys, which is another one.
	plain := func(g memory.Group) memory.Group {
		g.Files, g.Largest, g.Squares = nil, memory.Key{Bytes: g.Largest.Bytes}, 0
		return g
	}
	if !reflect.DeepEqual(plain(got.Total), plain(want.Total)) {
		t.Errorf("total %+v\nwant %+v", got.Total, want.Total)
	}
	if !reflect.DeepEqual(got.Sizes, want.Sizes) || !reflect.DeepEqual(got.TTLs, want.TTLs) {
		t.Errorf("sizes %v, TTLs %v\nwant %v, %v", got.Sizes, got.TTLs, want.Sizes, want.TTLs)
	}
	for i := range want.Tables {
		a, b := got.Tables[i], want.Tables[i]
		if len(a.Groups) != len(b.Groups) {
			t.Errorf("by %s: %d groups, want %d", b.By, len(a.Groups), len(b.Groups))
			continue
		}
		for j := range b.Groups {
			if x, y := plain(a.Groups[j]), plain(b.Groups[j]); !reflect.DeepEqual(x, y) {
				t.Errorf("by %s: %+v\nwant %+v", b.By, x, y)
			}
		}
	}
	figures := func(keys []memory.Key) (out []int64) {
		for _, k := range keys {
			out = append(out, k.Bytes, k.Elements)
		}
		return out
	}
	if a, b := figures(got.TopBytes), figures(want.TopBytes); !reflect.DeepEqual(a, b) {
		t.Errorf("largest %v\nwant %v", a, b)
	}
	if len(got.Slots) != len(want.Slots) {
		t.Fatalf("%d slots, want %d", len(got.Slots), len(want.Slots))
	}
	for i := range want.Slots {
		if a, b := got.Slots[i], want.Slots[i]; a.Slot != b.Slot || a.Keys != b.Keys || a.Bytes != b.Bytes {
			t.Errorf("slot %+v, want %+v", a, b)
		}
	}
}

// The keys of each file stand in each group.
func TestMergeKeepsFilesApart(t *testing.T) {
	_, parts := shards(1000)
	var r []*memory.Report
	for i, p := range parts {
		r = append(r, analyze(t, p, memory.Options{Name: fmt.Sprint(i), By: everyGrouping()}))
	}
	got := merge(t, r...)
	for i, f := range got.Files {
		if f.Name != fmt.Sprint(i) || f.Keys != r[i].Total.Keys || f.Bytes != r[i].Total.Bytes || got.Total.Files[i] != (memory.Part{Keys: f.Keys, Bytes: f.Bytes}) {
			t.Errorf("file %d: %+v, of the total %+v", i, f, got.Total.Files[i])
		}
	}
	for _, table := range got.Tables {
		for _, g := range table.Groups {
			var sum memory.Part
			for _, p := range g.Files {
				sum.Keys, sum.Bytes = sum.Keys+p.Keys, sum.Bytes+p.Bytes
			}
			if len(g.Files) != 3 || sum != (memory.Part{Keys: g.Keys, Bytes: g.Bytes}) {
				t.Errorf("by %s: %s has %d keys and %d bytes, its files %+v", table.By, g.Name, g.Keys, g.Bytes, g.Files)
			}
		}
	}
	for _, k := range append(got.TopBytes, got.TopElements...) {
		if !bytes.Contains([]byte(parts[k.File]), []byte(k.Key)) {
			t.Errorf("%q is not in file %d", k.Key, k.File)
		}
	}
}

func TestMergeRefusesUnlike(t *testing.T) {
	data := newFile().str("a", "b").String()
	base := analyze(t, data, memory.Options{})
	for name, other := range map[string]*memory.Report{
		"sample":    analyze(t, data, memory.Options{Sample: 0.5}),
		"tables":    analyze(t, data, memory.Options{By: []memory.Grouping{{By: "type"}}}),
		"order":     analyze(t, data, memory.Options{By: []memory.Grouping{{By: "type"}, {By: "pattern"}}}),
		"one table": analyze(t, data, memory.Options{By: []memory.Grouping{{By: "pattern"}}}),
	} {
		if r, err := memory.Merge([]*memory.Report{base, other}); !errors.Is(err, memory.ErrUnlike) || r != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := memory.Merge(nil); !errors.Is(err, memory.ErrUnlike) {
		t.Errorf("none: %v", err)
	}
}

// A report holds nothing that JSON cannot hold, and no list that is null.
func TestReportAsJSON(t *testing.T) {
	whole, _ := shards(500)
	for name, data := range map[string]string{"mixed": whole, "empty": newFile().String(), "binary": newFile().str("\xff\x00\xfe", "x").str("base64:", "y").String()} {
		r := analyze(t, data, memory.Options{})
		if got := saved(t, r); !reflect.DeepEqual(got, r) {
			t.Errorf("%s: read back %+v\nwant %+v", name, got, r)
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text(t, r), &fields); err != nil {
			t.Fatal(err)
		}
		for field, v := range fields {
			if string(v) == "null" {
				t.Errorf("%s: %s is null", name, field)
			}
		}
	}
}
