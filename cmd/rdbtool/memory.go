package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/memory/render"
	"github.com/rdbtool/rdbtool/memory/render/html"
)

// memoryOptions are the flags of memory.
type memoryOptions struct {
	format, perKey  string
	rawBytes, merge bool
	rows            int
	analysis        analysisFlags
	quiet           bool
	output          outputFlags
	replay          replayFlags
	filter          filterFlags
	renderFormat    render.Format
	appendKey       func(dst []byte, k *memory.PerKey) []byte
}

// The forms of --per-key.
var perKeyForms = []string{"csv", "ndjson"}

func (p *program) memoryCommand() *cli.Command {
	var o memoryOptions
	flags := []cli.Flag{
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Usage: "write `text|json|csv|markdown|html|pprof|folded`", Value: "text", Destination: &o.format},
		&cli.StringFlag{Name: "per-key", Usage: "write a line for each key instead, as `csv|ndjson`", Destination: &o.perKey},
		&cli.BoolFlag{Name: "bytes", Usage: "write sizes as whole numbers of bytes", Destination: &o.rawBytes},
		&cli.IntFlag{Name: "rows", Usage: "show `N` rows of the first table (-1: all of every table)", DefaultText: "what fits on a screen", Destination: &o.rows},
		&cli.BoolFlag{Name: "merge", Usage: "put reports together that --format json has written", Destination: &o.merge},
		quietFlag(&o.quiet),
	}
	return command(cli.Command{
		Name:      "memory",
		Usage:     "show which keys take a server's memory, by pattern of their names",
		ArgsUsage: "FILE...",
		Description: "Groups the keys by pattern without being told, such as user:{n}:profile, and says of each how much memory it\n" +
			"takes: the sum of what MEMORY USAGE would answer on the server that wrote the file, or on --target. Then it lists\n" +
			"what is worth doing. No server is needed; an append-only file is replayed first.\n\n" +
			"Several files, such as the shards of a cluster, make one report. Where they lie on several machines, write\n" +
			"--format json there, and put the reports together with --merge.",
		Flags: slices.Concat(flags, o.analysis.flags(), o.output.flags(), o.replay.flags(), o.filter.flags()),
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return &usageError{"memory takes at least one FILE; \"rdbtool memory --help\" tells more"}
			}
			return p.memory(c.Context, c.Args().Slice(), &o)
		},
	})
}

// check finds out what is wrong with the flags before any file is read.
func (o *memoryOptions) check(p *program) (err error) {
	if o.renderFormat, err = render.ParseFormat(o.format); err != nil {
		return &usageError{"--format: " + err.Error()}
	}
	switch o.perKey {
	case "":
	case "csv":
		o.appendKey = render.AppendCSV
	case "ndjson":
		o.appendKey = render.AppendJSON
	default:
		return &usageError{fmt.Sprintf("--per-key: unknown form %q: one of %s", o.perKey, perKeyForms)}
	}
	if o.rows < -1 {
		return &usageError{fmt.Sprintf("--rows: %d is not -1 or more", o.rows)}
	}
	if o.perKey != "" && (o.merge || o.format != "text") {
		return &usageError{"--per-key writes no report: --merge and --format do not go with it"}
	}
	if o.perKey != "" && o.analysis.grouped() {
		return &usageError{"--per-key writes no report: the flags that group keys do not go with it"}
	}
	if o.merge && (o.replay.set() || o.analysis.set() || o.filter.set()) {
		return &usageError{"--merge takes reports as they are: the flags that say what to look at do not go with it"}
	}
	if o.renderFormat.Binary() && o.perKey == "" && o.output.path == "" && isTerminal(p.stdout) {
		return &usageError{"--format " + o.format + " is not for a terminal: -o FILE writes it to a file"}
	}
	return o.replay.check()
}

func (p *program) memory(ctx context.Context, names []string, o *memoryOptions) error {
	if err := o.check(p); err != nil {
		return err
	}
	if i := slices.Index(names, "-"); i >= 0 && slices.Contains(names[i+1:], "-") {
		return &usageError{"standard input can be read only once"}
	}
	opts, err := o.analysis.options()
	if err != nil {
		return err
	}
	if opts.Filter, err = o.filter.filter(time.Now()); err != nil {
		return err
	}
	opts.Now = opts.Filter.Now
	if err := p.mayCreate(&o.output, names...); err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet || o.perKey != "" && o.output.path == "" && isTerminal(p.stdout))
	defer progress.end()
	if o.perKey != "" {
		return p.memoryPerKey(ctx, names, o, opts, progress)
	}
	var reports []*memory.Report
	for _, name := range names {
		r, err := p.memoryReport(ctx, name, o, opts, progress)
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	progress.end()
	r, err := memory.Merge(reports)
	if err != nil {
		return &usageError{err.Error()}
	}
	out, err := p.create(&o.output, names...)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	err = render.Write(w, r, o.renderFormat, p.renderOptions(o))
	if err == nil {
		err = w.Flush()
	}
	return out.finish(err)
}

// renderOptions fits a report to where it goes.
func (p *program) renderOptions(o *memoryOptions) render.Options {
	packing, _ := compress.FormatByName(o.output.path)
	r := render.Options{Rows: o.rows, RawBytes: o.rawBytes, HTML: html.Write, Packed: packing != compress.None}
	if f, ok := p.stdout.(*os.File); ok && o.output.path == "" && isTerminal(p.stdout) {
		r.Colour = os.Getenv("NO_COLOR") == ""
		if w, h, err := term.GetSize(int(f.Fd())); err == nil {
			r.Width, r.Height = w, h-2 // the prompt
		}
	}
	return r
}

// memoryReport reports on one file, or reads the report that it is.
func (p *program) memoryReport(ctx context.Context, name string, o *memoryOptions, opts memory.Options, progress *progress) (*memory.Report, error) {
	in, err := p.open(name, progress)
	if err != nil {
		return nil, err
	}
	defer func() { in.close() }()
	switch {
	case o.merge:
		r, err := render.Parse(in)
		if err != nil {
			return nil, reportError(in.name, err)
		}
		return r, nil
	case in.kind == kindJSON:
		return nil, &usageError{in.name + " is a JSON file: --merge puts reports together"}
	}
	return p.analyze(ctx, in, name, o, opts, progress)
}

// reportError is the error for a file that is no report, or a damaged one.
func reportError(name string, err error) error {
	var bad *render.ParseError
	switch {
	case errors.Is(err, render.ErrLater):
		return fmt.Errorf("%s: %w: %w", name, err, entry.ErrUnsupported)
	case errors.As(err, &bad):
		return &entry.CorruptError{Place: entry.Place{File: name, Offset: -1, Element: -1}, Err: err}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// analyze reports on a snapshot or an append-only file.
func (p *program) analyze(ctx context.Context, in *input, name string, o *memoryOptions, opts memory.Options, progress *progress) (*memory.Report, error) {
	opts.Name = in.name
	if err := o.replay.notALog(in); err != nil {
		return nil, err
	}
	if !in.isLog() {
		opts.HasChecksum = in.hasChecksum()
		return memory.Analyze(ctx, in, in.options(), opts)
	}
	if opts.Filter.NeedsSize() {
		return nil, sizeless(in)
	}
	r, err := p.replay(ctx, in, name, &o.replay, progress, convert.ReplayOptions{Jobs: opts.Jobs, Now: opts.Now.UnixMilli()})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return memory.AnalyzeData(ctx, r.Data.Parts(), r.Origin, opts)
}

// perKeyBuffer is when lines are written.
const perKeyBuffer = 256 << 10

// memoryPerKey writes a line for each key.
func (p *program) memoryPerKey(ctx context.Context, names []string, o *memoryOptions, opts memory.Options, progress *progress) error {
	out, err := p.create(&o.output, names...)
	if err != nil {
		return err
	}
	var buf []byte
	if o.perKey == "csv" {
		buf = append(buf, render.CSVHeader...)
	}
	for _, name := range names {
		if err = p.keysOf(ctx, name, o, opts, progress, out, &buf); err != nil {
			break
		}
	}
	if len(buf) > 0 { // what stands before damage, too
		if _, e := out.Write(buf); err == nil {
			err = e
		}
	}
	return out.finish(err)
}

// keysOf writes the keys of one file. Which allocator the server has shows only
// once all keys have been sized, so a file that can be read twice is.
func (p *program) keysOf(ctx context.Context, name string, o *memoryOptions, opts memory.Options, progress *progress, out io.Writer, buf *[]byte) error {
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer func() { in.close() }()
	if opts.Alloc == nil && !in.isLog() {
		if in.isPipe() {
			p.say("%s cannot be read twice: sizes are those of the servers' own allocator; --allocator names another one", in.name)
		} else {
			// A damaged file gives no report, but the keys before the damage.
			r, err := p.analyze(ctx, in, name, o, opts, progress)
			if errors.Is(err, context.Canceled) {
				return err
			}
			if err == nil {
				opts.Alloc = allocatorOf(r)
			} else {
				p.say("%s cannot be read to its end: sizes are those of the servers' own allocator; --allocator names another one", in.name)
			}
			in.close()
			if in, err = p.open(name, progress); err != nil {
				return err
			}
		}
	}
	opts.PerKey = func(k *memory.PerKey) error {
		*buf = o.appendKey(*buf, k)
		if len(*buf) < perKeyBuffer {
			return nil
		}
		_, err := out.Write(*buf)
		*buf = (*buf)[:0]
		return err
	}
	_, err = p.analyze(ctx, in, name, o, opts, progress)
	return err
}

// splitList splits the values of a flag at commas.
func splitList(values []string) (out []string) {
	for _, v := range values {
		for _, s := range strings.Split(v, ",") {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}
