package verify

import (
	"errors"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

// Until is where a log is to end: at a time, or at a place.
type Until struct {
	// Seconds, if not 0, ends it before the first "#TS:" line of a later time.
	Seconds int64
	// Point ends it behind the last whole command in front of that place.
	Point *Point
}

// Point is a place in a log.
type Point struct {
	Part   int // in Log.Parts
	Offset int64
}

// ErrNoTimes is the reason why a log cannot end at a time.
var ErrNoTimes = errors.New("the log has no timestamps (aof-timestamp-enabled no)")

// untilCut finds the place where a log is to end.
type untilCut struct {
	v     *logVerifier
	until Until
	at    Point // Part is -1 before it has been found
	timed bool
	// Of the end: the time of the last #TS: line before it, and the transaction it
	// falls into, -1 if none.
	time        int64
	transaction int64
}

// command takes a command or a line, before it is judged.
func (u *untilCut) command(c *aof.Command) {
	v := u.v
	part := 0
	for &v.parts[part] != v.part {
		part++
	}
	t, isTime := c.Timestamp()
	if isTime && v.kind != aof.Base {
		u.timed = true
	}
	switch p := u.until.Point; {
	case u.at.Part >= 0:
		return
	case p != nil && (part < p.Part || part == p.Part && c.Offset+c.Size <= p.Offset):
		return
	case p == nil && (!isTime || v.kind == aof.Base || t <= u.until.Seconds):
		return
	}
	u.at = Point{part, v.cutBefore(c.Offset)}
	u.time, u.transaction = v.seconds, v.tx.from
}

// settle finds the end where no command tells it.
func (u *untilCut) settle(parts []logPart) {
	p := u.until.Point
	if p == nil {
		return
	}
	if u.at.Part < 0 {
		u.time = u.v.seconds
	}
	if u.at.Part != p.Part {
		u.at, u.transaction = Point{p.Part, parts[p.Part].Size}, -1
	}
	for _, w := range parts[p.Part].wounds { // an end inside damage is in front of it
		if w.from <= p.Offset && p.Offset < w.to && w.cut < u.at.Offset {
			u.at.Offset, u.time = w.cut, w.time
		}
	}
}

// in returns where the log ends in a part, or else the size of that.
func (u *untilCut) in(i int, part *logPart) (end int64, ends bool) {
	if u == nil || u.at.Part != i {
		return part.Size, false
	}
	return u.at.Offset, true
}

// before reports whether the log ends before a part.
func (u *untilCut) before(i int) bool { return u != nil && u.at.Part >= 0 && u.at.Part < i }

// Ends reports whether the end that was asked for has been found, and how it
// falls.
func (e *Examination) Ends() (bool, error) {
	u := e.until
	switch {
	case u == nil:
		return false, nil
	case u.until.Seconds != 0 && !u.timed:
		return false, &entry.UnsupportedError{Place: e.place(0, -1), What: "end at a time: " + ErrNoTimes.Error()}
	case u.at.Part >= 0 && u.at.Offset < e.parts[u.at.Part].base:
		return false, errors.New("the end would be in the RDB part")
	case u.at.Part >= 0 && e.Log.Parts[u.at.Part].Kind == aof.Base && u.at.Offset < e.parts[u.at.Part].Size:
		return false, errors.New("the end would be in the base file, which holds keys as of the last rewrite and not in the order of time")
	}
	return u.at.Part >= 0, nil
}

func (e *Examination) place(part int, offset int64) entry.Place {
	return entry.Place{File: e.parts[part].path, Offset: offset, Element: -1}
}
