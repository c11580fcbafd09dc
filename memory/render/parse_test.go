package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rdbtool/rdbtool/memory"
)

func TestParseRoundTrip(t *testing.T) {
	for name, report := range map[string]func() *memory.Report{"shop": shop, "shards": shards, "empty": empty, "sample": sample} {
		for _, compact := range []bool{false, true} {
			written := rendered(t, report(), JSON, Options{Compact: compact})
			if compact && strings.Count(written, "\n") != 1 {
				t.Errorf("%s: not on one line", name)
			}
			got, err := Parse(iotest.OneByteReader(strings.NewReader(written)))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if again := rendered(t, got, JSON, Options{Compact: compact}); again != written {
				t.Errorf("%s: differs after a round trip", name)
			}
			if want := report(); name != "empty" && !reflect.DeepEqual(got.Tables, want.Tables) || !reflect.DeepEqual(got.Total, want.Total) {
				t.Errorf("%s: differs after a round trip", name)
			}
		}
	}
}

// Lists without members are lists.
func TestJSONHasNoNull(t *testing.T) {
	for name, report := range reports {
		r := report()
		if out := rendered(t, r, JSON, Options{}); strings.Contains(out, "null") {
			t.Errorf("%s: null", name)
		}
		if name == "empty" && (r.Findings != nil || r.Tables[0].Groups != nil || r.Files[0].Databases != nil) {
			t.Error("the report was written to")
		}
	}
}

// changed is the JSON of the shop with one of its values changed.
func changed(t *testing.T, change func(r *memory.Report)) string {
	t.Helper()
	r := shards()
	change(r)
	return rendered(t, r, JSON, Options{Compact: true})
}

func TestParseRefuses(t *testing.T) {
	sound := changed(t, func(*memory.Report) {})
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", "unexpected EOF"},
		{"cut", sound[:len(sound)/2], "unexpected EOF"},
		{"cut before its end", strings.TrimSpace(sound)[:len(sound)-2], "unexpected EOF"},
		{"more behind it", sound + "{}", "something stands after it"},
		{"none", `{"a":1}`, "rdbtool_memory is missing"},
		{"a list", `[]`, "[ where the { of the report is due"},
		{"later form", `{"rdbtool_memory":2}`, "form 2, this program reads 1"},
		{"twice", `{"rdbtool_memory":1,"top":1,"top":2}`, `"top" stands twice`},
		{"groups twice", `{"rdbtool_memory":1,"tables":[{"groups":[],"groups":[]}]}`, "stands twice"},
		{"no list", `{"rdbtool_memory":1,"files":{}}`, "where the list"},
		{"not a number", `{"rdbtool_memory":1,"top":"x"}`, "cannot unmarshal"},
		{"fraction", `{"rdbtool_memory":1,"total":{"keys":1.5}}`, "cannot unmarshal"},
		{"no sample", `{"rdbtool_memory":1}`, "sample"},
		{"tables", `{"rdbtool_memory":1,"tables":[` + strings.Repeat(`{},`, maxTables) + `{}]}`, "more than 256"},
		{"allocators", `{"rdbtool_memory":1,"files":[{"account":{"total_by":{` + manyNames(maxTotals+1) + `}}}]}`, "allocators"},
		{"negative", changed(t, func(r *memory.Report) { r.Total.Bytes = -1 }), "no number of keys or bytes"},
		{"too large", changed(t, func(r *memory.Report) { r.Files[1].Bytes = 1 << 60 }), "no number of keys or bytes"},
		{"table", changed(t, func(r *memory.Report) { r.Tables[1].Groups[0].Keys-- }), "table by type"},
		{"files", changed(t, func(r *memory.Report) { r.Files[0].Bytes++ }), "files: "},
		{"exact", changed(t, func(r *memory.Report) { r.Tables[0].Groups[1].Exact = 1 << 50 }), "are exact"},
		{"part", changed(t, func(r *memory.Report) { r.Tables[0].Groups[1].Week.Keys = 1 << 50 }), `pattern "cart:{uuid}"`},
		{"files of a group", changed(t, func(r *memory.Report) { r.Tables[0].Groups[1].Files = r.Tables[0].Groups[1].Files[:2] }), "parts of 2 files"},
		{"file of a key", changed(t, func(r *memory.Report) { r.TopBytes[0].File = 3 }), "is of file 3"},
		{"file before the first", changed(t, func(r *memory.Report) { r.TopElements[0].File = -1 }), "is of file -1"},
		{"expiry", changed(t, func(r *memory.Report) { r.TopBytes[0].ExpireAt = -2 }), "expires at -2"},
		{"slot", changed(t, func(r *memory.Report) { r.Slots[0].Slot = 16384 }), "no slot 16384"},
		{"bins", changed(t, func(r *memory.Report) { r.Sizes[1].From = 64 }), "sizes: column 1"},
		{"by", changed(t, func(r *memory.Report) { r.Tables[1].By = "" }), "does not say what it is by"},
		{"share", changed(t, func(r *memory.Report) { r.Sample = 1.5 }), "no share"},
		{"squares", changed(t, func(r *memory.Report) { r.Total.Squares = -1 }), "squares"},
		{"residual", changed(t, func(r *memory.Report) { r.Files[0].Account.Residual = -1 << 62 }), "residual"},
		{"finding", changed(t, func(r *memory.Report) { r.Findings[0].Bytes = -1 }), "findings"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Parse(strings.NewReader(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "memory report: ") {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if r != nil {
				t.Error("a report all the same")
			}
		})
	}
	if _, err := Parse(strings.NewReader(sound)); err != nil {
		t.Error(err)
	}
}

func manyNames(n int) string {
	var names []string
	for i := range n {
		names = append(names, `"`+strings.Repeat("a", i+1)+`":1`)
	}
	return strings.Join(names, ",")
}

// What a later version adds is passed over.
func TestParseLaterFields(t *testing.T) {
	in := changed(t, func(*memory.Report) {})
	in = `{"news":{"tables":[1,2]},` + in[1:]
	in = strings.Replace(in, `"by":"pattern"`, `"by":"pattern","hue":3`, 1)
	r, err := Parse(strings.NewReader(in))
	if err != nil || len(r.Tables) != 2 || r.Tables[0].By != "pattern" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestParseLimits(t *testing.T) {
	sound := changed(t, func(*memory.Report) {})
	if _, err := parse(strings.NewReader(sound), int64(len(sound))); err != nil {
		t.Error(err)
	}
	if _, err := parse(strings.NewReader(sound), int64(len(sound))-1); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Error(err)
	}
	broken := errors.New("broken pipe")
	if _, err := Parse(io.MultiReader(strings.NewReader(sound[:100]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Error(err)
	}
	// A small file does not make a large report.
	groups := `{"rdbtool_memory":1,"tables":[{"by":"x","groups":[` + strings.Repeat(`{},`, 1<<16)
	if _, err := Parse(strings.NewReader(groups)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	findings := `{"rdbtool_memory":1,"findings":[` + strings.Repeat(`{},`, maxElements+1)
	if _, err := Parse(strings.NewReader(findings)); err == nil || !strings.Contains(err.Error(), "more than 65536") {
		t.Error(err)
	}
	deep := `{"rdbtool_memory":1,"x":` + strings.Repeat("[", 1<<20)
	if _, err := Parse(strings.NewReader(deep)); err == nil {
		t.Error("no end, no error")
	}
}

// FuzzParse: what is accepted is written and read back the same, and every form
// can show it.
func FuzzParse(f *testing.F) {
	for _, report := range reports {
		var b bytes.Buffer
		if err := Write(&b, report(), JSON, Options{Compact: true}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"rdbtool_memory":1,"sample":0.5,"total":{"keys":1,"files":[]},"tables":[{"by":"x","groups":[{"keys":9}]}],"top_bytes":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parse(bytes.NewReader(data), 1<<20)
		if err != nil {
			return
		}
		for i := range formats {
			if Format(i) == HTML {
				continue
			}
			var b bytes.Buffer
			if err := Write(&b, r, Format(i), Options{Width: 80}); err != nil {
				t.Fatalf("%v: %v", Format(i), err)
			}
			switch Format(i) {
			case Text, Markdown:
				safe(t, b.String())
			case JSON:
				again, err := Parse(&b)
				if err != nil {
					t.Fatalf("its own JSON: %v", err)
				}
				one, _ := json.Marshal(r)
				two, _ := json.Marshal(again)
				if a, b := plain(one), plain(two); !bytes.Equal(a, b) {
					t.Errorf("differs after a round trip:\n%s\n%s", a, b)
				}
			}
		}
	})
}

// plain takes null for an empty list.
func plain(b []byte) []byte { return bytes.ReplaceAll(b, []byte("null"), []byte("[]")) }
