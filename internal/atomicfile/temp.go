package atomicfile

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

const (
	maxNames = 1000

	// File systems allow names of 255 bytes or a little less.
	maxBase = 200
)

// createTemp makes a new file beside target, with the permissions mode, or, if
// that is 0, those and the owner of old if there is one.
func createTemp(target string, old fs.FileInfo, mode fs.FileMode) (*os.File, error) {
	dir, base := filepath.Split(target)
	if base == "" {
		return nil, fs.ErrNotExist
	}
	if len(base) > maxBase {
		base = strings.ToValidUTF8(base[:maxBase], "")
	}
	perm := fs.FileMode(0o644)
	switch {
	case mode != 0:
		perm, old = mode, nil
	case old != nil:
		perm = 0o600 // until its owner is settled
	}
	var (
		f   *os.File
		err error = fs.ErrExist
	)
	for tries := 0; tries < maxNames && errors.Is(err, fs.ErrExist); tries++ {
		name := dir + "." + base + ".tmp-" + strconv.FormatUint(rand.Uint64(), 36)
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	}
	if err != nil {
		return nil, err
	}
	if old != nil {
		if err := dressAs(f, old); err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
			return nil, err
		}
	}
	return f, nil
}

func dressAs(f *os.File, old fs.FileInfo) error {
	keepOwner(f, old)
	now, err := f.Stat()
	if err != nil {
		return err
	}
	// File systems without permissions refuse the change, and need none.
	if now.Mode().Perm() == old.Mode().Perm() {
		return nil
	}
	return f.Chmod(old.Mode().Perm())
}

// renameNew renames temp to target unless target exists. link is os.Link.
func renameNew(temp, target string, link func(from, to string) error) error {
	err := link(temp, target)
	if err == nil {
		// A second name left behind harms nobody, and the first one is right.
		_ = os.Remove(temp)
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// Not every file system has hard links. An empty file takes the name, if
	// it is free, and is then replaced.
	claim, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	mine, statErr := claim.Stat()
	_ = claim.Close()
	if err := os.Rename(temp, target); err != nil {
		if there, e := os.Lstat(target); e == nil && statErr == nil && os.SameFile(mine, there) {
			_ = os.Remove(target)
		}
		return err
	}
	return nil
}

// syncDir makes the new name last, where a directory can be synced at all.
func syncDir(target string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, _ := filepath.Split(target)
	if dir == "" {
		dir = "."
	}
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil // it may be written to but not read
	}
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
