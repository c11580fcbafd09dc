package atomicfile

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// Dir is a folder of files that is not there until Commit. It is for one
// goroutine at a time. Every Dir needs a Commit or an Abort.
type Dir struct {
	path string // as given
	temp string // "" at the end
}

// CreateDir prepares to make the folder at path. If something other than an
// empty folder is there, the error wraps fs.ErrExist.
func CreateDir(path string) (*Dir, error) {
	if err := free(path); err != nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: err}
	}
	clean := filepath.Clean(path)
	parent, base := filepath.Split(clean)
	for range maxNames {
		temp := parent + "." + base + ".tmp-" + strconv.FormatUint(rand.Uint64(), 36)
		err := os.Mkdir(temp, 0o755)
		if err == nil {
			return &Dir{path: clean, temp: temp}, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, &fs.PathError{Op: "create", Path: path, Err: errors.Unwrap(err)}
		}
	}
	return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
}

// free returns nil if nothing is at path, or an empty folder.
func free(path string) error {
	there, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !there.IsDir() {
		return fs.ErrExist
	}
	inside, err := os.ReadDir(path)
	if err == nil && len(inside) > 0 {
		return fs.ErrExist
	}
	return err
}

// Temp gives the path that the folder has for now. A process that must end at
// once removes it with all that is in it.
func (d *Dir) Temp() string { return d.temp }

// Create opens a new file in the folder. It must be closed before Commit.
func (d *Dir) Create(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(d.temp, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// Commit makes the folder appear under its name with all its files, and on
// disk, before it returns. If it fails nothing is left.
func (d *Dir) Commit() error {
	err := d.sync()
	if err == nil {
		// An empty folder gives way: os.Rename takes no name of a folder.
		if err = free(d.path); err == nil {
			if err = os.Remove(d.path); err == nil || errors.Is(err, fs.ErrNotExist) {
				err = os.Rename(d.temp, d.path)
			}
		}
	}
	if err != nil {
		return errors.Join(&fs.PathError{Op: "create", Path: d.path, Err: err}, d.Abort())
	}
	d.temp = ""
	if err := syncDir(d.path); err != nil {
		return &fs.PathError{Op: "sync directory of", Path: d.path, Err: err}
	}
	return nil
}

// sync puts the files on disk, then their names.
func (d *Dir) sync() error {
	files, err := os.ReadDir(d.temp)
	if err != nil {
		return err
	}
	for _, file := range files {
		f, err := os.OpenFile(filepath.Join(d.temp, file.Name()), os.O_RDWR, 0)
		if err != nil {
			return err
		}
		err = f.Sync()
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
	}
	return syncDir(d.temp + string(filepath.Separator))
}

// Abort removes what was written. After Commit or Abort it does nothing.
func (d *Dir) Abort() error {
	if d.temp == "" {
		return nil
	}
	temp := d.temp
	d.temp = ""
	return os.RemoveAll(temp)
}
