package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// place is a folder with an append-only file that is rewritten where it stands.
type place struct {
	dir, log string
	files    map[string]string // as they were
	digest   string
	took     time.Duration
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p *place) read(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(p.dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(b)
	}
	return files
}

// restore puts the folder back to what it was.
func (p *place) restore(t *testing.T) {
	t.Helper()
	for name := range p.read(t) {
		if err := os.Remove(filepath.Join(p.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range p.files {
		write(t, filepath.Join(p.dir, name), []byte(data))
	}
}

func (p *place) sum(t *testing.T) string {
	t.Helper()
	out, err := rdbtool(t, "digest", p.dir).Output()
	if err != nil {
		t.Fatalf("digest: %v", err)
	}
	return string(out)
}

// untouched checks that a rewrite was refused and has changed nothing.
func (p *place) untouched(t *testing.T, cmd *exec.Cmd, reason string) {
	t.Helper()
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitFailure || !bytes.Contains(out, []byte(reason)) {
		t.Errorf("exit code %d, want %q: %s", code, reason, out)
	}
	if now := p.read(t); !maps.Equal(now, p.files) {
		t.Errorf("it leaves %s", sizes(now))
	}
}

// smallDisk returns a folder that is a file system of its own, of that size. Only root
// may make one.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("no small file system: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// full fills the folder, a small disk, up to a few bytes. The command must fail there
// and change nothing.
func (p *place) full(t *testing.T, command func() *exec.Cmd, reason string) {
	t.Helper()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(p.dir, &disk); err != nil {
		t.Fatal(err)
	}
	free := int(disk.Bavail) * int(disk.Bsize)
	for _, left := range []int{0, 4 << 10, 200 << 10} {
		write(t, filepath.Join(p.dir, "filler"), make([]byte, free-left))
		p.files = p.read(t)
		p.untouched(t, command(), reason)
	}
	if err := os.Remove(filepath.Join(p.dir, "filler")); err != nil {
		t.Fatal(err)
	}
	delete(p.files, "filler")
}

// Whom files are given to.
const (
	otherOwner = 65534
	otherPerm  = 0o640
)

// giveAway gives all files of the folder to somebody else. Only root may.
func (p *place) giveAway(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may give files away")
	}
	for name := range p.files {
		if err := os.Chown(filepath.Join(p.dir, name), otherOwner, otherOwner); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(p.dir, name), otherPerm); err != nil {
			t.Fatal(err)
		}
	}
}

// givenAway checks that all files of the folder, new ones too, are still theirs.
func (p *place) givenAway(t *testing.T) {
	t.Helper()
	for name := range p.read(t) {
		info, err := os.Stat(filepath.Join(p.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if uid := info.Sys().(*syscall.Stat_t).Uid; uid != otherOwner || info.Mode().Perm() != otherPerm {
			t.Errorf("%s is of %d, mode %v", name, uid, info.Mode())
		}
	}
}
