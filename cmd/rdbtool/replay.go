package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/rdb"
)

// replayFlags say how an append-only file is replayed, the same on every command
// that takes one.
type replayFlags struct {
	strict, skipUnknown, allowTorn bool
	until, before                  string
	maxMemory                      string
}

const replayCategory = "APPEND-ONLY FILES"

func (f *replayFlags) flags() []cli.Flag {
	boolean := func(name, usage string, to *bool) cli.Flag {
		return &cli.BoolFlag{Name: name, Usage: usage, Destination: to, Category: replayCategory}
	}
	return []cli.Flag{
		boolean("strict", "stop at a command that a server answers with an error", &f.strict),
		boolean("skip-unknown", "leave out commands that cannot be executed without a server, and list them", &f.skipUnknown),
		boolean("allow-torn", "take a log whose end is torn, up to its last whole command or transaction", &f.allowTorn),
		&cli.StringFlag{Name: "until", Usage: "replay up to `TIME|OFFSET`: a date or @SECONDS, or an offset in the last file (or FILE:OFFSET)", Destination: &f.until, Category: replayCategory},
		&cli.StringFlag{Name: "max-memory", Usage: "replay in parts that take about `BYTES` of memory (64MB, 4GB), by way of temporary files", Destination: &f.maxMemory, Category: replayCategory},
		&cli.StringFlag{Name: "before", Usage: "replay up to the last `COMMAND` of that name, without it, such as FLUSHALL", Destination: &f.before, Category: replayCategory},
	}
}

// set reports whether a flag has been given.
func (f *replayFlags) set() bool { return *f != replayFlags{} }

// check finds out what is wrong with the flags before any file is read.
func (f *replayFlags) check() error {
	if _, err := parseMaxMemory(f.maxMemory); err != nil {
		return err
	}
	if f.until != "" && f.before != "" {
		return &usageError{"--until and --before do not go together"}
	}
	if f.until == "" {
		return nil
	}
	if _, isTime := parseSeconds(f.until); isTime {
		return nil
	}
	if _, _, err := parseOffset(f.until); err != nil {
		return &usageError{fmt.Sprintf("--until: %q is no time and no offset: try 2006-01-02T15:04:05Z, @1700000000, 0x1f40 or FILE:8000", f.until)}
	}
	return nil
}

// minMemory is the least that --max-memory takes.
const minMemory = 1 << 20

// parseMaxMemory reads the value of --max-memory, "" for 0: no limit.
func parseMaxMemory(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := parseBytes(s)
	if err != nil || n < minMemory {
		return 0, &usageError{fmt.Sprintf("--max-memory: %q is no size of 1 MB or more: try 64MB or 4GB", s)}
	}
	return n, nil
}

// memory returns what --max-memory says, 0 without it.
func (f *replayFlags) memory() int64 {
	n, _ := parseBytes(f.maxMemory) // checked before
	return n
}

// parseOffset reads an offset, and the name of a file before it.
func parseOffset(s string) (file string, offset int64, err error) {
	if i := strings.LastIndexByte(s, ':'); i > 0 {
		file, s = s[:i], s[i+1:]
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "0x"), map[bool]int{false: 10, true: 16}[strings.HasPrefix(s, "0x")], 63)
	return file, int64(n), err
}

// parseSeconds reads a time: a date, or seconds behind an @. A number alone is an
// offset.
func parseSeconds(s string) (unix int64, isTime bool) {
	digits, at := strings.CutPrefix(s, "@")
	if _, err := strconv.ParseInt(digits, 10, 64); err == nil && !at {
		return 0, false
	}
	t, err := parseTime(digits)
	return t.Unix(), err == nil && t.Unix() > 0
}

// options adds what the flags say to the options of a replay. The log is looked
// through where they ask for it.
func (f *replayFlags) options(ctx context.Context, in *input, progress *progress, o convert.ReplayOptions) (_ convert.ReplayOptions, err error) {
	o.Strict, o.SkipUnknown, o.AllowTorn, o.MaxMemory = f.strict, f.skipUnknown, f.allowTorn, f.memory()
	if o.MaxMemory > 0 && in.isPipe() {
		return o, &usageError{"--max-memory reads the log twice, which a pipe does not allow"}
	}
	if f.until == "" && f.before == "" {
		return o, nil
	}
	if f.before != "" && in.isPipe() {
		return o, &usageError{"--before reads the log twice, which a pipe does not allow"}
	}
	log, err := in.log(progress)
	if err != nil {
		return o, err
	}
	seconds, isTime := parseSeconds(f.until)
	switch {
	case f.before != "":
		if o.Until.Point, err = convert.FindLast(ctx, log, f.before); err == nil && o.Until.Point == nil {
			err = &usageError{fmt.Sprintf("--before: %s holds no %s", in.name, f.before)}
		}
	case isTime:
		o.Until.Seconds = seconds
	default:
		file, offset, _ := parseOffset(f.until) // checked before
		if o.Until.Point, err = convert.PointIn(log, file, offset); err != nil {
			err = &usageError{"--until: " + err.Error()}
		}
	}
	return o, err
}

// replay replays the append-only file in, which was opened as name, and tells of
// what was met.
func (p *program) replay(ctx context.Context, in *input, name string, f *replayFlags, progress *progress, o convert.ReplayOptions) (*convert.Replayed, error) {
	o, err := f.options(ctx, in, progress, o)
	if err != nil {
		return nil, err
	}
	if f.before != "" && in.file != nil { // it has been read
		if err := in.close(); err != nil {
			return nil, err
		}
		again, err := p.open(name, progress)
		if err != nil {
			return nil, err
		}
		*in = *again
	}
	log, err := in.log(progress)
	if err != nil {
		return nil, in.explain(err)
	}
	if log.Manifest == nil && in.path != "" {
		if m := aof.ManifestOf(in.path); m != "" {
			p.say("%s is one of the files of %s: by itself it is not the data set", in.name, m)
		}
	}
	r, err := p.replayLog(ctx, log, name, o, progress)
	progress.end()
	if err != nil {
		return nil, err
	}
	p.tell(r)
	if f.until != "" && r.Stopped == nil {
		p.say("%s ends before --until %s: all of it is taken", in.name, f.until)
	}
	return r, nil
}

const (
	// replayGC is by how many percent memory may grow between collections.
	replayGC = 15
	// ownMemory is what the program takes beside the data set.
	ownMemory = 32 << 20
)

// replayLog replays the log of the file at path, which is opened once more if it
// must be read twice.
func (p *program) replayLog(ctx context.Context, log *aof.Log, path string, o convert.ReplayOptions, progress *progress) (*convert.Replayed, error) {
	// What is collected while a log is replayed is little beside the data set,
	// which grows: to wait for it would take half as much memory again.
	debug.SetGCPercent(replayGC)
	if o.MaxMemory > 0 {
		debug.SetMemoryLimit(o.MaxMemory + ownMemory)
	}
	var again *input
	o.Reopen = func() (log *aof.Log, err error) {
		if again, err = p.open(path, progress); err != nil {
			return nil, err
		}
		return again.log(progress)
	}
	r, err := convert.Replay(ctx, log, o)
	if again != nil {
		again.close()
	}
	return r, err
}

// explain adds to the error for a folder without an append-only file which
// snapshots it holds.
func (in *input) explain(err error) error {
	var path *fs.PathError
	if in.kind != kindManifest || !errors.As(err, &path) {
		return err
	}
	snapshots, _ := filepath.Glob(filepath.Join(in.path, "*.rdb"))
	if len(snapshots) == 0 {
		return err
	}
	return fmt.Errorf("%w; it holds %s", err, listText(snapshots[:min(len(snapshots), maxNamed)], len(snapshots)))
}

// maxTold is how many failed commands are told one by one.
const maxTold = 10

// tell says what was left out of a log.
func (p *program) tell(r *convert.Replayed) {
	for _, e := range r.Failed[:min(len(r.Failed), maxTold)] {
		p.say("%v", e)
	}
	if n := r.Failures - int64(min(len(r.Failed), maxTold)); n > 0 {
		p.say("%s more commands failed like these", human.Thousands(n))
	}
	if text := r.SkippedText(); text != "" {
		p.say("left out: %s", text)
	}
	if r.Torn != nil {
		text := ""
		if r.TornBytes > 0 {
			text = ", the last " + human.Bytes(r.TornBytes) + " are left out"
		}
		p.say("%v; what is before that is taken%s", r.Torn, text)
	}
	if r.Stopped != nil {
		p.say("%s", r.Stopped.Describe("the replay ends here"))
	}
}

// source returns a data set as what is converted.
func source(r *convert.Replayed, name string) convert.Source {
	return convert.Source{Data: r.Data, Origin: r.Origin, RDB: rdb.Options{Name: name}}
}

// notALog is the mistake to ask for a replay of something else.
func (f *replayFlags) notALog(in *input) error {
	if f.set() && !in.isLog() {
		return in.notLog(": --strict, --skip-unknown, --allow-torn, --until, --before and --max-memory go with one only")
	}
	return nil
}

// targetOf returns the server to write a replayed data set for: the one asked
// for, the one that wrote the log, or the newest.
func targetOf(r *convert.Replayed, asked rdb.Target) rdb.Target {
	switch {
	case asked.Name != "":
		return asked
	case r.Origin.Name != "":
		return r.Origin
	}
	return convert.Newest()
}
