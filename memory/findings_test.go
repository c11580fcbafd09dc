package memory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/internal/lzf"
	"github.com/rdbtool/rdbtool/memory"
)

// packed adds a string as a server writes it if LZF makes it shorter.
func (f *file) packed(key, value string) *file {
	var c lzf.Compressor
	b := c.CompressAlways(nil, []byte(value))
	f.op(0).text(key).op(0xC3).len(len(b)).len(len(value))
	f.b = append(f.b, b...)
	return f
}

// many adds n small keys of which nothing is to be said: all of them are to
// expire.
func (f *file) many(n int) *file {
	for i := range n {
		f.expires(time.Hour).str(fmt.Sprintf("tmp:%d", i), "some value")
	}
	return f
}

func codes(r *memory.Report) (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.Code)
	}
	return out
}

// Each kind of finding is there where the keys give cause for it, with what it is
// about, and not where they do not.
func TestFindings(t *testing.T) {
	for _, tt := range []struct {
		name  string
		add   func(f *file)
		code  string // "" for none
		group string
		keys  int64
	}{
		{"nothing", func(f *file) {}, "", "", 0},
		{"expired", func(f *file) {
			for i := range 30 {
				f.expires(-time.Second).str(fmt.Sprintf("gone:%d", i), "value")
			}
		}, "expired", "", 30},
		{"few expired", func(f *file) { f.expires(-time.Second).str("gone", "value") }, "", "", 0},
		{"no expiry", func(f *file) {
			for i := range 120 {
				f.str(fmt.Sprintf("user:%d", i), "value")
			}
		}, "no-expiry", "user:{n}", 120},
		{"no expiry of many words", func(f *file) {
			for i := range 120 {
				f.str(fmt.Sprintf("cf%c%c", 'a'+i/26, 'a'+i%26)+":conf", "value")
			}
		}, "no-expiry", "{*}:conf", 120},
		{"some expiry", func(f *file) {
			for i := range 120 {
				if i%20 == 0 {
					f.expires(time.Hour)
				}
				f.str(fmt.Sprintf("user:%d", i), "value")
			}
		}, "", "", 0},
		{"packable", func(f *file) {
			for i := range 3 {
				f.expires(time.Hour).hash(fmt.Sprintf("h:%d", i), words(1400, "v%d")...)
			}
		}, "packable", "h:{n}", 3},
		{"far from packable", func(f *file) { f.expires(time.Hour).hash("h:1", words(9000, "v%d")...) }, "", "", 0},
		{"compressible", func(f *file) {
			for i := range 9 {
				f.expires(time.Hour).packed(fmt.Sprintf("page:%d", i), strings.Repeat("<td></td>", 1000))
			}
		}, "compressible", "page:{n}", 9},
		{"short and compressible", func(f *file) {
			for i := range 9 {
				f.expires(time.Hour).packed(fmt.Sprintf("page:%d", i), strings.Repeat("<td></td>", 50))
			}
		}, "", "", 0},
		{"big key", func(f *file) { f.expires(time.Hour).str("big", strings.Repeat("x", 2<<20)) }, "big-key", "big", 1},
		{"not so big key", func(f *file) { f.expires(time.Hour).str("big", strings.Repeat("x", 700<<10)) }, "", "", 0},
		{"cold by idle time", func(f *file) {
			for i := range 200 {
				f.expires(time.Hour).idle(31*24*time.Hour).str(fmt.Sprintf("old:%d", i), "value")
			}
		}, "cold", "", 200},
		{"cool by idle time", func(f *file) {
			for i := range 200 {
				f.expires(time.Hour).idle(29*24*time.Hour).str(fmt.Sprintf("old:%d", i), "value")
			}
		}, "", "", 0},
		{"cold by frequency", func(f *file) {
			for i := range 200 {
				f.expires(time.Hour).freq(0).str(fmt.Sprintf("old:%d", i), "value")
			}
		}, "cold", "", 200},
		{"cool by frequency", func(f *file) {
			for i := range 200 {
				f.expires(time.Hour).freq(1).str(fmt.Sprintf("old:%d", i), "value")
			}
		}, "", "", 0},
		{"slot skew", func(f *file) {
			for i := range 400 {
				f.expires(time.Hour).str(fmt.Sprintf("{shop:%d}:stock", min(i, 40)), "value")
			}
		}, "slot-skew", "{shop:40}", 360},
		{"even slots", func(f *file) {
			for i := range 400 {
				f.expires(time.Hour).str(fmt.Sprintf("{shop:%d}:stock", i%40), "value")
			}
		}, "", "", 0},
	} {
		f := newFile().many(1000)
		tt.add(f)
		r := analyze(t, f.String(), memory.Options{})
		if tt.code == "" {
			if len(r.Findings) > 0 {
				t.Errorf("%s: %+v", tt.name, r.Findings)
			}
			continue
		}
		if len(r.Findings) != 1 {
			t.Errorf("%s: findings %q, want %s alone", tt.name, codes(r), tt.code)
			continue
		}
		if x := r.Findings[0]; x.Code != tt.code || x.Group != tt.group || x.Keys != tt.keys || x.Bytes <= 0 || x.Bytes > r.Total.Bytes || x.Text == "" || x.Do == "" {
			t.Errorf("%s: %+v", tt.name, x)
		}
	}
}

func TestFindingOfManyElements(t *testing.T) {
	f := newFile().op(1).text("numbers").len(1_000_000)
	for range 1_000_000 {
		f.text("1")
	}
	r := analyze(t, f.String(), memory.Options{})
	if got := codes(r); !slices.Contains(got, "many-elements") || !slices.Contains(got, "big-key") {
		t.Errorf("findings %q", got)
	}
}

func TestFindingOfUnbalancedFiles(t *testing.T) {
	small, large := analyze(t, newFile().many(300).String(), memory.Options{Name: "s"}), analyze(t, newFile().many(1000).String(), memory.Options{Name: "l"})
	for _, tt := range []struct {
		reports []*memory.Report
		want    []string
	}{
		{[]*memory.Report{small, large, small}, []string{"unbalanced"}},
		{[]*memory.Report{large, large}, nil},
		{[]*memory.Report{large}, nil},
	} {
		r := merge(t, tt.reports...)
		if got := codes(r); !slices.Equal(got, tt.want) {
			t.Errorf("findings %q, want %q", got, tt.want)
		}
		if len(tt.want) > 0 && (r.Findings[0].Group != "l" || r.Findings[0].Keys != 1000) {
			t.Errorf("%+v", r.Findings[0])
		}
	}
}

// There are at most five findings of a kind, the most valuable first.
func TestFindingsAreFew(t *testing.T) {
	f := newFile()
	for i := range 12 {
		f.expires(time.Hour).str(fmt.Sprintf("big%c", 'a'+i), strings.Repeat("x", 1<<20+i<<18))
	}
	r := analyze(t, f.String(), memory.Options{})
	if got := codes(r); !slices.Equal(got, []string{"big-key", "big-key", "big-key", "big-key", "big-key"}) {
		t.Fatalf("findings %q", got)
	}
	for i, x := range r.Findings {
		if k := r.TopBytes[i]; x.Group != k.Key || x.Bytes != k.Bytes {
			t.Errorf("%+v\nis not about %+v", x, k)
		}
	}
}
