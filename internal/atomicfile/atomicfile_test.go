package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func create(t *testing.T, path string, o Options) *File {
	t.Helper()
	f, err := Create(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func write(t *testing.T, f *File, s string) {
	t.Helper()
	if n, err := f.Write([]byte(s)); n != len(s) || err != nil {
		t.Fatalf("wrote %d of %d bytes, error %v", n, len(s), err)
	}
}

func commit(t *testing.T, f *File) {
	t.Helper()
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// wantDir asks that dir holds just these files: name, content, name, content.
func wantDir(t *testing.T, dir string, files ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			b = []byte(err.Error())
		}
		got = append(got, e.Name(), string(b))
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", files) {
		t.Errorf("directory holds %q, want %q", got, files)
	}
}

// wantError asks for a *fs.PathError with this path around target.
func wantError(t *testing.T, err, target error, path string) {
	t.Helper()
	var e *fs.PathError
	if !errors.As(err, &e) || e.Path != path || !errors.Is(err, target) {
		t.Errorf("got error %v; want %q with path %s", err, target, path)
	}
	if err != nil && strings.Contains(err.Error(), ".tmp-") {
		t.Errorf("error %q names the temporary file", err)
	}
}

func TestAppearsAtCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	f := create(t, path, Options{})
	write(t, f, "one ")
	write(t, f, "two")
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || !strings.HasPrefix(entries[0].Name(), ".dump.rdb.tmp-") {
		t.Errorf("before commit: %v, error %v", entries, err)
	}
	if f.Name() != path {
		t.Errorf("name %s", f.Name())
	}
	commit(t, f)
	wantDir(t, dir, "dump.rdb", "one two")

	if err := f.Close(); err != nil {
		t.Errorf("close after commit: %v", err)
	}
	wantDir(t, dir, "dump.rdb", "one two")
	wantError(t, f.Commit(), fs.ErrClosed, path)
	_, err = f.Write([]byte("x"))
	wantError(t, err, fs.ErrClosed, path)
	wantDir(t, dir, "dump.rdb", "one two")
}

func TestEmptyFile(t *testing.T) {
	dir := t.TempDir()
	commit(t, create(t, filepath.Join(dir, "empty"), Options{}))
	wantDir(t, dir, "empty", "")
}

func TestAbortLeavesNothing(t *testing.T) {
	for name, end := range map[string]func(*File) error{"abort": (*File).Abort, "close": (*File).Close} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, filepath.Join(dir, "old"), "kept", 0o600)
			for _, path := range []string{"old", "new"} {
				f := create(t, filepath.Join(dir, path), Options{Overwrite: true})
				write(t, f, "half")
				for range 2 {
					if err := end(f); err != nil {
						t.Error(err)
					}
				}
				wantError(t, f.Commit(), fs.ErrClosed, f.Name())
			}
			wantDir(t, dir, "old", "kept")
		})
	}
}

func TestExistingFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	put(t, path, "kept", 0o600)
	_, err := Create(path, Options{})
	wantError(t, err, fs.ErrExist, path)
	wantDir(t, dir, "dump.rdb", "kept")
}

func TestFileThatAppearsMeanwhileIsKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	f := create(t, path, Options{})
	write(t, f, "ours")
	put(t, path, "theirs", 0o600)
	wantError(t, f.Commit(), fs.ErrExist, path)
	wantDir(t, dir, "dump.rdb", "theirs")
}

func TestOverwrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	put(t, path, "old content", 0o600)
	f := create(t, path, Options{Overwrite: true})
	write(t, f, "new")
	if b, err := os.ReadFile(path); err != nil || string(b) != "old content" {
		t.Errorf("before commit: %q, error %v", b, err)
	}
	commit(t, f)
	wantDir(t, dir, "dump.rdb", "new")
}

func TestMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	dir := t.TempDir()
	ordinary := filepath.Join(dir, "ordinary")
	g, err := os.OpenFile(ordinary, os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	g.Close()
	info, err := os.Stat(ordinary)
	if err != nil {
		t.Fatal(err)
	}
	masked := info.Mode()

	for _, old := range []fs.FileMode{0, 0o600, 0o640, 0o666, 0o444, 0o755} {
		path := filepath.Join(dir, "dump.rdb")
		want := masked
		if old != 0 {
			put(t, path, "old", old)
			want = old
		}
		f := create(t, path, Options{Overwrite: true})
		write(t, f, "new")
		commit(t, f)
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("mode %v became %v, want %v, error %v", old, info.Mode(), want, err)
		}
		os.Remove(path)
	}
}

func TestSymbolicLinks(t *testing.T) {
	for _, c := range []struct {
		name, link, to string
		real           string
	}{
		{"beside", "link", "real", "real"},
		{"into a directory", "link", "sub/real", "sub/real"},
		{"out of a linked directory", "linked/link", "../sibling", "elsewhere/sibling"},
		{"two links", "link2", "link1", "real"},
		{"absolute", "link", "/real", "real"},
	} {
		for _, there := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, target there: %v", c.name, there), func(t *testing.T) {
				dir := t.TempDir()
				at := func(p string) string { return filepath.Join(dir, filepath.FromSlash(p)) }
				for _, sub := range []string{"sub", "elsewhere/inner"} {
					if err := os.MkdirAll(at(sub), 0o700); err != nil {
						t.Fatal(err)
					}
				}
				symlink := func(to, link string) {
					if strings.HasPrefix(to, "/") {
						to = at(to)
					}
					if err := os.Symlink(to, at(link)); err != nil {
						t.Skip(err)
					}
				}
				symlink("elsewhere/inner", "linked")
				symlink("real", "link1")
				symlink(c.to, c.link)
				if there {
					put(t, at(c.real), "old", 0o600)
					_, err := Create(at(c.link), Options{})
					wantError(t, err, fs.ErrExist, at(c.link))
				}
				f := create(t, at(c.link), Options{Overwrite: there})
				write(t, f, "new")
				commit(t, f)
				if info, err := os.Lstat(at(c.link)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
					t.Errorf("the link is gone: %v, error %v", info, err)
				}
				if info, err := os.Lstat(at(c.real)); err != nil || !info.Mode().IsRegular() {
					t.Errorf("no file where the link leads: %v, error %v", info, err)
				}
				if b, err := os.ReadFile(at(c.link)); err != nil || string(b) != "new" {
					t.Errorf("read %q, error %v", b, err)
				}
				for _, d := range []string{".", "sub", "elsewhere", "elsewhere/inner"} {
					if left, _ := filepath.Glob(at(d + "/.*tmp*")); len(left) > 0 {
						t.Errorf("left behind: %q", left)
					}
				}
			})
		}
	}
}

func TestLinkLoop(t *testing.T) {
	path := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(path, path); err != nil {
		t.Skip(err)
	}
	if f, err := Create(path, Options{Overwrite: true}); err == nil {
		f.Close()
		t.Error("created through a link to itself")
	}
	if to, err := followLinks(path); err == nil {
		t.Errorf("a link to itself leads to %s", to)
	}
}

func TestBadPaths(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "kept", 0o600)
	for _, path := range []string{"", dir, dir + "/", dir + "/none/x", dir + "/file/x", dir + "/none/", dir + "/x\x00y"} {
		f, err := Create(path, Options{Overwrite: true})
		var e *fs.PathError
		if f != nil || !errors.As(err, &e) || e.Path != path {
			t.Errorf("%q: error %v", path, err)
		}
	}
	wantDir(t, dir, "file", "kept")
}

func TestUnwritableDirectory(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("needs a user whom permissions bind")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "dump.rdb")
	put(t, path, "kept", 0o600)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	_, err := Create(path, Options{Overwrite: true})
	wantError(t, err, fs.ErrPermission, path)
	wantDir(t, dir, "dump.rdb", "kept")
}

// TestUnreadableDirectory: one may be allowed to write where one may not list.
func TestUnreadableDirectory(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no permission bits")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o300); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	f := create(t, filepath.Join(dir, "dump.rdb"), Options{})
	write(t, f, "new")
	commit(t, f)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	wantDir(t, dir, "dump.rdb", "new")
}

// TestLostTemporaryFile: what fails at Commit leaves the old file as it was.
func TestLostTemporaryFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be removed")
	}
	for _, overwrite := range []bool{true, false} {
		dir := t.TempDir()
		path := filepath.Join(dir, "dump.rdb")
		var want []string
		if overwrite {
			put(t, path, "kept", 0o600)
			want = []string{"dump.rdb", "kept"}
		}
		f := create(t, path, Options{Overwrite: overwrite})
		write(t, f, "new")
		if err := os.Remove(f.temp); err != nil {
			t.Fatal(err)
		}
		wantError(t, f.Commit(), fs.ErrNotExist, path)
		wantDir(t, dir, want...)
	}
}

func TestLongName(t *testing.T) {
	dir := t.TempDir()
	name := strings.Repeat("ä", 120) + ".rdb"
	f, err := Create(filepath.Join(dir, name), Options{})
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, "new")
	commit(t, f)
	wantDir(t, dir, name, "new")
}

func TestRelativePath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	f := create(t, "dump.rdb", Options{})
	write(t, f, "new")
	commit(t, f)
	wantDir(t, dir, "dump.rdb", "new")
}

// TestConcurrentCreators: one wins, and its bytes are all that is there.
func TestConcurrentCreators(t *testing.T) {
	for _, c := range []struct {
		name    string
		publish func(temp, target string) error
	}{
		{"hard links", func(temp, target string) error { return renameNew(temp, target, os.Link) }},
		{"no hard links", func(temp, target string) error { return renameNew(temp, target, noLinks) }},
		{"overwrite", os.Rename},
	} {
		t.Run(c.name, func(t *testing.T) {
			const creators = 16
			dir := t.TempDir()
			path := filepath.Join(dir, "dump.rdb")
			var (
				wg   sync.WaitGroup
				errs [creators]error
			)
			for i := range creators {
				wg.Go(func() {
					f, err := Create(path, Options{Overwrite: c.name == "overwrite"})
					if err != nil {
						errs[i] = err
						return
					}
					defer f.Close()
					for range 10 {
						if _, err := f.Write(bytes.Repeat([]byte{byte('a' + i)}, 1000)); err != nil {
							errs[i] = err
							return
						}
					}
					errs[i] = c.publish(f.temp, path)
				})
			}
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if !errors.Is(err, fs.ErrExist) {
					t.Error(err)
				}
			}
			if wants := map[bool]int{true: creators, false: 1}[c.name == "overwrite"]; won != wants {
				t.Errorf("%d creators succeeded, want %d", won, wants)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) != 10_000 || bytes.Count(b, b[:1]) != len(b) {
				t.Errorf("%d bytes, of more than one creator or not whole", len(b))
			}
			wantDir(t, dir, "dump.rdb", string(b))
		})
	}
}

func noLinks(from, to string) error {
	return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
}

func TestNoHardLinks(t *testing.T) {
	dir := t.TempDir()
	temp, target := filepath.Join(dir, "temp"), filepath.Join(dir, "target")

	put(t, temp, "new", 0o600)
	if err := renameNew(temp, target, noLinks); err != nil {
		t.Error(err)
	}
	wantDir(t, dir, "target", "new")

	put(t, temp, "newer", 0o600)
	if err := renameNew(temp, target, noLinks); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	wantDir(t, dir, "target", "new", "temp", "newer")

	os.Remove(target)
	os.Remove(temp)
	if err := renameNew(temp, target, noLinks); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of nothing: %v", err)
	}
	wantDir(t, dir)
}

func TestIsDisk(t *testing.T) {
	for mode, want := range map[fs.FileMode]bool{
		0o644:                             false,
		fs.ModeDevice | 0o660:             true,
		fs.ModeDevice | fs.ModeCharDevice: false,
		fs.ModeNamedPipe:                  false,
		fs.ModeSocket | 0o777:             false,
		fs.ModeSymlink | 0o777:            false,
	} {
		if isDisk(mode) != want {
			t.Errorf("%v: want %v", mode, want)
		}
	}
}
