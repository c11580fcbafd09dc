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

	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/internal/human"
)

// rewriteOptions are the flags of aof-rewrite, beside those that it shares with
// convert.
type rewriteOptions struct {
	convertOptions
	dropExpired bool
	noProve     bool
	inPlace     bool
}

func (p *program) rewriteCommand() *cli.Command {
	o := rewriteOptions{convertOptions: convertOptions{to: toAOF}}
	flags := []cli.Flag{
		&cli.StringFlag{Name: "target", Aliases: []string{"t"}, Usage: "write what `SERVER` loads: redis-2.6 ... redis-8.6, valkey-7.2 ... valkey-9.1", DefaultText: "the server that wrote the log, else the newest", Destination: &o.target},
		&cli.StringFlag{Name: "layout", Usage: "write `single|multipart`: one file, or a folder with a manifest", DefaultText: "single if the name of the output ends with .aof, .gz, .lz4 or .zst", Destination: &o.layout},
		&cli.StringFlag{Name: "base", Usage: "write the keys as `rdb|resp`", DefaultText: "rdb in a folder, and in one file if the log has an RDB part or --target is Redis 7.0 or later; else, and with --timestamp, resp", Destination: &o.base},
		&cli.BoolFlag{Name: "drop-expired", Usage: "leave out what has expired by --now", Destination: &o.dropExpired},
		&cli.BoolFlag{Name: "in-place", Usage: "rewrite the files of a stopped server; the old ones are kept: a single file as .old, those of a folder as history, which a server deletes when it starts", Destination: &o.inPlace},
		&cli.BoolFlag{Name: "no-prove", Usage: "do not read back what was written", Destination: &o.noProve},
		&cli.BoolFlag{Name: "allow-loss", Usage: "leave out what the target cannot hold", Destination: &o.allowLoss},
		&cli.StringFlag{Name: "report", Usage: "write what was lost, key by key, to `FILE` as JSON", Destination: &o.report},
		&cli.BoolFlag{Name: "timestamp", Usage: "begin commands with a #TS: line (Redis 7.0 and later)", Destination: &o.timestamp},
		jobsFlag(&o.jobs),
		quietFlag(&o.quiet),
	}
	return command(cli.Command{
		Name:      "aof-rewrite",
		Usage:     "compact an append-only file, without a server",
		ArgsUsage: "FILE",
		Description: "FILE is an append-only file of any layout: one file, a manifest, a folder. All of its commands are executed,\n" +
			"and what they come to is written in their place. The result is read back and compared with what was\n" +
			"replayed before it gets its name.\n\n" +
			"rdbtool aof-rewrite appendonlydir -o compact\n" +
			"rdbtool aof-rewrite appendonly.aof -o before.aof --before FLUSHALL\n" +
			"rdbtool aof-rewrite --in-place /var/lib/redis",
		Flags: slices.Concat(flags, o.output.flags(), o.replay.flags(), o.filter.flags()),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{fmt.Sprintf("aof-rewrite takes one FILE, not %d; \"rdbtool aof-rewrite --help\" tells more", c.NArg())}
			}
			return p.rewrite(c.Context, c.Args().First(), &o)
		},
	})
}

// settle checks the flags and fills in what they leave open.
func (o *rewriteOptions) settle() error {
	switch {
	case o.inPlace && (o.output.path != "" || o.layout != "" || o.output.force):
		return &usageError{"--in-place keeps the layout: --output, --layout and --force do not go with it"}
	case !o.inPlace && (o.output.path == "" || o.output.path == "-"):
		return &usageError{"aof-rewrite writes a file or a folder: name it with --output, or rewrite --in-place"}
	}
	if o.inPlace {
		o.layout = layoutSingle // until the log has been seen
	}
	if o.timestamp && o.base == "" {
		o.base = toRESP
	}
	if o.layout != "" {
		return nil
	}
	o.layout = layoutMultipart
	format, name := compress.FormatByName(o.output.path)
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case ext == ".aof" || format != compress.None || isDevice(o.output.path):
		o.layout = layoutSingle
	case slices.Contains([]string{".rdb", ".resp", ".json", ".ndjson", ".csv"}, ext):
		return &usageError{fmt.Sprintf("--output: %s is no name for an append-only file; \"rdbtool convert\" writes other forms", o.output.path)}
	}
	return nil
}

// isDevice reports whether a device or a pipe is there.
func isDevice(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir() && !info.Mode().IsRegular()
}

// rewrite is the command.
func (p *program) rewrite(ctx context.Context, name string, o *rewriteOptions) error {
	if err := o.settle(); err != nil {
		return err
	}
	base := o.base
	if base == "" {
		o.base = toRESP // checked when the target is known
	}
	opts, err := o.options()
	if err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet)
	defer progress.end()
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer func() { in.close() }()
	if in.kind == kindRDB && in.isBase {
		in.kind = kindAOF // a single file without commands
	}
	switch {
	case !in.isLog():
		return in.notLog("; \"rdbtool convert\" takes snapshots")
	case opts.Filter.NeedsSize():
		return sizeless(in)
	}
	var place *inPlace
	if o.inPlace {
		if place, err = openInPlace(in, progress); err != nil {
			return err
		}
		if !place.single() {
			o.layout = layoutMultipart
		}
	}
	if place == nil {
		err = p.mayWrite(&o.convertOptions, name)
	} else {
		err = p.mayCreate(&outputFlags{path: o.report}, name)
	}
	if err != nil {
		return err
	}
	started := time.Now()
	before, err := in.logSize(progress)
	if err != nil {
		return in.explain(err)
	}
	ro := convert.ReplayOptions{Target: opts.Target, Jobs: opts.Jobs, DropExpired: o.dropExpired, Now: opts.Filter.Now.UnixMilli()}
	r, err := p.replay(ctx, in, name, &o.replay, progress, ro)
	if err != nil {
		return err
	}
	defer r.Close()
	if place != nil && o.target == "" && r.Origin.Name == "" {
		return &usageError{"--in-place: nothing in " + in.name + " tells which server wrote it, and an older one would not load what a newer one does; name it with --target"}
	}
	opts.Target = targetOf(r, opts.Target)
	if o.base = base; base == "" {
		o.base = toRESP
		if opts.Target.AtLeast(4, 0) && (o.target != "" && opts.Target.AtLeast(7, 0) || r.Origin.Name != "" || o.layout == layoutMultipart) {
			o.base = toRDB
		}
	}
	if err := o.checkTimestamp(opts.Target); err != nil {
		return err
	}
	if o.layout == layoutMultipart && !opts.Target.AtLeast(7, 0) {
		return &usageError{"--layout multipart: " + opts.Target.Name + " knows single append-only files only; name another --target"}
	}
	if o.base == toRDB && o.target == "" && r.Origin.Name == "" {
		p.say("nothing in %s tells which server wrote it: the RDB base is for %s; --target names an older one", in.name, opts.Target.Name)
	}
	src := source(r, in.name)
	if opts.Sizes, err = convert.Survey(ctx, src, opts); err != nil {
		return err
	}
	w := &rewriting{p: p, o: o, opts: opts, src: src, from: r, in: in, name: name, place: place, size: -1}
	if !o.noProve {
		w.prover = convert.NewProver()
		if w.want, err = w.prover.Fingerprint(ctx, src, opts.Filter, opts.Jobs); err != nil {
			return err
		}
	}
	losses, err := w.write(ctx)
	if err := p.account(losses, &o.convertOptions, err, in.name, name); err != nil {
		return err
	}
	out := p.stdout
	if w.size < 0 {
		out = p.stderr // the device may be standard output
	}
	return w.report(out, before, r, time.Since(started))
}

// logSize returns the bytes of the files of a log, -1 if unknown.
func (in *input) logSize(progress *progress) (int64, error) {
	log, err := in.log(progress)
	if err != nil {
		return 0, err
	}
	n := int64(0)
	for _, p := range log.Parts {
		if p.Size < 0 {
			return max(in.size, -1), nil
		}
		n += p.Size
	}
	return n, nil
}

// rewriting is what has been replayed on its way into files.
type rewriting struct {
	p      *program
	o      *rewriteOptions
	opts   convert.Options
	src    convert.Source
	from   *convert.Replayed // what src is of
	in     *input
	name   string
	place  *inPlace
	prover *convert.Prover
	want   convert.Fingerprint
	proved bool
	lossy  bool
	size   int64 // of what was written, -1 if it cannot be known
}

// write writes the files, and proves them before they get their names.
func (w *rewriting) write(ctx context.Context) (*convert.Losses, error) {
	switch {
	case w.place != nil:
		return w.inPlace(ctx)
	case w.o.layout == layoutMultipart:
		return w.p.writeFolder(ctx, w.src, &w.o.convertOptions, w.opts, w.check)
	}
	out, err := w.p.create(&w.o.output, w.name, w.o.report)
	if err != nil {
		return nil, err
	}
	losses, err := w.o.write(ctx, w.src, out, w.opts)
	if err == nil {
		err = w.p.provable(out, func(path string) error { return w.check(ctx, path, losses) })
	}
	return losses, out.finish(err)
}

// check reads a file that has been written and compares it with what was
// replayed.
func (w *rewriting) check(ctx context.Context, path string, losses *convert.Losses) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	w.size = info.Size()
	w.lossy = losses.Major()
	if w.prover == nil || w.lossy {
		return nil
	}
	in, err := w.p.open(path, &progress{ctx: ctx})
	if err != nil {
		return err
	}
	defer in.close()
	src := in.source()
	if w.o.base != toRDB {
		if err := w.release(); err != nil {
			return err
		}
		log, err := in.log(&progress{ctx: ctx})
		if err != nil {
			return err
		}
		o := convert.ReplayOptions{Target: w.opts.Target, Strict: true, Jobs: w.opts.Jobs, MaxMemory: w.o.replay.memory()}
		r, err := w.p.replayLog(ctx, log, path, o, &progress{ctx: ctx})
		if err != nil {
			return unprovable(ctx, err)
		}
		defer r.Close()
		src = source(r, path)
	}
	got, err := w.prover.Fingerprint(ctx, src, nil, w.opts.Jobs)
	if err != nil {
		return unprovable(ctx, err)
	}
	if got != w.want {
		return errNotProved
	}
	w.proved = true
	return nil
}

// release makes room for another data set: this one has been written.
func (w *rewriting) release() error {
	err := w.from.Close()
	w.from.Data, w.src.Data = nil, nil
	return err
}

// unprovable is the error for what was written and cannot be read back: a fault of
// the program, whatever is wrong with the file.
func unprovable(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, convert.ErrMaxMemory) {
		return err
	}
	return fmt.Errorf("internal error: what was written cannot be read: %v; nothing is kept of it", err)
}

var errNotProved = errors.New("internal error: what was written is not what was replayed; nothing is kept of it")

// report says what has become of the log.
func (w *rewriting) report(out io.Writer, before int64, r *convert.Replayed, took time.Duration) error {
	keys := uint64(0)
	for _, s := range w.opts.Sizes {
		keys += s.Keys
	}
	text := human.Count(r.Commands, "command")
	if r.Keys > 0 {
		text = human.Count(r.Keys, "key") + " of a base and " + text
	}
	text += " became " + human.Count(int64(keys), "key")
	if before >= 0 && w.size >= 0 {
		text += fmt.Sprintf("; %s became %s", human.Bytes(before), human.Bytes(w.size))
		if before > 0 {
			text += fmt.Sprintf(" (%.1f %%)", 100*float64(w.size)/float64(before))
		}
	}
	switch {
	case w.proved:
		text += "; read back, and the same"
	case w.lossy && w.prover != nil:
		text += "; not compared, since something was left out"
	case w.prover != nil:
		text += "; not compared, since a device cannot be read back"
	}
	_, err := fmt.Fprintf(out, "%s: %s, in %.1f s\n", printable(w.in.name), text, took.Seconds())
	return err
}
