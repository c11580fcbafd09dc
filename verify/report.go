package verify

import (
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// Verdict is what a report comes to.
type Verdict string

// The verdicts.
const (
	OK         Verdict = "ok"          // nothing speaks against the file
	Warned     Verdict = "warnings"    // servers load it, but something is odd
	NotKnown   Verdict = "unsupported" // parts of it cannot be judged, all others are fine
	Unmet      Verdict = "unmet"       // nothing is wrong with it, but it is not what was asked for
	Damaged    Verdict = "damaged"     // an error was found
	Unreadable Verdict = "unreadable"  // reading failed: nothing is known about the rest
)

// Report is what is known about a file, or about an append-only file of
// several, after it has been verified.
type Report struct {
	File  string // as the user named it
	Kind  Kind
	Level Level

	Findings []Finding // in the order of the files, up to Options.MaxFindings
	Omitted  int64     // findings beyond that
	ByCode   map[Code]*Count
	counts   [numSeverities]int64
	unmet    int64 // errors among them that are about what is expected
	limit    int
	strict   bool

	Facts Facts
	// Uses are the types, opcodes and commands that the file needs a server for:
	// "type 24", "opcode 245", "command HSETEX".
	Uses map[Use]*Count
	// Failed is why the file could not be read to its end although nothing is
	// known to be wrong with it: the disk, the network.
	Failed error
}

// Kind is what a file is.
type Kind string

// The kinds.
const (
	KindRDB Kind = "rdb"
	KindAOF Kind = "aof" // one file, or all files of a manifest
	KindSet Kind = "set" // the list of a backup set
)

// Count is how often something occurs, and where first.
type Count struct {
	N     int64
	First Finding // of a use, Place alone
}

// Use is a feature that not every server has.
type Use struct {
	Kind UseKind
	Name string // of a command: in upper case. Else the number
	Num  byte   // of a type or an opcode
}

// UseKind tells what a Use is.
type UseKind uint8

// The kinds of uses.
const (
	UseType UseKind = iota
	UseOpcode
	UseCommand
	UseModule // Name: the module type's nine characters
)

// Facts are what a file says and holds, as far as it could be read.
type Facts struct {
	Version  rdb.Version // of the RDB file or part; zero if there is none
	Checksum rdb.ChecksumState
	Bytes    int64 // read, unpacked; of all files
	Complete bool  // read to its end

	SignedWith string // ID of the key whose signatures hold, "" if none were asked for

	Server, ServerVersion string    // who wrote the RDB file or part, "" if it does not say
	Created               time.Time // when, zero if it does not say

	Keys, Expires int64 // in RDB files and parts
	DBs           map[int]int64
	Functions     int64

	Commands     int64 // in append-only files
	Transactions int64
	LastTime     time.Time // of the last #TS: annotation, zero if there is none
	Parts        []Part    // the files of a log
}

// Part is a file of a log.
type Part struct {
	Name      string
	Kind      string // base, incr, single
	Size      int64
	ValidUpTo int64 // what a server keeps of the file if it is the last one: up to the end of the last whole command outside a transaction
	Commands  int64
}

// Tail returns how many bytes of the last file would be lost if it were cut at
// the end of its last whole command.
func (f *Facts) Tail() int64 {
	if len(f.Parts) == 0 {
		return 0
	}
	last := &f.Parts[len(f.Parts)-1]
	return last.Size - last.ValidUpTo
}

// NewReport returns an empty report.
func NewReport(file string, kind Kind, o *Options) *Report {
	r := &Report{
		File: file, Kind: kind, Level: o.Level, limit: o.MaxFindings, strict: o.Strict,
		ByCode: map[Code]*Count{}, Uses: map[Use]*Count{}, Facts: Facts{DBs: map[int]int64{}},
	}
	if r.limit <= 0 {
		r.limit = DefaultMaxFindings
	}
	return r
}

// merge adds what was found in a later part of the file. It leaves o to its
// owner, who may reset it.
func (r *Report) merge(o *Report) {
	for code, n := range o.ByCode {
		c, ok := r.ByCode[code]
		if !ok {
			c = &Count{First: n.First}
			r.ByCode[code] = c
		}
		c.N += n.N
	}
	for i, n := range o.counts {
		r.counts[i] += n
	}
	n := min(r.limit-len(r.Findings), len(o.Findings))
	r.Findings = append(r.Findings, o.Findings[:n]...)
	r.Omitted += o.Omitted + int64(len(o.Findings)-n)
}

// resetFindings forgets all findings.
func (r *Report) resetFindings() {
	if len(r.ByCode) == 0 {
		return
	}
	clear(r.ByCode)
	r.Findings, r.Omitted, r.counts = nil, 0, [numSeverities]int64{}
}

// use counts n uses of a feature, the first of them at p.
func (r *Report) use(u Use, n int64, p entry.Place) {
	c, ok := r.Uses[u]
	if !ok {
		c = &Count{First: Finding{Place: p}}
		r.Uses[u] = c
	}
	c.N += n
}

// Add takes a finding into the report. It owns the finding's key from then on.
func (r *Report) Add(f Finding) { r.add(f, false) }

// add is Add; what must be kept does not count against the limit.
func (r *Report) add(f Finding, keep bool) {
	if f.File == "" {
		f.File = r.File
	}
	if r.strict && f.Severity == Warning {
		f.Severity = Error
	}
	c, ok := r.ByCode[f.Code]
	if !ok {
		c = &Count{First: f}
		r.ByCode[f.Code] = c
	}
	c.N++
	r.counts[f.Severity]++
	if f.Severity == Error && Expected(f.Code) {
		r.unmet++
	}
	if len(r.Findings) >= r.limit && !keep {
		r.Omitted++
		return
	}
	r.Findings = append(r.Findings, f)
}

// more counts n findings like the last one of that code, which are not kept.
func (r *Report) more(code Code, n int64) {
	if c := r.ByCode[code]; c != nil && n > 0 {
		c.N += n
		r.counts[c.First.Severity] += n
		r.Omitted += n
	}
}

// Count returns how many findings of that severity there are, those beyond
// Options.MaxFindings among them.
func (r *Report) Count(s Severity) int64 { return r.counts[s] }

// Verdict returns what the findings come to.
func (r *Report) Verdict() Verdict {
	switch {
	case r.counts[Error] > r.unmet:
		return Damaged
	case r.Failed != nil:
		return Unreadable
	case r.unmet > 0:
		return Unmet
	case r.counts[Unsupported] > 0:
		return NotKnown
	case r.counts[Warning] > 0:
		return Warned
	}
	return OK
}
