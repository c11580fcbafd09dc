package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

func TestShow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		width int
		want  string
	}{
		{"user:{n}:profile", 40, "user:{n}:profile"},
		{"user:{n}:profile", 16, "user:{n}:profile"},
		{"user:{n}:profile", 15, "user:{n}...file"},
		{"", 20, `""`},
		{" a", 20, `" a"`},
		{`"a"`, 20, `"\"a\""`},
		{"a b|c;`d`", 20, "a b|c;`d`"},
		{`a\nb`, 20, `a\nb`},
		{"a\nb", 20, `"a\nb"`},
		{"\x1b[31m\x9b", 30, `"\x1b[31m\x9b"`},
		{"\xff\xfe\x00", 20, `"\xff\xfe\x00"`},
		{"x\u202ey\u2066\u200d\ufeff", 40, `"x\u202ey\u2066\u200d\ufeff"`},
		{"\u00a0\u2028\u3164", 40, `"\u00a0\u2028\u3164"`},
		{"é✓鍵", 20, "é✓鍵"},
		{"e\u0301", 20, "e\u0301"},
		{"\u0301e", 20, `"\u0301e"`},
		{"e" + strings.Repeat("\u0301", 5), 40, `"e` + strings.Repeat("\u0301", 3) + `\u0301\u0301"`},
		{"鍵鍵鍵鍵鍵鍵鍵鍵", 11, "鍵鍵鍵...鍵"},
		{"鍵鍵鍵鍵鍵鍵鍵鍵", 10, "鍵鍵...鍵"},
		{"👩\u200d👧", 30, `"👩\u200d👧"`},
	} {
		if got := show(tt.name, tt.width); got != tt.want {
			t.Errorf("%q in %d: %s, want %s", tt.name, tt.width, got, tt.want)
		}
	}
	for _, tt := range [][2]string{{"base64:/wA=", `"\xff\x00"`}, {"base64:?", "base64:?"}, {"base64:dXNlcg==", "user"}} {
		if got := show(keyBytes(tt[0]), 40); got != tt[1] {
			t.Errorf("%q: %s, want %s", tt[0], got, tt[1])
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, nil},
		{"one two three", 20, []string{"one two three"}},
		{"one two three", 8, []string{"one two", "three"}},
		{"a 0123456789abc b", 6, []string{"a", "012345", "6789ab", "c b"}},
	} {
		if got := wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("%q in %d: %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{human.Bytes(0), "0 B"}, {human.Bytes(1023), "1023 B"}, {human.Bytes(1024), "1.0 KiB"}, {human.Bytes(1048575), "1.0 MiB"}, {human.Bytes(1 << 62), "4.0 EiB"},
		{units{true}.bytes(1234567), "1,234,567"}, {human.Thousands(-123), "-123"}, {human.Thousands(-1234), "-1,234"}, {human.Thousands(999), "999"},
		{human.Count(1, "key"), "1 key"}, {human.Count(2000, "key"), "2,000 keys"},
		{percent(0), "0 %"}, {percent(0.0001), "<0.1 %"}, {percent(0.5), "50.0 %"}, {percent(0.99999), ">99.9 %"}, {percent(1), "100 %"},
		{round(0), "-"}, {round(0.001), "<1 %"}, {round(0.999), ">99 %"}, {round(0.5), "50 %"},
		{expiryText(-1, now), "never"}, {expiryText(now, now), "expired"}, {expiryText(now+59_999, now), "< 1 min"}, {expiryText(now+3600_000, now), "1 h"},
		{expiryText(now+20*86400_000, now), "20 d"}, {expiryText(1<<63-1, now), "> 999 y"}, {expiryText(0, -1<<63), "> 999 y"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

// Of 100 sampled keys of 1000 bytes each, one in ten: 1,000,000 bytes, and the
// error is that of the number of keys, sqrt(100 * 0.9) / 100 = 9.5 %.
func TestDeviation(t *testing.T) {
	r := &memory.Report{Sample: 0.1}
	g := &memory.Group{Keys: 1000, Bytes: 1_000_000, Squares: 100 * 1000 * 1000}
	if d := Deviation(r, g); d < 94868 || d > 94869 {
		t.Errorf("deviation %v", d)
	}
	if got := barText(r, g); got != "±9.5 %" {
		t.Error(got)
	}
	r.Sample = 1
	if d := Deviation(r, g); d != 0 {
		t.Errorf("deviation %v of all keys", d)
	}
}

// The rows of a table end in one column, whatever the names are, and columns go
// in the order of their ranks.
func TestGrid(t *testing.T) {
	columns := func() []column {
		name, figure, other := column{head: "name", left: true}, column{head: "figure"}, column{head: "other", rank: 3}
		last := column{head: "last", rank: 1}
		for _, g := range names().Tables[0].Groups {
			name.addName(g.Name)
			figure.add("1.0 MiB")
			other.add("100 %")
			last.add("1")
		}
		return []column{name, other, figure, last}
	}
	for _, tt := range []struct {
		width int
		heads string
	}{{120, "name other figure last"}, {46, "name figure last"}, {38, "name figure"}, {20, "name figure"}} {
		lines, err := grid(tt.width, columns())
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(strings.Fields(lines[0]), " "); got != tt.heads {
			t.Errorf("%d columns: %s, want %s", tt.width, got, tt.heads)
		}
		aligned(t, lines, max(tt.width, leastRow+9+2*pad))
	}
}

func aligned(t testing.TB, lines []string, width int) {
	t.Helper()
	due := twwidth.Width(lines[1]) - 1
	if due >= width {
		t.Errorf("%d columns of %d", due, width)
	}
	for i, line := range lines {
		if n := twwidth.Width(line); i != 1 && n != due {
			t.Errorf("%d columns, want %d: %q", n, due, line)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, g := range names().Tables[0].Groups {
		f.Add(g.Name, "user:{n}", 80)
		f.Add("user:{n}", g.Name, 100)
	}
	f.Fuzz(func(t *testing.T, a, b string, width int) {
		width = 40 + int(uint(width)%200)
		name, figure := column{head: "name", left: true}, column{head: "figure"}
		for _, s := range []string{a, b, "plain"} {
			name.addName(s)
			figure.add("~1.0 MiB")
			if got := show(s, width); twwidth.Width(got) > width || sum(got) > width {
				t.Errorf("%q takes more than %d columns", got, width)
			}
		}
		lines, err := grid(width, []column{name, figure})
		if err != nil {
			t.Fatal(err)
		}
		aligned(t, lines, width)

		r := names()
		r.Tables[0].Groups = []memory.Group{
			group(a, 10, 5000, 1, 1, key(b, a, b, 9, 1, -1)),
			group(b, 10, 5000, 1, 1, key(a, b, a, 9, 1, -1)),
		}
		r.Tables[1].By = a
		r.TopBytes = []memory.Key{key(a, b, a, 9, 1, -1), key(b, a, b, 9, 1, -1)}
		r.Findings = []memory.Finding{{Text: a, Do: b, Bytes: 1}, {Text: "The key " + b + " is large.", Do: a + " " + b}}
		r.Files[0].Name, r.Files[0].Server = a, b
		text := rendered(t, r, Text, Options{Width: max(width, 80)})
		safe(t, text)
		for _, line := range strings.Split(text, "\n") {
			if n := twwidth.Width(line); n > max(width, 80) {
				t.Errorf("%d columns of %d: %q", n, width, line)
			}
		}
		md := rendered(t, r, Markdown, Options{})
		safe(t, md)
		due := 0
		for _, line := range strings.Split(md, "\n") {
			if n := strings.Count(line, "|"); strings.HasPrefix(line, "|") {
				if due == 0 {
					due = n
				}
				if n != due {
					t.Errorf("%d bars of %d: %q", n, due, line)
				}
			} else {
				due = 0
			}
		}
		folded := rendered(t, r, Folded, Options{})
		safe(t, folded)
		for _, line := range strings.Split(strings.TrimSuffix(folded, "\n"), "\n") {
			if strings.Count(line, " ") != 1 || !strings.HasSuffix(line, " 5000") {
				t.Errorf("no stack: %q", line)
			}
		}
	})
}
