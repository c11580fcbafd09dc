package main

import (
	"bufio"
	"context"
	"crypto/sha1"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
	"github.com/rdbtool/rdbtool/rdb"
)

// digestOptions are the flags of digest.
type digestOptions struct {
	target string
	keys   bool
	jobs   int
	quiet  bool
	output outputFlags
	replay replayFlags
	filter filterFlags
}

func (p *program) digestCommand() *cli.Command {
	var o digestOptions
	flags := []cli.Flag{
		&cli.StringFlag{Name: "target", Aliases: []string{"t"}, Usage: "compute what `SERVER` answers: redis-7.0, valkey-9.1 ... (they differ in details)", DefaultText: "the server that wrote the file, else the newest", Destination: &o.target},
		&cli.BoolFlag{Name: "keys", Usage: "print what DEBUG DIGEST-VALUE answers for each key, as NDJSON", Destination: &o.keys},
		jobsFlag(&o.jobs),
		quietFlag(&o.quiet),
	}
	flags = append(append(flags, o.output.flags()...), o.replay.flags()...)
	return command(cli.Command{
		Name:      "digest",
		Usage:     "print the digest of a data set, to compare it with a live server",
		ArgsUsage: "FILE",
		Description: "Prints what DEBUG DIGEST of a server answers that holds the same keys and values, in whatever order and\n" +
			"encoding. FILE is a snapshot, an append-only file, which is replayed first, or JSON. That keys expire is part\n" +
			"of the digest, when they do is not. To compare files of different servers, give them the same --target.\n\n" +
			"rdbtool digest dump.rdb\n" +
			"redis-cli DEBUG DIGEST",
		Flags: append(flags, o.filter.flags()...),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{fmt.Sprintf("digest takes one FILE, not %d; \"rdbtool digest --help\" tells more", c.NArg())}
			}
			return p.digest(c.Context, c.Args().First(), &o)
		},
	})
}

func (p *program) digest(ctx context.Context, name string, o *digestOptions) error {
	var target rdb.Target
	var err error
	if o.target != "" {
		if target, err = rdb.ParseTarget(o.target); err != nil {
			return &usageError{"--target: " + err.Error()}
		}
	}
	opts := convert.DigestOptions{}
	if opts.Jobs, err = jobs(o.jobs); err != nil {
		return err
	}
	if opts.Filter, err = o.filter.filter(time.Now()); err != nil {
		return err
	}
	if err := o.replay.check(); err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet)
	defer progress.end()
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer func() { in.close() }()
	if err := o.replay.notALog(in); err != nil {
		return err
	}
	if err := p.mayCreate(&o.output, name); err != nil {
		return err
	}
	src := in.source()
	switch {
	case in.isLog():
		if opts.Filter.NeedsSize() {
			return sizeless(in)
		}
		r, err := p.replay(ctx, in, name, &o.replay, progress, convert.ReplayOptions{Target: target, Jobs: opts.Jobs, Now: opts.Filter.Now.UnixMilli()})
		if err != nil {
			return err
		}
		defer r.Close()
		src, target = source(r, in.name), targetOf(r, target)
	case target.Name == "":
		if target, err = convert.Origin(&src); err != nil {
			return err
		}
	}
	opts.Format = convert.FormatOf(target)
	out, err := p.create(&o.output, name)
	if err != nil {
		return err
	}
	lines := bufio.NewWriterSize(out, 64<<10)
	if o.keys {
		opts.Key = func(e *entry.Entry, sum [sha1.Size]byte) error { return writeKeyDigest(lines, e, sum) }
	}
	sum, err := convert.Digest(ctx, src, opts)
	progress.end()
	if e := lines.Flush(); err == nil {
		err = e
	}
	if err == nil && !o.keys {
		_, err = fmt.Fprintf(out, "%x\n", sum)
	}
	return out.finish(err)
}

func writeKeyDigest(w io.Writer, e *entry.Entry, sum [sha1.Size]byte) error {
	b := fmt.Appendf(nil, `{"db":%d,"key":`, e.DB)
	b = jsonstr.Append(b, e.Key)
	_, err := w.Write(fmt.Appendf(b, ",\"digest\":\"%x\"}\n", sum))
	return err
}

// sizeless is the mistake to filter keys by their size that have none.
func sizeless(in *input) error {
	return &usageError{"--min-size and --max-size: keys of an append-only file have no size (" + in.name + ")"}
}
