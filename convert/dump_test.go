package convert

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/rdb"
)

func dump(t testing.TB, src io.Reader, o DumpOptions) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := Dump(context.Background(), src, rdb.Options{Name: "test.rdb"}, &out, o)
	return out.String(), err
}

func mustDump(t testing.TB, data []byte, o DumpOptions) string {
	t.Helper()
	out, err := dump(t, bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// unquote undoes the rule for byte strings.
func unquote(t *testing.T, s string) string {
	t.Helper()
	b64, ok := strings.CutPrefix(s, "base64:")
	if !ok {
		return s
	}
	raw, err := base64.StdEncoding.DecodeString(b64)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestOutputDoesNotDependOnJobsOrReads(t *testing.T) {
	data := manyKeys()
	for _, format := range []Format{NDJSON, JSON, CSV, Keys} {
		want := mustDump(t, data, DumpOptions{Format: format, Meta: true})
		for _, jobs := range []int{2, 3, 8} {
			if got := mustDump(t, data, DumpOptions{Format: format, Meta: true, Jobs: jobs}); got != want {
				t.Errorf("%v: %d jobs give other bytes", format, jobs)
			}
		}
		for name, r := range map[string]io.Reader{"half": iotest.HalfReader(bytes.NewReader(data)), "data with EOF": iotest.DataErrReader(bytes.NewReader(data))} {
			if got, err := dump(t, r, DumpOptions{Format: format, Meta: true, Jobs: 2}); err != nil || got != want {
				t.Errorf("%v: a %s reader gives other bytes, %v", format, name, err)
			}
		}
	}
}

func TestLargeStringsComeWhole(t *testing.T) {
	type line struct {
		Key   string
		Value any
	}
	found := 0
	dec := json.NewDecoder(strings.NewReader(mustDump(t, manyKeys(), DumpOptions{})))
	for {
		var l line
		if err := dec.Decode(&l); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch l.Key {
		case "big text":
			found++
			if want := strings.Repeat("text with \"quotes\"\n", 200_000); l.Value != want {
				t.Error("big text differs")
			}
		case "big fields":
			found++
			fields := l.Value.(map[string]any)
			if fields["f1"] != strings.Repeat("\x00", 5_000_000) {
				t.Error("compressed field differs")
			}
			if unquote(t, fields["f2"].(string)) != strings.Repeat("\xffa", 600_000) {
				t.Error("binary field differs")
			}
		case "last":
			found++
			items := l.Value.([]any)
			if items[0] != strings.Repeat("한국어", 400_000) || unquote(t, items[1].(string)) != "base64: is no text" {
				t.Error("items differ")
			}
		case "big list":
			found++
			if items := l.Value.([]any); len(items) != 60000 || items[59999] != "item 59999 of the list that is too long for a batch 3599880001" {
				t.Error("list differs")
			}
		}
	}
	if found != 4 {
		t.Errorf("%d of 4 large keys found", found)
	}
}

func TestLimit(t *testing.T) {
	data := manyKeys()
	all := strings.SplitAfter(mustDump(t, data, DumpOptions{}), "\n")
	for _, n := range []int{1, 2, 501, 502, 503, 1003, 3003, 3004, 5000} {
		for _, jobs := range []int{1, 3} {
			want := strings.Join(all[:min(n, len(all))], "")
			if got := mustDump(t, data, DumpOptions{Limit: int64(n), Jobs: jobs}); got != want {
				t.Errorf("limit %d, %d jobs: %d bytes, want %d", n, jobs, len(got), len(want))
			}
			var list []any
			if err := json.Unmarshal([]byte(mustDump(t, data, DumpOptions{Limit: int64(n), Jobs: jobs, Format: JSON})), &list); err != nil || len(list) != min(n, len(all)-1) {
				t.Errorf("limit %d, %d jobs: array of %d, %v", n, jobs, len(list), err)
			}
		}
	}
}

func TestSizeFilterOnLargeRecords(t *testing.T) {
	data := manyKeys()
	for _, tt := range []struct {
		min, max int64
		want     string
	}{
		{min: 1 << 20, want: "big list\nbig text\nbig fields\nlast\n"},
		{min: 3_700_000, want: "big list\nbig text\n"},
		{min: 3_730_000, max: 3_800_100, want: "big text\n"},
		{min: 3_700_000, max: 3_700_001, want: ""},
		{min: 1000, max: 1_500_000, want: "big fields\n"},
	} {
		f := &filter.Filter{MinSize: tt.min, MaxSize: tt.max}
		for _, jobs := range []int{1, 2} {
			got := mustDump(t, data, DumpOptions{Format: Keys, Filter: f, Jobs: jobs})
			if got = strings.Join(keepBig(strings.SplitAfter(got, "\n")), ""); got != tt.want {
				t.Errorf("size %d to %d: %q, want %q", tt.min, tt.max, got, tt.want)
			}
			if tt.max == 0 { // the values of held records are complete
				want := mustDump(t, data, DumpOptions{})
				for _, line := range strings.SplitAfter(mustDump(t, data, DumpOptions{Filter: f, Jobs: jobs}), "\n") {
					if !strings.Contains(want, line) {
						t.Errorf("size %d to %d: a line differs", tt.min, tt.max)
					}
				}
			}
		}
	}
}

func keepBig(lines []string) (out []string) {
	for _, l := range lines {
		if !strings.HasPrefix(l, "key:") {
			out = append(out, l)
		}
	}
	return out
}

// At every cut of a file the lines before the cut are complete and the same as
// those of the whole file.
func TestCutFile(t *testing.T) {
	f := newFile()
	f.string("a", "1")
	f.strings(4, "h", 2, "f", "v", "g", "w")
	f.string("b", "2")
	data := f.end()
	whole := mustDump(t, data, DumpOptions{})
	for n := range data {
		got, err := dump(t, bytes.NewReader(data[:n]), DumpOptions{Jobs: 1 + n%2})
		var corrupt *entry.CorruptError
		if !errors.As(err, &corrupt) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if n >= headerBytes && !errors.Is(err, entry.ErrTruncated) {
			t.Errorf("cut at %d: %v is not ErrTruncated", n, err)
		}
		if !strings.HasPrefix(whole, got) || got != "" && !strings.HasSuffix(got, "\n") {
			t.Errorf("cut at %d: %q", n, got)
		}
		array, _ := dump(t, bytes.NewReader(data[:n]), DumpOptions{Format: JSON})
		if json.Valid([]byte(array)) {
			t.Errorf("cut at %d: the array is closed: %q", n, array)
		}
	}
}

const headerBytes = 9

// Damage in a record whose line has been begun leaves a line that is no JSON.
func TestDamageInLargeRecord(t *testing.T) {
	data := manyKeys()
	at := bytes.Index(data, []byte("item 50000 of")) + 3
	got, err := dump(t, bytes.NewReader(data[:at]), DumpOptions{Jobs: 2})
	if !errors.Is(err, entry.ErrTruncated) {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(got, "\n")
	if last := lines[len(lines)-1]; last != "" {
		t.Errorf("the output ends inside a line: %q", last[:min(len(last), 80)])
	}
	for i, line := range lines[:len(lines)-1] {
		if valid := json.Valid([]byte(line)); valid != (i < len(lines)-2) {
			t.Errorf("line %d of %d: valid JSON is %v", i, len(lines), valid)
		}
	}
	if !strings.Contains(err.Error(), `db 0 key "big list": list element 50000`) {
		t.Errorf("the error does not name the place: %v", err)
	}
}

func TestWrongChecksumPrintsAllAndFails(t *testing.T) {
	f := newFile()
	f.string("a", "1")
	data := f.end()
	data[len(data)-1] ^= 1
	got, err := dump(t, bytes.NewReader(data), DumpOptions{})
	if !errors.Is(err, entry.ErrChecksum) || got != `{"db":0,"key":"a","type":"string","encoding":"raw","value":"1"}`+"\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestWriteErrorEndsTheDump(t *testing.T) {
	broken := errors.New("disk full")
	for _, jobs := range []int{1, 4} {
		err := Dump(context.Background(), bytes.NewReader(manyKeys()), rdb.Options{}, failingWriter{broken}, DumpOptions{Jobs: jobs})
		if !errors.Is(err, broken) {
			t.Errorf("%d jobs: %v", jobs, err)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestCancel(t *testing.T) {
	for _, jobs := range []int{1, 4} {
		ctx, cancel := context.WithCancel(context.Background())
		r := &cancelReader{Reader: bytes.NewReader(manyKeys()), cancel: cancel}
		if err := Dump(ctx, r, rdb.Options{}, io.Discard, DumpOptions{Jobs: jobs}); !errors.Is(err, context.Canceled) {
			t.Errorf("%d jobs: %v", jobs, err)
		}
	}
}

// cancelReader cancels once some bytes have been read.
type cancelReader struct {
	io.Reader
	n      int
	cancel func()
}

func (r *cancelReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p[:min(len(p), 64<<10)])
	if r.n += n; r.n > 1<<20 {
		r.cancel()
	}
	return n, err
}

func TestScores(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1"}, {-1, "-1"}, {0.1, "0.1"}, {1e-7, "1e-7"}, {1e-10, "1e-10"}, {-2.5e-10, "-2.5e-10"},
		{1e20, "100000000000000000000"}, {1e21, "1e+21"}, {1e308, "1e+308"}, {5e-324, "5e-324"}, {1 << 53, "9007199254740992"},
		{math.Inf(1), `"inf"`}, {math.Inf(-1), `"-inf"`}, {math.NaN(), `"nan"`}, {math.MaxFloat64, "1.7976931348623157e+308"}, {2251799813685249.5, "2251799813685249.5"},
	} {
		got := appendScore(nil, tt.f)
		if string(got) != tt.want {
			t.Errorf("%v: %s, want %s", tt.f, got, tt.want)
		}
		var back float64
		if !strings.HasPrefix(tt.want, `"`) {
			if err := json.Unmarshal(got, &back); err != nil || math.Float64bits(back) != math.Float64bits(tt.f) {
				t.Errorf("%v reads back as %v, %v", tt.f, back, err)
			}
		}
	}
}

func TestOddKeysInCSVAndKeys(t *testing.T) {
	odd := []string{"", "plain", "comma,and \"quote\"", "line\nend\r", "\xff\x00binary", "base64:x", "한국어"}
	f := newFile()
	for _, k := range odd {
		f.string(k, "v")
	}
	data := f.end()
	rows, err := csv.NewReader(strings.NewReader(mustDump(t, data, DumpOptions{Format: CSV}))).ReadAll()
	if err != nil || len(rows) != len(odd)+1 {
		t.Fatal(len(rows), err)
	}
	lines := strings.Split(mustDump(t, data, DumpOptions{Format: Keys}), "\n")
	for i, k := range odd {
		got := unquote(t, rows[i+1][2])
		if got != k {
			t.Errorf("CSV: key %q reads back as %q", k, got)
		}
		var s string
		if err := json.Unmarshal([]byte(`"`+lines[i]+`"`), &s); err != nil || unquote(t, s) != k {
			t.Errorf("keys: %q reads back as %q, %v", k, s, err)
		}
	}
}

// KeyDB's expiries of members go with the key before them, wherever a batch
// ends.
func TestKeyDBMemberExpiries(t *testing.T) {
	f := newFile()
	want := map[bool]int{}
	for i := range 40000 {
		even := i%2 == 0
		f.strings(2, fmt.Sprintf("%v:%d", even, i), 1, "member")
		for range i % 3 {
			for _, aux := range []string{"keydb-subexpire-key", "member", "keydb-subexpire-when", "1893456000000"} {
				if strings.HasPrefix(aux, "keydb") {
					f.WriteByte(0xFA)
				}
				f.str(aux)
			}
			want[even] += 2
		}
	}
	data := f.end()
	for _, even := range []bool{true, false} {
		chosen := &filter.Filter{}
		chosen.Match(fmt.Sprintf("%v:*", even))
		for _, jobs := range []int{1, 3} {
			out := mustDump(t, data, DumpOptions{Filter: chosen, Jobs: jobs})
			if got := strings.Count(out, `{"type":"aux","name":"keydb-subexpire-`); got != want[even] {
				t.Errorf("%v, %d jobs: %d aux records, want %d", even, jobs, got, want[even])
			}
			if lines := strings.Count(out, "\n"); lines != 20000+want[even] {
				t.Errorf("%v, %d jobs: %d lines", even, jobs, lines)
			}
		}
	}
}

func TestStringRules(t *testing.T) {
	f := newFile()
	f.string("k", "\xffv")
	big := strings.Repeat("a\xff", 2_000_000)
	f.string("big", big)
	data := f.end()
	for name, want := range map[string]string{
		"base64": `{"db":0,"key":"base64:aw==","type":"string","encoding":"raw","value":"base64:/3Y="}`,
		"hex":    `{"db":0,"key":"6b","type":"string","encoding":"raw","value":"ff76"}`,
		"sha256": `{"db":0,"key":"8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a","type":"string","encoding":"raw","value":"80d11dd7cfbbd54ee2c2a74c7abc0a2bd8fd8b4bc6ee80b8ee81b4ef3db8c9f4"}`,
	} {
		mode, err := ParseStrings(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(mustDump(t, data, DumpOptions{Strings: mode}), "\n")
		if name != "sha256" && lines[0] != want || name == "sha256" && !strings.HasPrefix(lines[0], want[:90]) {
			t.Errorf("%s: %s", name, lines[0])
		}
		if whole := string(mode.Append(nil, []byte(big))); !strings.HasSuffix(lines[1], `"value":`+whole+"}") {
			t.Errorf("%s: the large string differs", name)
		}
	}
}

// Whatever the bytes, each line before the end of the output is JSON.
func FuzzDumpIsJSON(f *testing.F) {
	small := newFile()
	small.string("a", "1")
	small.strings(4, "h", 2, "f", "v", "g", "w")
	f.Add(small.end())
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := dump(t, bytes.NewReader(data), DumpOptions{Meta: true})
		parallel, err2 := dump(t, bytes.NewReader(data), DumpOptions{Meta: true, Jobs: 2})
		if out != parallel || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Errorf("one job: %q, %v; two: %q, %v", out, err, parallel, err2)
		}
		for _, line := range strings.Split(out, "\n") {
			if line != "" && !json.Valid([]byte(line)) {
				t.Errorf("no JSON: %q", line)
			}
		}
	})
}
