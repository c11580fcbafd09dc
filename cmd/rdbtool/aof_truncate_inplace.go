package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rdbtool/rdbtool/internal/atomicfile"
	"github.com/rdbtool/rdbtool/verify"
)

// How files are repaired where they stand, such that a process that is killed
// leaves the old state or the new one:
//
//	the end of one file     .quarantine <- the end, then ftruncate
//	stretches of one file   .quarantine <- the stretches, then a new file is renamed over the old one
//	several files           each gets a second name that ends in .quarantine, and so does the
//	                        manifest; new files get new names; then a new manifest is renamed over
//	                        the old one, and the old names go
func (t *truncation) inPlace(ctx context.Context) error {
	var changed []*verify.FileRepair
	gone := false
	for i := range t.repair.Files {
		f := &t.repair.Files[i]
		gone = gone || f.Gone
		if f.Changed() {
			changed = append(changed, f)
		}
	}
	if !gone && len(changed) == 1 {
		return t.repairFile(ctx, changed[0])
	}
	return t.repairFolder(ctx, changed)
}

// repairFile repairs one file, the only one that changes.
func (t *truncation) repairFile(ctx context.Context, f *verify.FileRepair) (err error) {
	path, err := filepath.EvalSymlinks(t.log.Parts[f.Part].Path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	kept, err := t.quarantine(path, info, func(w io.Writer) error { return t.pass(ctx, w, f, (*verify.FileRepair).Dropped) })
	if err != nil {
		return t.unchanged(err)
	}
	if from, ok := f.Tail(); ok {
		err = t.cut(path, from)
	} else {
		err = t.replace(ctx, path, f)
	}
	if now, e := os.Stat(path); err != nil && e == nil && os.SameFile(now, info) && now.Size() == info.Size() {
		return t.unchanged(errors.Join(err, os.Remove(kept)))
	}
	if err != nil {
		return fmt.Errorf("%w; what was taken away is kept as %s", err, kept)
	}
	return t.done(kept)
}

// unchanged adds to an error that all is as it was.
func (t *truncation) unchanged(err error) error { return fmt.Errorf("%w; nothing was changed", err) }

// cut cuts a file.
func (t *truncation) cut(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = t.place.unchanged()
	if err == nil {
		if err = f.Truncate(at); err == nil {
			err = f.Sync()
		}
	}
	return errors.Join(err, f.Close())
}

// replace puts what is kept of a file in its place.
func (t *truncation) replace(ctx context.Context, path string, f *verify.FileRepair) error {
	out, err := t.written(ctx, path, atomicfile.Options{Overwrite: true}, f)
	if err != nil {
		return err
	}
	if err := t.place.unchanged(); err != nil {
		return errors.Join(err, out.Abort())
	}
	return out.Commit()
}

// written returns a file that holds what is kept of another, and needs its name.
func (t *truncation) written(ctx context.Context, path string, o atomicfile.Options, f *verify.FileRepair) (*atomicfile.File, error) {
	out, err := atomicfile.Create(path, o)
	if err != nil {
		return nil, err
	}
	temp := out.Temp()
	t.p.temp.Store(&temp)
	err = t.keep(ctx, out, f)
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		return nil, errors.Join(err, out.Abort())
	}
	return out, nil
}

// quarantine writes what is taken away from a file beside it, under a name that
// nothing has.
func (t *truncation) quarantine(path string, like fs.FileInfo, write func(w io.Writer) error) (string, error) {
	for {
		name, err := freeName(path + ".quarantine")
		if err != nil {
			return "", err
		}
		out, err := atomicfile.Create(name, atomicfile.Options{Like: like})
		if err != nil {
			return "", err
		}
		temp := out.Temp()
		t.p.temp.Store(&temp)
		if err := write(out); err != nil {
			return "", errors.Join(err, out.Abort())
		}
		if err := out.Commit(); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
	}
}

// keepWhole gives a file a second name that ends in .quarantine, or where there
// are no links makes a copy.
func (t *truncation) keepWhole(path string) (string, error) {
	for {
		name, err := freeName(path + ".quarantine")
		if err != nil {
			return "", err
		}
		if err = os.Link(path, name); err == nil {
			return name, nil
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		return t.quarantine(path, info, func(w io.Writer) (err error) {
			in, err := os.Open(path)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, in.Close()) }()
			_, err = io.Copy(struct{ io.Writer }{w}, in)
			return err
		})
	}
}

// repairFolder repairs several files, which the manifest switches to all at once.
func (t *truncation) repairFolder(ctx context.Context, changed []*verify.FileRepair) (err error) {
	manifest := t.log.Manifest.Path
	dir := filepath.Dir(manifest)
	var made, old, kept []string
	names := map[string]string{}
	defer func() {
		if err != nil && names != nil {
			for _, name := range made {
				err = errors.Join(err, os.Remove(name))
			}
			err = t.unchanged(err)
		}
	}()
	keep := func(path string) error {
		name, err := t.keepWhole(path)
		if err != nil {
			return err
		}
		made, kept = append(made, name), append(kept, name)
		return nil
	}
	for _, f := range changed {
		path := t.log.Parts[f.Part].Path
		name := t.newName(path)
		out, err := t.written(ctx, filepath.Join(dir, name), atomicfile.Options{Like: t.place.like()}, f)
		if err != nil {
			return err
		}
		if err := out.Commit(); err != nil {
			return err
		}
		made = append(made, filepath.Join(dir, name))
		names[filepath.Base(path)] = name
		if err := keep(path); err != nil {
			return err
		}
		old = append(old, path)
	}
	for i := range t.repair.Files {
		if f := &t.repair.Files[i]; f.Gone {
			path := t.log.Parts[f.Part].Path
			if err := keep(path); err != nil {
				return err
			}
			old = append(old, path)
		}
	}
	if err := keep(manifest); err != nil {
		return err
	}
	before, err := os.Stat(manifest)
	if err != nil {
		return err
	}
	err = t.place.putManifest(manifest, t.repair.Manifest(t.log, names).AppendTo(nil))
	if now, e := os.Stat(manifest); err != nil && e == nil && os.SameFile(now, before) {
		return err
	}
	names = nil // from here on the new state holds
	if err != nil {
		return err // a crash may bring the old manifest back
	}
	for _, path := range old {
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil {
		return err
	}
	return t.done(kept...)
}

// newName returns a name for what is kept of a file of the log: the new one must be
// there before the old one goes.
func (t *truncation) newName(path string) string {
	dir, name := filepath.Split(path)
	stem, suffix := name, ""
	for _, s := range []string{".incr.aof", ".base.aof", ".base.rdb"} {
		if before, ok := strings.CutSuffix(name, s); ok {
			stem, suffix = before, s
		}
	}
	for i := 2; ; i++ {
		name := fmt.Sprintf("%s.%d%s", stem, i, suffix)
		if _, err := os.Lstat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			return name
		}
	}
}

// done says what has been done, and what comes next.
func (t *truncation) done(kept ...string) error {
	for i, name := range kept {
		kept[i] = printable(name)
	}
	_, err := fmt.Fprintf(t.p.stdout, "%s is repaired; what was taken away is kept as %s\nTo see that nothing is wrong with it, before the server starts:\n  rdbtool verify %s\n",
		printable(t.name), strings.Join(kept, ", "), quoted(t.name))
	return err
}
