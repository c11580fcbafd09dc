package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

// Log verifies all files of an append-only file, and closes it. A log that
// aof.OpenDamaged has opened is judged with its manifest and its folder. The error
// is a failure to read; the report then says how far it came.
func Log(ctx context.Context, log *aof.Log, name string, o *Options) (*Report, error) {
	v := newLogVerifier(ctx, log, name, o)
	err := v.run()
	return v.r, err
}

// logVerifier is one run of Log.
type logVerifier struct {
	ctx context.Context
	log *aof.Log
	o   *Options
	r   *Report

	parts   []logPart
	uses    []commandUse // by the number of the command
	used    map[string]*commandUse
	place   string       // the file being read
	time    int64        // of the last #TS: line of the incr files so far
	seconds int64        // of the last #TS: line so far
	options [][]string   // by the number of the command
	dbs     map[int]bool // beyond those that servers have by default, told of
	part    *logPart
	kind    aof.Kind
	last    bool // no other file follows
	tx      openTx
	fault   *entry.CorruptError // of the command that comes next, if it is out of place

	// each, if set, is called with each command and line.
	each func(c *aof.Command)
}

// commandUse is how often a command or an option occurs, and where first.
type commandUse struct {
	n, offset int64
	file      string
}

func (u *commandUse) count() *Count {
	return &Count{u.n, Finding{Place: entry.Place{File: u.file, Offset: u.offset, Element: -1}}}
}

// logPart is what becomes known of a file beside its Part.
type logPart struct {
	*Part
	path   string
	base   int64   // where its commands begin
	end    int64   // of what has been read
	whole  int64   // end of the last whole command
	wounds []wound // in the order in which they were met
	frozen bool    // ValidUpTo stands
	broken bool    // the rest of the file could not be read
}

func newLogVerifier(ctx context.Context, log *aof.Log, name string, o *Options) *logVerifier {
	if o == nil {
		o = &Options{}
	}
	v := &logVerifier{ctx: ctx, log: log, o: o, r: NewReport(name, KindAOF, o), uses: make([]commandUse, aof.NumCommands), used: map[string]*commandUse{}, dbs: map[int]bool{}, options: commandOptions()}
	for _, p := range log.Parts {
		v.r.Facts.Parts = append(v.r.Facts.Parts, Part{Name: p.Name(), Kind: p.Kind.String(), Size: p.Size})
	}
	for i := range v.r.Facts.Parts {
		v.parts = append(v.parts, logPart{Part: &v.r.Facts.Parts[i], path: log.Parts[i].Path})
	}
	return v
}

func (v *logVerifier) run() error {
	defer v.log.Close()
	err := v.folder()
	v.r.Facts.Complete = true
	for i := 0; err == nil && i < len(v.parts); i++ {
		err = v.readPart(i)
	}
	v.settle()
	if err != nil {
		v.r.Facts.Complete = false
		if v.ctx.Err() == nil {
			v.r.Failed = err
		}
	}
	return err
}

// settle fills in what is known at the end.
func (v *logVerifier) settle() {
	for id := range v.uses {
		if u := &v.uses[id]; u.n > 0 && id > 0 {
			v.r.Uses[Use{Kind: UseCommand, Name: aof.CommandName(id)}] = u.count()
		}
	}
	for name, u := range v.used {
		v.r.Uses[Use{Kind: UseCommand, Name: name}] = u.count()
	}
	size := int64(0)
	for i := range v.parts {
		size += v.parts[i].Size
	}
	v.r.Facts.Bytes = size
	if size == 0 && len(v.parts) > 0 && v.r.Facts.Complete {
		v.add(CodeLogEmpty, entry.Place{File: v.parts[0].path, Offset: -1, Element: -1}, "nothing is in it: a server starts with an empty data set")
	}
}

// add reports what breaks a rule of logs.
func (v *logVerifier) add(code Code, place entry.Place, reason string) {
	severity := Error
	if rule, ok := RuleOf(code); ok {
		severity = rule.Severity
	}
	v.r.Add(Finding{Code: code, Severity: severity, Place: place, Reason: reason})
}

// at is a place in the file being read.
func (v *logVerifier) at(offset int64) entry.Place {
	return entry.Place{File: v.place, Offset: offset, Element: -1}
}

// logCodes tells the code of a reason; the first that fits.
var logCodes = []struct {
	is   error
	code Code
}{
	{aof.ErrSeveral, CodeLogSeveral}, {aof.ErrNoManifest, CodeLogNoManifest}, {aof.ErrOnlySnapshot, CodeLogOnlySnapshot},
	{aof.ErrMissing, CodeManifestMissing}, {aof.ErrManifestEmpty, CodeManifestEmpty}, {aof.ErrManifestName, CodeManifestName},
	{aof.ErrManifestSeq, CodeManifestSeq}, {aof.ErrManifestType, CodeManifestType}, {aof.ErrManifestBase, CodeManifestBase},
	{aof.ErrManifestOrder, CodeManifestOrder}, {aof.ErrManifestTwice, CodeManifestTwice}, {aof.ErrManifest, CodeManifestLine},
	{aof.ErrZeroBytes, CodeLogZeroBytes}, {aof.ErrLineEnd, CodeLogLineEnd}, {aof.ErrAnnotation, CodeLogAnnotation},
	{entry.ErrTooLarge, CodeLogTooLarge}, {aof.ErrArity, CodeLogArity}, {aof.ErrSelect, CodeLogSelect},
	{aof.ErrNestedMulti, CodeLogMulti}, {aof.ErrTransaction, CodeLogExec},
	{entry.ErrTruncated, CodeLogTail},
}

func logCode(err error) Code {
	for _, c := range logCodes {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	return CodeLogFormat
}

// folder reports what is wrong with the manifest and beside it.
func (v *logVerifier) folder() error {
	for _, fault := range v.log.Faults {
		v.add(logCode(fault), fault.Place, fault.Err.Error())
	}
	m := v.log.Manifest
	if m == nil {
		return nil
	}
	place := entry.Place{File: m.Path, Offset: -1, Element: -1}
	unlisted, err := v.log.Unlisted()
	if err != nil {
		return err
	}
	for _, name := range unlisted {
		v.add(CodeLogUnlisted, place, fmt.Sprintf("%q lies beside it and is not listed: servers do not look at it", name))
	}
	var history []string
	for _, f := range m.Files {
		if f.Kind == aof.History {
			history = append(history, fmt.Sprintf("%q", f.Name))
		}
	}
	if len(history) > 0 {
		v.add(CodeLogHistory, place, "history, which a server deletes when it starts: "+strings.Join(history, ", "))
	}
	return nil
}

// readPart verifies a file.
func (v *logVerifier) readPart(i int) (err error) {
	p := &v.log.Parts[i]
	v.part, v.place, v.kind, v.last = &v.parts[i], p.Path, p.Kind, i == len(v.parts)-1
	v.tx = openTx{from: -1}
	in, err := v.log.OpenPart(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	head := make([]byte, 6)
	n, err := io.ReadFull(in, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	head = head[:n]
	src := io.MultiReader(bytes.NewReader(head), in)
	if aof.IsRDB(head) {
		rest, end, err := v.rdbPart(src, p)
		if rest == nil {
			v.part.broken, v.r.Facts.Complete = true, false
			v.part.Size = max(v.part.Size, 0)
			return err
		}
		src, v.part.base = rest, end
	}
	return v.commands(aof.NewReader(src, &aof.Options{Name: p.Path, Size: max(p.Size, 0), Annotations: true, Offset: v.part.base, Fault: v.outOfPlace}))
}

// rdbPart verifies the RDB part that a file begins with, and returns what follows
// it and the offset of that, or nil if its end cannot be found.
func (v *logVerifier) rdbPart(src io.Reader, p *aof.Part) (rest io.Reader, end int64, err error) {
	run := newRDBRun(v.r, p.Path, v.o)
	rest, err = run.process(v.ctx, src, p.Size)
	return rest, run.trailer.End, err
}

// maxWounds is how many damaged places of a file are followed up.
const maxWounds = 1 << 16

// commands verifies the commands of a file to its end, whatever is damaged.
func (v *logVerifier) commands(r *aof.Reader) error {
	part := v.part
	part.ValidUpTo, part.end = part.base, part.base
	for n, goesOn := 0, true; goesOn; n++ {
		if n%1024 == 0 && v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		c, err := r.Next()
		switch {
		case err == nil:
			v.command(c)
			part.end = c.Offset + c.Size
			part.whole = part.end
		case err == io.EOF:
			goesOn = false
		default:
			if goesOn, err = v.damage(r, err); err != nil {
				return err
			}
		}
		if len(part.wounds) > maxWounds {
			v.add(CodeLogFormat, v.at(part.end), fmt.Sprintf("more than %d damaged places: the rest of the file is not looked at", maxWounds))
			part.broken, v.r.Facts.Complete, goesOn = true, false, false
		}
	}
	if !part.frozen {
		part.ValidUpTo = r.ValidUpTo()
	}
	if part.Size < 0 {
		part.Size = part.end
	}
	return nil
}
