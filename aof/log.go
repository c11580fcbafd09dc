package aof

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// Single is the kind of an append-only file that is one file: what servers
// before Redis 7.0 write.
const Single Kind = 's'

// Part is a file of a Log.
type Part struct {
	Path string
	Kind Kind
	Seq  int64 // as the manifest has it, 0 without one
	Size int64
}

// Name returns the name of the file without its folder.
func (p *Part) Name() string { return filepath.Base(p.Path) }

// Log is what a server loads: the files of an append-only file in their order,
// as one stream. A file begins in database 0, and a transaction does not go on
// from one file to the next.
type Log struct {
	Manifest *Manifest // nil for a single file
	Parts    []Part
	// Faults are what is wrong with the manifest and the folder, of a log that
	// OpenDamaged has opened. Lines that are wrong are left out of the Manifest,
	// files that are missing out of the Parts.
	Faults  []*entry.CorruptError
	lenient bool

	o    LogOptions
	at   int       // the part being read
	src  io.Reader // of the only part, if it is no file
	file io.Closer // of the part being read
	r    *Reader
	pre  *rdb.Reader
	rec  Record
	err  error
}

// LogOptions say how the files are read.
type LogOptions struct {
	Options             // Name and Size are set for each file
	RDB     rdb.Options // of the RDB parts; Name and Size are set too
	// Watch, if set, wraps what a part is read from.
	Watch func(r io.Reader, p *Part) io.Reader
}

// Record is an entry of an RDB part or a command.
type Record struct {
	Part    int // in Log.Parts; offsets are those in its file
	Entry   *entry.Entry
	Command *Command
}

// singleName is the name that servers give a single file.
const singleName = "appendonly.aof"

// Open opens the append-only file at path: one file, a manifest, or a folder
// that holds a manifest by itself or in a folder inside it. Nothing but the
// manifest is read yet. A listed file that is not there is an
// *entry.CorruptError that wraps ErrMissing.
func Open(path string, o *LogOptions) (*Log, error) {
	l := &Log{}
	if o != nil {
		l.o = *o
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		if path, err = find(path); err != nil {
			return nil, err
		}
	}
	if err := l.open(path); err != nil {
		return nil, err
	}
	return l, nil
}

// open opens a manifest or a single file.
func (l *Log) open(path string) error {
	text, ok, err := readManifest(path)
	if err != nil {
		return err
	}
	if !ok {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		l.Parts = []Part{{Path: path, Kind: Single, Size: info.Size()}}
		return nil
	}
	l.Manifest = scanManifest(path, text, func(fault *entry.CorruptError) { l.Faults = append(l.Faults, fault) })
	l.Manifest.Path = path
	for _, f := range l.Manifest.inOrder() {
		p := Part{Path: filepath.Join(filepath.Dir(path), f.Name), Kind: f.Kind, Seq: f.Seq}
		info, err := os.Stat(p.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			l.Faults = append(l.Faults, corrupt(path, -1, "manifest", fmt.Sprintf("the %s file %q is not there", f.Kind, f.Name), ErrManifest, ErrMissing))
		case err != nil:
			return err
		case info.IsDir():
			l.Faults = append(l.Faults, corrupt(path, -1, "manifest", fmt.Sprintf("the %s file %q is a folder", f.Kind, f.Name), ErrManifest, ErrMissing))
		case !info.Mode().IsRegular(): // to open a pipe would wait for its writer
			l.Faults = append(l.Faults, corrupt(path, -1, "manifest", fmt.Sprintf("the %s file %q is no regular file", f.Kind, f.Name), ErrManifest, ErrMissing))
		default:
			p.Size = info.Size()
			l.Parts = append(l.Parts, p)
		}
	}
	if len(l.Faults) > 0 && !l.lenient {
		return l.Faults[0]
	}
	return nil
}

// Files returns the paths of all files of the log: the manifest, what it lists,
// the history too. They need not all be there.
func (l *Log) Files() []string {
	if l.Manifest == nil {
		return []string{l.Parts[0].Path}
	}
	files := []string{l.Manifest.Path}
	for _, f := range l.Manifest.Files {
		files = append(files, filepath.Join(filepath.Dir(l.Manifest.Path), f.Name))
	}
	return files
}

// ManifestOf returns the path of a manifest beside the file at path that lists
// it, "" if there is none: the file is then no data set by itself.
func ManifestOf(path string) string {
	dir, name := filepath.Split(path)
	all, err := fs.Glob(os.DirFS(filepath.Clean(dir)), "*.manifest")
	if err != nil {
		return ""
	}
	for _, file := range all {
		text, ok, err := readManifest(filepath.Join(dir, file))
		if err != nil || !ok {
			continue
		}
		m, err := ParseManifest(file, text)
		if err == nil && slices.ContainsFunc(m.Files, func(f ManifestFile) bool { return f.Name == name }) {
			return filepath.Join(dir, file)
		}
	}
	return ""
}

// NewLog returns a log of one file that is read from r, such as standard input
// or a packed file.
func NewLog(r io.Reader, name string, o *LogOptions) *Log {
	l := &Log{src: r, Parts: []Part{{Path: name, Kind: Single, Size: -1}}}
	if o != nil {
		l.o = *o
	}
	return l
}

// maxManifest is more than any manifest has.
const maxManifest = 16 << 20

// readManifest reads the file at path if it is a manifest by its beginning.
func readManifest(path string) (text []byte, ok bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	head := make([]byte, windowSize)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, false, err
	}
	if !strings.HasSuffix(path, ".manifest") && !IsManifest(head[:n]) {
		return nil, false, nil
	}
	rest, err := io.ReadAll(io.LimitReader(f, maxManifest))
	return append(head[:n], rest...), true, err
}

// IsManifest reports whether a file that begins with b is a manifest: its first
// line that is no comment begins with "file".
func IsManifest(b []byte) bool {
	for len(b) > 0 && b[0] == '#' {
		line, rest, more := strings.Cut(string(b), "\n")
		if !more || strings.HasSuffix(line, "\r") { // an annotation of commands
			return false
		}
		b = []byte(rest)
	}
	return len(b) > 5 && strings.EqualFold(string(b[:4]), "file") && (b[4] == ' ' || b[4] == '\t')
}

// Next returns the next record, io.EOF after the last. It is borrowed until the
// following call. An error is final. A file that is cut is damage; of the last
// one alone the end may be taken away.
func (l *Log) Next() (*Record, error) {
	if l.err == nil {
		l.err = l.next()
	}
	if l.err != nil {
		return nil, l.err
	}
	return &l.rec, nil
}

func (l *Log) next() error {
	for {
		if l.r == nil {
			if l.at == len(l.Parts) {
				return io.EOF
			}
			if err := l.openPart(); err != nil {
				return err
			}
		}
		l.rec = Record{Part: l.at}
		var err error
		if l.pre != nil {
			if l.rec.Entry, err = l.pre.Next(); err == nil {
				return nil
			}
			if l.pre = nil; err != io.EOF {
				return PreambleError(err)
			}
		}
		if l.rec.Command, err = l.r.Next(); err != io.EOF {
			return l.judge(err)
		}
		if err := l.Close(); err != nil {
			return err
		}
		l.at++
	}
}

// OpenPart opens a part for those who read it in another way than Next does. The
// source of NewLog can be read once.
func (l *Log) OpenPart(i int) (io.ReadCloser, error) {
	p := &l.Parts[i]
	r := l.src
	var c io.Closer = io.NopCloser(nil)
	if r == nil {
		f, err := os.Open(p.Path)
		if err != nil {
			return nil, err
		}
		r, c = f, f
	}
	if l.o.Watch != nil {
		r = l.o.Watch(r, p)
	}
	return struct {
		io.Reader
		io.Closer
	}{r, c}, nil
}

func (l *Log) openPart() error {
	p := &l.Parts[l.at]
	r, err := l.OpenPart(l.at)
	if err != nil {
		return err
	}
	l.file = r
	o := l.o.Options
	o.Name, o.Size = p.Path, max(p.Size, 0)
	l.r = NewReader(r, &o)
	l.pre = l.r.Preamble(&l.o.RDB)
	return nil
}

// judge adds to the error of a file that is cut that it is not the last one.
func (l *Log) judge(err error) error {
	if err == nil {
		return nil
	}
	var c *entry.CorruptError
	if l.at == len(l.Parts)-1 || !errors.As(err, &c) || !errors.Is(err, entry.ErrTruncated) {
		return err
	}
	return &entry.CorruptError{Place: c.Place, Err: &reason{c.Err.Error() + ", and it is not the last file", []error{ErrNotLast, c.Err}}}
}

// ValidUpTo is Reader.ValidUpTo of the file being read.
func (l *Log) ValidUpTo() int64 {
	if l.r == nil {
		return 0
	}
	return l.r.ValidUpTo()
}

// Close closes the file being read.
func (l *Log) Close() error {
	l.r, l.pre = nil, nil
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
