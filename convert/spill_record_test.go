package convert

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/rdb"
)

// spilled returns a section as a temporary file holds it.
func spilled(t *testing.T) []byte {
	t.Helper()
	s := spool.Sections{Dir: t.TempDir()}
	defer s.Close()
	w := &spillWriter{file: &s, room: 1 << 20}
	f := newFile()
	f.string("text", strings.Repeat("long ", 100))
	f.strings(1, "list", 3, "a", "b", "c")
	f.strings(4, "hash", 2, "f", "v", "g", "w")
	dump := newDumpEncoder()
	for e, err := range rdb.NewReader(bytes.NewReader(f.end()), nil).Entries() {
		if err == nil {
			err = w.entry(e, dump)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.commands([]byte("packed")); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(w.buf)
}

// readSpilled reads a section, and returns how many records it has.
func readSpilled(t *testing.T, b []byte) (n int, err error) {
	t.Helper()
	s := spool.Sections{Dir: t.TempDir()}
	defer s.Close()
	var section spool.Section
	if err := s.Append(&section, b); err != nil {
		t.Fatal(err)
	}
	r := newSpillReader(&s, &section, rdb.NewDumpDecoder(nil))
	for r.next() {
		n++
		if n%2 == 0 && r.kind == spilledKey { // the others are passed over
			for r.entry.Value.Next() {
			}
		}
	}
	return n, r.err
}

// TestSpillDamaged: a temporary file that has been cut or changed is an error, at
// the least no panic and no allocation without bound.
func TestSpillDamaged(t *testing.T) {
	b := spilled(t)
	if n, err := readSpilled(t, b); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	ends := 0
	for i := range b {
		if _, err := readSpilled(t, b[:i]); err == nil {
			ends++ // of a record
		}
	}
	if ends != 4 {
		t.Errorf("%d prefixes are read without an error", ends)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range b {
		for _, c := range []byte{0, 1, 0x7f, 0xff} {
			damaged := slices.Clone(b)
			damaged[i] = c
			_, _ = readSpilled(t, damaged) // some changes are of contents
			if c == 0xff && i+9 < len(b) {
				copy(damaged[i:], "\xff\xff\xff\xff\xff\xff\xff\xff\x7f")
				_, _ = readSpilled(t, damaged)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if made := after.TotalAlloc - before.TotalAlloc; made > uint64(len(b))*5*4*flushSize {
		t.Errorf("%d bytes are allocated", made)
	}
}

// TestReplayLaterRDB replays a log in which an RDB part stands behind commands,
// in memory and in parts: keys and commands take effect in their order.
func TestReplayLaterRDB(t *testing.T) {
	dir := t.TempDir()
	command := func(line string) []byte {
		words := strings.Fields(line)
		var args [][]byte
		for _, w := range words[1:] {
			args = append(args, []byte(w))
		}
		return aof.AppendCommand(nil, words[0], args...)
	}
	var first []byte
	second := newFile()
	for i := range 500 {
		first = append(first, command(fmt.Sprintf("RPUSH key:%d before", i))...)
		first = append(first, command(fmt.Sprintf("DEL key:%d", i))...)
		second.string(fmt.Sprintf("key:%d", i), "loaded")
	}
	last := append(second.end(), command("APPEND key:7 -and-more")...)
	for name, b := range map[string][]byte{
		"a.manifest": []byte("file a.1 seq 1 type i\nfile a.2 seq 2 type i\n"), "a.1": first, "a.2": last,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := func() (*aof.Log, error) { return aof.Open(dir, nil) }
	for _, o := range []ReplayOptions{{Jobs: 1}, {Jobs: 4}, {Jobs: 2, MaxMemory: 64 << 10}} {
		log, err := open()
		if err != nil {
			t.Fatal(err)
		}
		o.Strict, o.Reopen, o.TempDir = true, open, t.TempDir()
		r, err := Replay(t.Context(), log, o)
		if err != nil {
			t.Fatalf("%d jobs, memory %d: %v", o.Jobs, o.MaxMemory, err)
		}
		loaded := 0
		for e, err := range entriesOf(r.Data) {
			if err != nil {
				t.Fatal(err)
			}
			want := "loaded"
			if string(e.Key) == "key:7" {
				want = "loaded-and-more"
			}
			if e.Value.Next() && string(e.Value.Elem().Data) == want {
				loaded++
			}
		}
		if loaded != 500 {
			t.Errorf("%d jobs, memory %d: %d keys are what they should be", o.Jobs, o.MaxMemory, loaded)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
