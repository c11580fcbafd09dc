package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter/tw"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/internal/table"
)

// logInfo is what info shows of an append-only file; its JSON form is documented
// in docs/cli.md.
type logInfo struct {
	File         string           `json:"file"`
	Kind         kind             `json:"kind"`
	Complete     bool             `json:"complete"`
	Error        string           `json:"error,omitempty"`
	Size         int64            `json:"size"`
	Files        []logFile        `json:"files"`
	Commands     int64            `json:"commands"`
	Transactions int64            `json:"transactions"`
	ByName       []logCommand     `json:"commands_by_name"`
	Destructive  []logDestructive `json:"destructive"`
	Destroying   int64            `json:"destructive_commands"`
	Rewrite      *logRewrite      `json:"rewrite,omitempty"`
	NoRewrite    string           `json:"no_rewrite,omitempty"`
	Failing      int64            `json:"failing_commands,omitempty"` // that a server answers with an error
	FirstFailing string           `json:"first_failing,omitempty"`
}

type logFile struct {
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Seq      int64  `json:"seq,omitempty"`
	Size     int64  `json:"size"`
	Keys     int64  `json:"keys"` // of an RDB part
	Commands int64  `json:"commands"`
	From     int64  `json:"commands_from"` // offsets, -1 without commands
	To       int64  `json:"commands_to"`
	First    int64  `json:"first_unix,omitempty"`
	Last     int64  `json:"last_unix,omitempty"`
}

type logCommand struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
	Bytes int64  `json:"bytes"`
}

type logDestructive struct {
	File   string `json:"file"`
	Offset int64  `json:"offset"`
	DB     int    `json:"db"`
	Name   string `json:"name"`
	Keys   int    `json:"keys,omitempty"`
}

// logRewrite is what a rewrite would come to.
type logRewrite struct {
	Keys  int64 `json:"keys"`
	Bytes int64 `json:"bytes"`
}

// infoOfLog shows an append-only file, as far as it can be read.
func (p *program) infoOfLog(ctx context.Context, in *input, name string, jobs int, o *infoOptions, progress *progress, out io.Writer, again bool) error {
	log, err := in.log(progress)
	if err != nil {
		return in.explain(err)
	}
	s, err := aof.Summarize(ctx, log)
	progress.end()
	if ctx.Err() != nil {
		return err
	}
	r := newLogInfo(in, s)
	if err != nil {
		r.Error = err.Error()
	} else if !o.quick {
		e := r.rewrite(ctx, p, in, name, jobs, progress)
		if ctx.Err() != nil {
			return e
		}
		if e != nil {
			r.NoRewrite = e.Error()
		}
	}
	if e := o.show(out, r, again); e != nil {
		return e
	}
	return err
}

func newLogInfo(in *input, s *aof.Summary) *logInfo {
	r := &logInfo{
		File: in.name, Kind: kindAOF, Complete: s.Complete, Commands: s.Commands, Transactions: s.Transactions,
		Files: []logFile{}, ByName: []logCommand{}, Destructive: []logDestructive{}, Destroying: s.DestructiveCount,
	}
	for _, p := range s.Parts {
		r.Files = append(r.Files, logFile{p.Name(), p.Kind.String(), p.Seq, max(p.Size, p.End), p.Keys, p.Commands, p.CommandsAt, p.End, p.First, p.Last})
		r.Size += max(p.Size, p.End)
	}
	for _, c := range s.ByName {
		r.ByName = append(r.ByName, logCommand(c))
	}
	for _, d := range s.Destructive {
		r.Destructive = append(r.Destructive, logDestructive{s.Parts[d.Part].Name(), d.Offset, d.DB, d.Name, d.Keys})
	}
	return r
}

// rewrite finds out what a rewrite would come to: the size of an RDB base. A log
// that cannot be replayed, or is read from a pipe, has none.
func (r *logInfo) rewrite(ctx context.Context, p *program, in *input, name string, jobs int, progress *progress) error {
	if in.isPipe() {
		r.NoRewrite = "a pipe cannot be read again"
		return nil
	}
	again, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer again.close()
	log, err := again.log(progress)
	if err != nil {
		return err
	}
	done, err := convert.Replay(ctx, log, convert.ReplayOptions{Jobs: jobs})
	progress.end()
	if err != nil {
		return err
	}
	defer done.Close()
	if r.Failing = done.Failures; len(done.Failed) > 0 {
		r.FirstFailing = done.Failed[0].Error()
	}
	opts := convert.Options{Jobs: jobs, AllowLoss: true}
	opts.Target = targetOf(done, opts.Target)
	var size counter
	losses, err := convert.ToRDB(ctx, source(done, in.name), &size, opts)
	if losses != nil {
		losses.Close()
	}
	if err != nil {
		return err
	}
	r.Rewrite = &logRewrite{int64(done.Data.Len()), int64(size)}
	return nil
}

// counter counts what is written.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// maxCommandRows is how many commands the table shows.
const maxCommandRows = 12

// render writes the info as one screen of text.
func (r *logInfo) render(w io.Writer) error {
	var b strings.Builder
	b.WriteString(printable(r.File) + "\n")
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-13s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("format", "append-only file, %s in %s", human.Bytes(r.Size), human.Count(int64(len(r.Files)), "file"))
	if !r.Complete {
		line("incomplete", "the figures are of what could be read")
	}
	line("commands", "%s", human.Thousands(r.Commands))
	if r.Transactions > 0 {
		line("transactions", "%s", human.Thousands(r.Transactions))
	}
	if first, last := r.times(); first > 0 {
		line("written", "%s to %s", timeText(first), timeText(last))
	}
	if r.Destroying > 0 {
		line("destructive", "%s", r.destructiveText())
	}
	if r.Failing > 0 {
		line("failing", "%s; the first: %s", human.Count(r.Failing, "command"), r.FirstFailing)
	}
	switch {
	case r.Rewrite != nil:
		saved := 100 - 100*float64(r.Rewrite.Bytes)/float64(max(r.Size, 1))
		line("rewrite", "%s in %s, which saves %.1f %%", human.Count(r.Rewrite.Keys, "key"), human.Bytes(r.Rewrite.Bytes), saved)
	case r.NoRewrite != "":
		line("rewrite", "unknown: %s", r.NoRewrite)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if err := r.renderFiles(w); err != nil || len(r.ByName) == 0 {
		return err
	}
	return r.renderCommands(w)
}

// times returns the first and the last timestamp, 0 if there is none.
func (r *logInfo) times() (first, last int64) {
	for _, f := range r.Files {
		if first == 0 {
			first = f.First
		}
		last = max(last, f.Last)
	}
	return first, last
}

func timeText(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02 15:04:05 UTC") }

func (r *logInfo) destructiveText() string {
	var all []string
	for _, d := range r.Destructive[:min(len(r.Destructive), maxNamed)] {
		text := fmt.Sprintf("%s in db %d at 0x%x", d.Name, d.DB, d.Offset)
		if d.Name == "FLUSHALL" {
			text = fmt.Sprintf("%s at 0x%x", d.Name, d.Offset)
		}
		if d.Keys > 0 {
			text += " of " + human.Count(int64(d.Keys), "key")
		}
		if len(r.Files) > 1 {
			text += " of " + printable(d.File)
		}
		all = append(all, text)
	}
	return listText(all, int(r.Destroying))
}

func (r *logInfo) renderFiles(w io.Writer) error {
	t := table.New(w, tw.AlignLeft, tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight, tw.AlignLeft)
	t.Header("file", "kind", "size", "keys", "commands", "at")
	for _, f := range r.Files {
		at := ""
		if f.From >= 0 {
			at = fmt.Sprintf("0x%x-0x%x", f.From, f.To)
		}
		t.Append(printable(f.Name), f.Kind, human.Bytes(f.Size), human.Thousands(f.Keys), human.Thousands(f.Commands), at)
	}
	return t.Render()
}

func (r *logInfo) renderCommands(w io.Writer) error {
	total := int64(0)
	for _, c := range r.ByName {
		total += c.Bytes
	}
	t := table.New(w, tw.AlignLeft, tw.AlignRight, tw.AlignRight, tw.AlignRight)
	t.Header("command", "count", "bytes", "share")
	for _, c := range r.ByName[:min(len(r.ByName), maxCommandRows)] {
		t.Append(printable(c.Name), human.Thousands(c.Count), human.Bytes(c.Bytes), fmt.Sprintf("%.1f %%", 100*float64(c.Bytes)/float64(total)))
	}
	if n := len(r.ByName) - maxCommandRows; n > 0 {
		t.Append(strconv.Itoa(n)+" more", "", "", "")
	}
	return t.Render()
}
