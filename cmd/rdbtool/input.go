package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/rdb"
)

// input is an open file, unpacked, or an append-only file of several.
type input struct {
	io.Reader
	name   string
	path   string   // of the file, "" for standard input
	file   *os.File // nil for standard input, and for several files
	size   int64    // on disk, -1 if unknown
	format compress.Format
	kind   kind
	isBase bool   // an RDB file that was written as the base of an append-only file
	head   []byte // the first bytes
	close  func() error
}

// kind is what a file is by its first bytes.
type kind string

const (
	kindRDB      kind = "rdb"
	kindAOF      kind = "aof"
	kindManifest kind = "manifest"
	kindJSON     kind = "json"
	kindOther    kind = ""
)

// peekLen is enough to tell a file by, and headLen to tell whether an RDB file is
// the first part of an append-only file.
const (
	peekLen = 16
	headLen = 4 << 10
)

func kindOf(b []byte) kind {
	for _, magic := range []string{"REDIS", "VALKEY", "VCS\x01", "$EOF:"} {
		if bytes.HasPrefix(b, []byte(magic)) {
			return kindRDB
		}
	}
	switch {
	case len(b) > 1 && b[0] == '*' && b[1] >= '0' && b[1] <= '9', bytes.HasPrefix(b, []byte("#TS:")):
		return kindAOF
	case bytes.HasPrefix(b, []byte("file ")):
		return kindManifest
	}
	if b = bytes.TrimLeft(b, " \t\r\n"); len(b) > 0 && (b[0] == '{' || b[0] == '[') {
		return kindJSON
	}
	return kindOther
}

// open opens the file of that name, "-" for standard input.
func (p *program) open(name string, progress *progress) (*input, error) {
	in := &input{name: name, path: name, size: -1}
	var r io.Reader = p.stdin
	if name == "-" {
		in.name, in.path = "standard input", ""
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, err
		}
		if info.IsDir() {
			in.kind = kindManifest
			in.close = f.Close
			return in, nil
		}
		if info.Mode().IsRegular() {
			in.size = info.Size()
		}
		in.file, r = f, f
	}
	unpacked, format, err := compress.NewReader(progress.watch(r, in.name, in.size))
	if err != nil {
		if in.file != nil {
			in.file.Close()
		}
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	in.format = format
	in.close = func() error {
		err := unpacked.Close()
		if in.file != nil {
			return errors.Join(err, in.file.Close())
		}
		return err
	}
	head := make([]byte, peekLen, headLen)
	n, err := io.ReadFull(unpacked, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		in.close()
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	head = head[:n]
	if in.kind = kindOf(head); in.kind == kindRDB {
		is, known := aof.IsPreamble(head)
		for err == nil && !known && len(head) < headLen { // a pipe may give little at a time
			n, err = unpacked.Read(head[len(head):headLen])
			head = head[:len(head)+n]
			is, known = aof.IsPreamble(head)
		}
		if is {
			in.kind = kindAOF
		}
		in.isBase = aof.IsBase(head)
	}
	in.head = head
	in.Reader = io.MultiReader(bytes.NewReader(head), unpacked)
	return in, nil
}

// isLog reports whether the input is an append-only file.
func (in *input) isLog() bool { return in.kind == kindAOF || in.kind == kindManifest }

// isPlain reports whether the input is a file that is not packed.
func (in *input) isPlain() bool { return in.file != nil && in.size >= 0 && in.format == compress.None }

// hasChecksum reports whether a snapshot that lies there as it is ends with a
// checksum, if files of its version do.
func (in *input) hasChecksum() bool {
	var sum [8]byte
	if !in.isPlain() || in.size < int64(len(sum)) {
		return false
	}
	_, err := in.file.ReadAt(sum[:], in.size-int64(len(sum)))
	return err == nil && sum != [8]byte{}
}

// isPipe reports whether the input can be read only once.
func (in *input) isPipe() bool { return in.path == "" || in.file != nil && in.size < 0 }

// log opens an append-only file.
func (in *input) log(progress *progress) (*aof.Log, error) { return in.logBy(aof.Open, progress) }

// logBy opens an append-only file by that function, if it is not read as a
// stream.
func (in *input) logBy(open func(string, *aof.LogOptions) (*aof.Log, error), progress *progress) (*aof.Log, error) {
	o := &aof.LogOptions{
		Options: aof.Options{Annotations: true},
		RDB:     rdb.Options{Meta: true},
	}
	if in.file == nil && in.path == "" || in.file != nil && !in.isPlain() {
		if in.kind == kindManifest {
			return nil, unsupported(in.name, "manifest that is no plain file: the files that it lists cannot be found")
		}
		return aof.NewLog(in, in.name, o), nil
	}
	o.Watch = func(r io.Reader, p *aof.Part) io.Reader { return progress.watch(r, p.Name(), p.Size) }
	return open(in.path, o)
}

// notLog is the error for a file where an append-only file is due: a mistake if
// it is something else, damage if nothing tells what it is.
func (in *input) notLog(hint string) error {
	if in.kind != kindOther {
		return &usageError{in.name + " is no append-only file" + hint}
	}
	reason := fmt.Errorf("not an append-only file: it begins with %q", in.head)
	if len(in.head) == 0 {
		reason = errors.New("the file is empty")
	}
	return &entry.CorruptError{Place: entry.Place{File: in.name, Element: -1}, Err: reason}
}

func unsupported(name, what string) error {
	return &entry.UnsupportedError{Place: entry.Place{File: name, Offset: -1, Element: -1}, What: what}
}

// options returns what the reader should know about the file.
func (in *input) options() rdb.Options {
	o := rdb.Options{Name: in.name}
	if in.format == compress.None && in.size > 0 {
		o.Size = in.size
	}
	return o
}
