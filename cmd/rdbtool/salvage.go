package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify/salvage"
)

// salvageOptions are the flags of salvage.
type salvageOptions struct {
	format             string
	quarantine, report string
	partial, quiet     bool
	output             outputFlags
}

func (p *program) salvageCommand() *cli.Command {
	var o salvageOptions
	flags := []cli.Flag{
		&cli.StringFlag{Name: "format", Usage: "write `rdb|ndjson`", DefaultText: "by the name of the output, else rdb", Destination: &o.format},
		&cli.StringFlag{Name: "quarantine", Usage: "write the damaged bytes to `FILE`", DefaultText: "OUTPUT.quarantine", Destination: &o.quarantine},
		&cli.StringFlag{Name: "report", Usage: "write what is kept and what is lost to `FILE`, as JSON", DefaultText: "OUTPUT.report.json", Destination: &o.report},
		&cli.BoolFlag{Name: "partial", Usage: "keep the readable front of a list, set, sorted set or hash that is damaged", Destination: &o.partial},
		quietFlag(&o.quiet),
	}
	return command(cli.Command{
		Name:      "salvage",
		Usage:     "write a clean file of what is whole in a damaged snapshot",
		ArgsUsage: "FILE",
		Description: "FILE is a damaged RDB snapshot, or an append-only file whose RDB part is damaged. It is not changed. What is no\n" +
			"record, or holds a value that no server writes, is left out, and kept in the quarantine file; the report names the\n" +
			"keys that are lost.\n\n" +
			"rdbtool salvage dump.rdb -o saved.rdb\n" +
			"rdbtool salvage dump.rdb -o saved.ndjson --partial",
		Flags: slices.Concat(flags, o.output.flags()),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{fmt.Sprintf("salvage takes one FILE, not %d; \"rdbtool salvage --help\" tells more", c.NArg())}
			}
			return p.salvage(c.Context, c.Args().First(), &o)
		},
	})
}

// settle checks the flags and fills in what they leave open.
func (o *salvageOptions) settle() error {
	if o.output.path == "" || o.output.path == "-" {
		return &usageError{"name the file to write with --output"}
	}
	if o.format == "" {
		o.format = "rdb"
		if _, name := compress.FormatByName(o.output.path); strings.EqualFold(filepath.Ext(name), ".ndjson") {
			o.format = "ndjson"
		}
	}
	if o.format != "rdb" && o.format != "ndjson" {
		return &usageError{fmt.Sprintf("--format: unknown format %q: rdb or ndjson", o.format)}
	}
	if o.quarantine == "" {
		o.quarantine = o.output.path + ".quarantine"
	}
	if o.report == "" {
		o.report = o.output.path + ".report.json"
	}
	if o.quarantine == o.output.path || o.report == o.output.path || o.report == o.quarantine {
		return &usageError{"--output, --quarantine and --report name the same file"}
	}
	return nil
}

// files returns the flags of all files that are written, the output last.
func (o *salvageOptions) files() []*outputFlags {
	return []*outputFlags{{path: o.quarantine, force: o.output.force}, {path: o.report, force: o.output.force}, &o.output}
}

func (p *program) salvage(ctx context.Context, name string, o *salvageOptions) error {
	if err := o.settle(); err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet)
	defer progress.end()
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer in.close()
	if err := salvageable(in); err != nil {
		return err
	}
	for _, f := range o.files() {
		if err := p.mayCreate(f, name); err != nil {
			return err
		}
	}
	src, size, err := p.seekable(in)
	if err != nil {
		return err
	}
	defer src.Close()
	s, err := salvage.File(ctx, src, size, &salvage.Options{
		Name: in.name, Partial: o.partial,
		Watch: func(off int64) { progress.read.Store(off) },
	})
	if err != nil {
		return err
	}
	defer s.Close()
	if s.Healthy && !o.output.force {
		progress.end()
		p.say("%s: nothing to salvage: the file is whole, with %s; nothing was written", in.name, human.Count(s.Kept, "key"))
		return nil
	}
	if err := p.writeSalvaged(ctx, s, o, name); err != nil {
		return err
	}
	progress.end()
	return p.tellSalvaged(s, o, in)
}

// salvageable is an error for what has other commands.
func salvageable(in *input) error {
	if in.kind == kindManifest && in.file == nil {
		return &usageError{in.name + " is a folder: name the snapshot that is damaged, or the base file of an append-only file, the one that ends in .base.rdb"}
	}
	if in.kind == kindManifest {
		return &usageError{in.name + " is an append-only file of several: name its base file, the one that ends in .base.rdb"}
	}
	if in.kind == kindJSON || len(in.head) > 0 && in.kind == kindAOF && (in.head[0] == '*' || in.head[0] == '#') {
		return &usageError{in.name + " has no RDB part: \"rdbtool aof-truncate\" repairs append-only files"}
	}
	if strings.HasPrefix(string(in.head), "VCS") || strings.HasPrefix(string(in.head), "$EOF:") {
		return unsupported(in.name, "salvage of an RDB file inside a compressed or replication stream")
	}
	return nil
}

// seekable returns the input as a file: what is packed or comes through a pipe
// is put into a temporary one. Of a packed stream that is damaged it is what
// comes before.
func (p *program) seekable(in *input) (f *os.File, size int64, err error) {
	if in.file != nil && in.size >= 0 && in.format == compress.None {
		f, err := os.Open(in.path)
		return f, in.size, err
	}
	if f, err = os.CreateTemp("", "rdbtool-*"); err != nil {
		return nil, 0, err
	}
	os.Remove(f.Name()) // where it cannot be removed while it is open, the system clears it away
	size, err = io.Copy(f, in)
	var packed *compress.Error
	if errors.As(err, &packed) && size > 0 {
		p.say("%s: %v: what comes before is searched", in.name, err)
		err = nil
	}
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("%s: %w", in.name, err)
	}
	return f, size, nil
}

// writeSalvaged writes the three files. None gets its name before all are
// complete, and the output last.
func (p *program) writeSalvaged(ctx context.Context, s *salvage.Salvaged, o *salvageOptions, name string) (err error) {
	var outs []*output
	defer func() {
		for _, out := range outs {
			if err != nil && out.file != nil {
				out.abort()
			}
		}
	}()
	writers := []func(w io.Writer) error{
		func(w io.Writer) error { return copyContext(ctx, w, s.Quarantine()) },
		s.WriteJSON,
		func(w io.Writer) error {
			if o.format == "ndjson" {
				return convert.Dump(ctx, s.RDB(), rdb.Options{Name: s.File}, w, convert.DumpOptions{Meta: true})
			}
			return copyContext(ctx, w, io.MultiReader(s.RDB(), s.Commands()))
		},
	}
	for i, f := range o.files() {
		out, err := p.create(f, name)
		if err != nil {
			return err
		}
		outs = append(outs, out)
		if err := writers[i](out); err != nil {
			return err
		}
	}
	out := outs[len(outs)-1]
	if o.format == "rdb" && s.CommandBytes == 0 {
		if err := p.provable(out, func(path string) error { return proveSalvaged(ctx, path, s.Kept) }); err != nil {
			return err
		}
	}
	for _, out := range outs {
		if out.file != nil {
			if err := out.file.Sync(); err != nil {
				return err
			}
		}
	}
	for _, out := range outs {
		if err := out.finish(nil); err != nil {
			return err
		}
	}
	return nil
}

// proveSalvaged reads a salvaged file back.
func proveSalvaged(ctx context.Context, path string, keys int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r, _, err := compress.NewReader(f)
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := salvage.CountWhole(ctx, r, path)
	if err == nil && n != keys {
		err = fmt.Errorf("internal error: %d keys were written, and %d can be read back", keys, n)
	}
	return err
}

// copyContext copies until the context ends.
func copyContext(ctx context.Context, w io.Writer, r io.Reader) error {
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// maxLostShown is how many lost keys are named on standard error.
const maxLostShown = 10

// tellSalvaged sums up for the user what came of it. Unless the file was whole,
// that is an error.
func (p *program) tellSalvaged(s *salvage.Salvaged, o *salvageOptions, in *input) error {
	for i := range s.Repaired {
		f := &s.Repaired[i]
		p.say("%s: offset 0x%x: %x put back to %x", in.name, f.Offset, f.Was, f.Is)
	}
	for i := range s.Lost {
		if i == maxLostShown {
			p.say("%s: ... %d more in %s", in.name, int64(len(s.Lost)-i), o.report)
			break
		}
		k := &s.Lost[i]
		place := entry.Place{File: in.name, Offset: k.Offset, DB: k.DB, Key: k.Key, Element: -1}
		what := "lost: " + k.Reason
		if k.Partial > 0 {
			what = fmt.Sprintf("its first %s are kept: %s", human.Count(k.Partial, "element"), k.Reason)
		}
		p.say("%s", place.Describe(what))
	}
	for _, why := range s.Reasons {
		p.say("%s: %s", in.name, why)
	}
	lost := human.Count(s.LostKeys, "key")
	if !s.Exact {
		lost = "about " + lost
	}
	if s.CommandBytes > 0 {
		if o.format == "rdb" {
			p.say("%s: the %s of commands behind the RDB part were copied as they are; \"rdbtool verify %s\" tells whether they are whole, \"rdbtool aof-truncate\" repairs them", in.name, human.Bytes(s.CommandBytes), o.output.path)
		} else {
			p.say("%s: the %s of commands behind the RDB part are not in %s", in.name, human.Bytes(s.CommandBytes), o.output.path)
		}
	}
	if s.Healthy {
		p.say("%s: nothing to salvage: the file is whole, with %s; a copy is in %s", in.name, human.Count(s.Kept, "key"), o.output.path)
		return nil
	}
	sum := fmt.Errorf("%s kept in %s, %s lost, %s damaged in %s; confidence %s; see %s",
		human.Count(s.Kept, "key"), o.output.path, lost, human.Bytes(s.SpanBytes), human.Count(s.SpanCount, "place"), s.Confidence, o.report)
	return &entry.CorruptError{Place: entry.Place{File: in.name, Offset: -1, Element: -1}, Err: sum}
}
