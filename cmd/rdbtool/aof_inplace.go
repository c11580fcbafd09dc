package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/internal/atomicfile"
	"github.com/rdbtool/rdbtool/internal/inuse"
)

// inPlace is an append-only file that is rewritten where it stands. Its files
// must not change meanwhile.
type inPlace struct {
	log   *aof.Log
	files []string      // that must not change: the parts and the manifest
	state []os.FileInfo // of these, at the beginning
}

// openInPlace makes sure that nobody is at work on the files.
func openInPlace(in *input, progress *progress) (*inPlace, error) {
	log, err := in.log(progress)
	if err != nil {
		return nil, in.explain(err)
	}
	if in.path == "" || log.Parts[0].Size < 0 {
		return nil, &usageError{"--in-place: " + in.name + " is no plain file"}
	}
	return newInPlace(log)
}

// newInPlace is openInPlace for a log of plain files that is open.
func newInPlace(log *aof.Log) (*inPlace, error) {
	l := &inPlace{log: log}
	if log.Manifest != nil {
		l.files = append(l.files, log.Manifest.Path)
	} else {
		// Beside a link there is nothing to keep.
		path, err := filepath.EvalSymlinks(log.Parts[0].Path)
		if err != nil {
			return nil, err
		}
		if m := aof.ManifestOf(path); m != "" {
			return nil, &usageError{fmt.Sprintf("--in-place: %s is one of the files of %s; name that", path, m)}
		}
		log.Parts[0].Path = path
	}
	for _, part := range log.Parts {
		l.files = append(l.files, part.Path)
	}
	for _, file := range l.files {
		info, err := os.Stat(file)
		if err != nil {
			return nil, err
		}
		l.state = append(l.state, info)
	}
	return l, l.unchanged()
}

// like returns the file whose owner new ones get: a server must be able to write
// to them, whoever has made them.
func (l *inPlace) like() os.FileInfo { return l.state[len(l.state)-1] }

// single reports whether the log is one file without a manifest.
func (l *inPlace) single() bool { return l.log.Manifest == nil }

// unchanged returns an error if a file is in use or not what it was. The second is
// looked at last: to find out the first takes time.
func (l *inPlace) unchanged() error {
	for _, file := range l.files {
		if by := inuse.By(file); by != "" {
			return fmt.Errorf("%s is in use by %s; stop that first", file, by)
		}
	}
	for i, file := range l.files {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if was := l.state[i]; info.Size() != was.Size() || !info.ModTime().Equal(was.ModTime()) || !os.SameFile(info, was) {
			return fmt.Errorf("%s has changed: a server is at work on it; stop that first", file)
		}
	}
	return nil
}

// inPlace writes the new base beside the old files, and lets the manifest name
// it.
func (w *rewriting) inPlace(ctx context.Context) (*convert.Losses, error) {
	if w.place.single() {
		return w.replaceFile(ctx)
	}
	path := w.place.log.Manifest.Path
	dir := filepath.Dir(path)
	next, base, incr := w.place.log.Manifest.Rewritten(filepath.Base(path), w.o.base == toRDB, func(file string) bool {
		_, err := os.Lstat(filepath.Join(dir, file))
		return err == nil
	})
	losses, err := w.writeChecked(ctx, filepath.Join(dir, base), atomicfile.Options{Like: w.place.like()}, nil)
	if err != nil {
		return losses, err
	}
	if err := w.replaceManifest(path, next, filepath.Join(dir, base), filepath.Join(dir, incr)); err != nil {
		return losses, err
	}
	w.p.say("the files of before are kept as the history of %s: a server that starts deletes them", path)
	return losses, nil
}

// replaceManifest switches to the new base, which goes away again if that
// fails, and a file for the commands to come.
func (w *rewriting) replaceManifest(path string, next *aof.Manifest, base, incr string) (err error) {
	made := []string{base}
	text := next.AppendTo(nil)
	defer func() {
		// A commit may fail when the manifest is there already: it must not name
		// files that are not.
		if now, e := os.ReadFile(path); err != nil && e == nil && !bytes.Equal(now, text) {
			for _, name := range made {
				err = errors.Join(err, os.Remove(name))
			}
		}
	}()
	empty, err := atomicfile.Create(incr, atomicfile.Options{Like: w.place.like()})
	if err != nil {
		return err
	}
	if err := empty.Commit(); err != nil {
		return err
	}
	made = append(made, incr)
	return w.place.putManifest(path, text)
}

// putManifest replaces the manifest, if nobody is at work on the files.
func (l *inPlace) putManifest(path string, text []byte) error {
	if err := l.unchanged(); err != nil {
		return err
	}
	f, err := atomicfile.Create(path, atomicfile.Options{Overwrite: true})
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}

// replaceFile puts a new file in the place of a single one, which is kept under
// another name.
func (w *rewriting) replaceFile(ctx context.Context) (*convert.Losses, error) {
	path := w.place.log.Parts[0].Path
	kept, err := freeName(path + ".old")
	if err != nil {
		return nil, err
	}
	linked := false
	losses, err := w.writeChecked(ctx, path, atomicfile.Options{Overwrite: true}, func() error {
		if err := w.place.unchanged(); err != nil {
			return err
		}
		err := os.Link(path, kept)
		linked = err == nil
		return err
	})
	switch {
	case err == nil:
		w.p.say("%s is kept as %s", path, kept)
	case linked:
		if now, e := os.Stat(path); e == nil && os.SameFile(now, w.place.state[0]) {
			err = errors.Join(err, os.Remove(kept)) // a second name of what has stayed
		}
	}
	return losses, err
}

// freeName returns path, or path with the first number from 2 on under which
// nothing is.
func freeName(path string) (string, error) {
	free := path
	for i := 2; ; i++ {
		if _, err := os.Lstat(free); errors.Is(err, os.ErrNotExist) {
			return free, nil
		} else if err != nil {
			return "", err
		}
		free = path + strconv.Itoa(i)
	}
}

// writeChecked writes a file that is proved before it gets its name. last, if
// set, is called just before that.
func (w *rewriting) writeChecked(ctx context.Context, path string, o atomicfile.Options, last func() error) (*convert.Losses, error) {
	f, err := atomicfile.Create(path, o)
	if err != nil {
		return nil, err
	}
	temp := f.Temp()
	w.p.temp.Store(&temp)
	losses, err := w.o.write(ctx, w.src, f, w.opts)
	if err == nil {
		err = w.check(ctx, temp, losses)
	}
	if err == nil && last != nil {
		if err = f.Sync(); err == nil { // between what last finds and the new name is no time to lose
			err = last()
		}
	}
	if err != nil {
		return losses, errors.Join(err, f.Abort())
	}
	return losses, f.Commit()
}
