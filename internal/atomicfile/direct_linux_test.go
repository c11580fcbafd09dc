package atomicfile

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

func TestDevNull(t *testing.T) {
	f := create(t, "/dev/null", Options{})
	write(t, f, "gone")
	commit(t, f)
	wantError(t, f.Commit(), fs.ErrClosed, "/dev/null")
	info, err := os.Stat("/dev/null")
	if err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		t.Fatalf("/dev/null is %v, error %v", info, err)
	}
}

func TestDevFull(t *testing.T) {
	f := create(t, "/dev/full", Options{})
	_, err := f.Write([]byte("x"))
	wantError(t, err, syscall.ENOSPC, "/dev/full")
	wantError(t, f.Commit(), syscall.ENOSPC, "/dev/full")
}

// TestDiskFull puts a full device behind the temporary file.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	put(t, path, "kept", 0o600)
	f := create(t, path, Options{Overwrite: true})
	write(t, f, "half")

	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	f.f.Close()
	f.f = full
	_, err = f.Write([]byte("x"))
	wantError(t, err, syscall.ENOSPC, path)
	_, err = f.Write(nil)
	wantError(t, err, syscall.ENOSPC, path)
	wantError(t, f.Commit(), syscall.ENOSPC, path)
	wantDir(t, dir, "dump.rdb", "kept")
}

// TestSyncFails at a file that cannot be synced.
func TestSyncFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	f := create(t, path, Options{})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f.f.Close()
	f.f = w
	wantError(t, f.Commit(), syscall.EINVAL, path)
	wantDir(t, dir)
}

func TestNamedPipe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	got := make(chan string)
	go func() {
		b, err := os.ReadFile(path)
		if err != nil {
			b = []byte(err.Error())
		}
		got <- string(b)
	}()
	f := create(t, path, Options{})
	write(t, f, "through")
	commit(t, f)
	if s := <-got; s != "through" {
		t.Errorf("read %q", s)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe became %v, error %v", info, err)
	}
}

func TestPipeByDescriptor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), "ATOMICFILE_CHILD=/dev/fd/3")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	b, err := io.ReadAll(r)
	if werr := cmd.Wait(); err != nil || werr != nil || string(b) != "of the child\n" {
		t.Errorf("read %q, errors %v, %v", b, err, werr)
	}
}

// TestStandardOutput appends to the file that standard output leads to, as the
// shell's >> asks, and leaves that file in place.
func TestStandardOutput(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log")
	put(t, path, "before\n", 0o600)
	log, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, name := range []string{"/dev/stdout", "/proc/self/fd/1", "/dev/stderr"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
		cmd.Env = append(os.Environ(), "ATOMICFILE_CHILD="+name)
		if name == "/dev/stderr" {
			cmd.Stderr = log
		} else {
			cmd.Stdout = log
		}
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantDir(t, dir, "log", "before\nof the child\nof the child\nof the child\n")
	if _, err := log.WriteString("after\n"); err != nil {
		t.Error(err)
	}
	wantDir(t, dir, "log", "before\nof the child\nof the child\nof the child\nafter\n")
}

// TestChild is the other process of the tests above.
func TestChild(t *testing.T) {
	path := os.Getenv("ATOMICFILE_CHILD")
	if path == "" {
		t.Skip("for the tests that start this one")
	}
	f, err := Create(path, Options{})
	if err == nil {
		_, err = f.Write([]byte("of the child\n"))
	}
	if err == nil {
		err = f.Commit()
	}
	if err != nil {
		os.Exit(1)
	}
	os.Exit(0) // without the words of the test framework
}

func TestOwnerIsKept(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	path := filepath.Join(t.TempDir(), "dump.rdb")
	put(t, path, "old", 0o640)
	if err := os.Chown(path, 12345, 54321); err != nil {
		t.Skip(err)
	}
	f := create(t, path, Options{Overwrite: true})
	write(t, f, "new")
	commit(t, f)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	if st.Uid != 12345 || st.Gid != 54321 || info.Mode() != 0o640 {
		t.Errorf("owner %d, group %d, mode %v", st.Uid, st.Gid, info.Mode())
	}
}
