package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

// Until says where a replay ends early. The zero Until is the end of the log.
type Until struct {
	// Point ends it before the first command that ends behind that place.
	Point *Point
	// Seconds, if not 0, ends it before the first "#TS:" line of a later time.
	Seconds int64
}

// Point is a place in a log: the number of a part, and an offset in it.
type Point struct {
	Part   int
	Offset int64
}

// stopper tells when a replay ends.
type stopper struct {
	log   *aof.Log
	until *Until
	timed bool // a line with a time has been met
}

func newStopper(log *aof.Log, until *Until) *stopper { return &stopper{log: log, until: until} }

// before reports whether the replay ends before rec.
func (s *stopper) before(rec *aof.Record) bool {
	c := rec.Command
	if p := s.until.Point; p != nil && (rec.Part > p.Part || rec.Part == p.Part && c.Offset+c.Size > p.Offset) {
		return true
	}
	if t, ok := c.Timestamp(); ok {
		s.timed = true
		return s.until.Seconds != 0 && t > s.until.Seconds
	}
	return false
}

// behind reports whether err is damage behind the end of the replay, which then
// does not matter.
func (s *stopper) behind(err error) bool {
	var c *entry.CorruptError
	p := s.until.Point
	if p == nil || !errors.As(err, &c) || errors.Is(err, aof.ErrPreamble) {
		return false
	}
	part := slices.IndexFunc(s.log.Parts, func(l aof.Part) bool { return l.Path == c.Place.File })
	return part > p.Part || part == p.Part && c.Place.Offset >= p.Offset
}

// missed says what the log lacks to end the replay as asked.
func (s *stopper) missed() error {
	if s.until.Seconds != 0 && !s.timed {
		return &entry.UnsupportedError{
			Place: entry.Place{File: s.log.Parts[0].Path, Offset: -1, Element: -1},
			What:  "end at a time of a log without timestamps (aof-timestamp-enabled no)",
		}
	}
	return nil
}

// FindLast returns the place of the last command of that name in a log, nil if
// there is none. The log is read to its end and closed; an end that is torn is no
// error here.
func FindLast(ctx context.Context, log *aof.Log, name string) (*Point, error) {
	defer log.Close()
	var last *Point
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rec, err := log.Next()
		switch {
		case err == io.EOF || err != nil && isTorn(err):
			return last, nil
		case err != nil:
			return nil, err
		case rec.Command != nil && len(rec.Command.Args) > 0 && isName(rec.Command.Args[0], name):
			last = &Point{rec.Part, rec.Command.Offset}
		}
	}
}

// PointIn returns the place in the last part of a log that has that offset, or in
// the part of that file name.
func PointIn(log *aof.Log, file string, offset int64) (*Point, error) {
	at := len(log.Parts) - 1
	if file != "" {
		at = slices.IndexFunc(log.Parts, func(p aof.Part) bool { return p.Name() == file })
		if at < 0 {
			return nil, fmt.Errorf("the log has no file %q", file)
		}
	}
	if p := &log.Parts[at]; p.Size >= 0 && offset > p.Size {
		return nil, fmt.Errorf("%s has %d bytes, and no offset %d", p.Name(), p.Size, offset)
	}
	return &Point{at, offset}, nil
}
