package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/internal/atomicfile"
	"github.com/rdbtool/rdbtool/internal/minisign"
	"github.com/rdbtool/rdbtool/verify"
	"github.com/rdbtool/rdbtool/verify/render"
)

// signOptions are the flags of sign.
type signOptions struct {
	key, comment, set string
	output            string
	maxMemory         string
	password          passwordFlags
	force             bool
	jobs              int
	quiet             bool
}

func (p *program) signCommand() *cli.Command {
	var o signOptions
	return command(cli.Command{
		Name:      "sign",
		Usage:     "sign backups, so that a change of any byte is noticed",
		ArgsUsage: "FILE...",
		Description: "Writes FILE.minisig beside each FILE, which \"rdbtool verify --public-key\" and minisign verify. With --set it writes\n" +
			"one signed list of all files instead: their names, sizes and SHA-256, and for each snapshot and append-only\n" +
			"file the digest of its data and its keys by database. A folder stands for the append-only file in it, else for\n" +
			"its files.\n\n" +
			"rdbtool sign --secret-key backup.key dump.rdb\n" +
			"rdbtool sign --secret-key backup.key --set backup.json dump.rdb appendonlydir",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "secret-key", Aliases: []string{"s"}, Usage: "sign with the key in `FILE`", DefaultText: secretKeyVariable, Destination: &o.key},
			&cli.StringFlag{Name: "comment", Aliases: []string{"c"}, Usage: "sign `TEXT` too, as the trusted comment", DefaultText: "when and what was signed", Destination: &o.comment},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the signature of one file to `FILE`", DefaultText: "that of FILE is FILE.minisig", Destination: &o.output},
			&cli.StringFlag{Name: "set", Usage: "write and sign the list `FILE` of all files", Destination: &o.set},
			&cli.StringFlag{Name: "password-file", Usage: "read the password of the key from `FILE`", DefaultText: passwordVariable + ", else the terminal", Destination: &o.password.file},
			&cli.StringFlag{Name: "max-memory", Usage: "with --set, replay logs in parts that take about `BYTES`", Destination: &o.maxMemory},
			&cli.BoolFlag{Name: "force", Usage: "replace signatures that exist", Destination: &o.force},
			jobsFlag(&o.jobs),
			quietFlag(&o.quiet),
		},
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return &usageError{"sign takes at least one FILE; \"rdbtool sign --help\" tells more"}
			}
			return p.sign(c.Context, c.Args().Slice(), &o)
		},
	})
}

func (p *program) sign(ctx context.Context, names []string, o *signOptions) error {
	v := &verification{}
	v.Now = time.Now()
	v.expect.Digest = anyDigest
	var err error
	if v.Jobs, err = jobs(o.jobs); err != nil {
		return err
	}
	if v.maxMemory, err = parseMaxMemory(o.maxMemory); err != nil {
		return err
	}
	files, err := p.filesToSign(names, o.set)
	if err != nil {
		return err
	}
	if err := p.maySign(files, o); err != nil {
		return err
	}
	k, err := p.secretKey(o.key, &o.password)
	if err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet)
	defer progress.end()
	if o.set == "" {
		for _, name := range files {
			if err := signFile(ctx, k, name, v.Now, o); err != nil {
				return err
			}
		}
		return nil
	}
	set, err := p.backupSet(ctx, names, files, o.set, v, progress)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(set, "", "  ")
	if err != nil {
		return err
	}
	if err := writeWhole(o.set, append(text, '\n'), atomicfile.Options{Overwrite: o.force}); err != nil {
		return err
	}
	return signFile(ctx, k, o.set, v.Now, o)
}

// maySign tells what speaks against what is to be written, before work that takes
// long.
func (p *program) maySign(files []string, o *signOptions) error {
	signed := files
	switch {
	case o.set != "" && o.output != "":
		return &usageError{"--output and --set exclude each other"}
	case o.set != "":
		signed = []string{o.set}
	case o.output != "" && len(files) > 1:
		return &usageError{"--output is for the signature of one file, and there are " + strconv.Itoa(len(files))}
	}
	inputs := append([]string{o.key}, files...)
	free := func(name string) error { return p.mayCreate(&outputFlags{path: name, force: o.force}, inputs...) }
	for _, name := range signed {
		if err := free(o.signatureOf(name)); err != nil {
			return err
		}
	}
	if o.set != "" {
		return free(o.set)
	}
	return nil
}

// signatureOf returns where the signature of a file goes.
func (o *signOptions) signatureOf(name string) string {
	if o.output != "" {
		return o.output
	}
	return name + verify.SignatureSuffix
}

// signFile writes the signature of a file.
func signFile(ctx context.Context, k minisign.SecretKey, name string, now time.Time, o *signOptions) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return err
	}
	h := minisign.NewHash()
	if _, err := io.Copy(h, &untilDone{ctx, f}); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if after, err := os.Stat(name); err != nil || !os.SameFile(before, after) || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return errors.Join(err, fmt.Errorf("%s has changed while it was read", name))
	}
	comment := o.comment
	if comment == "" {
		comment = verify.TrustedComment(name, now)
	} else if !strings.Contains("\t"+comment, "\tfile:") { // so that a rename is noticed
		comment += "\t" + verify.SignedName(name)
	}
	s, err := k.Sign(h.Sum(nil), comment)
	if err != nil {
		return &usageError{"--comment: " + err.Error()}
	}
	return writeWhole(o.signatureOf(name), s.Text(), atomicfile.Options{Overwrite: o.force})
}

// filesToSign returns the files that these names stand for: of a log all its
// files, of another folder the files in it. Signatures are none of them, nor is the
// list of an earlier time.
func (p *program) filesToSign(names []string, list string) (files []string, err error) {
	add := func(name string) {
		if name = filepath.Clean(name); !slices.Contains(files, name) && !strings.HasSuffix(name, verify.SignatureSuffix) {
			files = append(files, name)
		}
	}
	for _, name := range names {
		info, err := os.Stat(name)
		switch {
		case name == "-":
			return nil, &usageError{"sign signs files: standard input has no name"}
		case err != nil:
			return nil, err
		}
		if log := p.filesOf([]string{name}); len(log) > 1 {
			for _, part := range log[1:] {
				if _, err := os.Stat(part); err == nil || !errors.Is(err, fs.ErrNotExist) { // history need not be there
					add(part)
				}
			}
			if info.IsDir() {
				p.tellBeside(name)
			}
			continue
		}
		if !info.IsDir() {
			add(name)
			continue
		}
		all, err := os.ReadDir(name)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if path := filepath.Join(name, e.Name()); e.Type().IsRegular() && (list == "" || path != filepath.Clean(list)) {
				add(path)
			}
		}
	}
	if len(files) == 0 {
		return nil, &usageError{"nothing to sign: " + strings.Join(names, ", ")}
	}
	return files, nil
}

// tellBeside tells of snapshots beside the log in a folder, which are not signed
// with it.
func (p *program) tellBeside(dir string) {
	log, err := aof.OpenDamaged(dir, nil)
	if err != nil {
		return
	}
	if found := p.snapshotsBeside(dir, log); len(found) > 0 {
		p.say("%s: its append-only file is signed; not %s, which has to be named too", dir, listText(found[:min(len(found), maxNamed)], len(found)))
	}
}

// backupSet reads all files, and what the snapshots and logs among them hold.
func (p *program) backupSet(ctx context.Context, names, files []string, list string, v *verification, progress *progress) (*verify.BackupSet, error) {
	set := verify.NewBackupSet("rdbtool "+version(), v.Now)
	dir := filepath.Dir(list)
	relative := func(path string) (string, error) {
		name, err := relativeTo(dir, path)
		if err != nil || !filepath.IsLocal(name) {
			return "", &usageError{fmt.Sprintf("%s is not below the folder of the list %s, and could not be found from there", path, list)}
		}
		if !utf8.ValidString(name) {
			return "", &usageError{fmt.Sprintf("the name %q is not UTF-8, and a list cannot hold it", path)}
		}
		return filepath.ToSlash(name), nil
	}
	for _, path := range files {
		name, err := relative(path)
		if err != nil {
			return nil, err
		}
		m, err := verify.NewMember(ctx, path, name)
		if err != nil {
			return nil, err
		}
		set.Members = append(set.Members, m)
	}
	slices.SortFunc(set.Members, func(a, b verify.Member) int { return strings.Compare(a.Name, b.Name) })
	found, err := p.findFiles(ctx, names, false)
	if err != nil {
		return nil, err
	}
	for _, item := range found.items {
		name, err := relative(item.name)
		if err != nil {
			return nil, err
		}
		d, err := p.dataSet(ctx, item, name, v, progress)
		if err != nil {
			return nil, err
		}
		set.Data = append(set.Data, *d)
	}
	// What was listed must be what was read for the digests.
	again, err := set.Check(ctx, dir, filepath.Base(list))
	for _, f := range again {
		if f.Severity == verify.Error {
			return nil, fmt.Errorf("%s: %s while it was read", f.File, f.Reason)
		}
	}
	return set, err
}

// relativeTo returns path as seen from the folder dir.
func relativeTo(dir, path string) (string, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.Rel(from, to)
}

// anyDigest asks for the digest of a file without expecting one.
const anyDigest = "any"

// dataSet verifies a snapshot or a log and computes its digest. Only what is in
// order is signed.
func (p *program) dataSet(ctx context.Context, item verifyItem, name string, v *verification, progress *progress) (*verify.DataSet, error) {
	in, err := p.open(item.name, progress)
	if err != nil {
		return nil, err
	}
	defer in.close()
	o := verify.Options{Level: verify.Structure, Jobs: v.Jobs, Now: v.Now}
	f := &render.File{}
	p.verifyInput(ctx, in, item, &o, progress, f)
	r := f.Report
	if f.Failed != nil {
		return nil, f.Failed
	}
	if bad := r.Verdict(); bad != verify.OK && bad != verify.Warned {
		return nil, &checkError{exitDamage, fmt.Sprintf("%s is %s, and is not signed; \"rdbtool verify %s\" tells more", item.name, bad, item.name)}
	}
	m := verify.Measured{}
	if err := p.measureData(ctx, &m, item.name, v, v.Jobs, progress); err != nil {
		return nil, err
	}
	if m.DBs == nil {
		m.DBs = r.Facts.DBs
	}
	d := &verify.DataSet{Name: name, Kind: r.Kind, Digest: m.Digest, Keys: map[string]int64{}}
	if r.Facts.Version.Number > 0 {
		d.Format = r.Facts.Version.String()
	}
	d.Server = strings.TrimSpace(r.Facts.Server + " " + r.Facts.ServerVersion)
	for db, n := range m.DBs {
		d.Keys[strconv.Itoa(db)] = n
	}
	return d, nil
}
