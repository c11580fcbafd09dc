package html

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/memory"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t testing.TB, r *memory.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// dataIn is the JSON in a page.
func dataIn(t testing.TB, page string) string {
	t.Helper()
	const begin = `<script id="data" type="application/json">`
	_, rest, ok := strings.Cut(page, begin)
	if !ok || strings.Contains(rest, begin) {
		t.Fatal("the page has not one element of data")
	}
	data, _, _ := strings.Cut(rest, "</script")
	return data
}

// hostileNames are names that would break a page that is careless.
var hostileNames = []string{
	"</script><script>document.title='owned'</script>",
	"<!--<script>", "-->", "]]>", "<![CDATA[", "</style><b>", `" onmouseover="document.title='owned'`,
	"{{script}}", "{{data}}", "<img src=x onerror=\"document.title='owned'\">",
	"javascript:document.title='owned'", "__proto__", "constructor", "\u2028\u2029", "\u202egpj.exe", "\x00\x1b[31m", "\xff\xfe", "", " ",
	"&lt;b&gt;", "${document.title='owned'}", "\\", "\\u003c", strings.Repeat("a", 300), strings.Repeat(":", 600), strings.Repeat("<", 5000),
}

func hostile() *memory.Report {
	var groups []memory.Group
	for i, name := range hostileNames {
		k := memory.Key{Key: name, Type: name, Encoding: name, Bytes: 100, Elements: 1, ExpireAt: -1}
		groups = append(groups, memory.Group{Name: name, Keys: 10, Bytes: int64(1000 - i), Exact: 5, Largest: k})
	}
	r := &memory.Report{Format: 1, Sample: 1, Total: memory.Group{Keys: 10, Bytes: 10_000}}
	for _, by := range []string{"pattern", "prefix", "type", hostileNames[0]} {
		r.Tables = append(r.Tables, memory.Table{By: by, Groups: groups, Folded: true})
	}
	for _, name := range hostileNames {
		r.Files = append(r.Files, memory.File{Name: name, Kind: name, Version: name, Writer: name, Server: name, ServerFrom: name, Allocator: name, AllocatorFrom: name, State: name})
		r.Findings = append(r.Findings, memory.Finding{Code: name, Group: name, Text: name, Do: name, Bytes: 7, Keys: 1})
		r.Slots = append(r.Slots, memory.Slot{Tag: name})
		r.TopBytes = append(r.TopBytes, groups[0].Largest)
	}
	r.TopElements = r.TopBytes
	return r
}

// huge has more of everything than a page has room for, each as long as it gets.
func huge(n int) *memory.Report {
	const most = 1<<63 - 1
	part := memory.Part{Keys: most / 1_000_000, Bytes: most / 1_000_000}
	access := &memory.Access{Hot: part, Warm: part, Cool: part, Cold: part}
	long := strings.Repeat("<:", 500)
	key := memory.Key{File: n, DB: n, Key: long, Type: long, Encoding: long, Bytes: most, Elements: most, ExpireAt: most}
	files := make([]memory.Part, 1000)
	for i := range files {
		files[i] = part
	}
	r := &memory.Report{Format: 1, Now: most, Sample: 0.123456789, MaxPatterns: n}
	groups := make([]memory.Group, n)
	for i := range groups {
		// Digits apart, so that the tree branches at each of them.
		name := strings.Join(strings.Split(fmt.Sprintf("%06d", i), ""), "<:") + long
		groups[i] = memory.Group{
			Name: name, Keys: part.Keys, Elements: part.Keys, Bytes: part.Bytes, Data: part.Bytes, Names: part.Bytes, Content: part.Bytes, Stored: part.Bytes,
			NoExpiry: part, Expired: part, Day: part, Week: part, Later: part, Idle: access, Freq: access, Packable: part, Compressible: part,
			Largest: key, Folded: most, Files: files, Squares: math.MaxFloat64,
		}
	}
	r.Total = groups[0]
	for _, by := range []string{"pattern", "type", "db", "encoding", "ttl", "size", "slot", "idle", "freq", "prefix", "a", "b", "c", "d"} {
		r.Tables = append(r.Tables, memory.Table{By: by, Groups: groups, Folded: true})
	}
	for range 5000 {
		r.TopBytes = append(r.TopBytes, key)
		r.Findings = append(r.Findings, memory.Finding{Code: long, Bytes: most, Keys: most, Group: long, Text: long, Do: long, Saves: true})
		r.Files = append(r.Files, memory.File{
			Name: long, Kind: long, Version: long, Writer: long, SavedAt: most, FileBytes: most, Server: long, ServerFrom: long, Allocator: long, AllocatorFrom: long, State: long,
			Keys: most, Bytes: most, Databases: make([]memory.Database, 16),
		})
		r.Slots = append(r.Slots, memory.Slot{Slot: math.MaxInt32, Tag: long, Keys: most, Bytes: most})
		r.Sizes = append(r.Sizes, memory.Bin{From: most, Keys: most, Bytes: most})
	}
	r.TopElements, r.TTLs = r.TopBytes, r.Sizes
	return r
}

func TestSize(t *testing.T) {
	tests := []struct {
		name   string
		report *memory.Report
		most   int
	}{
		{"empty", &memory.Report{}, 60_000},
		{"example", example(), 100_000},
		{"shards", shards(), 100_000},
		{"hostile", hostile(), 400_000},
		{"huge", huge(100_000), MaxBytes - 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			page := render(t, tt.report)
			t.Logf("%d bytes", len(page))
			if len(page) > tt.most {
				t.Errorf("%d bytes, want at most %d", len(page), tt.most)
			}
			if data := dataIn(t, page); !json.Valid([]byte(data)) {
				t.Error("the data is not JSON")
			}
		})
	}
}

// What is cut is said, and nothing is lost from the sums.
func TestCut(t *testing.T) {
	r := &memory.Report{MaxPatterns: 50_000, Sample: 1}
	groups := make([]memory.Group, 20_000)
	for i := range groups {
		groups[i] = memory.Group{Name: fmt.Sprintf("p%d", i), Keys: 2, Bytes: int64(i)}
		r.Total.Keys += 2
		r.Total.Bytes += int64(i)
	}
	r.Tables = []memory.Table{{By: "pattern", Groups: groups}}
	before := slices.Clone(groups)
	d := dataOf(r)
	shown, keys, total := &d.Tables[0].Groups, d.Tables[0].Rest[0], d.Tables[0].Rest[1]
	if len(shown.Rows) != roomFirst.rows || shown.Left != len(groups)-roomFirst.rows {
		t.Errorf("%d rows and %d left", len(shown.Rows), shown.Left)
	}
	for i, b := range shown.Rows {
		var g group
		if err := json.Unmarshal(b, &g); err != nil {
			t.Fatal(err)
		}
		if want := int64(len(groups) - 1 - i); g.Bytes != want {
			t.Fatalf("row %d has %d bytes, want %d: the largest come first", i, g.Bytes, want)
		}
		keys, total = keys+g.Keys, total+g.Bytes
	}
	if keys != r.Total.Keys || total != r.Total.Bytes {
		t.Errorf("rows and rest have %d keys, %d bytes, want %d, %d", keys, total, r.Total.Keys, r.Total.Bytes)
	}
	want := "By pattern: the largest 1,500 of 20,000 groups are shown; the other 18,500, with 37,000 keys, are summed up in one row."
	if len(d.Notes) != 1 || d.Notes[0] != want {
		t.Errorf("notes are %q, want %q", d.Notes, want)
	}
	for i := range before {
		if before[i].Name != groups[i].Name {
			t.Fatal("the report was changed")
		}
	}
}

func TestEscape(t *testing.T) {
	page := render(t, hostile())
	data := dataIn(t, page)
	for _, bad := range []string{"<", ">", "&", "\u2028", "\u2029", "\u202e", "\x00", "\x1b"} {
		if strings.Contains(data, bad) {
			t.Errorf("the data has %q", bad)
		}
	}
	// Each element of the page is ours, once, whatever the names are.
	empty := render(t, &memory.Report{})
	for _, mark := range []string{"<script", "</script", "<style", "</style", "<!--", "-->", "<body", "<meta"} {
		if got, want := strings.Count(page, mark), strings.Count(empty, mark); got != want {
			t.Errorf("%d times %s, want %d", got, mark, want)
		}
	}
	if strings.Count(empty, "<script") != 2 || strings.Count(empty, "</script") != 2 {
		t.Error("the page has not two scripts")
	}
	var d data2
	if err := json.Unmarshal([]byte(data), &d); err != nil {
		t.Fatal(err)
	}
	if got := d.Tables[0].Groups.Rows[0].Name; got != hostileNames[0] {
		t.Errorf("name is %q, want it whole", got)
	}
}

// data2 is data as a reader has it.
type data2 struct {
	Tables []struct {
		Groups struct{ Rows []group }
		Tree   *node
	}
}

// The page asks nothing of any network: no reference leads out of it, the
// script has no means to ask, and the policy forbids it.
func TestOffline(t *testing.T) {
	page := render(t, &memory.Report{})
	for _, pattern := range []string{
		`(?i)\b(src|href|action|data|poster|srcset|background)\s*=\s*["']?[^"'>\s]*//`,
		`(?i)<(link|img|iframe|object|embed|base|form|audio|video)\b`,
		`(?i)@import`, `(?i)url\(`, `(?i)https?:`, `(?i)\bwss?:`,
		`\bfetch\s*\(`, `XMLHttpRequest`, `WebSocket`, `EventSource`, `sendBeacon`, `importScripts`, `\bimport\s*\(`, `new Worker`, `RTCPeerConnection`,
		`\.innerHTML`, `\.outerHTML`, `insertAdjacentHTML`, `document\.write`, `\beval\s*\(`, `new Function`, `createContextualFragment`, `DOMParser`,
		`sourceMappingURL`,
	} {
		if at := regexp.MustCompile(pattern).FindString(page); at != "" {
			t.Errorf("the page has %q", at)
		}
	}
	m := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no policy")
	}
	directives := map[string]string{}
	for _, d := range strings.Split(m[1], "; ") {
		name, value, _ := strings.Cut(d, " ")
		directives[name] = value
	}
	if directives["default-src"] != "'none'" || strings.Contains(m[1], "unsafe") || strings.Contains(m[1], "*") {
		t.Errorf("policy is %s", m[1])
	}
	// The digests are those of what stands between the tags.
	for directive, tag := range map[string]string{"script-src": "script", "style-src": "style"} {
		content := regexp.MustCompile(`(?s)<` + tag + `>(.*?)</` + tag + `>`).FindStringSubmatch(page)
		if content == nil || directives[directive] != source([]byte(content[1])) {
			t.Errorf("%s is %s", directive, directives[directive])
		}
	}
	if at, style := strings.Index(page, "Content-Security-Policy"), strings.Index(page, "<style"); at > style {
		t.Error("the policy comes after what it is for")
	}
}

func TestBundle(t *testing.T) {
	if len(script)+len(style) > 100_000 {
		t.Errorf("script and style have %d bytes", len(script)+len(style))
	}
	for _, notice := range []string{"d3-hierarchy 3.1.3", "Mike Bostock", "Permission to use, copy, modify, and/or distribute", `THE SOFTWARE IS PROVIDED "AS IS"`} {
		if !bytes.Contains(script, []byte(notice)) {
			t.Errorf("app.js has lost the notice %q", notice)
		}
	}
	list, err := os.ReadDir("web/src")
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"build.mjs", "package-lock.json"}
	for _, f := range list {
		files = append(files, path.Join("src", f.Name()))
	}
	slices.Sort(files)
	h := sha256.New()
	for _, name := range files {
		content, err := os.ReadFile(path.Join("web", name))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%s\x00%s", name, content)
	}
	want := "/*! built from web/ " + hex.EncodeToString(h.Sum(nil)) + " */\n"
	for name, content := range map[string][]byte{"app.js": script, "app.css": style} {
		if !bytes.HasPrefix(content, []byte(want)) {
			t.Errorf("%s is not built from web/ as it is: run bundle.sh", name)
		}
	}
}

func TestGolden(t *testing.T) {
	r := example()
	r.Tables[0].Groups = r.Tables[0].Groups[:12] // enough to see each field
	var got bytes.Buffer
	if err := json.Indent(&got, []byte(dataIn(t, render(t, r))), "", " "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	const golden = "testdata/data.golden.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the data differs from %s: see with -update and git diff", golden)
	}
}

func TestTree(t *testing.T) {
	var groups []memory.Group
	for i, name := range []string{"user:{n}:profile", "user:{n}:cart", "user:{n}:", "a:b:c", "lone"} {
		groups = append(groups, memory.Group{Name: name, Keys: 1, Bytes: int64(100 - i)})
	}
	x := tableOf(&memory.Table{By: "pattern", Groups: groups}, 1, room{100, 1 << 20})
	var lines []string
	var walk func(n *node, indent string)
	walk = func(n *node, indent string) {
		row := "-"
		if n.Group != nil {
			row = groups[*n.Group].Name
		}
		lines = append(lines, fmt.Sprintf("%s%q %d %d %s", indent, n.Name, n.Keys, n.Bytes, row))
		for _, c := range n.Below {
			walk(c, indent+" ")
		}
	}
	walk(x.Tree, "")
	// A part that only leads on is joined with the next.
	got, want := strings.Join(lines, "\n"), treeWant
	if got != want {
		t.Errorf("tree is\n%s\nwant\n%s", got, want)
	}
}

const treeWant = `"" 5 490 -
 "user:{n}:" 3 297 user:{n}:
  "profile" 1 100 user:{n}:profile
  "cart" 1 99 user:{n}:cart
 "a:b:c" 1 97 a:b:c
 "lone" 1 96 lone`

func TestShown(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"user:{n}", 256, "user:{n}"},
		{"größe:日本", 256, "größe:日本"},
		{"a\nb\x00", 256, `a\x0ab\x00`},
		{"\u202egpj", 256, `\u{202e}gpj`},
		{"\xff", 256, `\xff`},
		{"\ufffd", 256, "\ufffd"},
		{"aaaaaaaaaa", 10, "aaaaaaaaaa"},
		{"aaaaaaaaaaa", 10, "aaaaaaa…"},
		{"ääääää", 10, "äää…"},
		{"\x00\x00\x00\x00", 10, `\x00…`},
	}
	for _, tt := range tests {
		got := shown(tt.in, tt.limit)
		if got != tt.want || len(got) > tt.limit {
			t.Errorf("shown(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 98500: "98,500"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}

type failing struct{}

var errFull = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errFull }

func TestWriteError(t *testing.T) {
	if err := Write(failing{}, example()); !errors.Is(err, errFull) {
		t.Errorf("error is %v", err)
	}
}

// FuzzShown: text that is shown can always be read, and is never longer than
// allowed.
func FuzzShown(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name, 64)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(16, limit&0xff)
		got := shown(s, limit)
		if len(got) > limit || !plain(got) {
			t.Errorf("shown(%q, %d) = %q", s, limit, got)
		}
		if plain(s) && len(s) <= limit && got != s {
			t.Errorf("shown(%q, %d) = %q: it was fit as it is", s, limit, got)
		}
	})
}
