package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Options of Create.
type Options struct {
	// Overwrite lets the target exist: it is replaced by Commit. Its
	// permissions are kept, and its owner as far as the process may.
	Overwrite bool
	// Mode, if set, is the permissions of the file, whatever was there: those of
	// a secret.
	Mode fs.FileMode
	// Like, if set, is a file whose permissions and owner a new one gets.
	Like fs.FileInfo
}

// File is an output that is not there until Commit. It is for one goroutine at
// a time. Every File needs a Commit, an Abort or a Close.
//
// Errors are *fs.PathError with the path that was given to Create.
type File struct {
	f      *os.File
	path   string // as given
	target string // gets its name from temp; "" if f is written directly
	temp   string // "" if f is written directly, or the file is gone
	opts   Options
	kind   fs.FileMode // of what is written directly
	std    bool        // f is a stream of the process and stays open
	err    error       // of a failed Write; fs.ErrClosed at the end
}

// Create prepares to write the file at path. If path is a symbolic link, the
// file it leads to is made or replaced, and the link stays. If a file is there
// and may not be overwritten, the error wraps fs.ErrExist.
//
// Devices, pipes, /dev/stdout and /dev/stderr are opened and written directly,
// with or without Overwrite, except that a disk needs it. Opening a named pipe
// waits for its reader.
func Create(path string, o Options) (*File, error) {
	f := &File{path: path, opts: o}
	if f.f = standardStream(path); f.f != nil {
		f.std = true
		return f, nil
	}
	old, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return nil, f.fail("create", err)
	case old.IsDir():
		return nil, f.fail("create", syscall.EISDIR)
	case !o.Overwrite && (old.Mode().IsRegular() || isDisk(old.Mode())):
		return nil, f.fail("create", fs.ErrExist)
	case !old.Mode().IsRegular():
		f.kind = old.Mode()
		if f.f, err = os.OpenFile(path, os.O_WRONLY, 0); err != nil {
			return nil, f.fail("create", err)
		}
		return f, nil
	}
	if f.target, err = followLinks(path); err != nil {
		return nil, f.fail("create", err)
	}
	if old == nil {
		old = o.Like
	}
	if f.f, err = createTemp(f.target, old, o.Mode); err != nil {
		return nil, f.fail("create", err)
	}
	f.temp = f.f.Name()
	return f, nil
}

// Name gives the path that was given to Create.
func (f *File) Name() string { return f.path }

// Temp gives the path of the temporary file, "" if the file is written
// directly. A process that must end at once removes it.
func (f *File) Temp() string { return f.temp }

// Write is one write of b, with no buffer between. After a failure the file
// cannot be committed.
func (f *File) Write(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.f.Write(b)
	if err != nil {
		f.err = f.fail("write", err)
	}
	return n, f.err
}

// Sync brings what has been written to the disk, so that Commit takes no time for
// that.
func (f *File) Sync() error {
	if f.err == nil && f.target != "" {
		if err := f.f.Sync(); err != nil {
			f.err = f.fail("sync", err)
		}
	}
	return f.err
}

// Commit makes the file appear under its name, and on disk, before it returns.
// If it fails, the temporary file is removed and the target is as it was. Only if
// the last step fails, the fsync of the directory, has the file appeared, and a
// crash may still undo that.
//
// Without Overwrite a file that appeared since Create is left alone and the
// error wraps fs.ErrExist.
//
// Commit of a file that is written directly closes it.
func (f *File) Commit() error {
	if f.err != nil {
		err := f.err
		_ = f.Abort() // the first error is the one to know
		return err
	}
	if f.target == "" {
		err := f.closeDirect()
		f.end()
		return err
	}
	err := f.f.Sync()
	if err != nil {
		err = f.fail("sync", err)
	}
	if e := f.f.Close(); e != nil && err == nil {
		err = f.fail("close", e)
	}
	if err == nil {
		err = f.publish()
	}
	if f.temp != "" {
		_ = os.Remove(f.temp)
	}
	f.end()
	return err
}

// Abort removes what was written; the target is as it was. What was written
// directly cannot be taken back. After Commit or Abort it does nothing.
func (f *File) Abort() error {
	if f.f == nil {
		return nil
	}
	var err error
	if f.target == "" {
		err = f.closeDirect()
	} else {
		_ = f.f.Close() // nothing of it is to be kept
		if e := os.Remove(f.temp); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = f.fail("remove temporary file of", e)
		}
	}
	f.end()
	return err
}

// Close is Abort, for a defer that follows Create.
func (f *File) Close() error { return f.Abort() }

func (f *File) end() {
	f.f, f.temp = nil, ""
	f.err = f.fail("write", fs.ErrClosed)
}

func (f *File) closeDirect() error {
	if f.std {
		return nil
	}
	var err error
	if isDisk(f.kind) {
		if err = f.f.Sync(); err != nil {
			err = f.fail("sync", err)
		}
	}
	if e := f.f.Close(); e != nil && err == nil {
		err = f.fail("close", e)
	}
	return err
}

// publish gives the finished temporary file its name.
func (f *File) publish() error {
	if f.opts.Overwrite {
		if err := os.Rename(f.temp, f.target); err != nil {
			return f.fail("rename to", err)
		}
	} else if err := renameNew(f.temp, f.target, os.Link); err != nil {
		return f.fail("create", err)
	}
	f.temp = ""
	if err := syncDir(f.target); err != nil {
		return f.fail("sync directory of", err)
	}
	return nil
}

// fail puts the path the caller knows in place of those the error may name.
func (f *File) fail(op string, err error) error {
	var (
		path *fs.PathError
		link *os.LinkError
	)
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return &fs.PathError{Op: op, Path: f.path, Err: err}
}
