package verify

import (
	"fmt"
	"slices"
	"time"

	"github.com/rdbtool/rdbtool/entry"
)

// Expectations are what a caller expects of a file. What is not set is not
// expected.
type Expectations struct {
	Keys   *Range
	DBs    []DBExpectation
	MaxAge time.Duration // 0 for any
	Digest string        // 40 hexadecimal digits, "" for any
	// MaxTailLoss is how many bytes a torn end of a log may have; nil if any is
	// damage.
	MaxTailLoss *int64
}

// NeedsKeys reports whether the numbers of keys must be known: those of a log
// come from a replay alone.
func (e *Expectations) NeedsKeys() bool { return e.Keys != nil || len(e.DBs) > 0 }

// Measured is what a report does not say of a file, as far as it is expected.
type Measured struct {
	// Counted: DBs are the numbers of keys by database.
	Counted bool
	DBs     map[int]int64
	Digest  string // "" if it is not known
	// Modified is when the file, the newest of a log, was last written; zero if
	// unknown. It counts where the file itself has no time.
	Modified time.Time
	// Reason is why something that is due could not be measured.
	Reason string
}

// MeasuredBy returns what the report itself tells: the keys of an RDB file.
func MeasuredBy(r *Report) Measured {
	return Measured{Counted: r.Facts.Complete, DBs: r.Facts.DBs}
}

// Outcome is what came of an expectation.
type Outcome struct {
	Code       Code
	Due, Found string
	Holds      bool
	Known      bool // false: the file does not tell, and Found says why
}

// tornCodes are the codes of a torn end: what a server that loads the log cuts
// off.
var tornCodes = []Code{"aof-torn-tail", "aof-open-multi"}

// tornFindings returns how many findings say that the end of the log is torn.
func (r *Report) tornFindings() (n int64) {
	for _, code := range tornCodes {
		if c := r.ByCode[code]; c != nil {
			n += c.N
		}
	}
	return n
}

// clockSkew is how far in the future a time may lie.
const clockSkew = time.Hour

// Expect holds the file against what is expected of it. What does not hold
// becomes a finding. Findings about a torn end that is put up with become
// warnings. now is what ages count from.
func (r *Report) Expect(e *Expectations, m Measured, now time.Time) []Outcome {
	x := expecting{report: r, m: m, now: now}
	if e.MaxTailLoss != nil {
		x.tail(*e.MaxTailLoss)
	}
	if e.Keys != nil {
		x.keys(*e.Keys)
	}
	for i := range e.DBs {
		x.database(&e.DBs[i])
	}
	if e.MaxAge > 0 {
		x.age(e.MaxAge)
	}
	if e.Digest != "" {
		x.digest(e.Digest)
	}
	return x.outcomes
}

// expecting is the work of Expect.
type expecting struct {
	report   *Report
	m        Measured
	now      time.Time
	outcomes []Outcome
}

// add takes an outcome, and a finding if it does not hold.
func (x *expecting) add(o Outcome) {
	x.outcomes = append(x.outcomes, o)
	if o.Holds {
		return
	}
	f := Finding{Code: o.Code, Severity: Error, Place: entry.Place{File: x.report.File, Offset: -1, Element: -1}}
	f.Reason = fmt.Sprintf("%s, %s due", o.Found, o.Due)
	x.report.add(f, true)
}

// unknown takes an expectation that nothing is known for.
func (x *expecting) unknown(code Code, due, why string) {
	if x.m.Reason != "" {
		why = x.m.Reason
	}
	x.add(Outcome{Code: code, Due: due, Found: "unknown (" + why + ")"})
}

const unreadable = "the file could not be read to its end"

func (x *expecting) keys(due Range) {
	if !x.m.Counted {
		x.unknown(CodeExpectKeys, due.String()+" keys", unreadable)
		return
	}
	n := int64(0)
	for _, keys := range x.m.DBs {
		n += keys
	}
	x.add(Outcome{Code: CodeExpectKeys, Due: due.String() + " keys", Found: fmt.Sprintf("%d keys", n), Holds: due.Has(n), Known: true})
}

func (x *expecting) database(e *DBExpectation) {
	o := Outcome{Code: CodeExpectDB, Known: true}
	if e.Only != nil {
		o.Due = "keys in databases " + listDBs(e.Only) + " alone"
	} else {
		o.Due = fmt.Sprintf("%s keys in database %d", e.Keys, e.DB)
	}
	switch {
	case !x.m.Counted:
		x.unknown(CodeExpectDB, o.Due, unreadable)
		return
	case e.Only != nil:
		var found []int
		for db, keys := range x.m.DBs {
			if keys > 0 {
				found = append(found, db)
			}
		}
		slices.Sort(found)
		o.Found, o.Holds = "keys in databases "+listDBs(found), slices.Equal(found, e.Only)
		if len(found) == 0 {
			o.Found = "no keys"
		}
	default:
		n := x.m.DBs[e.DB]
		o.Found, o.Holds = fmt.Sprintf("%d keys in database %d", n, e.DB), e.Keys.Has(n)
	}
	x.add(o)
}

// age holds the time of the data against the oldest allowed. An RDB file says
// when it was made; a log without #TS: lines has no time for what came after its
// RDB part.
func (x *expecting) age(due time.Duration) {
	f := &x.report.Facts
	at, by := f.Created, "as the file says"
	if f.LastTime.After(at) {
		at, by = f.LastTime, "by the last #TS: line"
	}
	if at.IsZero() || f.Commands > 0 && f.LastTime.IsZero() {
		at, by = x.m.Modified, "by the modification time of the file"
	}
	text := "at most " + due.String() + " of age"
	if at.IsZero() {
		x.unknown(CodeExpectAge, text, "the file has no time")
		return
	}
	o := Outcome{Code: CodeExpectAge, Due: text, Known: true}
	if age := x.now.Sub(at); age >= -clockSkew {
		o.Found, o.Holds = fmt.Sprintf("%s of age (%s)", max(age, 0).Round(time.Second), by), age <= due
	} else {
		o.Found = fmt.Sprintf("a time %s in the future (%s)", (-age).Round(time.Second), by)
	}
	x.add(o)
}

func (x *expecting) digest(due string) {
	if x.m.Digest == "" {
		x.unknown(CodeExpectDigest, due, unreadable)
		return
	}
	x.add(Outcome{Code: CodeExpectDigest, Due: due, Found: x.m.Digest, Holds: x.m.Digest == due, Known: true})
}

// tail makes warnings of a torn end if it is short enough.
func (x *expecting) tail(due int64) {
	r := x.report
	n := r.tornFindings()
	if n == 0 {
		if r.Kind == KindAOF {
			x.add(Outcome{Code: CodeMaxTailLoss, Due: tailText(due), Found: "0 bytes", Holds: true, Known: true})
		}
		return
	}
	lost := r.Facts.Tail()
	o := Outcome{Code: CodeMaxTailLoss, Due: tailText(due), Found: fmt.Sprintf("%d bytes", lost), Known: true, Holds: lost <= due}
	x.add(o)
	if !o.Holds {
		return
	}
	r.counts[Error] -= n
	r.counts[Warning] += n
	for i := range r.Findings {
		if f := &r.Findings[i]; slices.Contains(tornCodes, f.Code) {
			f.Severity = Warning
		}
	}
}

func tailText(due int64) string { return fmt.Sprintf("at most %d bytes", due) }
