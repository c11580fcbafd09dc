package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// A folder appears with all its files or not at all.
func TestDir(t *testing.T) {
	for _, before := range []string{"nothing", "empty folder"} {
		t.Run(before, func(t *testing.T) {
			parent := t.TempDir()
			path := filepath.Join(parent, "out")
			if before == "empty folder" {
				if err := os.Mkdir(path, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			d, err := CreateDir(path + "/")
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"b", "a"} {
				f, err := d.Create(name)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.WriteString(name); err != nil {
					t.Fatal(err)
				}
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if there, err := os.ReadDir(path); before == "nothing" && !errors.Is(err, fs.ErrNotExist) || len(there) > 0 {
				t.Errorf("before Commit: %v, %v", there, err)
			}
			if err := d.Commit(); err != nil {
				t.Fatal(err)
			}
			if got := names(t, path); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("files %q", got)
			}
			if got := names(t, parent); !slices.Equal(got, []string{"out"}) {
				t.Errorf("beside the folder: %q", got)
			}
			if err := d.Abort(); err != nil || len(names(t, path)) != 2 {
				t.Errorf("Abort after Commit: %v", err)
			}
		})
	}
}

func TestDirAbort(t *testing.T) {
	parent := t.TempDir()
	d, err := CreateDir(filepath.Join(parent, "out"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := d.Abort(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, parent); len(got) > 0 {
		t.Errorf("left: %q", got)
	}
}

// What is there stays, whether it was there before or came while the files
// were written.
func TestDirExists(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	if err := os.WriteFile(file, []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateDir(file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: %v", err)
	}
	if _, err := CreateDir(parent); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a folder with a file: %v", err)
	}
	late := filepath.Join(parent, "late")
	d, err := CreateDir(late)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(late, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(late, "x"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Commit over a folder that came: %v", err)
	}
	if got := names(t, parent); !slices.Equal(got, []string{"file", "late"}) {
		t.Errorf("left: %q", got)
	}
	if _, err := CreateDir(filepath.Join(parent, "no", "out")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
}
