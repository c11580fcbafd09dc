package aof_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

// Behind damage reading goes on where commands stand in a row, and not in a value
// that holds commands.
func TestResync(t *testing.T) {
	set := command("SET", "k", "v") // 27 bytes
	many := strings.Repeat(set, 20)
	holder := command("SET", "k", many)
	for name, tt := range map[string]struct {
		text        string
		offset, end int64
		found       bool
	}{
		"garbage":                         {"garbage" + set, 0, 7, true},
		"garbage with a star":             {"gar*1\r\n$bage" + set, 0, 12, true},
		"nothing follows":                 {set + "garbage", 27, 34, false},
		"one command, and more garbage":   {"x" + set + "x", 0, 29, false},
		"three commands, more garbage":    {"x" + set + set + set + "x", 0, 1, true},
		"a value that holds commands":     {"*9" + holder[2:] + set, 0, int64(len(holder)), true},
		"a torn value of commands":        {holder[:len(holder)-9], 0, int64(len(holder) - 9), false},
		"a value of commands, not whole":  {"*9" + command("SET", "k", many+"x")[2:] + set, 0, int64(len(holder) + 1), true},
		"a length that takes commands":    {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$999999\r\nv\r\n" + set + set + set, 0, 32, true},
		"the same, and a torn end":        {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$999999\r\nv\r\n" + many + set[:5], 0, 32, true},
		"the same, and few commands":      {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$999999\r\nv\r\n" + set + set[:5], 0, 64, false},
		"a wrong number of arguments":     {"x" + command("GETSET", "k") + set, 0, 24, true},
		"commands of a module":            {"x" + command("JSON.SET", "k") + set + set + set, 0, 1, true},
		"read commands only, then no end": {"x" + command("GET", "k") + command("GET", "k"), 0, 41, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := aof.NewReader(strings.NewReader(tt.text), &aof.Options{Name: "a.aof"})
			var err error
			for err == nil {
				_, err = r.Next()
			}
			gap, e := r.Resync()
			if e != nil || gap != (aof.Gap{Offset: tt.offset, End: tt.end, Found: tt.found}) {
				t.Fatalf("%+v, %v; want %d to %d, %v", gap, e, tt.offset, tt.end, tt.found)
			}
			c, again := r.Next()
			if tt.found && (again != nil || c.Offset != tt.end) || !tt.found && again != err {
				t.Errorf("then %+v, %v", c, again)
			}
		})
	}
}

// Other errors have no way on.
func TestNoResync(t *testing.T) {
	broken := errors.New("broken")
	r := aof.NewReader(io.MultiReader(strings.NewReader("garbage"), &failing{broken}), nil)
	_, err := r.Next()
	if _, e := r.Resync(); !errors.Is(err, broken) && !errors.Is(e, broken) {
		t.Errorf("%v, then %v", err, e)
	}
	r = aof.NewReader(strings.NewReader(command("MULTI")+command("MULTI")), nil)
	for err = nil; err == nil; {
		_, err = r.Next()
	}
	if _, e := r.Resync(); !errors.Is(e, aof.ErrNestedMulti) {
		t.Errorf("a command that is out of place: %v", e)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// With Options.Fault whole commands that are out of place are given out, and told.
func TestFault(t *testing.T) {
	text := command("SELECT", "2") + command("EXEC") + command("SELECT", "x") + command("GETSET", "k") + command("MULTI") + command("MULTI") +
		strings.Replace(command("SET", "k", "v"), "\r\n", "\n", 1) + "#x\n" + command("EXEC") + command("DEL", "k")
	var faults []string
	r := aof.NewReader(strings.NewReader(text), &aof.Options{Annotations: true, Fault: func(e *entry.CorruptError) {
		faults = append(faults, fmt.Sprintf("%d %v", e.Offset, e.Err))
	}})
	var got bytes.Buffer
	for {
		c, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%d+%d db%d %v %q %q\n", c.Offset, c.Size, c.DB, c.InTx, c.Args, c.Annotation)
	}
	want := `0+23 db2 false ["SELECT" "2"] ""
23+14 db2 false ["EXEC"] ""
37+23 db2 false ["SELECT" "x"] ""
60+23 db2 false ["GETSET" "k"] ""
83+15 db2 true ["MULTI"] ""
98+15 db2 true ["MULTI"] ""
113+26 db2 true ["SET" "k" "v"] ""
139+3 db2 true [] "#x"
142+14 db2 true ["EXEC"] ""
156+20 db2 false ["DEL" "k"] ""
`
	if got.String() != want || r.ValidUpTo() != int64(len(text)) {
		t.Errorf("got\n%s\nwant\n%s", &got, want)
	}
	if n := len(faults); n != 6 {
		t.Errorf("%d faults: %q", n, faults)
	}
}

// What is wrong with a manifest and its folder is told, and the rest is opened.
func TestOpenDamaged(t *testing.T) {
	dir := t.TempDir()
	write := writer(t, dir)
	write("a.manifest", "file a.1.base.aof seq 1 type b\nfile ../x seq 1 type i\nfile a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n")
	write("a.1.base.aof", "")
	write("a.2.incr.aof", "")
	write("a.3.incr.aof", "")
	l, err := aof.OpenDamaged(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Faults) != 2 || !errors.Is(l.Faults[0], aof.ErrManifestName) || !errors.Is(l.Faults[1], aof.ErrMissing) || len(l.Parts) != 2 {
		t.Errorf("faults %v, parts %v", l.Faults, l.Parts)
	}
	if names, err := l.Unlisted(); err != nil || len(names) != 1 || names[0] != "a.3.incr.aof" {
		t.Errorf("unlisted %q, %v", names, err)
	}
	if _, err := aof.Open(dir, nil); !errors.Is(err, aof.ErrManifestName) {
		t.Errorf("Open: %v", err)
	}
	write("b.manifest", "")
	if l, err := aof.OpenDamaged(dir, nil); err != nil || len(l.Faults) != 1 || !errors.Is(l.Faults[0], aof.ErrSeveral) {
		t.Errorf("two manifests: %v", err)
	}
	if _, err := aof.OpenDamaged(t.TempDir(), nil); err == nil {
		t.Error("an empty folder is a log")
	}
}
