package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/rdb"
)

// input is an open file, unpacked.
type input struct {
	io.Reader
	name   string
	file   *os.File // nil for standard input
	size   int64    // on disk, -1 if unknown
	format compress.Format
	kind   kind
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

// peekLen is enough to tell a file by.
const peekLen = 16

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
	in := &input{name: name, size: -1}
	var r io.Reader = p.stdin
	if name == "-" {
		in.name = "standard input"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = directoryError(name)
		}
		if err != nil {
			f.Close()
			return nil, err
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
	head := make([]byte, peekLen)
	n, err := io.ReadFull(unpacked, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		in.close()
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	in.Reader = io.MultiReader(bytes.NewReader(head[:n]), unpacked)
	if in.kind = kindOf(head[:n]); in.kind == kindAOF || in.kind == kindManifest {
		in.close()
		return nil, unsupported(in.name, in.kind.describe())
	}
	return in, nil
}

func unsupported(name, what string) error {
	return &entry.UnsupportedError{Place: entry.Place{File: name, Offset: -1, Element: -1}, What: what}
}

func (k kind) describe() string {
	if k == kindManifest {
		return "manifest of an append-only file (commands are not replayed yet)"
	}
	return "append-only file (commands are not replayed yet)"
}

// directoryError tells which files of a directory to name instead. A server
// with an append-only file loads that and not the snapshot beside it.
func directoryError(name string) error {
	var aofs, snapshots []string
	for _, pattern := range []string{"*.manifest", "*/*.manifest", "appendonly.aof"} {
		found, _ := filepath.Glob(filepath.Join(name, pattern))
		aofs = append(aofs, found...)
	}
	snapshots, _ = filepath.Glob(filepath.Join(name, "*.rdb"))
	if len(snapshots) > maxNamed {
		snapshots = append(snapshots[:maxNamed], "...")
	}
	switch {
	case len(aofs) > 0 && len(snapshots) > 0:
		return unsupported(name, fmt.Sprintf("directory with an append-only file (%s); a snapshot beside it may be older: %s", aofs[0], strings.Join(snapshots, ", ")))
	case len(aofs) > 0:
		return unsupported(name, "directory with an append-only file ("+aofs[0]+")")
	case len(snapshots) > 0:
		return fmt.Errorf("%s is a directory; it holds %s", name, strings.Join(snapshots, ", "))
	}
	return fmt.Errorf("%s is a directory", name)
}

// options returns what the reader should know about the file.
func (in *input) options() rdb.Options {
	o := rdb.Options{Name: in.name}
	if in.format == compress.None && in.size > 0 {
		o.Size = in.size
	}
	return o
}
