package render

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/rdbtool/rdbtool/memory"
)

// colons takes names apart behind colons.
func colons(name string) []string { return strings.SplitAfter(name, ":") }

func TestPprofReadsBack(t *testing.T) {
	for name, report := range reports {
		var b bytes.Buffer
		r := report()
		if err := Write(&b, r, Pprof, Options{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.HasPrefix(b.Bytes(), []byte{0x1f, 0x8b}) {
			t.Errorf("%s: not gzipped", name)
		}
		p, err := profile.Parse(&b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p.DefaultSampleType != "memory" || len(p.SampleType) != 2 || *p.SampleType[0] != (profile.ValueType{Type: "keys", Unit: "count"}) || *p.SampleType[1] != (profile.ValueType{Type: "memory", Unit: "bytes"}) {
			t.Errorf("%s: types %v, default %s", name, p.SampleType, p.DefaultSampleType)
		}
		var keys, bytes int64
		for _, s := range p.Sample {
			keys, bytes = keys+s.Value[0], bytes+s.Value[1]
		}
		if keys != r.Total.Keys || bytes != r.Total.Bytes {
			t.Errorf("%s: %d keys of %d bytes, want %d of %d", name, keys, bytes, r.Total.Keys, r.Total.Bytes)
		}
		for _, f := range p.Function {
			safe(t, f.Name)
		}
	}
}

func TestPprofStacks(t *testing.T) {
	r := shop()
	p := profileOf(r, r.Tables[0].Groups, colons)
	stacks := map[string]int64{}
	for _, s := range p.Sample {
		var frames []string
		for _, l := range s.Location {
			frames = append(frames, l.Line[0].Function.Name)
		}
		stacks[strings.Join(frames, " < ")] = s.Value[1]
	}
	if got := stacks["user:{n}:profile < user:{n}: < user:"]; got != 231*mib {
		t.Errorf("%d bytes in %v", got, stacks)
	}
	if len(stacks) != len(r.Tables[0].Groups) {
		t.Errorf("%d stacks of %d groups", len(stacks), len(r.Tables[0].Groups))
	}

	r = shards()
	p = profileOf(r, r.Tables[0].Groups, colons)
	byFile := map[string]int64{}
	for _, s := range p.Sample {
		byFile[s.Label["file"][0]] += s.Value[1]
	}
	for i := range r.Files {
		if got := byFile[r.Files[i].Name]; got != r.Files[i].Bytes {
			t.Errorf("%s: %d bytes, want %d", r.Files[i].Name, got, r.Files[i].Bytes)
		}
	}
}

// The tool that everybody has lists patterns by their bytes.
func TestGoToolPprof(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go in the path")
	}
	r := shop()
	r.Tables[0].Groups = append(r.Tables[0].Groups, group("_ZN3foo3barEv:x", 4, 900*mib, 4, 1, memory.Key{}))
	path := filepath.Join(t.TempDir(), "memory.pb.gz")
	var b bytes.Buffer
	if err := profileOf(r, r.Tables[0].Groups, colons).Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(goTool, "tool", "pprof", "-top", "-nodefraction=0", "-unit=mb", path)
	cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{`Type: memory`, `(?m)^ *1160MB .* session:\{hex\}$`, `(?m)^ *231MB .* user:\{n\}:profile$`, `(?m)^ +0 +0% .* 275MB .* user:$`, `(?m)^ *900MB .* _ZN3foo3barEv:x$`} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("%s is not in\n%s", want, out)
		}
	}
}

func TestFolded(t *testing.T) {
	groups := []memory.Group{{Name: "user:{n}:profile", Bytes: 12345}, {Name: "a;b c:\n;", Bytes: 2}, {Name: "", Bytes: 1}, {Name: "\xff:é", Bytes: 0}}
	var b strings.Builder
	if err := foldGroups(&b, groups, colons); err != nil {
		t.Fatal(err)
	}
	want := "user:;{n}:;profile 12345\n" + `a\x3bb\x20c:;\n\x3b 2` + "\n" + `"" 1` + "\n" + `\xff:;é 0` + "\n"
	if b.String() != want {
		t.Errorf("%s, want %s", &b, want)
	}
	b.Reset()
	if err := foldGroups(&b, groups[:1], func(string) []string { return nil }); err != nil || b.String() != "\"\" 12345\n" {
		t.Errorf("%s, %v", &b, err)
	}
}

func TestStacksTable(t *testing.T) {
	r := shop()
	r.Tables[0], r.Tables[1] = r.Tables[1], r.Tables[0]
	if by := stacks(r).By; by != "pattern" {
		t.Errorf("stacks by %s", by)
	}
	r.Tables = r.Tables[:1]
	if by := stacks(r).By; by != "type" {
		t.Errorf("stacks by %s", by)
	}
	if parts := splitter(stacks(r))("a:b"); len(parts) != 1 {
		t.Errorf("a type in parts: %q", parts)
	}
}
