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
	"time"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/internal/atomicfile"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/rdb"
)

// convertOptions are the flags of convert.
type convertOptions struct {
	to, target       string
	layout, base     string
	restore, replace bool
	timestamp        bool
	allowLoss        bool
	report           string
	jobs             int
	quiet            bool
	output           outputFlags
	replay           replayFlags
	filter           filterFlags
}

// The forms that convert writes.
const (
	toRDB  = "rdb"
	toAOF  = "aof"
	toRESP = "resp"
	toJSON = "json"
)

const (
	layoutSingle    = "single"
	layoutMultipart = "multipart"
)

func (p *program) convertCommand() *cli.Command {
	var o convertOptions
	flags := []cli.Flag{
		&cli.StringFlag{Name: "to", Usage: "write `rdb|aof|resp|json` (default: by the name of the output)", Destination: &o.to},
		&cli.StringFlag{Name: "target", Aliases: []string{"t"}, Usage: "write what `SERVER` loads: redis-2.6 ... redis-8.6, valkey-7.2 ... valkey-9.1, or a version of the format: rdb-6 ...", DefaultText: "as the source", Destination: &o.target},
		&cli.BoolFlag{Name: "allow-loss", Usage: "leave out what the target cannot hold", Destination: &o.allowLoss},
		&cli.StringFlag{Name: "report", Usage: "write what was lost, key by key, to `FILE` as JSON", Destination: &o.report},
		&cli.StringFlag{Name: "layout", Usage: "write an append-only file as `single|multipart`: one file, or a folder with a manifest", Value: layoutSingle, Destination: &o.layout},
		&cli.StringFlag{Name: "base", Usage: "write the keys of an append-only file as `rdb|resp`", DefaultText: "resp, rdb with --layout multipart", Destination: &o.base},
		&cli.BoolFlag{Name: "timestamp", Usage: "begin commands with a #TS: line (Redis 7.0 and later)", Destination: &o.timestamp},
		&cli.BoolFlag{Name: "restore", Usage: "write each key as one RESTORE command", Destination: &o.restore},
		&cli.BoolFlag{Name: "replace", Usage: "let RESTORE and FUNCTION LOAD replace what is there", Destination: &o.replace},
		jobsFlag(&o.jobs),
		quietFlag(&o.quiet),
	}
	return command(cli.Command{
		Name:      "convert",
		Usage:     "write a snapshot or an append-only file for another server, in another form, or back from JSON",
		ArgsUsage: "FILE",
		Description: "FILE is an RDB snapshot, an append-only file, which is replayed first, or the JSON that dump and convert\n" +
			"write. What a target cannot hold is an error that lists it, unless --allow-loss. --to resp writes commands for\n" +
			"redis-cli --pipe.\n\n" +
			"rdbtool convert dump.rdb -o old.rdb --target redis-6.2\n" +
			"rdbtool convert dump.rdb -o appendonlydir --to aof --layout multipart\n" +
			"rdbtool convert dump.rdb --to resp | redis-cli --pipe\n" +
			"rdbtool convert dump.ndjson -o dump.rdb\n" +
			"rdbtool convert appendonlydir -o dump.rdb",
		Flags: slices.Concat(flags, o.output.flags(), o.replay.flags(), o.filter.flags()),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{fmt.Sprintf("convert takes one FILE, not %d; \"rdbtool convert --help\" tells more", c.NArg())}
			}
			return p.convert(c.Context, c.Args().First(), &o)
		},
	})
}

// form settles what is written, by flag or by the name of the output.
func (o *convertOptions) form() error {
	switch o.to {
	case toRDB, toAOF, toRESP, toJSON:
	case "":
		_, name := compress.FormatByName(o.output.path)
		byName := map[string]string{".rdb": toRDB, ".aof": toAOF, ".resp": toRESP, ".json": toJSON, ".ndjson": toJSON}
		if o.to = byName[strings.ToLower(filepath.Ext(name))]; o.to == "" {
			return &usageError{"--to is missing, and the name of the output does not tell: rdb, aof, resp or json"}
		}
	default:
		return &usageError{fmt.Sprintf("--to: unknown form %q: one of rdb, aof, resp, json", o.to)}
	}
	if o.layout != layoutSingle && o.layout != layoutMultipart {
		return &usageError{fmt.Sprintf("--layout: unknown layout %q: single or multipart", o.layout)}
	}
	if o.base == "" && o.layout == layoutMultipart {
		o.base = toRDB
	}
	if o.base != "" && o.base != toRDB && o.base != toRESP {
		return &usageError{fmt.Sprintf("--base: unknown form %q: rdb or resp", o.base)}
	}
	for _, only := range []struct {
		set        bool
		flag, form string
		holds      bool
	}{
		{o.layout == layoutMultipart, "--layout multipart", "--to aof", o.to == toAOF},
		{o.base != "" && o.layout == layoutSingle, "--base", "--to aof", o.to == toAOF},
		{o.timestamp, "--timestamp", "commands", o.commands()},
		{o.restore, "--restore", "commands", o.commands()},
		{o.replace, "--replace", "commands", o.commands()},
		{o.report != "", "--report", "other forms than JSON", o.to != toJSON},
		{o.target != "", "--target", "other forms than JSON", o.to != toJSON},
	} {
		if only.set && !only.holds {
			return &usageError{fmt.Sprintf("%s goes with %s only", only.flag, only.form)}
		}
	}
	if o.report != "" && o.report == o.output.path {
		return &usageError{"--report and --output name the same file"}
	}
	if o.layout == layoutMultipart && (o.output.path == "" || o.output.path == "-") {
		return &usageError{"--layout multipart writes a folder: name it with --output"}
	}
	return nil
}

// commands reports whether commands are written.
func (o *convertOptions) commands() bool { return o.to == toRESP || o.to == toAOF && o.base != toRDB }

// options checks the flags.
func (o *convertOptions) options() (out convert.Options, err error) {
	if err := o.form(); err != nil {
		return out, err
	}
	if o.target != "" {
		if out.Target, err = rdb.ParseTarget(o.target); err != nil {
			return out, &usageError{"--target: " + err.Error()}
		}
		if o.layout == layoutMultipart && !out.Target.AtLeast(7, 0) {
			return out, &usageError{"--layout multipart: " + o.target + " knows single append-only files only"}
		}
		if err := o.checkTimestamp(out.Target); err != nil {
			return out, err
		}
		if o.to == toAOF && o.base == toRDB && !out.Target.AtLeast(4, 0) {
			return out, &usageError{"--base rdb: " + o.target + " does not know that"}
		}
	}
	if out.Jobs, err = jobs(o.jobs); err != nil {
		return out, err
	}
	out.AllowLoss, out.Restore, out.Replace = o.allowLoss, o.restore, o.replace
	out.Base = o.to == toAOF
	if out.Filter, err = o.filter.filter(time.Now()); err == nil {
		err = o.replay.check()
	}
	return out, err
}

// checkTimestamp is an error if the target does not load what --timestamp writes.
func (o *convertOptions) checkTimestamp(t rdb.Target) error {
	if o.timestamp && !t.AtLeast(7, 0) {
		return &usageError{"--timestamp: " + t.Name + " does not know that"}
	}
	return nil
}

func (p *program) convert(ctx context.Context, name string, o *convertOptions) error {
	opts, err := o.options()
	if err != nil {
		return err
	}
	if o.to == toRDB && o.output.path == "" && isTerminal(p.stdout) {
		return &usageError{"an RDB file is nothing for a terminal: name a file with --output"}
	}
	progress := p.progress(ctx, o.quiet || o.output.path == "" && isTerminal(p.stdout))
	defer progress.end()
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer func() { in.close() }()
	if in.kind == kindJSON && o.to == toJSON {
		return &usageError{in.name + " is JSON already"}
	}
	if in.kind == kindJSON && opts.Filter.NeedsSize() {
		return &usageError{"--min-size and --max-size: keys in JSON have no size"}
	}
	if err := o.replay.notALog(in); err != nil {
		return err
	}
	if err := p.mayWrite(o, name); err != nil {
		return err
	}
	src := in.source()
	if in.isLog() {
		if opts.Filter.NeedsSize() {
			return sizeless(in)
		}
		r, err := p.replay(ctx, in, name, &o.replay, progress, convert.ReplayOptions{Target: opts.Target, Jobs: opts.Jobs, Now: opts.Filter.Now.UnixMilli()})
		if err != nil {
			return err
		}
		defer r.Close()
		src, opts.Target = source(r, in.name), targetOf(r, opts.Target)
	}
	if o.to == toJSON {
		return p.convertToJSON(ctx, src, o, opts, name)
	}
	// A file can be read twice: to know the numbers of keys before they are
	// written, and before anything is that cannot be taken back that the
	// source is whole.
	if src.Data != nil {
		if opts.Sizes, err = convert.Survey(ctx, src, opts); err != nil {
			return err
		}
	} else if in.size >= 0 && in.file != nil && (o.to == toRDB || o.base == toRDB || o.direct()) {
		if opts.Sizes, err = convert.Survey(ctx, src, opts); err != nil {
			return err
		}
		if err := in.close(); err != nil {
			return err
		}
		if in, err = p.open(name, progress); err != nil {
			return err
		}
		src = in.source()
	}
	var losses *convert.Losses
	if o.layout == layoutMultipart {
		losses, err = p.writeFolder(ctx, src, o, opts, nil)
	} else {
		losses, err = p.convertToFile(ctx, src, o, opts, name)
	}
	progress.end()
	return p.account(losses, o, err, in.name, name)
}

// mayWrite tells what speaks against the output and the report, before there is
// anything to write.
func (p *program) mayWrite(o *convertOptions, name string) error {
	err := p.mayCreate(&outputFlags{path: o.report, force: o.output.force}, name, o.output.path)
	if err != nil {
		return err
	}
	if o.layout == layoutSingle {
		return p.mayCreate(&o.output, name)
	}
	dir, err := atomicfile.CreateDir(o.output.path)
	if err != nil {
		return err
	}
	return dir.Abort()
}

// direct reports whether what is written cannot be taken back.
func (o *convertOptions) direct() bool {
	if o.output.path == "" || o.output.path == "-" {
		return true
	}
	info, err := os.Stat(o.output.path)
	return err == nil && !info.Mode().IsRegular()
}

// source returns the file as what is converted.
func (in *input) source() convert.Source {
	return convert.Source{Reader: in, RDB: in.options(), JSON: in.kind == kindJSON}
}

func (p *program) convertToJSON(ctx context.Context, src convert.Source, o *convertOptions, opts convert.Options, name string) error {
	out, err := p.create(&o.output, name)
	if err != nil {
		return err
	}
	d := convert.DumpOptions{Filter: opts.Filter, Meta: true, Jobs: opts.Jobs}
	if _, plain := compress.FormatByName(o.output.path); strings.HasSuffix(plain, ".json") {
		d.Format = convert.JSON
	}
	if src.Data != nil {
		return out.finish(convert.DumpData(ctx, src.Data, out, d))
	}
	return out.finish(convert.Dump(ctx, src, src.RDB, out, d))
}

func (p *program) convertToFile(ctx context.Context, src convert.Source, o *convertOptions, opts convert.Options, name string) (*convert.Losses, error) {
	out, err := p.create(&o.output, name, o.report)
	if err != nil {
		return nil, err
	}
	losses, err := o.write(ctx, src, out, opts)
	return losses, out.finish(err)
}

// write converts to one file.
func (o *convertOptions) write(ctx context.Context, src convert.Source, w io.Writer, opts convert.Options) (*convert.Losses, error) {
	if !o.commands() {
		return convert.ToRDB(ctx, src, w, opts)
	}
	if o.timestamp {
		if _, err := w.Write(aof.AppendTimestamp(nil, time.Now().Unix())); err != nil {
			return nil, err
		}
	}
	return convert.ToCommands(ctx, src, w, opts)
}

// The names that servers give the files of an append-only file.
const (
	multipartName = "appendonly.aof"
	manifestName  = multipartName + ".manifest"
)

// writeFolder writes a folder with a base file and a manifest. check, if set, is
// called with the base file before the folder gets its name.
func (p *program) writeFolder(ctx context.Context, src convert.Source, o *convertOptions, opts convert.Options, check func(ctx context.Context, path string, losses *convert.Losses) error) (losses *convert.Losses, err error) {
	dir, err := atomicfile.CreateDir(o.output.path)
	if err != nil {
		return nil, err
	}
	temp := dir.Temp()
	p.temp.Store(&temp)
	defer func() {
		if err != nil {
			err = errors.Join(err, dir.Abort())
		}
	}()
	base := multipartName + ".1.base.aof"
	if o.base == toRDB {
		base = multipartName + ".1.base.rdb"
	}
	f, err := dir.Create(base)
	if err != nil {
		return nil, err
	}
	losses, err = o.write(ctx, src, f, opts)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil && check != nil {
		err = check(ctx, filepath.Join(dir.Temp(), base), losses)
	}
	if err != nil {
		return losses, err
	}
	m := aof.Manifest{Files: []aof.ManifestFile{{Name: base, Seq: 1, Kind: aof.Base}}}
	if f, err = dir.Create(manifestName); err != nil {
		return losses, err
	}
	_, err = f.Write(m.AppendTo(nil))
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return losses, err
	}
	return losses, dir.Commit()
}

// account tells the user what was lost, on standard error and in the report.
func (p *program) account(losses *convert.Losses, o *convertOptions, err error, source, name string) error {
	if losses == nil {
		return err
	}
	defer losses.Close()
	var lost *convert.LossError
	if err != nil && !errors.As(err, &lost) {
		return err
	}
	if o.report != "" {
		out, e := p.create(&outputFlags{path: o.report, force: o.output.force}, name, o.output.path)
		if e == nil {
			e = out.finish(losses.WriteReport(out))
		}
		err = errors.Join(err, e)
	}
	if lost != nil {
		hint := "--allow-loss leaves it out"
		if o.to == toAOF && o.base != toRDB {
			hint = "--base rdb may hold more than commands, " + hint
		}
		return fmt.Errorf("%w; %s", err, hint)
	}
	if summary := losses.Summary(); summary != "" {
		p.say("%s: left out: %s", source, summary)
	}
	return err
}
