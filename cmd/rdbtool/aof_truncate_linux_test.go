package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/aof"
)

// wounded is a damaged log that is repaired where it stands.
type wounded struct {
	place
	flags []string
	want  []string // the commands that are kept: as many bytes, front to back
	kept  string   // all that is taken away, in the order of the files
}

// commandsOf returns commands of about a megabyte.
func commandsOf(name string) string {
	var b []byte
	for i := range 20_000 {
		b = aof.AppendCommand(b, "SET", fmt.Appendf(nil, "%s:%d", name, i), fmt.Appendf(nil, "value %d", i*7919))
	}
	return string(b)
}

// newWounded writes a log of that kind of damage.
func newWounded(t *testing.T, kind, dir string) *wounded {
	t.Helper()
	w := &wounded{place: place{dir: dir, log: filepath.Join(dir, "appendonly.aof")}}
	a, b := commandsOf("a"), commandsOf("b")
	text, zeros := a, strings.Repeat("\x00", 1<<20)
	switch kind {
	case "tail":
		text, w.kept, w.want = a+zeros, zeros, []string{a}
	case "middle":
		text, w.kept, w.want = a+zeros+b, zeros, []string{a, b}
		w.flags = []string{"--skip-damage"}
	case "folder":
		w.log = filepath.Join(dir, "appendonly.aof.1.incr.aof")
		second := filepath.Join(dir, "appendonly.aof.2.incr.aof")
		write(t, second, []byte(b))
		write(t, filepath.Join(dir, "appendonly.aof.manifest"), []byte("file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n"))
		text, w.want = a+zeros, []string{a}
		w.flags = []string{"--force"}
	}
	write(t, w.log, []byte(text))
	w.files = w.read(t)
	return w
}

var wounds = []string{"tail", "middle", "folder"}

func (w *wounded) command(t *testing.T) *exec.Cmd {
	return rdbtool(t, append([]string{"aof-truncate", "--in-place", "--yes", w.dir}, w.flags...)...)
}

// live returns what a server would load: all commands.
func (w *wounded) live(t *testing.T) string {
	t.Helper()
	log, err := aof.Open(w.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range log.Parts {
		b, err := os.ReadFile(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// state tells whether the log is the old one or the repaired one, and checks that
// what was taken away is kept then.
func (w *wounded) state(t *testing.T, when string) (repaired bool) {
	t.Helper()
	now := w.read(t)
	old := true
	for name, text := range w.files {
		old = old && now[name] == text
	}
	if old {
		return false
	}
	if w.live(t) != strings.Join(w.want, "") {
		t.Errorf("%s: neither the old state nor the new one: %s", when, sizes(now))
	}
	kept := []string{w.kept}
	if w.kept == "" { // whole files
		kept = slices.Collect(maps.Values(w.files))
	}
	for _, text := range kept {
		found := false
		for name, b := range now {
			found = found || b == text && strings.Contains(name, ".quarantine")
		}
		if !found {
			t.Errorf("%s: %d bytes that were taken away are not kept: %s", when, len(text), sizes(now))
		}
	}
	return true
}

// A repair that is killed at any time leaves the old state or the new one, and what
// it takes away is kept before it does. It can be repaired again.
func TestTruncateKilled(t *testing.T) {
	times := 15
	if testing.Short() {
		times = 5
	}
	for _, kind := range wounds {
		t.Run(kind, func(t *testing.T) {
			w := newWounded(t, kind, t.TempDir())
			begin := time.Now()
			if out, err := w.command(t).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			took := time.Since(begin)
			if !w.state(t, "repaired") {
				t.Fatal("nothing has changed")
			}
			before, after := 0, 0
			for i := range times {
				for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
					w.restore(t)
					cmd := w.command(t)
					signalled(t, cmd, took*time.Duration(i)/time.Duration(times)*5/4, sig)
					when := fmt.Sprintf("%v after %d of %d", sig, i, times)
					if w.state(t, when) {
						after++
					} else if before++; cmd.ProcessState.ExitCode() == 0 {
						t.Errorf("%s: exit code 0, and nothing is done", when)
					}
					if out, err := w.command(t).CombinedOutput(); err != nil {
						t.Errorf("%s: once more: %v: %s", when, err, out)
					}
					if !w.state(t, when+", and once more") {
						t.Errorf("%s, and once more: it is not repaired", when)
					}
				}
			}
			t.Logf("%d of %v: %d before, %d after", before+after, took, before, after)
		})
	}
}

// A log that another process has open is left alone.
func TestTruncateInUse(t *testing.T) {
	for _, kind := range wounds {
		t.Run(kind, func(t *testing.T) {
			w := newWounded(t, kind, t.TempDir())
			server, err := os.OpenFile(w.log, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			w.untouched(t, w.command(t), fmt.Sprintf("is in use by process %d", os.Getpid()))
		})
	}
}

// On a full disk nothing changes. Only root may make one.
func TestTruncateFullFileSystem(t *testing.T) {
	for _, kind := range wounds {
		t.Run(kind, func(t *testing.T) {
			w := newWounded(t, kind, smallDisk(t, "16M"))
			w.full(t, func() *exec.Cmd { return w.command(t) }, "no space left on device; nothing was changed")
			if out, err := w.command(t).CombinedOutput(); err != nil || !w.state(t, "repaired") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// What is kept, and new files, belong to whom the old ones do. Only root may give
// files away.
func TestTruncateOwner(t *testing.T) {
	for _, kind := range wounds {
		t.Run(kind, func(t *testing.T) {
			w := newWounded(t, kind, t.TempDir())
			w.giveAway(t)
			if out, err := w.command(t).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			w.givenAway(t)
		})
	}
}

// In a folder that may not be written to nothing changes.
func TestTruncateReadOnly(t *testing.T) {
	for _, kind := range wounds {
		t.Run(kind, func(t *testing.T) {
			dir := smallDisk(t, "16M")
			w := newWounded(t, kind, dir)
			if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
				t.Skipf("cannot make it read-only: %v", err)
			}
			w.untouched(t, w.command(t), "read-only file system; nothing was changed")
			if out, err := rdbtool(t, "aof-truncate", dir).Output(); err == nil || !bytes.Contains(out, []byte("aof-truncate")) {
				t.Errorf("what to do is not shown: %s", out)
			}
		})
	}
}
