package render

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/rdbtool/rdbtool/memory"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Widths do not depend on where the tests run.
func TestMain(m *testing.M) {
	twwidth.SetEastAsian(false)
	os.Exit(m.Run())
}

// reports are all reports of the tests.
var reports = map[string]func() *memory.Report{"shop": shop, "shards": shards, "empty": empty, "names": names, "sample": sample}

func rendered(t testing.TB, r *memory.Report, f Format, o Options) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, r, f, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it anew):\n%s", path, got)
	}
}

func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		report string
		format Format
		o      Options
		file   string
	}{
		{"shop", Text, Options{Width: 80}, "shop.80.txt"},
		{"shop", Text, Options{}, "shop.txt"},
		{"shop", Text, Options{Width: 150, Height: 70, Keys: 6, RawBytes: true, Colour: true}, "shop.150.txt"},
		{"shop", Text, Options{Width: 120, Rows: -1}, "shop.all.txt"},
		{"shop", JSON, Options{}, "shop.json"},
		{"shop", CSV, Options{}, "shop.csv"},
		{"shop", Markdown, Options{}, "shop.md"},
		{"shards", Text, Options{Width: 80}, "shards.80.txt"},
		{"shards", Text, Options{Width: 120}, "shards.120.txt"},
		{"shards", CSV, Options{}, "shards.csv"},
		{"shards", Markdown, Options{Rows: 5}, "shards.md"},
		{"empty", Text, Options{}, "empty.txt"},
		{"empty", CSV, Options{}, "empty.csv"},
		{"empty", Markdown, Options{}, "empty.md"},
		{"names", Text, Options{}, "names.txt"},
		{"names", Markdown, Options{}, "names.md"},
		{"sample", Text, Options{}, "sample.txt"},
		{"sample", CSV, Options{}, "sample.csv"},
	} {
		t.Run(tt.file, func(t *testing.T) { golden(t, tt.file, rendered(t, reports[tt.report](), tt.format, tt.o)) })
	}
}

// One screen answers: the usual one, and whatever the names are.
func TestOneScreen(t *testing.T) {
	for name, report := range reports {
		for _, width := range []int{80, 100, 120, 200} {
			out := rendered(t, report(), Text, Options{Width: width})
			if n := strings.Count(out, "\n"); n > 50 || name == "shop" && n > 46 {
				t.Errorf("%s, %d columns: %d lines", name, width, n)
			}
			for _, line := range strings.Split(out, "\n") {
				if n := twwidth.Width(line); n > width {
					t.Errorf("%s: %d columns of %d: %s", name, n, width, line)
				}
			}
		}
	}
}

func TestHeightIsUsed(t *testing.T) {
	r := shop()
	for i := range 60 {
		r.Tables[0].Groups = append(r.Tables[0].Groups, group("more:"+strconv.Itoa(i), 1, 64, 1, 1, memory.Key{}))
	}
	for _, height := range []int{50, 60, 75} {
		n := strings.Count(rendered(t, r, Text, Options{Height: height}), "\n")
		if n > height-1 || n < height-3 {
			t.Errorf("%d lines of %d", n, height)
		}
	}
}

func TestColour(t *testing.T) {
	plain := rendered(t, shop(), Text, Options{})
	coloured := rendered(t, shop(), Text, Options{Colour: true})
	if strings.Contains(plain, "\x1b") || !strings.HasPrefix(coloured, "\x1b[1m/var/lib/redis/dump.rdb\x1b[0m\n") {
		t.Errorf("escapes out of their place: %.60q %.60q", plain, coloured)
	}
	if got := strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(coloured); got != plain {
		t.Error("colour changes more than colours")
	}
}

// safe fails if text could do anything to a terminal but fill lines.
func safe(t testing.TB, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
	for i, r := range text {
		if r != '\n' && !strconv.IsPrint(r) || unicode.Is(unicode.Cf, r) {
			t.Fatalf("%U in %q", r, text[max(i-40, 0):min(i+40, len(text))])
		}
	}
}

func TestHostileNames(t *testing.T) {
	for _, f := range []Format{Text, Markdown, Folded} {
		out := rendered(t, names(), f, Options{})
		safe(t, out)
		if strings.Contains(out, strings.Repeat("0123456789", 60)) {
			t.Errorf("%v: a long name is not cut", f)
		}
	}
}

// Each line of a table of GitHub's has as many bars as the head of its table.
func TestMarkdownBars(t *testing.T) {
	for name, report := range reports {
		due, lines := 0, 0
		for _, line := range strings.Split(rendered(t, report(), Markdown, Options{}), "\n") {
			if !strings.HasPrefix(line, "|") {
				due = 0
				continue
			}
			n := strings.Count(line, "|")
			if due == 0 {
				due = n
			}
			if lines++; n != due || strings.Contains(line, `\|`) {
				t.Errorf("%s: %d bars of %d: %s", name, n, due, line)
			}
		}
		if lines == 0 && name != "empty" {
			t.Errorf("%s: no table", name)
		}
	}
}

func TestEscaped(t *testing.T) {
	for _, tt := range [][2]string{
		{"user:{n} of used_memory", "user:{n} of used_memory"},
		{"_a_ *b* `c`", "\\_a\\_ \\*b\\* \\`c\\`"},
		{"<b>|x\\|", "\\<b\\>&#124;x&#92;&#124;"},
		{"#12 @name &amp; [x](y)", "&#35;12 &#64;name &#38;amp; \\[x\\](y)"},
		{"~~x~~", "\\~\\~x\\~\\~"},
	} {
		if got := escaped(tt[0]); got != tt[1] {
			t.Errorf("%q: %q, want %q", tt[0], got, tt[1])
		}
	}
	for _, tt := range [][2]string{
		{"user:{n}", "`user:{n}`"},
		{"</script>", "`</script>`"},
		{"", "`\"\"`"},
		{"a|b", "<code>a&#124;b</code>"},
		{"a`b", "<code>a&#96;b</code>"},
		{"a\nb", "<code>&#34;a&#92;nb&#34;</code>"},
	} {
		if got := code(tt[0]); got != tt[1] {
			t.Errorf("%q: %q, want %q", tt[0], got, tt[1])
		}
	}
}

func TestCSVReadsBack(t *testing.T) {
	for name, report := range reports {
		r := report()
		lines, err := csv.NewReader(strings.NewReader(rendered(t, r, CSV, Options{}))).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		column := func(name string) int {
			for i, s := range lines[0] {
				if s == name {
					return i
				}
			}
			t.Fatalf("no column %s in %q", name, lines[0])
			return 0
		}
		if several := lines[0][0] == "table"; several != (len(r.Tables) > 1) {
			t.Errorf("%s: %d tables, columns %q", name, len(r.Tables), lines[0])
		}
		row := 1
		for i := range r.Tables {
			for _, g := range r.Tables[i].Groups {
				line := lines[row]
				row++
				// The reader makes line ends of \r\n.
				if want := strings.ReplaceAll(g.Name, "\r\n", "\n"); line[column("name")] != want {
					t.Errorf("%s: name %q, want %q", name, line[column("name")], want)
				}
				if got := line[column("bytes")]; got != strconv.FormatInt(g.Bytes, 10) {
					t.Errorf("%s: %q has %s bytes, want %d", name, g.Name, got, g.Bytes)
				}
			}
		}
		if row != len(lines) {
			t.Errorf("%s: %d lines, want %d", name, len(lines), row)
		}
	}
}

func TestFormats(t *testing.T) {
	for _, name := range Formats() {
		f, err := ParseFormat(name)
		if err != nil || f.String() != name {
			t.Errorf("%s: %v, %v", name, f, err)
		}
		if f == HTML {
			continue
		}
		for which, report := range reports {
			if err := Write(io.Discard, report(), f, Options{}); err != nil {
				t.Errorf("%s as %s: %v", which, name, err)
			}
			if err := Write(failing{}, report(), f, Options{}); !errors.Is(err, errFull) && !(which == "empty" && f == Folded) {
				t.Errorf("%s as %s: %v where the disk is full", which, name, err)
			}
			if err := Write(io.Discard, &memory.Report{}, f, Options{}); err != nil {
				t.Errorf("no report as %s: %v", name, err)
			}
		}
	}
	if _, err := ParseFormat("xml"); err == nil || !strings.Contains(err.Error(), "text, json, csv") {
		t.Error(err)
	}
	if err := Write(io.Discard, shop(), Format(99), Options{}); err == nil {
		t.Error("written in a format that is none")
	}
	if err := Write(io.Discard, shop(), HTML, Options{}); err == nil {
		t.Error("a page out of nowhere")
	}
	var b bytes.Buffer
	page := func(w io.Writer, r *memory.Report) error { _, err := io.WriteString(w, r.Files[0].Name); return err }
	if err := Write(&b, shop(), HTML, Options{HTML: page}); err != nil || b.String() != "/var/lib/redis/dump.rdb" {
		t.Errorf("%q, %v", &b, err)
	}
}

var errFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }
