package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/atomicfile"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/internal/inuse"
	"github.com/rdbtool/rdbtool/verify"
)

// truncateOptions are the flags of aof-truncate.
type truncateOptions struct {
	output            string
	inPlace, yes      bool
	skipDamage, force bool
	until, maxLoss    string
	quiet             bool
}

func (p *program) truncateCommand() *cli.Command {
	var o truncateOptions
	return command(cli.Command{
		Name:      "aof-truncate",
		Usage:     "repair an append-only file that a server refuses, or cut it at a point in time",
		ArgsUsage: "SRC",
		Description: "SRC is an append-only file of any layout: one file, a manifest, a folder, also the data folder of a server.\n" +
			"Without --output and --in-place it shows what is wrong, what would be lost and what to type next, and changes\n" +
			"nothing: exit code 0 if the log is healthy, 3 if not. A healthy log is never touched.\n\n" +
			"rdbtool aof-truncate /var/lib/redis\n" +
			"rdbtool aof-truncate --in-place /var/lib/redis\n" +
			"rdbtool aof-truncate --in-place --yes --max-loss 64KB /data",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write a repaired copy to `DST`: a file, or for a log with a manifest a folder", Destination: &o.output},
			&cli.BoolFlag{Name: "in-place", Usage: "repair the files of a stopped server; what is taken away is kept as .quarantine", Destination: &o.inPlace},
			&cli.BoolFlag{Name: "yes", Aliases: []string{"y"}, Usage: "do not ask before --in-place changes a file", Destination: &o.yes},
			&cli.StringFlag{Name: "max-loss", Usage: "change nothing if more than `BYTES` (512, 64KB, 10MB) would be lost", Destination: &o.maxLoss},
			&cli.StringFlag{Name: "until", Usage: "cut at `TIME|OFFSET`: a date or @SECONDS, or an offset in the last file (or FILE:OFFSET)", Destination: &o.until},
			&cli.BoolFlag{Name: "skip-damage", Usage: "leave out damaged stretches only, and keep the commands that follow", Destination: &o.skipDamage},
			&cli.BoolFlag{Name: "force", Usage: "cut everything from the first damage on, although commands follow", Destination: &o.force},
			quietFlag(&o.quiet),
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return &usageError{fmt.Sprintf("aof-truncate takes one SRC, not %d; \"rdbtool aof-truncate --help\" tells more", c.NArg())}
			}
			return p.truncate(c.Context, c.Args().First(), &o)
		},
	})
}

// check finds out what is wrong with the flags.
func (o *truncateOptions) check() error {
	if o.maxLoss != "" {
		if _, err := parseBytes(o.maxLoss); err != nil {
			return &usageError{"--max-loss: " + err.Error()}
		}
	}
	switch {
	case o.output != "" && o.inPlace:
		return &usageError{"--output and --in-place do not go together"}
	case o.output == "-":
		return &usageError{"--output: aof-truncate writes to a file or a folder"}
	case o.skipDamage && o.force:
		return &usageError{"--skip-damage and --force do not go together: the one keeps what follows the damage, the other does not"}
	}
	return (&replayFlags{until: o.until}).check()
}

// mode returns how far the repair goes.
func (o *truncateOptions) mode() verify.Mode {
	switch {
	case o.skipDamage:
		return verify.SkipDamage
	case o.force:
		return verify.CutAll
	}
	return verify.CutTail
}

// truncation is a log on its way to be repaired.
type truncation struct {
	p      *program
	o      *truncateOptions
	name   string // SRC
	log    *aof.Log
	exam   *verify.Examination
	repair *verify.Repair
	loss   *verify.Loss
	place  *inPlace
}

// truncate is the command.
func (p *program) truncate(ctx context.Context, name string, o *truncateOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	progress := p.progress(ctx, o.quiet)
	defer progress.end()
	t := &truncation{p: p, o: o, name: name}
	if err := t.open(progress); err != nil {
		return err
	}
	until, err := t.until()
	if err != nil {
		return err
	}
	t.exam, err = verify.Examine(ctx, t.log, name, until, nil)
	progress.end()
	if err != nil {
		return err
	}
	ends, err := t.exam.Ends()
	if err != nil {
		return t.cannotEnd(err)
	}
	if t.exam.Healthy() && !ends {
		return t.healthy()
	}
	if t.repair, err = t.exam.Plan(o.mode()); err != nil {
		return t.refuse(err)
	}
	if t.repair.Empty() {
		return t.healthy()
	}
	if err := t.exam.Prove(ctx, t.repair, t.openPart); err != nil {
		return t.damage("%v; nothing was changed", err)
	}
	if t.loss, err = t.exam.Loss(ctx, t.repair, t.openPart); err != nil {
		return err
	}
	if err := t.show(); err != nil {
		return err
	}
	return t.act(ctx)
}

// open opens the log, whatever is wrong with it.
func (t *truncation) open(progress *progress) error {
	p := t.p
	in, err := p.open(t.name, progress)
	if err != nil {
		return err
	}
	defer in.close()
	regular := in.kind == kindManifest || in.isPlain()
	switch {
	case !regular:
		return &usageError{fmt.Sprintf("%s is no plain file: unpack it first", in.name)}
	case in.kind == kindRDB && !in.isBase:
		return in.notLog(`; "rdbtool salvage" takes snapshots`)
	case in.kind == kindJSON:
		return in.notLog("")
	}
	// What is appended meanwhile is not looked at.
	watch := func(r io.Reader, part *aof.Part) io.Reader {
		return io.LimitReader(progress.watch(r, part.Name(), part.Size), part.Size)
	}
	if t.log, err = aof.OpenDamaged(t.name, &aof.LogOptions{Watch: watch}); err != nil {
		return in.explain(err)
	}
	if t.log.Manifest == nil && len(t.log.Parts) == 1 {
		if m := aof.ManifestOf(t.log.Parts[0].Path); m != "" {
			return &usageError{fmt.Sprintf("%s is one of the files of %s, and must fit the others: rdbtool aof-truncate %s", t.name, m, quoted(m))}
		}
		if in.kind == kindOther && in.size > 0 && !commandsIn(in) {
			return in.notLog("")
		}
	}
	if t.o.inPlace && len(t.log.Parts) > 0 {
		t.place, err = newInPlace(t.log)
		return err
	}
	for _, part := range t.log.Parts {
		if by := inuse.By(part.Path); by != "" {
			p.say("%s is in use by %s: this is what it holds now; stop the server before you repair it", part.Path, by)
		}
	}
	return nil
}

// commandsIn reports whether a file that does not begin as a log does holds
// commands.
func commandsIn(in *input) bool {
	r := aof.NewReader(in, nil)
	if _, err := r.Next(); err == nil || errors.Is(err, entry.ErrTruncated) {
		return true
	}
	gap, err := r.Resync()
	return err == nil && gap.Found
}

// until returns what --until says.
func (t *truncation) until() (*verify.Until, error) {
	if t.o.until == "" || len(t.log.Parts) == 0 {
		return nil, nil
	}
	if seconds, isTime := parseSeconds(t.o.until); isTime {
		return &verify.Until{Seconds: seconds}, nil
	}
	file, offset, err := parseOffset(t.o.until)
	if err != nil {
		return nil, err // checked before
	}
	point, err := pointIn(t.log, file, offset)
	if err != nil {
		return nil, &usageError{"--until: " + err.Error()}
	}
	return &verify.Until{Point: point}, nil
}

func (t *truncation) openPart(part int) (verify.File, error) { return os.Open(t.log.Parts[part].Path) }

// healthy says that there is nothing to do.
func (t *truncation) healthy() error {
	text := "healthy, nothing to do"
	if t.o.until != "" {
		text = "healthy, and ends before --until " + t.o.until + ": nothing to do"
	}
	if t.o.output != "" {
		text += ", and no copy is written"
	}
	if _, err := fmt.Fprintf(t.p.stdout, "%s: %s\n", printable(t.name), text); err != nil {
		return err
	}
	for _, f := range t.exam.Report.Findings {
		t.p.say("%s", f.String())
	}
	if t.o.inPlace {
		return t.finish()
	}
	return nil
}

// damage is the error for what is not repaired.
func (t *truncation) damage(format string, args ...any) error {
	return &entry.CorruptError{Place: entry.Place{File: t.name, Offset: -1, Element: -1}, Err: fmt.Errorf(format, args...)}
}

// cannotEnd is the error for an --until that is nowhere.
func (t *truncation) cannotEnd(err error) error {
	if errors.Is(err, entry.ErrUnsupported) {
		return err
	}
	return t.damage("--until %s: %v; nothing was changed", t.o.until, err)
}

// act does what the flags ask for, or says how to ask for it.
func (t *truncation) act(ctx context.Context) error {
	if t.o.maxLoss != "" {
		most, err := parseBytes(t.o.maxLoss)
		if err != nil {
			return err
		}
		if t.loss.Bytes > most {
			return t.damage("%s would be lost, and --max-loss allows %s; nothing was changed: look at the above, and then say --max-loss %d, or nothing, to go on",
				exactBytes(t.loss.Bytes), human.Bytes(most), t.loss.Bytes)
		}
	}
	switch {
	case t.o.output != "":
		return t.copy(ctx)
	case t.o.inPlace:
		if err := t.ask(); err != nil {
			return err
		}
		return t.inPlace(ctx)
	}
	return t.next()
}

// ask asks the user whether to go on.
func (t *truncation) ask() error {
	if t.o.yes {
		return nil
	}
	in, ok := t.p.stdin.(*os.File)
	if !ok || !isTerminal(in) {
		return &usageError{"--in-place changes files, and nobody can be asked: say so with --yes; nothing was changed: " + t.again("--in-place", "--yes")}
	}
	fmt.Fprintf(t.p.stderr, "Repair %s now? [y/N] ", printable(t.name))
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return t.damage("nothing was changed")
	}
	return nil
}

// copy writes what is kept to another place.
func (t *truncation) copy(ctx context.Context) error {
	// Without --force nothing is replaced; and --force means something else here.
	if err := t.p.mayCreate(&outputFlags{path: t.o.output, force: true}, t.name); err != nil {
		return err
	}
	if _, err := os.Lstat(t.o.output); err == nil && !isDevice(t.o.output) {
		return &usageError{t.o.output + " exists, and is not replaced: choose another name"}
	}
	if format, _ := compress.FormatByName(t.o.output); format != compress.None {
		return &usageError{"--output: a repaired log is not packed: choose a name without ." + format.String()}
	}
	if t.log.Manifest == nil {
		return t.copyFile(ctx, &t.repair.Files[0])
	}
	dir, err := atomicfile.CreateDir(t.o.output)
	if err != nil {
		return err
	}
	temp := dir.Temp()
	t.p.temp.Store(&temp)
	if err := t.copyFolder(ctx, dir); err != nil {
		return errors.Join(err, dir.Abort())
	}
	if err := dir.Commit(); err != nil {
		return err
	}
	return t.copied()
}

func (t *truncation) copyFile(ctx context.Context, f *verify.FileRepair) error {
	out, err := atomicfile.Create(t.o.output, atomicfile.Options{})
	if err != nil {
		return err
	}
	temp := out.Temp()
	t.p.temp.Store(&temp)
	if err := t.keep(ctx, out, f); err != nil {
		return errors.Join(err, out.Abort())
	}
	if err := out.Commit(); err != nil {
		return err
	}
	return t.copied()
}

func (t *truncation) copyFolder(ctx context.Context, dir *atomicfile.Dir) error {
	create := func(name string, write func(w io.Writer) error) error {
		out, err := dir.Create(name)
		if err != nil {
			return err
		}
		return errors.Join(write(out), out.Close())
	}
	for i := range t.repair.Files {
		f := &t.repair.Files[i]
		if f.Gone {
			continue
		}
		if err := create(t.log.Parts[f.Part].Name(), func(w io.Writer) error { return t.keep(ctx, w, f) }); err != nil {
			return err
		}
	}
	m := t.repair.Manifest(t.log, nil)
	m.Files = slices.DeleteFunc(m.Files, func(f aof.ManifestFile) bool { return f.Kind == aof.History }) // not copied
	return create(filepath.Base(m.Path), func(w io.Writer) error {
		_, err := w.Write(m.AppendTo(nil))
		return err
	})
}

// copied says what to do with the copy.
func (t *truncation) copied() error {
	_, err := fmt.Fprintf(t.p.stdout, "%s is the repaired copy; %s is as it was. To see that nothing is wrong with it:\n  rdbtool verify %s\n",
		printable(t.o.output), printable(t.name), quoted(t.o.output))
	return err
}

// keep writes what is kept of a file.
func (t *truncation) keep(ctx context.Context, w io.Writer, f *verify.FileRepair) error {
	return t.pass(ctx, w, f, (*verify.FileRepair).Kept)
}

// pass writes what which reads of a file.
func (t *truncation) pass(ctx context.Context, w io.Writer, f *verify.FileRepair, which func(*verify.FileRepair, io.ReaderAt) io.Reader) (err error) {
	in, err := os.Open(t.log.Parts[f.Part].Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	_, err = io.Copy(struct{ io.Writer }{w}, &untilDone{ctx, which(f, in)})
	return err
}

// untilDone reads until the context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
