package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/minisign"
	"github.com/rdbtool/rdbtool/verify"
	"github.com/rdbtool/rdbtool/verify/render"
)

// checkSignatures holds all files that an item is read from against the
// signatures beside them.
func (p *program) checkSignatures(ctx context.Context, item verifyItem, keys []minisign.PublicKey, f *render.File) error {
	if item.name == "-" {
		f.Add(finding(verify.CodeSignatureMissing, shownName(item.name), "no signature is beside it"))
		return nil
	}
	var files []string
	for _, path := range signedFiles(item.name) {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue // one of the history need not be there; others that are missing have been found
		}
		if path = filepath.Clean(path); !slices.Contains(files, path) {
			files = append(files, path)
		}
	}
	if len(files) == 0 {
		f.Add(finding(verify.CodeSignatureMissing, item.name, "there is no file that could have one"))
	}
	err := f.CheckSignatures(ctx, files, keys)
	if f.Count(verify.Error) > 0 {
		f.Facts.SignedWith = ""
	}
	return err
}

// signedFiles returns the files that each have a signature: those of a log,
// whatever else is wrong with it, or the file itself.
func signedFiles(name string) []string {
	info, err := os.Stat(name)
	if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
		return []string{name}
	}
	if log, err := aof.OpenDamaged(name, nil); err == nil && (log.Manifest != nil || len(log.Parts) > 0) {
		return log.Files()
	}
	if info.IsDir() {
		return nil
	}
	return []string{name}
}

func finding(code verify.Code, name, reason string) verify.Finding {
	rule, _ := verify.RuleOf(code)
	return verify.Finding{Code: code, Severity: rule.Severity, Place: entry.Place{File: name, Offset: -1, Element: -1}, Reason: reason}
}

// set takes a signed list of files, and what it says there is. It reports false
// for any other file.
func (f *fileFinder) set(name string, size int64) bool {
	if size > verify.MaxBackupSet || readsAs(f.p, name) != kindJSON {
		return false
	}
	text, err := os.ReadFile(name)
	if err != nil || !verify.IsBackupSet(text[:min(len(text), headLen)]) {
		return false
	}
	set, err := verify.ParseBackupSet(text)
	if err != nil {
		set = &verify.BackupSet{}
	}
	f.add(verifyItem{name: name, size: size, set: set, setText: text, setErr: err})
	dir := filepath.Dir(name)
	for i := range set.Data {
		d := &set.Data[i]
		path := filepath.Join(dir, filepath.FromSlash(d.Name))
		if info, err := os.Stat(path); err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			continue // the list tells that it is missing, or no file
		}
		item := verifyItem{name: path, data: d, listed: true}
		for _, m := range set.Members {
			if m.Name == d.Name {
				item.size = m.Size
			}
		}
		f.add(item)
	}
	return true
}

// verifySet verifies a list of files: its own signature, and that all files are
// there as they were.
func (p *program) verifySet(ctx context.Context, item verifyItem, v *verification) *render.File {
	begin := time.Now()
	o := v.Options
	f := &render.File{Report: verify.NewReport(item.name, verify.KindSet, &o), Size: item.size}
	f.Facts.Complete, f.Facts.Created = true, item.set.Created
	var err error
	if len(v.keys) > 0 {
		err = f.CheckSignatureOf(ctx, item.name, item.setText, v.keys)
	} else {
		f.Add(finding(verify.CodeSetUnsigned, item.name, "give --public-key to hold the list against its signature"))
	}
	switch {
	case errors.Is(item.setErr, entry.ErrUnsupported):
		f.Add(finding(verify.CodeUnsupported, item.name, item.setErr.Error()))
	case item.setErr != nil:
		f.Add(finding(verify.CodeSetFormat, item.name, item.setErr.Error()))
	}
	if err == nil && item.setErr == nil {
		var found []verify.Finding
		found, err = item.set.Check(ctx, filepath.Dir(item.name), filepath.Base(item.name))
		for _, one := range found {
			f.Add(one)
		}
	}
	if err != nil {
		f.Fail(err)
	}
	f.Elapsed = time.Since(begin)
	return f
}

// expecting returns v with what a signed list says of a file: its digest and its
// numbers of keys.
func (v *verification) expecting(d *verify.DataSet) *verification {
	w := *v
	if w.expect.Digest == "" {
		w.expect.Digest = d.Digest
	}
	for db, n := range d.Keys {
		// A list of numbers and colons is always understood; one that is not
		// expects nothing that the digest does not.
		if x, err := verify.ParseDBExpectation(db + ":=" + strconv.FormatInt(n, 10)); err == nil {
			w.expect.DBs = append(w.expect.DBs[:len(w.expect.DBs):len(w.expect.DBs)], x)
		}
	}
	return &w
}
