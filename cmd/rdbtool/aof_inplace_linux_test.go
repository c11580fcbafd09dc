package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/aof"
)

// The append-only files of servers before and since Redis 7.0.
var places = map[string]string{"single": "appendonly.aof", "folder": "appendonly.aof.1.incr.aof"}

// newPlace writes an append-only file of some megabytes.
func newPlace(t *testing.T, kind, dir string) *place {
	t.Helper()
	p := &place{dir: dir, log: filepath.Join(dir, places[kind])}
	var b []byte
	for i := range 60_000 {
		b = aof.AppendCommand(b, "SET", fmt.Appendf(nil, "key:%d", i%20_000), fmt.Appendf(nil, "value %d %d", i*7919, i))
	}
	write(t, p.log, b)
	if kind == "folder" {
		write(t, filepath.Join(dir, "appendonly.aof.manifest"), []byte("file appendonly.aof.1.incr.aof seq 1 type i\n"))
	}
	p.files = p.read(t)
	p.digest = p.sum(t)
	return p
}

func (p *place) command(t *testing.T) *exec.Cmd {
	return rdbtool(t, "aof-rewrite", "--in-place", p.dir, "--target", "redis-7.0", "-j", "2")
}

// rewrite rewrites the log, which must go well.
func (p *place) rewrite(t *testing.T) {
	t.Helper()
	begin := time.Now()
	if out, err := p.command(t).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p.took = time.Since(begin)
	if now := p.read(t); maps.Equal(now, p.files) {
		t.Fatal("nothing has changed")
	}
	p.same(t, "rewritten")
}

// same checks that the folder holds the data that it held, and all of its old
// files, one of which may have got another name.
func (p *place) same(t *testing.T, when string) {
	t.Helper()
	if sum := p.sum(t); sum != p.digest {
		t.Errorf("%s: the digest is %s, want %s", when, sum, p.digest)
	}
	now := p.read(t)
	kept := filepath.Base(p.log)
	if now[kept] != p.files[kept] && now[kept+".old"] != p.files[kept] {
		t.Errorf("%s: the old log is not kept: %s", when, sizes(now))
	}
}

// A log that another process has open, or that changes while it is rewritten,
// is left alone.
func TestInPlaceInUse(t *testing.T) {
	for kind := range places {
		t.Run(kind, func(t *testing.T) {
			p := newPlace(t, kind, t.TempDir())
			server, err := os.OpenFile(p.log, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			p.untouched(t, p.command(t), fmt.Sprintf("is in use by process %d", os.Getpid()))

			// From here on no other process is known to have it open.
			if err := server.Close(); err != nil {
				t.Fatal(err)
			}
			for name := range p.files {
				var out bytes.Buffer
				cmd := p.halted(t, &out)
				f, err := os.OpenFile(filepath.Join(p.dir, name), os.O_WRONLY|os.O_APPEND, 0)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.WriteString("#\r\n"); err != nil {
					t.Fatal(err)
				}
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Wait()
				if code := cmd.ProcessState.ExitCode(); code != exitFailure || !strings.Contains(out.String(), name+" has changed") {
					t.Errorf("%s is appended to: exit code %d: %s", name, code, &out)
				}
				want := maps.Clone(p.files)
				want[name] += "#\r\n"
				if now := p.read(t); !maps.Equal(now, want) {
					t.Errorf("%s is appended to: it leaves %s", name, sizes(now))
				}
				p.restore(t)
			}
			p.rewrite(t)
		})
	}
}

// halted starts a rewrite and halts it while it writes.
func (p *place) halted(t *testing.T, out *bytes.Buffer) *exec.Cmd {
	t.Helper()
	writes := func() bool {
		base, _ := filepath.Glob(filepath.Join(p.dir, ".appendonly.aof.1.base.*.tmp-*"))
		single, _ := filepath.Glob(filepath.Join(p.dir, ".appendonly.aof.tmp-*"))
		_, err := os.Stat(p.log + ".old")
		return len(base)+len(single) > 0 && err != nil
	}
	for range 20 {
		cmd := p.command(t)
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := func() bool { // and waits for its parent
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
			return err != nil || bytes.Contains(stat, []byte(") Z "))
		}
		for begin := time.Now(); !writes() && !ended() && time.Since(begin) < 10*time.Second; {
		}
		if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
		if writes() {
			return cmd
		}
		_ = cmd.Process.Kill() // too late: it is done
		_ = cmd.Wait()
		out.Reset()
		p.restore(t)
	}
	t.Fatal("it was never seen to write")
	return nil
}

// A rewrite that is interrupted or killed at any time leaves the data as it was,
// and the old log; after an interrupt all files are the old ones or all has been
// done. It can be rewritten again.
func TestInPlaceKilled(t *testing.T) {
	times := 8
	if testing.Short() {
		times = 3
	}
	for kind := range places {
		t.Run(kind, func(t *testing.T) {
			p := newPlace(t, kind, t.TempDir())
			p.rewrite(t)
			done := len(p.read(t))
			before, after := 0, 0
			for i := range times {
				for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
					p.restore(t)
					cmd := p.command(t)
					signalled(t, cmd, p.took*time.Duration(i)/time.Duration(times)*5/4, sig)
					when := fmt.Sprintf("%v after %d of %d", sig, i, times)
					p.same(t, when)
					switch now := p.read(t); {
					case maps.Equal(now, p.files):
						before++
						if cmd.ProcessState.ExitCode() == 0 {
							t.Errorf("%s: exit code 0, and nothing is done", when)
						}
					case sig == syscall.SIGINT && len(now) != done:
						t.Errorf("%s: it leaves %s", when, sizes(now))
					default:
						after++
					}
					if out, err := p.command(t).CombinedOutput(); err != nil {
						t.Errorf("%s: once more: %v: %s", when, err, out)
					}
					p.same(t, when+", and once more")
				}
			}
			t.Logf("%d of %v: %d before, %d after", before+after, p.took, before, after)
		})
	}
}

// A rewrite into another place that is interrupted leaves its whole output or
// none, and the input as it was.
func TestRewriteKilled(t *testing.T) {
	p := newPlace(t, "folder", t.TempDir())
	for _, name := range []string{"out.aof", "out", "out.aof.zst"} {
		t.Run(name, func(t *testing.T) {
			for i := range 8 {
				dir := t.TempDir()
				cmd := rdbtool(t, "aof-rewrite", p.dir, "-o", filepath.Join(dir, name), "-j", "2")
				signalled(t, cmd, time.Duration(i)*15*time.Millisecond, syscall.SIGINT)
				files, err := os.ReadDir(dir)
				if err != nil {
					t.Fatal(err)
				}
				switch code := cmd.ProcessState.ExitCode(); {
				case code == exitOK && len(files) == 1:
					if sum := (&place{dir: filepath.Join(dir, name)}).sum(t); sum != p.digest {
						t.Errorf("after %d: the digest is %s, want %s", i, sum, p.digest)
					}
				case code == exitInterrupted && len(files) == 0:
				case code == -1 && len(files) == 0: // before the program took over the signal
				default:
					t.Errorf("after %d: exit code %d, and it leaves %v", i, code, files)
				}
			}
			if now := p.read(t); !maps.Equal(now, p.files) {
				t.Errorf("the input is now %s", sizes(now))
			}
		})
	}
}

// On a full disk nothing changes. Only root may make one.
func TestInPlaceFullFileSystem(t *testing.T) {
	for kind := range places {
		t.Run(kind, func(t *testing.T) {
			p := newPlace(t, kind, smallDisk(t, "8M"))
			p.full(t, func() *exec.Cmd { return p.command(t) }, "no space left on device")
			p.rewrite(t)
		})
	}
}

// New files belong to whom the old ones do: the server must be able to write to
// them. Only root may give files away.
func TestInPlaceOwner(t *testing.T) {
	for kind := range places {
		t.Run(kind, func(t *testing.T) {
			p := newPlace(t, kind, t.TempDir())
			p.giveAway(t)
			p.rewrite(t)
			p.givenAway(t)
		})
	}
}
