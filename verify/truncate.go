package verify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/rdbtool/rdbtool/aof"
)

// Examination is a log that has been read to find out how it can be repaired.
//
//	Examine ---> Report       what is wrong
//	        \--> Plan(mode) --> Repair    what to leave out, of which file
//	                       \--> Refusal   why that cannot be done
//	             Loss(repair)             what is lost with it
//
// A repair only leaves out bytes. What is written where is for the caller.
type Examination struct {
	Report *Report
	Log    *aof.Log

	parts []logPart
	until *untilCut
}

// Mode is how far a repair goes.
type Mode uint8

// The modes.
const (
	// CutTail takes away the end of the last file, where nothing follows.
	CutTail Mode = iota
	// SkipDamage leaves out damaged stretches and keeps what follows.
	SkipDamage
	// CutAll takes away all from the first damage on, files that follow too.
	CutAll
)

// Span is a stretch of a file.
type Span struct {
	From, To int64
	Code     Code
	Reason   string
}

// Repair is what must be left out of the files of a log.
type Repair struct {
	Files []FileRepair // one for each part of the log
	// Transaction is where a transaction begins that is left out because its rest
	// is missing or left out too, -1 if none is.
	Transaction int64
	// Kept is the time of the last #TS: line that is kept, zero if there is none.
	Kept time.Time
}

// FileRepair is what must be left out of a file.
type FileRepair struct {
	Part int   // in Log.Parts
	Size int64 // of the file
	Drop []Span
	// Gone says that the file is left out of the manifest, with all that it holds.
	Gone bool
}

// Refusal is why a log is not repaired in a mode.
type Refusal struct {
	Reason string
	Part   int   // in Log.Parts, -1 if it is about the log as a whole
	Offset int64 // -1 likewise
	// Damage says that whole commands follow the damage: SkipDamage and CutAll are
	// ways out.
	Damage bool
	// Orphan says that a server has gone on behind a MULTI without EXEC.
	Orphan bool
	// Follow is how many commands come behind the damage, in all files.
	Follow int64
}

func (r *Refusal) Error() string { return r.Reason }

// Examine reads a log, which aof.OpenDamaged has opened, and closes it. until, if
// set, is where it is to end. The error is a failure to read.
func Examine(ctx context.Context, log *aof.Log, name string, until *Until, o *Options) (*Examination, error) {
	v := newLogVerifier(ctx, log, name, o)
	e := &Examination{Report: v.r, Log: log, parts: v.parts}
	if until != nil {
		e.until = &untilCut{v: v, until: *until, at: Point{Part: -1}}
		v.each = e.until.command
	}
	err := v.run()
	for i := range e.parts {
		slices.SortStableFunc(e.parts[i].wounds, func(a, b wound) int { return cmp.Compare(a.from, b.from) })
	}
	if e.until != nil {
		e.until.settle(e.parts)
	}
	return e, err
}

// Healthy reports whether nothing has to be left out.
func (e *Examination) Healthy() bool {
	for i := range e.parts {
		if len(e.parts[i].wounds) > 0 || e.parts[i].broken {
			return false
		}
	}
	return e.blocked() == nil
}

// blocked tells what is wrong with the log that no cut repairs.
func (e *Examination) blocked() *Refusal {
	for _, f := range e.Report.Findings {
		switch f.Code {
		case CodeLogNoManifest, CodeLogOnlySnapshot, CodeLogSeveral, CodeManifestEmpty, CodeManifestLine, CodeManifestName,
			CodeManifestSeq, CodeManifestType, CodeManifestBase, CodeManifestOrder, CodeManifestTwice, CodeManifestMissing:
			return &Refusal{Reason: f.String(), Part: -1, Offset: -1}
		}
	}
	for i := range e.parts {
		if p := &e.parts[i]; p.broken && !e.until.before(i) {
			return &Refusal{Reason: p.path + ": it cannot be read to its end, and cutting does not help", Part: i, Offset: -1}
		}
	}
	return nil
}

// Plan returns what must be left out, or a *Refusal.
func (e *Examination) Plan(mode Mode) (*Repair, error) {
	if r := e.blocked(); r != nil {
		return nil, r
	}
	p := &plan{e: e, mode: mode, r: &Repair{Transaction: -1, Kept: e.Report.Facts.LastTime}}
	for i := range e.parts {
		if err := p.part(i); err != nil {
			return nil, err
		}
	}
	return p.r, nil
}

// plan is a Repair that is being made.
type plan struct {
	e    *Examination
	mode Mode
	r    *Repair
	cut  bool // what follows is gone
}

// part takes a file.
func (p *plan) part(i int) error {
	part := &p.e.parts[i]
	f := FileRepair{Part: i, Size: part.Size}
	if p.cut {
		f.Gone = true
		p.r.Files = append(p.r.Files, f)
		return nil
	}
	end, ends := p.e.until.in(i, part)
	for n := range part.wounds {
		w := &part.wounds[n]
		if w.from >= end {
			break
		}
		if k := len(f.Drop); k > 0 && w.to <= f.Drop[k-1].To {
			continue
		}
		if r := p.refusal(i, w, end); r != nil {
			return r
		}
		if p.mode == CutAll && p.follows(i, w, end) {
			f.drop(w.cut, end, w)
			p.cut, p.r.Kept = true, seconds(w.time)
			break
		}
		from := w.from
		if w.kind == tail || !p.follows(i, w, end) {
			if from = w.cut; !p.follows(i, w, end) {
				p.r.Kept = seconds(w.time)
			}
			if w.kind == tail && w.transaction >= 0 {
				p.r.Transaction = w.transaction
			}
		}
		f.drop(from, w.to, w)
	}
	if ends {
		f.drop(end, part.Size, &wound{reason: "it is later than the end that was asked for"})
		p.cut, p.r.Kept = true, seconds(p.e.until.time)
		if tx := p.e.until.transaction; tx >= 0 {
			p.r.Transaction = tx
		}
	}
	p.r.Files = append(p.r.Files, f)
	return nil
}

// follows reports whether whole commands come behind a wound: in its file before
// the end, or in a later file.
func (p *plan) follows(i int, w *wound, end int64) bool {
	parts := p.e.parts
	if w.kind != tail && w.to < end && w.to < parts[i].whole {
		return true
	}
	return end == parts[i].Size && i < len(parts)-1
}

// refusal tells why a wound is not treated.
func (p *plan) refusal(i int, w *wound, end int64) *Refusal {
	if !p.follows(i, w, end) || p.mode == CutAll || p.mode == SkipDamage && w.kind != unclear {
		return nil
	}
	part := &p.e.parts[i]
	r := &Refusal{Part: i, Offset: w.from, Damage: true, Orphan: w.kind == orphanHead, Follow: part.Commands - w.before}
	if r.Orphan {
		r.Follow = w.commands
	}
	for _, later := range p.e.parts[i+1:] {
		r.Follow += later.Commands
	}
	text := w.reason
	if w.kind == unclear {
		text += "; nothing tells which commands belong to which transaction"
	}
	place := p.e.place(i, w.from)
	r.Reason = place.Describe(text)
	return r
}

// drop leaves out a stretch, as far as it has not been left out yet.
func (f *FileRepair) drop(from, to int64, w *wound) {
	if n := len(f.Drop); n > 0 && from <= f.Drop[n-1].To {
		from = f.Drop[n-1].To
	}
	if from < to {
		f.Drop = append(f.Drop, Span{from, to, w.code, w.reason})
	}
}

func seconds(unix int64) (t time.Time) {
	if unix != 0 {
		t = time.Unix(unix, 0)
	}
	return t
}

// Changed reports whether something is left out of the file, and some of it kept.
func (f *FileRepair) Changed() bool { return !f.Gone && len(f.Drop) > 0 }

// Tail reports whether nothing but the end of the file is left out, and where that
// begins.
func (f *FileRepair) Tail() (from int64, ok bool) {
	if f.Gone || len(f.Drop) == 0 || f.Drop[len(f.Drop)-1].To != f.Size {
		return 0, false
	}
	for i := 1; i < len(f.Drop); i++ {
		if f.Drop[i].From != f.Drop[i-1].To {
			return 0, false
		}
	}
	return f.Drop[0].From, true
}

// Kept reads what is kept of the file.
func (f *FileRepair) Kept(file io.ReaderAt) io.Reader {
	var all []io.Reader
	at := int64(0)
	for _, s := range f.Drop {
		all = append(all, io.NewSectionReader(file, at, s.From-at))
		at = s.To
	}
	return io.MultiReader(append(all, io.NewSectionReader(file, at, f.Size-at))...)
}

// Dropped reads what is left out of the file.
func (f *FileRepair) Dropped(file io.ReaderAt) io.Reader {
	if f.Gone {
		return io.NewSectionReader(file, 0, f.Size)
	}
	var all []io.Reader
	for _, s := range f.Drop {
		all = append(all, io.NewSectionReader(file, s.From, s.To-s.From))
	}
	return io.MultiReader(all...)
}

// Bytes returns how many bytes of the file are left out.
func (f *FileRepair) Bytes() int64 {
	if f.Gone {
		return f.Size
	}
	n := int64(0)
	for _, s := range f.Drop {
		n += s.To - s.From
	}
	return n
}

// Bytes returns how many bytes of all files are left out.
func (r *Repair) Bytes() int64 {
	n := int64(0)
	for i := range r.Files {
		n += r.Files[i].Bytes()
	}
	return n
}

// Empty reports whether nothing is left out.
func (r *Repair) Empty() bool {
	return !slices.ContainsFunc(r.Files, func(f FileRepair) bool { return f.Gone || len(f.Drop) > 0 })
}

// Manifest returns the manifest of what is kept: m without the files that are
// gone, and with other names for those in names.
func (r *Repair) Manifest(log *aof.Log, names map[string]string) *aof.Manifest {
	gone := map[string]bool{}
	for _, f := range r.Files {
		if f.Gone {
			gone[log.Parts[f.Part].Name()] = true
		}
	}
	m := &aof.Manifest{Path: log.Manifest.Path}
	for _, f := range log.Manifest.Files {
		if f.Kind != aof.History && gone[f.Name] {
			continue
		}
		if name, ok := names[f.Name]; ok && f.Kind != aof.History {
			f.Name = name
		}
		m.Files = append(m.Files, f)
	}
	return m
}

// Prove reads what a repair keeps, and returns an error if that is not whole.
func (e *Examination) Prove(ctx context.Context, r *Repair, open func(part int) (File, error)) error {
	for i := range r.Files {
		f := &r.Files[i]
		if !f.Changed() {
			continue
		}
		if err := e.prove(ctx, f, open); err != nil {
			return err
		}
	}
	return nil
}

// File is a file of a log that is open.
type File interface {
	io.ReaderAt
	io.Closer
}

func (e *Examination) prove(ctx context.Context, f *FileRepair, open func(part int) (File, error)) error {
	file, err := open(f.Part)
	if err != nil {
		return err
	}
	defer file.Close()
	name := e.parts[f.Part].path
	again, err := Examine(ctx, aof.NewLog(f.Kept(file), name, nil), name, nil, nil)
	if err != nil {
		return err
	}
	if !again.Healthy() {
		return fmt.Errorf("what would be kept of %s is not whole: %s", name, again.Report.Findings[0].String())
	}
	return nil
}
