package render_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
	"github.com/rdbtool/rdbtool/verify/render"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is what a name or a key may be made of to escape from a format.
const hostile = "a\nb\r\n::error file=x::y \"'`%0A%<b>&amp;]]>{{}},:;\\ \x00\x1b[31m\xff\xfe\u2028##[add-path]/tmp é"

func run() render.Run { return render.Run{Version: "v1.2.3", Level: verify.Deep} }

// files are results of all kinds.
func files(t *testing.T) []*render.File {
	t.Helper()
	redis7, err := rdb.ParseTarget("redis-7.0")
	if err != nil {
		t.Fatal(err)
	}
	redis8, err := rdb.ParseTarget("redis-8.0")
	if err != nil {
		t.Fatal(err)
	}
	limit := &verify.Options{Level: verify.Deep, MaxFindings: 3}

	sound := &render.File{Report: verify.NewReport("backup/dump.rdb", verify.KindRDB, limit), Size: 1148, Packed: "gzip", Elapsed: 400 * time.Millisecond}
	sound.Facts = verify.Facts{
		Version: rdb.Version{Number: 12}, Checksum: rdb.ChecksumOK, Bytes: 2000, Complete: true, Server: "redis", ServerVersion: "8.0.6",
		Created: time.Unix(1795367363, 0), Keys: 14, Expires: 1, DBs: map[int]int64{0: 13, 1: 1}, Functions: 1,
	}
	sound.Loads = []verify.LoadVerdict{{Target: redis8, Loads: verify.Yes}}
	sound.Outcomes = []verify.Outcome{{Code: verify.CodeExpectKeys, Due: ">=10 keys", Found: "14 keys", Holds: true, Known: true}}

	bad := &render.File{Report: verify.NewReport("dir/"+hostile+".rdb", verify.KindRDB, limit), Size: 70}
	bad.Facts.Checksum = rdb.ChecksumBad
	key := []byte(hostile)
	bad.Add(verify.Finding{Code: verify.CodeListpackEntry, Severity: verify.Error, Reason: "length 93 exceeds the 88 bytes left",
		Place: entry.Place{Offset: 0x1f40, DB: 2, Key: key, Construct: "listpack", Element: 12}})
	bad.Add(verify.Finding{Code: verify.CodeKeyCount, Severity: verify.Warning, Reason: "3 keys, 4 announced", Place: entry.Place{Offset: 0, Key: []byte{}, Element: -1}})
	bad.Add(verify.Finding{Code: verify.CodeAux, Severity: verify.Notice, Reason: hostile, Place: entry.Place{Offset: -1, Element: -1}})
	bad.Add(verify.Finding{Code: verify.CodeLZF, Severity: verify.Error, Reason: "beyond the limit", Place: entry.Place{Offset: 9, Element: -1}})
	bad.Uses[verify.Use{Kind: verify.UseType, Num: 25}] = &verify.Count{N: 2, First: verify.Finding{Place: entry.Place{File: bad.File, Offset: 5, Key: key, Element: -1}}}
	refused := bad.Load(redis7, verify.Setup{})
	bad.Require(refused)
	bad.Loads = []verify.LoadVerdict{refused, {Target: redis8, Loads: verify.Unknown}}
	want, err := verify.ParseRange(">=10")
	if err != nil {
		t.Fatal(err)
	}
	bad.Outcomes = bad.Expect(&verify.Expectations{Keys: &want}, verify.Measured{Reason: hostile}, time.Unix(0, 0))

	log := &render.File{Report: verify.NewReport("/data/appendonlydir", verify.KindAOF, limit), Size: 99}
	log.Facts = verify.Facts{Bytes: 99, Complete: true, Commands: 7, Transactions: 1, LastTime: time.Unix(1700000000, 0),
		Parts: []verify.Part{{Name: "appendonly.aof.1.incr.aof", Kind: "incr", Size: 99, ValidUpTo: 90, Commands: 7}}}
	log.Add(verify.Finding{Code: verify.CodeUnsupported, Severity: verify.Unsupported, Reason: "RDB version 99",
		Place: entry.Place{File: "/data/appendonlydir/appendonly.aof.1.incr.aof", Offset: 0, Element: -1}})

	unreadable := &render.File{Report: verify.NewReport("gone.rdb", "", limit), Size: -1}
	unreadable.Failed = errors.New("open gone.rdb: no such file or directory")
	return []*render.File{sound, bad, log, unreadable}
}

// rendered returns what a renderer makes of the files.
func rendered(t *testing.T, format string, list []*render.File) []byte {
	t.Helper()
	var b bytes.Buffer
	r, err := render.New(format, &b, run())
	if err != nil {
		t.Fatal(err)
	}
	s := render.Summary{PassedOver: 2, ExitCode: 3}
	for _, f := range list {
		s.Add(f)
		if err := r.File(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.End(&s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestGolden holds every format against what it should look like, and with no
// files at all.
func TestGolden(t *testing.T) {
	for _, format := range render.Formats() {
		for name, list := range map[string][]*render.File{format: files(t), format + ".none": nil} {
			got := rendered(t, format, list)
			if !utf8.Valid(got) {
				t.Errorf("%s is no UTF-8", name)
			}
			if bytes.ContainsAny(got, "\x00\x1b\r\u2028") {
				t.Errorf("%s has control characters", name)
			}
			if format == "sarif" { // the rules are in docs/verify.md
				got = withoutRules(t, got)
			}
			golden := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs from %s:\n%s", name, golden, got)
			}
		}
	}
}

// TestJSONRoundTrip reads the document back into its types, and every byte of
// names and keys with it.
func TestJSONRoundTrip(t *testing.T) {
	list := files(t)
	text := rendered(t, "json", list)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var d render.Document
	if err := dec.Decode(&d); err != nil {
		t.Fatal(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		t.Errorf("bytes follow the document: %v", err)
	}
	if d.Schema != render.SchemaVersion || d.Tool != "rdbtool" || d.Level != "deep" || len(d.Files) != len(list) || d.Summary.ExitCode != 3 || d.Summary.PassedOver != 2 {
		t.Errorf("head and summary: %+v", d)
	}
	for i, f := range d.Files {
		r := list[i].Report
		if string(f.File) != r.File || f.Verdict != r.Verdict() || len(f.Findings) != len(r.Findings) || f.Omitted != r.Omitted {
			t.Errorf("file %d: %+v", i, f)
		}
		for k, x := range f.Findings {
			y := &r.Findings[k]
			switch {
			case x.Code != y.Code || x.Severity != y.Severity || string(x.Reason) != y.Reason || string(x.File) != y.File:
				t.Errorf("finding %+v is not %+v", x, y)
			case (x.Offset == nil) != (y.Offset < 0) || x.Offset != nil && *x.Offset != y.Offset:
				t.Errorf("offset of %+v", x)
			case (x.Key == nil) != (y.Key == nil) || x.Key != nil && (!bytes.Equal(*x.Key, y.Key) || *x.DB != y.DB):
				t.Errorf("key of %+v", x)
			case (x.Element == nil) != (y.Element < 0) || x.Element != nil && *x.Element != y.Element:
				t.Errorf("element of %+v", x)
			}
		}
	}
	// What has been read is written the same.
	again, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var e render.Document
	if err := json.Unmarshal(again, &e); err != nil || !reflect.DeepEqual(d, e) {
		t.Errorf("a second round trip differs: %v", err)
	}
	if got := d.Summary.Verdicts; got[verify.OK] != 1 || got[verify.Damaged] != 1 || got[verify.NotKnown] != 1 || got[verify.Unreadable] != 1 {
		t.Errorf("verdicts %v", got)
	}
}

// TestJUnit parses the XML and counts the tests in it.
func TestJUnit(t *testing.T) {
	type testcase struct {
		Name    string  `xml:"name,attr"`
		Failure *string `xml:"failure"`
		Error   *struct {
			Message string `xml:"message,attr"`
		} `xml:"error"`
	}
	var d struct {
		Suites []struct {
			Name     string     `xml:"name,attr"`
			Tests    int        `xml:"tests,attr"`
			Failures int        `xml:"failures,attr"`
			Errors   int        `xml:"errors,attr"`
			Cases    []testcase `xml:"testcase"`
		} `xml:"testsuite"`
	}
	text := rendered(t, "junit", files(t))
	if err := xml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Suites) != 4 {
		t.Fatalf("%d suites", len(d.Suites))
	}
	for i, want := range []struct {
		names            string
		failures, errors int
	}{
		{"level deep|target redis-8.0|expect-keys >=10 keys", 0, 0},
		{"level deep|target redis-7.0|target redis-8.0|expect-keys >=10 keys", 3, 1},
		{"level deep", 0, 1},
		{"level deep", 0, 1},
	} {
		s := d.Suites[i]
		var names []string
		failures, errs := 0, 0
		for _, c := range s.Cases {
			names = append(names, c.Name)
			if c.Failure != nil {
				failures++
			}
			if c.Error != nil {
				errs++
			}
		}
		if got := strings.Join(names, "|"); got != want.names || s.Tests != len(names) {
			t.Errorf("%s: testcases %s of %d", s.Name, got, s.Tests)
		}
		if failures != want.failures || s.Failures != failures || errs != want.errors || s.Errors != errs {
			t.Errorf("%s: %d failures of %d, %d errors of %d", s.Name, failures, s.Failures, errs, s.Errors)
		}
	}
	if !strings.Contains(string(text), `listpack element 12`) {
		t.Error("a finding is missing")
	}
}

// command is the form of a workflow command.
var command = regexp.MustCompile(`^::(error|warning|notice) file=[^,:\n]*,title=[^,:\n]*::[^\n]*$`)

// TestGitHub makes sure that no line but ours is a command.
func TestGitHub(t *testing.T) {
	commands := 0
	for line := range strings.Lines(string(rendered(t, "github", files(t)))) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "::"):
			commands++
			if !command.MatchString(line) {
				t.Errorf("no command: %s", line)
			}
		case strings.Contains(line, "##["):
			t.Errorf("a command in plain text: %s", line)
		case !strings.HasPrefix(line, "verified "):
			t.Errorf("a line of somebody else: %s", line)
		}
		for i := range line {
			if line[i] == '%' && !regexp.MustCompile(`^%(25|0A|0D|3A|2C)`).MatchString(line[i:]) && strings.HasPrefix(line, "::") {
				t.Errorf("a bare %% in %s", line)
			}
		}
	}
	if commands != 9 {
		t.Errorf("%d commands", commands)
	}
}

// Errors beyond the limit of findings are errors in every form.
func TestOmittedErrors(t *testing.T) {
	f := &render.File{Report: verify.NewReport("f", verify.KindRDB, &verify.Options{MaxFindings: 1}), Size: -1}
	f.Add(verify.Finding{Code: verify.CodeKeyCount, Severity: verify.Warning, Reason: "odd"})
	f.Add(verify.Finding{Code: verify.CodeLZF, Severity: verify.Error, Reason: "damage"})
	for format, want := range map[string]string{
		"junit":  `failures="1"`,
		"json":   `"verdict": "damaged"`,
		"github": "verified f: damaged, 1 error, 1 warning",
	} {
		if got := rendered(t, format, []*render.File{f}); !bytes.Contains(got, []byte(want)) {
			t.Errorf("%s lacks %s:\n%s", format, want, got)
		}
	}
}

// FuzzRender writes findings about any names, keys and reasons in every form, and
// reads them with a parser.
func FuzzRender(f *testing.F) {
	f.Add(hostile, []byte(hostile), hostile)
	f.Add("", []byte(nil), "")
	f.Add("base64:", []byte("base64:AA=="), "\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, name string, key []byte, reason string) {
		r := verify.NewReport(name, verify.KindRDB, &verify.Options{})
		r.Add(verify.Finding{Code: verify.CodeLZF, Severity: verify.Error, Reason: reason, Place: entry.Place{Key: key, Construct: "string", Element: -1}})
		list := []*render.File{{Report: r, Size: -1}}

		var d render.Document
		if err := json.Unmarshal(rendered(t, "json", list), &d); err != nil {
			t.Fatal(err)
		}
		x := d.Files[0].Findings[0]
		if string(d.Files[0].File) != name || string(x.Reason) != reason || (x.Key == nil) != (key == nil) || x.Key != nil && !bytes.Equal(*x.Key, key) {
			t.Errorf("%+v", d.Files[0])
		}
		dec := xml.NewDecoder(bytes.NewReader(rendered(t, "junit", list)))
		failures := 0
		for {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "failure" {
				failures++
			}
		}
		if failures != 1 {
			t.Errorf("%d failures", failures)
		}
		if !json.Valid(rendered(t, "sarif", list)) {
			t.Error("SARIF is no JSON")
		}
		lines := strings.Split(strings.TrimSuffix(string(rendered(t, "github", list)), "\n"), "\n")
		if len(lines) != 3 || !command.MatchString(lines[0]) || !strings.HasPrefix(lines[1], "verified ") || strings.Contains(lines[1], "##[") {
			t.Errorf("%q", lines)
		}
	})
}
