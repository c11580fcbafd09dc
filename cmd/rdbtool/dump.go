package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/rdb"
)

// dumpOptions are the flags of dump.
type dumpOptions struct {
	format, strings string
	keysOnly, meta  bool
	commands        bool
	limit           int64
	jobs            int
	quiet           bool
	output          outputFlags
	replay          replayFlags
	filter          filterFlags
}

func (p *program) dumpCommand() *cli.Command {
	var o dumpOptions
	flags := []cli.Flag{
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Usage: "write `ndjson|json|csv|keys|resp`", Value: "ndjson", Destination: &o.format},
		&cli.StringFlag{Name: "strings", Usage: "write byte strings by the rule `auto|base64|hex|sha256`", Value: "auto", Destination: &o.strings},
		&cli.BoolFlag{Name: "keys-only", Usage: "leave the values out", Destination: &o.keysOnly},
		&cli.BoolFlag{Name: "meta", Usage: "write the records that are not keys too: header, aux, function, module_aux ...", Destination: &o.meta},
		&cli.BoolFlag{Name: "commands", Usage: "print the commands of an append-only file, not what they come to", Destination: &o.commands},
		&cli.Int64Flag{Name: "limit", Aliases: []string{"n"}, Usage: "write `N` keys or commands at most (0: all)", Destination: &o.limit},
		jobsFlag(&o.jobs),
		quietFlag(&o.quiet),
	}
	return command(cli.Command{
		Name:      "dump",
		Usage:     "print the keys of a snapshot or an append-only file as JSON or CSV",
		ArgsUsage: "FILE",
		Description: "Prints one JSON object for each key, in the order of the file. Byte strings that are not UTF-8 stand\n" +
			"as \"base64:...\", so nothing is lost. A damaged file prints every key before the damage and exits with 3.\n\n" +
			"An append-only file is replayed first: what is printed is what a server has after loading it. Damaged, it\n" +
			"prints nothing. --commands prints its commands instead, as they stand, up to the damage.",
		Flags: slices.Concat(flags, o.output.flags(), o.replay.flags(), o.filter.flags()),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{fmt.Sprintf("dump takes one FILE, not %d; \"rdbtool dump --help\" tells more", c.NArg())}
			}
			return p.dump(c.Context, c.Args().First(), &o)
		},
	})
}

func jobsFlag(to *int) cli.Flag {
	return &cli.IntFlag{Name: "jobs", Aliases: []string{"j"}, Usage: "work on `N` parts of the file at once", DefaultText: "all processors", Destination: to}
}

func quietFlag(to *bool) cli.Flag {
	return &cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "show no progress", Destination: to}
}

// jobs returns the number of goroutines that the flag asks for.
func jobs(n int) (int, error) {
	if n < 0 || n > rdb.MaxJobs {
		return 0, &usageError{fmt.Sprintf("--jobs: %d is not 1 to %d", n, rdb.MaxJobs)}
	}
	if n == 0 {
		return runtime.GOMAXPROCS(0), nil
	}
	return n, nil
}

// options checks the flags.
func (o *dumpOptions) options() (out convert.DumpOptions, err error) {
	if out.Format, err = convert.ParseFormat(o.format); err != nil {
		return out, &usageError{"--format: " + err.Error()}
	}
	if out.Strings, err = convert.ParseStrings(o.strings); err != nil {
		return out, &usageError{"--strings: " + err.Error()}
	}
	if o.limit < 0 {
		return out, &usageError{fmt.Sprintf("--limit: %d is negative", o.limit)}
	}
	if out.Jobs, err = jobs(o.jobs); err != nil {
		return out, err
	}
	out.KeysOnly, out.Meta, out.Limit = o.keysOnly, o.meta, o.limit
	out.Filter, err = o.filter.filter(time.Now())
	return out, err
}

func (p *program) dump(ctx context.Context, name string, o *dumpOptions) error {
	if o.format == toRESP {
		if o.commands || o.keysOnly || o.meta || o.limit != 0 || o.strings != "auto" {
			return &usageError{"--format resp writes whole keys: --commands, --keys-only, --meta, --limit and --strings do not go with it"}
		}
		return p.convert(ctx, name, &convertOptions{to: toRESP, layout: layoutSingle, jobs: o.jobs, quiet: o.quiet, output: o.output, replay: o.replay, filter: o.filter})
	}
	opts, err := o.options()
	if err == nil {
		err = o.replay.check()
	}
	if err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet || o.output.path == "" && isTerminal(p.stdout))
	defer progress.end()
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer func() { in.close() }()
	if err := o.replay.notALog(in); err != nil {
		return err
	}
	if o.commands {
		return p.dumpCommands(ctx, in, name, o, opts, progress)
	}
	if in.isLog() {
		return p.dumpLog(ctx, in, name, o, opts, progress)
	}
	out, err := p.create(&o.output, name)
	if err != nil {
		return err
	}
	err = convert.Dump(ctx, in, in.options(), out, opts)
	progress.end()
	return out.finish(err)
}

// dumpCommands prints the commands of an append-only file.
func (p *program) dumpCommands(ctx context.Context, in *input, name string, o *dumpOptions, opts convert.DumpOptions, progress *progress) error {
	switch {
	case !in.isLog():
		return in.notLog(": --commands goes with one only")
	case opts.Format > convert.JSON || o.keysOnly || o.meta || o.replay.set() || !opts.Filter.All():
		return &usageError{"--commands prints all commands as they stand: of the other flags --format ndjson and json, --strings and --limit go with it"}
	}
	log, err := in.log(progress)
	if err != nil {
		return in.explain(err)
	}
	out, err := p.create(&o.output, name)
	if err != nil {
		return err
	}
	err = convert.DumpCommands(ctx, log, out, opts)
	progress.end()
	return out.finish(err)
}

// dumpLog replays an append-only file and prints what it comes to.
func (p *program) dumpLog(ctx context.Context, in *input, name string, o *dumpOptions, opts convert.DumpOptions, progress *progress) error {
	if opts.Filter.NeedsSize() {
		return sizeless(in)
	}
	if err := p.mayCreate(&o.output, name); err != nil {
		return err
	}
	r, err := p.replay(ctx, in, name, &o.replay, progress, convert.ReplayOptions{Jobs: opts.Jobs, Now: opts.Filter.Now.UnixMilli()})
	if err != nil {
		return err
	}
	defer r.Close()
	out, err := p.create(&o.output, name)
	if err != nil {
		return err
	}
	return out.finish(convert.DumpData(ctx, r.Data, out, opts))
}
