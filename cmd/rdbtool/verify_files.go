package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/verify"
)

// verifyItem is something to be verified.
type verifyItem struct {
	name string // of a file, a manifest or the folder of a log; "-" for standard input
	size int64  // on disk, of all files of a log; 0 if unknown
	err  error  // known to be wrong already

	set     *verify.BackupSet // the file is this list
	setText []byte            // its bytes, which are what is verified
	setErr  error             // why it cannot be read
	data    *verify.DataSet   // what a list says of it
	listed  bool              // a list that has been named vouches for it
}

// foundFiles are what the arguments of verify stand for.
type foundFiles struct {
	items      []verifyItem
	notes      []string // for the user
	passedOver int      // files in folders that are no snapshots and no logs
	inLogs     int      // files that are verified with the log that lists them
	size       int64
}

// fileFinder finds out what the arguments of verify stand for.
type fileFinder struct {
	p   *program
	ctx context.Context
	foundFiles
	listed map[string]bool // absolute names of the files that a manifest lists
}

// findFiles returns what is to be verified, in the order of the names.
//
//	file           the file
//	folder         the append-only file in it; without one, the snapshots and logs that stand in it
//	  --recursive  all snapshots and logs in it and below
//
// A file that a manifest found on the way lists is part of that log only.
func (p *program) findFiles(ctx context.Context, names []string, recursive bool) (*foundFiles, error) {
	f := &fileFinder{p: p, ctx: ctx, listed: map[string]bool{}}
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case name == "-" || err != nil:
			f.add(verifyItem{name: name}) // opening it will tell
			err = nil
		case !info.IsDir():
			f.file(name, info)
		case recursive:
			before := len(f.items)
			if err = f.below(name); err == nil && len(f.items) == before {
				err = fmt.Errorf("%s: neither in the folder nor below it is an append-only file or a snapshot", name)
			}
		default:
			err = f.folder(name)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			f.add(verifyItem{name: name, err: err})
		}
	}
	f.items = slices.DeleteFunc(f.items, func(i verifyItem) bool {
		if i.data != nil || !f.listed[absolute(i.name)] {
			return false
		}
		f.inLogs++
		return true
	})
	for _, i := range f.items {
		f.size += i.size
	}
	return &f.foundFiles, nil
}

func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

func (f *fileFinder) add(i verifyItem) { f.items = append(f.items, i) }

// file takes a file that was named, or found to be ours.
func (f *fileFinder) file(name string, info fs.FileInfo) {
	i := verifyItem{name: name}
	if info.Mode().IsRegular() { // a pipe can be opened once only
		i.size = info.Size()
		if f.set(name, i.size) {
			return
		}
		if m := readManifest(name); m != nil {
			i.size += f.list(filepath.Dir(name), m)
		}
	}
	f.add(i)
}

// list takes note of the files of a manifest and returns their size.
func (f *fileFinder) list(dir string, m *aof.Manifest) (size int64) {
	for _, file := range m.Files {
		if file.Kind == aof.History {
			continue // nobody reads it with the log
		}
		path := filepath.Join(dir, file.Name)
		f.listed[absolute(path)] = true
		if info, err := os.Stat(path); err == nil {
			size += info.Size()
		}
	}
	return size
}

// maxManifestSize is more than any manifest has.
const maxManifestSize = 1 << 20

// readManifest returns the manifest that the regular file of that name is, nil if it is
// none, or none that is in order.
func readManifest(name string) *aof.Manifest {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxManifestSize))
	if err != nil || !aof.IsManifest(text) {
		return nil
	}
	m, err := aof.ParseManifest(name, text)
	if err != nil {
		return nil
	}
	return m
}

// folder takes the append-only file of a folder, else what stands in it.
func (f *fileFinder) folder(name string) error {
	log, err := aof.OpenDamaged(name, nil)
	has := func(is error) bool {
		return err == nil && slices.ContainsFunc(log.Faults, func(e *entry.CorruptError) bool { return errors.Is(e, is) })
	}
	before := len(f.items)
	switch none := errors.Is(err, aof.ErrNoLog) || has(aof.ErrOnlySnapshot); {
	case err != nil && !none:
		return err
	case !none:
		i := verifyItem{name: name}
		for _, part := range log.Parts {
			i.size += part.Size
		}
		f.add(i)
		if !has(aof.ErrNoManifest) {
			f.besides(name, log)
			return nil
		}
	}
	if err := f.in(name, false); err != nil || len(f.items) > before {
		return err
	}
	return fmt.Errorf("%s: the folder holds no append-only file and no snapshot; --recursive looks into the folders below", name)
}

// besides tells of snapshots beside a log, which a server that has the log does
// not read.
func (f *fileFinder) besides(dir string, log *aof.Log) {
	if found := f.p.snapshotsBeside(dir, log); len(found) > 0 {
		f.notes = append(f.notes, fmt.Sprintf("%s: its append-only file is verified, as a server with appendonly yes loads it; not %s, which --recursive includes",
			dir, listText(found[:min(len(found), maxNamed)], len(found))))
	}
}

// snapshotsBeside returns the snapshots in the folder of a log that are no part of
// it.
func (p *program) snapshotsBeside(dir string, log *aof.Log) (found []string) {
	listed := map[string]bool{}
	if log.Manifest != nil {
		for _, file := range log.Manifest.Files {
			listed[file.Name] = true
		}
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range all {
		if path := filepath.Join(dir, e.Name()); e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".rdb") && !listed[e.Name()] && readsAs(p, path) == kindRDB {
			found = append(found, path)
		}
	}
	return found
}

// in takes the snapshots and logs that stand in a folder. With stray it says too
// if they lack their manifest.
func (f *fileFinder) in(dir string, stray bool) error {
	all, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if stray && aof.Stray(dir) {
		f.add(verifyItem{name: dir})
	}
	for _, e := range all {
		if err := f.ctx.Err(); err != nil {
			return err
		}
		if !e.IsDir() {
			f.consider(filepath.Join(dir, e.Name()))
		}
	}
	return nil
}

// below takes the snapshots and logs in a folder and all folders below it.
func (f *fileFinder) below(root string) error {
	if info, err := os.Lstat(root); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		root += string(filepath.Separator)
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case f.ctx.Err() != nil:
			return f.ctx.Err()
		case err != nil:
			f.add(verifyItem{name: path, err: err})
			return fs.SkipDir
		case !d.IsDir():
			return nil
		}
		if err := f.in(path, true); err != nil {
			f.add(verifyItem{name: path, err: err})
			return fs.SkipDir
		}
		return nil
	})
}

// unfinished begins the names of files that a server has not finished: it does
// not load them.
const unfinished = "temp-"

// consider takes a file of a folder if it is a snapshot, a log or a manifest, or
// says by its name that it was meant to be.
func (f *fileFinder) consider(path string) {
	info, err := os.Stat(path)
	if strings.HasPrefix(filepath.Base(path), unfinished) || err == nil && !info.Mode().IsRegular() {
		f.passedOver++
		return
	}
	if err != nil { // a link to what is gone
		f.add(verifyItem{name: path, err: err})
		return
	}
	switch readsAs(f.p, path) {
	case kindRDB, kindAOF, kindManifest:
		f.file(path, info)
		return
	}
	if _, plain := compress.FormatByName(path); slices.Contains([]string{".rdb", ".aof", ".manifest"}, filepath.Ext(plain)) {
		f.file(path, info)
		return
	}
	f.passedOver++
}

// readsAs returns what a file is by its first bytes, kindOther if that cannot be
// told.
func readsAs(p *program, path string) kind {
	in, err := p.open(path, &progress{})
	if err != nil {
		return kindOther
	}
	in.close()
	return in.kind
}
