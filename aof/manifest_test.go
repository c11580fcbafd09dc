package aof_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

func TestManifest(t *testing.T) {
	text := "# made by hand\nfile a.2.base.rdb seq 2 type b\nFILE \"my \\\"a\\\".\\x00b\" SEQ 1 TYPE history\n" +
		"  seq 1 type i file 'it\\'s' startoffset 28 endoffset \"\"  \nfile c seq 7 type incr\n"
	if _, err := aof.ParseManifest("m", []byte(text)); err == nil {
		t.Error("a name with a zero byte is taken")
	}
	text = strings.ReplaceAll(text, `\x00`, `\x01\t`)
	m, err := aof.ParseManifest("m", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []aof.ManifestFile{
		{Name: "a.2.base.rdb", Seq: 2, Kind: aof.Base},
		{Name: "my \"a\".\x01\tb", Seq: 1, Kind: aof.History},
		{Name: "it's", Seq: 1, Kind: aof.Incr, Extra: []aof.Pair{{"startoffset", "28"}, {"endoffset", ""}}},
		{Name: "c", Seq: 7, Kind: aof.Incr},
	}
	if !reflect.DeepEqual(m.Files, want) {
		t.Errorf("files %+v", m.Files)
	}
	canonical := "file a.2.base.rdb seq 2 type b\nfile \"my \\\"a\\\".\\x01\\tb\" seq 1 type h\n" +
		"file \"it's\" seq 1 type i startoffset 28 endoffset \"\"\nfile c seq 7 type i\n"
	if got := string(m.AppendTo(nil)); got != canonical {
		t.Errorf("got\n%s\nwant\n%s", got, canonical)
	}
}

func TestManifestDamage(t *testing.T) {
	ok := "file a seq 1 type b\n"
	for _, tt := range []struct{ name, text, says string }{
		{"empty", "", "lists no file"},
		{"comments only", "# x\n", "lists no file"},
		{"blank line", ok + "\n", "line 2: 0 words"},
		{"no line end", ok + "file b seq 1 type i", "line 2: it has no line end"},
		{"long line", "file " + strings.Repeat("a", 1100) + " seq 1 type b\n", "longer than 1024 bytes"},
		{"long comment", "#" + strings.Repeat("a", 1100) + "\n" + ok, "longer than 1024 bytes"},
		{"too few words", "file a seq 1\n", "4 words"},
		{"odd words", "file a seq 1 type b x\n", "7 words"},
		{"missing file", "seq 1 type b x y\n", "missing"},
		{"missing seq", "file a type b x y\n", "missing"},
		{"missing type", "file a seq 1 x y\n", "missing"},
		{"sequence zero", "file a seq 0 type b\n", `sequence "0"`},
		{"sequence of letters", "file a seq x type b\n", `sequence "x"`},
		{"unknown type", "file a seq 1 type x\n", `unknown type "x"`},
		{"two bases", ok + "file b seq 2 type b\n", "second base file"},
		{"wrong order", ok + "file b seq 2 type i\nfile c seq 2 type i\n", "line 3: incr file"},
		{"file twice", ok + "file b seq 1 type i\nfile b seq 2 type i\n", "twice"},
		{"path", "file ../a seq 1 type b\n", "not the name of a file in the folder"},
		{"path of another system", "file \"a\\\\b\" seq 1 type b\n", "not the name of a file in the folder"},
		{"open quotes", "file \"a seq 1 type b\n", "quotes that do not match"},
		{"quotes inside a word", "file \"a\"b seq 1 type b\n", "quotes that do not match"},
	} {
		_, err := aof.ParseManifest("m", []byte(tt.text))
		var c *entry.CorruptError
		if !errors.Is(err, aof.ErrManifest) || !errors.As(err, &c) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte("file a.1.base.rdb seq 1 type b\nfile \"a b\" seq 1 type i startoffset 5\n"))
	f.Add([]byte("# x\nfile 'a\\'' seq 2 type h\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := aof.ParseManifest("m", b)
		if err != nil {
			if !errors.Is(err, aof.ErrManifest) {
				t.Fatal(err)
			}
			return
		}
		text := m.AppendTo(nil)
		for line := range bytes.Lines(text) {
			if len(line) > 1024 { // escapes take more room than what they stand for
				return
			}
		}
		again, err := aof.ParseManifest("m", text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if !bytes.Equal(again.AppendTo(nil), text) {
			t.Fatalf("%q\n%q", text, again.AppendTo(nil))
		}
	})
}
