package aof_test

import (
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/fixtures"
)

// Every append-only file that a server wrote reads to its end, and every size
// that the file had while the server wrote is the end of a command.
func TestCorpus(t *testing.T) {
	cases, err := fixtures.AOFs()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < 25 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			path, err := c.Write(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			l, err := aof.Open(path, &aof.LogOptions{Options: aof.Options{Annotations: true}})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			ends := map[string]map[int64]bool{}
			entries, commands, stamps := 0, 0, 0
			for {
				r, err := l.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				p := l.Parts[r.Part]
				if r.Entry != nil {
					entries++
					continue
				}
				name := filepath.Base(p.Path)
				if ends[name] == nil {
					ends[name] = map[int64]bool{}
				}
				ends[name][r.Command.Offset+r.Command.Size] = true
				if _, ok := r.Command.Timestamp(); ok {
					stamps++
				} else if len(r.Command.Args) > 0 {
					commands++
				}
			}
			points, err := c.Checkpoints()
			if err != nil {
				t.Fatal(err)
			}
			if len(points) < 30 && c.Server > "redis-3" || commands < 100 { // the oldest have no digest
				t.Errorf("%d checkpoints, %d commands", len(points), commands)
			}
			for _, p := range points {
				if !ends[p.File][p.Offset] {
					t.Errorf("no command of %s ends at %d", p.File, p.Offset)
				}
			}
			if want := c.Name == "aof-preamble"; want != (entries > 0) {
				t.Errorf("%d entries", entries)
			}
			if want := c.Name == "aof-timestamps"; want != (stamps > 0) {
				t.Errorf("%d timestamps", stamps)
			}
		})
	}
}

// A log whose files are not all there, or cut in the middle, is damaged.
func TestLogDamage(t *testing.T) {
	dir := t.TempDir()
	write := writer(t, dir)
	manifest := filepath.Join(dir, "a.manifest")
	write("a.manifest", "file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\n")
	write("a.1.base.aof", command("SET", "k", "v"))
	if _, err := aof.Open(manifest, nil); !errors.Is(err, aof.ErrMissing) || !errors.Is(err, aof.ErrManifest) {
		t.Errorf("a missing file: %v", err)
	}
	write("a.1.incr.aof", command("SELECT", "3")+command("INCR", "n"))
	read := func() (dbs []int, err error) {
		l, err := aof.Open(dir, nil)
		if err != nil {
			return nil, err
		}
		defer l.Close()
		for {
			r, err := l.Next()
			if err == io.EOF {
				return dbs, nil
			}
			if err != nil {
				return dbs, err
			}
			dbs = append(dbs, r.Command.DB)
		}
	}
	if dbs, err := read(); err != nil || len(dbs) != 3 || dbs[0] != 0 || dbs[2] != 3 {
		t.Errorf("databases %v, %v", dbs, err)
	}
	write("a.1.base.aof", command("SELECT", "3")+command("SET", "k", "v")[:10])
	if _, err := read(); !errors.Is(err, entry.ErrTruncated) || !errors.Is(err, aof.ErrNotLast) {
		t.Errorf("a base file that is cut: %v", err)
	}
	write("a.1.base.aof", command("SELECT", "3"))
	write("a.1.incr.aof", command("INCR", "n")[:10])
	if dbs, err := read(); !errors.Is(err, entry.ErrTruncated) || errors.Is(err, aof.ErrNotLast) {
		t.Errorf("the last file is cut: %v, %v", dbs, err)
	}
	write("a.1.incr.aof", command("INCR", "n"))
	if dbs, err := read(); err != nil || dbs[1] != 0 {
		t.Errorf("a file does not begin in database 0: %v, %v", dbs, err)
	}
}
