package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/internal/minisign"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
	"github.com/rdbtool/rdbtool/verify/render"
)

// verifyOptions are the flags of verify.
type verifyOptions struct {
	level, format, now string
	strict, recursive  bool
	maxFindings        int
	targets            cli.StringSlice
	modules            cli.StringSlice
	databases          int
	publicKeys         cli.StringSlice
	expect             expectFlags
	jobs               int
	quiet              bool
	output             outputFlags
}

// expectFlags say what is expected of each file.
type expectFlags struct {
	keys, maxAge, digest, tailLoss, maxMemory string
	dbs                                       cli.StringSlice
}

const (
	formatTable      = "table"
	expectCategory   = "EXPECTATIONS"
	targetCategory   = "SERVERS"
	maxDatabases     = 1 << 30
	maxMaxFindings   = 1 << 30
	digestHexadecs   = 40
	hoursOfDay       = 24
	verifyUsageError = "verify takes at least one FILE; \"rdbtool verify --help\" tells more"
)

func (p *program) verifyCommand() *cli.Command {
	var o verifyOptions
	formats := strings.Join(append([]string{formatTable}, render.Formats()...), "|")
	flags := []cli.Flag{
		&cli.StringFlag{Name: "level", Aliases: []string{"l"}, Usage: "look at `checksum|structure|deep`: frame and checksum; every length and packed blob; every rule", DefaultText: "structure, with --target deep", Destination: &o.level},
		&cli.BoolFlag{Name: "strict", Usage: "count warnings as errors", Destination: &o.strict},
		&cli.BoolFlag{Name: "recursive", Aliases: []string{"r"}, Usage: "verify all snapshots and append-only files below a folder", Destination: &o.recursive},
		&cli.IntFlag{Name: "max-findings", Usage: "list `N` findings of a file; more are counted", Value: verify.DefaultMaxFindings, Destination: &o.maxFindings},
		&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Usage: "write `" + formats + "`", Value: formatTable, Destination: &o.format},
		&cli.StringFlag{Name: "now", Usage: "`TIME` that times in files are held against (default: the clock)", Destination: &o.now},
		&cli.StringSliceFlag{Name: "public-key", Aliases: []string{"p"}, Usage: "each file must be signed with the key in `FILE`, or that is given itself (repeated: one of them)", DefaultText: publicKeyVariable, Destination: &o.publicKeys},
		jobsFlag(&o.jobs),
		quietFlag(&o.quiet),
		&cli.StringSliceFlag{Name: "target", Aliases: []string{"t"}, Usage: "each file must load on `SERVER`: redis-8.0, valkey-9.1 ... (repeated, or with commas)", Destination: &o.targets, Category: targetCategory},
		&cli.StringSliceFlag{Name: "with-module", Usage: "the servers have the module with the type `NAME` (repeated, or with commas)", Destination: &o.modules, Category: targetCategory},
		&cli.IntFlag{Name: "databases", Usage: "the servers have `N` databases", Value: 16, Destination: &o.databases, Category: targetCategory},
	}
	flags = append(append(flags, o.expect.flags()...), o.output.flags()...)
	return command(cli.Command{
		Name:      "verify",
		Usage:     "tell whether files would come back: what is wrong with them, and which servers load them",
		ArgsUsage: "FILE...",
		Description: "Lists everything that is wrong with snapshots and append-only files, and says of each file in a line what it\n" +
			"came to. A folder stands for the append-only file in it, else for the snapshots in it; with --recursive for all\n" +
			"of both below it. The exit code is 3 if something is damaged or does not hold. Nothing is changed.\n\n" +
			"rdbtool verify --target redis-8.0 --expect-keys '>=1000' --expect-max-age 26h dump.rdb",
		Flags: flags,
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return &usageError{verifyUsageError}
			}
			v, err := o.verification()
			if err != nil {
				return err
			}
			if v.keys, err = p.publicKeys(o.publicKeys.Value()); err != nil {
				return err
			}
			return p.verify(c.Context, c.Args().Slice(), v, &o)
		},
	})
}

func (e *expectFlags) flags() []cli.Flag {
	text := func(name, usage string, to *string) cli.Flag {
		return &cli.StringFlag{Name: name, Usage: usage, Destination: to, Category: expectCategory}
	}
	return []cli.Flag{
		text("expect-keys", "the number of keys must be in `RANGE`: '>=1000', '<10', =3, 10..20", &e.keys),
		&cli.StringSliceFlag{Name: "expect-db", Usage: "databases `DBS` must hold keys and no others: 0,3; or one a number of keys: '0:>=1' (repeated)", Destination: &e.dbs, Category: expectCategory},
		text("expect-max-age", "the data must not be older than `AGE`: 26h, 90m, 2d", &e.maxAge),
		text("expect-digest", "the data must have the digest `HEX`, as \"rdbtool digest\" prints it", &e.digest),
		text("max-tail-loss", "a torn end of a log is a warning if it is no longer than `BYTES`: 64KB", &e.tailLoss),
		text("max-memory", "replay logs, where an expectation asks for it, in parts that take about `BYTES`", &e.maxMemory),
	}
}

// verification is what the flags of verify come to.
type verification struct {
	verify.Options
	targets   []rdb.Target
	setup     verify.Setup
	expect    verify.Expectations
	maxMemory int64
	keys      []minisign.PublicKey // one of which must have signed each file
}

// verification checks the flags.
func (o *verifyOptions) verification() (v *verification, err error) {
	v = &verification{Options: verify.Options{Level: verify.Structure, Now: time.Now(), MaxFindings: o.maxFindings, Strict: o.strict}}
	for _, name := range words(o.targets.Value()) {
		t, err := rdb.ParseTarget(name)
		if err != nil {
			return nil, &usageError{"--target: " + err.Error()}
		}
		if !slices.ContainsFunc(v.targets, func(x rdb.Target) bool { return x.Name == t.Name }) {
			v.targets = append(v.targets, t)
		}
		v.Level = verify.Deep
	}
	v.setup = verify.Setup{Databases: o.databases, Modules: words(o.modules.Value())}
	if o.databases < 1 || o.databases > maxDatabases {
		return nil, &usageError{fmt.Sprintf("--databases: %d is not 1 to %d", o.databases, maxDatabases)}
	}
	if o.maxFindings < 1 || o.maxFindings > maxMaxFindings {
		return nil, &usageError{fmt.Sprintf("--max-findings: %d is not 1 to %d", o.maxFindings, maxMaxFindings)}
	}
	if o.level != "" {
		if v.Level, err = verify.ParseLevel(o.level); err != nil {
			return nil, &usageError{"--level: " + err.Error()}
		}
	}
	if o.now != "" {
		if v.Now, err = parseTime(o.now); err != nil {
			return nil, &usageError{"--now: " + err.Error()}
		}
	}
	if v.Jobs, err = jobs(o.jobs); err != nil {
		return nil, err
	}
	if !slices.Contains(append(render.Formats(), formatTable), o.format) {
		return nil, &usageError{fmt.Sprintf("--format: unknown format %q: one of %s, %s", o.format, formatTable, strings.Join(render.Formats(), ", "))}
	}
	return v, o.expect.apply(v)
}

// apply checks the expectations and adds them to v.
func (e *expectFlags) apply(v *verification) error {
	x := &v.expect
	if e.keys != "" {
		r, err := verify.ParseRange(e.keys)
		if err != nil {
			return &usageError{"--expect-keys: " + err.Error()}
		}
		x.Keys = &r
	}
	for _, text := range e.dbs.Value() {
		db, err := verify.ParseDBExpectation(text)
		if err != nil {
			return &usageError{"--expect-db: " + err.Error()}
		}
		x.DBs = append(x.DBs, db)
	}
	if e.maxAge != "" {
		age, err := parseAge(e.maxAge)
		if err != nil {
			return &usageError{"--expect-max-age: " + err.Error()}
		}
		x.MaxAge = age
	}
	if e.digest != "" {
		if _, err := hex.DecodeString(e.digest); err != nil || len(e.digest) != digestHexadecs {
			return &usageError{fmt.Sprintf("--expect-digest: %q is no digest of %d hexadecimal digits", e.digest, digestHexadecs)}
		}
		x.Digest = strings.ToLower(e.digest)
	}
	if e.tailLoss != "" {
		n, err := parseBytes(e.tailLoss)
		if err != nil {
			return &usageError{"--max-tail-loss: " + err.Error()}
		}
		x.MaxTailLoss = &n
	}
	var err error
	v.maxMemory, err = parseMaxMemory(e.maxMemory)
	return err
}

// words returns the parts of all texts between commas.
func words(texts []string) (list []string) {
	for _, text := range texts {
		for _, w := range strings.Split(text, ",") {
			list = append(list, strings.TrimSpace(w))
		}
	}
	return list
}

// parseAge reads a duration; days may be given too, by themselves.
func parseAge(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if digits, ok := strings.CutSuffix(s, "d"); ok {
		var days float64
		if days, err = strconv.ParseFloat(digits, 64); err == nil {
			d = time.Duration(days * hoursOfDay * float64(time.Hour))
		}
	}
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is no length of time: try 26h, 90m or 2d", s)
	}
	return d, nil
}

// verify verifies the files of these names.
func (p *program) verify(ctx context.Context, names []string, v *verification, o *verifyOptions) error {
	if i := slices.Index(names, "-"); i >= 0 {
		switch {
		case slices.Contains(names[i+1:], "-"):
			return &usageError{"standard input can be read once only"}
		case v.expect.Digest != "":
			return &usageError{"--expect-digest reads the file again, which a pipe does not allow"}
		}
	}
	files, err := p.findFiles(ctx, names, o.recursive)
	if err != nil {
		return err
	}
	for _, note := range files.notes {
		p.say("%s", note)
	}
	out, err := p.create(&o.output, names...)
	if err != nil {
		return err
	}
	w := &verifyOutput{sum: render.Summary{PassedOver: files.passedOver, InLogs: files.inLogs}}
	if o.format == formatTable {
		w.to = &tableRenderer{w: out, several: len(files.items) != 1 || files.passedOver+files.inLogs > 0}
	} else if w.to, err = render.New(o.format, out, render.Run{Version: version(), Level: v.Level, Strict: v.Strict}); err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet)
	defer progress.end()
	if len(files.items) > 1 {
		progress.several(human.Count(int64(len(files.items)), "file"), files.size)
	}
	err = p.verifyAll(ctx, files.items, v, progress, func(f *render.File) error {
		return progress.aside(func() error { return w.file(p, f, o.format) })
	})
	progress.end()
	if err == nil {
		err = w.end()
	}
	if err == nil && o.format == formatTable {
		p.hint(w.damagedLog, w.damagedRDB)
	}
	if err := out.finish(err); err != nil {
		return err
	}
	if code := w.sum.ExitCode; code != exitOK {
		return &checkError{code: code}
	}
	return nil
}

// verifyOutput is where results go, and what they come to.
type verifyOutput struct {
	to  render.Renderer
	sum render.Summary

	damagedLog, damagedRDB string // the first of each
}

func (w *verifyOutput) file(p *program, f *render.File, format string) error {
	w.sum.Add(f)
	for code, n := range f.ByCode {
		rule, _ := verify.RuleOf(code)
		switch {
		case n.First.Severity != verify.Error || f.File == shownName("-") || code == verify.CodeEmpty || code == verify.CodeNotRDB:
		case rule.Subject == verify.SubjectLog && w.damagedLog == "":
			w.damagedLog = f.File
		case rule.Subject == verify.SubjectRDB && f.Kind == verify.KindRDB && w.damagedRDB == "":
			w.damagedRDB = f.File
		}
	}
	w.sum.ExitCode = worse(w.sum.ExitCode, codeOf(f))
	if f.Failed != nil && format != "github" { // which reads standard error too
		p.say("%s", printable(message(f.Failed)))
	}
	if err := w.to.File(f); err != nil {
		return &outputError{err}
	}
	return nil
}

// hint says what can be done about damage.
func (p *program) hint(log, snapshot string) {
	if log != "" {
		p.say("what a repair would keep and lose, without changing anything: rdbtool aof-truncate %s", quoted(log))
	}
	if snapshot != "" {
		p.say("to save what is whole into a new file: rdbtool salvage %s -o salvaged.rdb", quoted(snapshot))
	}
}

func (w *verifyOutput) end() error {
	if err := w.to.End(&w.sum); err != nil {
		return &outputError{err}
	}
	return nil
}

// codeOf returns the exit code that a file deserves by itself.
func codeOf(f *render.File) int {
	switch {
	case errors.Is(f.Failed, context.Canceled):
		return exitInterrupted
	case f.Failed != nil:
		return exitFailure
	case f.Count(verify.Error) > 0:
		return exitDamage
	case f.Count(verify.Unsupported) > 0:
		return exitUnsupported
	}
	return exitOK
}

// worse returns the exit code that outweighs the other: of several files one
// that could not be read, then one that is damaged, then one that cannot be
// judged.
func worse(a, b int) int {
	order := []int{exitOK, exitUnsupported, exitDamage, exitFailure, exitInterrupted}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
