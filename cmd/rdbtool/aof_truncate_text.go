package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/verify"
)

// maxSpansShown is how many stretches and findings are told one by one.
const maxSpansShown = 10

// show says what is wrong, and what the repair takes away.
func (t *truncation) show() error {
	var b strings.Builder
	t.findings(&b)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	b.WriteString(printable(t.name) + "\n")
	t.spans(line)
	l := t.loss
	text := exactBytes(l.Bytes)
	if l.Commands > 0 {
		text += ", " + human.Count(l.Commands, "command") + ": " + byName(l.ByName)
	}
	if l.Cut > 0 {
		text += ", and " + human.Count(l.Cut, "command") + " cut short"
	}
	line("lost", "%s", text)
	switch {
	case l.AnyKey:
		line("keys", "any: a command among them may touch all of a database")
	case l.KeyCount > 0:
		var names []string
		for _, key := range l.Keys {
			names = append(names, strconv.Quote(string(key)))
		}
		line("keys", "%s", listText(names, l.KeyCount))
	}
	if at := t.repair.Transaction; at >= 0 {
		line("with it", "the transaction that begins at 0x%x, whose EXEC is missing or is cut off", at)
	}
	if !t.repair.Kept.IsZero() {
		line("kept", "up to %s", timeText(t.repair.Kept.Unix()))
	}
	if !l.Last.IsZero() {
		line("lost up to", "%s", timeText(l.Last.Unix()))
	}
	if l.Select {
		line("beware", "a damaged stretch holds a SELECT: commands behind it may go to another database than they did")
	}
	_, err := t.p.stdout.Write([]byte(b.String()))
	return err
}

// findings lists what is wrong.
func (t *truncation) findings(b *strings.Builder) {
	r := t.exam.Report
	for i := range r.Findings[:min(len(r.Findings), maxSpansShown)] {
		fmt.Fprintf(b, "%s\n", r.Findings[i].String())
	}
	if n := int64(len(r.Findings)) + r.Omitted - maxSpansShown; n > 0 {
		fmt.Fprintf(b, "and %s; \"rdbtool verify %s\" lists all\n", human.Count(n, "more finding"), quoted(t.name))
	}
}

// spans says which bytes of which file are left out.
func (t *truncation) spans(line func(name, format string, args ...any)) {
	for i := range t.repair.Files {
		f := &t.repair.Files[i]
		name := printable(t.log.Parts[f.Part].Name())
		from, isTail := f.Tail()
		switch {
		case f.Gone:
			line("leaves out", "%s, all %s of it", name, human.Bytes(f.Size))
		case isTail:
			line("cuts", "%s at 0x%x: %s of %s stay", name, from, human.Thousands(from), exactBytes(f.Size))
		default:
			for _, s := range f.Drop[:min(len(f.Drop), maxSpansShown)] {
				line("leaves out", "%s from 0x%x to 0x%x, %s", name, s.From, s.To, exactBytes(s.To-s.From))
			}
			if n := len(f.Drop) - maxSpansShown; n > 0 {
				line("", "and %s", human.Count(int64(n), "more stretch")+"es")
			}
		}
	}
}

// next says what to type to repair the log.
func (t *truncation) next() error {
	_, err := fmt.Fprintf(t.p.stdout, "To repair it where it is, what is cut being kept as .quarantine:\n  %s\nTo write a repaired copy:\n  %s\n",
		t.again("--in-place"), t.again("-o", "DST"))
	if err != nil || t.exam.Healthy() {
		return err
	}
	return t.damage("damaged; nothing was changed")
}

// refuse is the error for a log that is not repaired as asked, which names the
// ways out.
func (t *truncation) refuse(err error) error {
	var r *verify.Refusal
	if !errors.As(err, &r) {
		return err
	}
	var b strings.Builder
	t.findings(&b)
	b.WriteString(printable(t.name) + "\n")
	if !r.Damage {
		fmt.Fprintf(&b, "%s\n", t.noWayOut(r))
	} else if r.Orphan {
		fmt.Fprintf(&b, "  a server has started on a torn log once and has gone on behind a MULTI without EXEC at 0x%x:\n"+
			"  %s, which it loses at its next start. Nothing is cut without being told to.\n", r.Offset, following(r.Follow))
	} else {
		fmt.Fprintf(&b, "  %s the damage at 0x%x: this is no torn end, and nothing is cut without being told to.\n", following(r.Follow), r.Offset)
	}
	if r.Damage {
		t.ways(&b, r)
	}
	if _, err := t.p.stdout.Write([]byte(b.String())); err != nil {
		return err
	}
	return t.damage("damaged, and not repaired; nothing was changed")
}

// following returns "1 command follows" or "2 commands follow".
func following(n int64) string {
	if n == 1 {
		return "1 command follows"
	}
	return human.Count(n, "command") + " follow"
}

// ways names what can be done about damage in the middle.
func (t *truncation) ways(b *strings.Builder, refused *verify.Refusal) {
	bytes := func(mode verify.Mode) string {
		r, err := t.exam.Plan(mode)
		if err != nil {
			return ""
		}
		return exactBytes(r.Bytes())
	}
	if n := bytes(verify.SkipDamage); n == "" {
		b.WriteString("Nothing tells where what is kept would begin, so --skip-damage does not help.\n")
	} else if refused.Orphan {
		fmt.Fprintf(b, "To leave out the transaction that was cut (%s), and keep what the server wrote since:\n  %s\n", n, t.again("--skip-damage", "--in-place"))
	} else {
		fmt.Fprintf(b, "To leave out the damaged bytes alone (%s), and keep what follows:\n  %s\n", n, t.again("--skip-damage", "--in-place"))
	}
	if n := bytes(verify.CutAll); n != "" {
		fmt.Fprintf(b, "To cut everything from there on (%s):\n  %s\n", n, t.again("--force", "--in-place"))
	}
}

// noWayOut says what to do about what no cut repairs.
func (t *truncation) noWayOut(r *verify.Refusal) string {
	if r.Part >= 0 {
		return "  the damage is in a part that cannot be cut. To get the keys that are whole out of an RDB part:\n  rdbtool salvage " +
			quoted(t.log.Parts[r.Part].Path) + " -o OUT"
	}
	return "  cutting does not repair the manifest or the folder. To see all that is wrong with it:\n  rdbtool verify " + quoted(t.name)
}

// again returns the command line with more flags.
func (t *truncation) again(flags ...string) string {
	has := func(flag string) bool { return slices.Contains(flags, flag) }
	words := []string{"rdbtool", "aof-truncate"}
	if t.o.skipDamage && !has("--force") && !has("--skip-damage") {
		words = append(words, "--skip-damage")
	}
	if t.o.force && !has("--force") && !has("--skip-damage") {
		words = append(words, "--force")
	}
	if t.o.until != "" {
		words = append(words, "--until", quoted(t.o.until))
	}
	return strings.Join(append(append(words, flags...), quoted(t.name)), " ")
}

// quoted returns a word as a shell reads it.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r < 'a' && (r < '@' || r > 'Z') && (r < '+' || r > ':') && r != '_' || r > 'z'
	}
	if strings.HasPrefix(word, "-") {
		word = "./" + word // no flag
	}
	switch {
	case word != "" && !strings.ContainsFunc(word, plain):
		return word
	case strings.ContainsFunc(word, unicode.IsControl):
		q := strconv.QuoteToASCII(word)
		return "$'" + strings.ReplaceAll(q[1:len(q)-1], "'", `\'`) + "'"
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// exactBytes returns a number of bytes, and in another unit where that helps.
func exactBytes(n int64) string {
	if n < 10_000 {
		return fmt.Sprintf("%s B", human.Thousands(n))
	}
	return fmt.Sprintf("%s B (%s)", human.Thousands(n), human.Bytes(n))
}

// byName lists how often commands occur.
func byName(counts []aof.CommandCount) string {
	var names []string
	for _, c := range counts[:min(len(counts), maxNamed)] {
		names = append(names, printable(c.Name)+" "+human.Thousands(c.Count))
	}
	return listText(names, len(counts))
}

// pointIn finds the place that --until names.
func pointIn(log *aof.Log, file string, offset int64) (*verify.Point, error) {
	p, err := convert.PointIn(log, file, offset)
	if err != nil {
		return nil, err
	}
	return &verify.Point{Part: p.Part, Offset: p.Offset}, nil
}
