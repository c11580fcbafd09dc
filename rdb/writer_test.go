package rdb_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/rdb"
)

// foreign hides where a value comes from: it must be written anew.
type foreign struct{ entry.Value }

// rewrite reads the file b and writes it for a target. With anew, no value is
// copied.
func rewrite(b []byte, t rdb.Target, anew bool) (out []byte, lost []string, err error) {
	r := rdb.NewReader(bytes.NewReader(b), &rdb.Options{Meta: true, Fragments: true})
	var buf bytes.Buffer
	w := rdb.NewWriter(&buf, rdb.WriterOptions{EncoderOptions: rdb.EncoderOptions{
		Target: t, Whole: t.Version == r.Version(),
		Base: bytes.Contains(b[:min(len(b), 200)], []byte("aof-base\xC0\x01")),
		Lose: func(e *entry.Entry, l rdb.Loss) {
			if e.Meta != nil {
				lost = append(lost, fmt.Sprintf("%s %d", l.What, l.Count))
			} else {
				lost = append(lost, fmt.Sprintf("%s %d %q", l.What, l.Count, e.Key))
			}
		},
	}})
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, lost, fmt.Errorf("read: %w", err)
		}
		if anew && e.Meta == nil {
			c := *e
			c.Value, c.RDBType = foreign{e.Value}, -1
			e = &c
		}
		if err := w.WriteEntry(e); err != nil {
			return nil, lost, fmt.Errorf("write: %w", err)
		}
	}
	err = w.Close()
	return buf.Bytes(), lost, err
}

// shape is what may differ between two files of the same data: how many
// elements a record says it has, and the encoding.
var shape = regexp.MustCompile(`^(db\d+ (?:"(?:[^"\\]|\\.)*") [a-z-]+)/[a-z-]+(?:\[\d+\])?`)

// lines renders the keys of a file and what else must be the same in a copy.
func lines(t *testing.T, b []byte, same bool) []string {
	t.Helper()
	var out []string
	r := rdb.NewReader(bytes.NewReader(b), &rdb.Options{Meta: true})
	for e, err := range r.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if m := e.Meta; m != nil {
			skip := m.Kind == entry.MetaHeader || m.Kind == entry.MetaSelectDB || m.Kind == entry.MetaResizeDB
			if skip || !same && m.Kind != entry.MetaFunction {
				continue
			}
		}
		line, err := render(e, all)
		if err != nil {
			t.Fatal(err)
		}
		if !same {
			line = shape.ReplaceAllString(line, "$1")
		}
		out = append(out, line)
	}
	return out
}

// lowered is what a stream has that older servers do not know, where they find
// it out by themselves.
var lowered = regexp.MustCompile(`info\(v\d|first=\S+ max-deleted=0-0 added=\d+ | read=-?\d+| active=-?\d+| idmp\(100s max=100 producers=0 added=0 duplicates=0\)`)

func lower(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = lowered.ReplaceAllString(out[i], "")
	}
	return out
}

// declared is the number of entries that a stream says it has. The hand-made
// ones say nothing right; what is written is.
var declared = regexp.MustCompile(`length=\d+`)

func undeclared(list []string) []string {
	for i := range list {
		list[i] = declared.ReplaceAllString(list[i], "")
	}
	return list
}

func diff(t *testing.T, name string, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("%s, line %d:\n%.600s\nwant\n%.600s", name, i, g, w)
			return
		}
	}
}

func corpus(t *testing.T) []fixtures.Case {
	t.Helper()
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestWriterAsSource writes files for the server that they come from: nothing
// is lost or changed, whether values are copied or written anew, and a second
// pass gives the same bytes.
func TestWriterAsSource(t *testing.T) {
	files := smallFiles()
	for _, c := range corpus(t) {
		files[c.String()] = c.RDB
	}
	for name, b := range files {
		if strings.Contains(name, "special text scores") || strings.Contains(name, "newer than the version") {
			continue // not a number among them; no server writes that
		}
		target := rdb.TargetOf(rdb.NewReader(bytes.NewReader(b), nil).Version())
		for _, anew := range []bool{false, true} {
			name := fmt.Sprintf("%s, anew %v", name, anew)
			out, lost, err := rewrite(b, target, anew)
			if err != nil || len(lost) > 0 {
				if !knownLoss(name, lost) || err != nil {
					t.Errorf("%s: %v, lost %q", name, err, lost)
				}
				continue
			}
			same := !anew && target.Version == rdb.NewReader(bytes.NewReader(b), nil).Version()
			diff(t, name, lines(t, out, same), lines(t, b, same))
			again, _, err := rewrite(out, target, false)
			if err != nil || !bytes.Equal(again, out) {
				t.Errorf("%s: a second pass differs: %v", name, err)
			}
		}
	}
}

// knownLoss tells what even its own server would not keep.
func knownLoss(name string, lost []string) bool {
	return !slices.ContainsFunc(lost, func(l string) bool {
		return !strings.Contains(l, rdb.LostOldFunction.String()) && !strings.Contains(l, rdb.LostScript.String())
	})
}

// TestWriterLarge does so with records that are read while they are written.
func TestWriterLarge(t *testing.T) {
	for _, c := range largeCases() {
		value, _ := c.build()
		b := c.file(value)
		target := rdb.TargetOf(rdb.NewReader(bytes.NewReader(b), nil).Version())
		for _, anew := range []bool{false, true} {
			name := fmt.Sprintf("%s, anew %v", c.name, anew)
			out, lost, err := rewrite(b, target, anew)
			if err != nil || len(lost) > 0 {
				t.Errorf("%s: %v, lost %q", name, err, lost)
				continue
			}
			diff(t, name, undeclared(lines(t, out, false)), undeclared(lines(t, b, false)))
		}
	}
}

func targetNames() []string {
	_, err := rdb.ParseTarget("")
	names := regexp.MustCompile(`(redis|valkey)-\d\.\d`).FindAllString(err.Error(), -1)
	for v := range 10 {
		names = append(names, fmt.Sprintf("rdb-%d", 6+v))
	}
	return append(names, "rdb-80", "rdb-81")
}

// TestWriterTargets writes every file for every target: what is read back is
// what went in, apart from what is reported lost.
func TestWriterTargets(t *testing.T) {
	for i, c := range corpus(t) {
		if testing.Short() && i%8 != 0 {
			continue
		}
		want := lower(lines(t, c.RDB, false))
		for _, name := range targetNames() {
			target, err := rdb.ParseTarget(name)
			if err != nil {
				t.Fatal(err)
			}
			out, lost, err := rewrite(c.RDB, target, false)
			if err != nil {
				t.Errorf("%s for %s: %v", &c, name, err)
				continue
			}
			if got := rdb.NewReader(bytes.NewReader(out), nil).Version(); got != target.Version {
				t.Errorf("%s for %s: version %s", &c, name, got)
			}
			got := lower(lines(t, out, false))
			if len(lost) == 0 {
				diff(t, fmt.Sprintf("%s for %s", &c, name), got, want)
				continue
			}
			damaged := map[string]bool{}
			for _, l := range lost {
				if at := strings.Index(l, ` "`); at >= 0 {
					damaged[l[at+1:]] = true
				}
			}
			keep := func(list []string) []string {
				return slices.DeleteFunc(slices.Clone(list), func(line string) bool {
					for key := range damaged {
						if strings.Contains(line, " "+key+" ") {
							return true
						}
					}
					return strings.HasPrefix(line, "function")
				})
			}
			diff(t, fmt.Sprintf("%s for %s, what is not lost", &c, name), keep(got), keep(want))
		}
	}
}

// A target that is not told what to do with a loss refuses it.
func TestWriterRefusesLoss(t *testing.T) {
	b := file("REDIS0012", record(25, "h", ms8(5), blob(listpack("f", "v", 5))))
	target, err := rdb.ParseTarget("redis-6.2")
	if err != nil {
		t.Fatal(err)
	}
	w := rdb.NewWriter(io.Discard, rdb.WriterOptions{EncoderOptions: rdb.EncoderOptions{Target: target}})
	for e, err := range rdb.NewReader(bytes.NewReader(b), nil).Entries() {
		if err != nil {
			t.Fatal(err)
		}
		err = w.WriteEntry(e)
		if !errors.Is(err, entry.ErrUnsupported) || !strings.Contains(err.Error(), "field expiries") {
			t.Errorf("error %v", err)
		}
		if again := w.WriteEntry(e); again != err {
			t.Errorf("the error does not stick: %v", again)
		}
	}
	if err := w.Close(); err == nil {
		t.Error("Close completes the file")
	}
}
