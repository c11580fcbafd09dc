package keyspace

import "errors"

// Splitter deals the commands of a log out to parts of a data set, which are to be
// replayed one after the other: see Groups and Replay.Run. Functions are in no
// part: they are kept in the data set of the Splitter.
type Splitter struct {
	d     *Dataset
	x     *Executor
	g     *Groups
	o     SplitterOptions
	parts []batch
	keys  [][]byte

	failed   []Failure
	failures int64
	err      error
}

// SplitterOptions say how commands are dealt out.
type SplitterOptions struct {
	Parts int
	// Room is about how many bytes of commands are held back for all parts.
	Room int
	// Emit takes packed commands of a part, which it may not keep.
	Emit func(part int, packed []byte) error
	// Fatal tells which errors end the replay.
	Fatal func(err error) bool
}

// NewSplitter returns a Splitter for a log all of whose commands g knows. d, which
// is empty, gets the functions.
func (d *Dataset) NewSplitter(g *Groups, o SplitterOptions) *Splitter {
	return &Splitter{d: d, x: d.NewExecutor(), g: g, o: o, parts: make([]batch, o.Parts)}
}

// Part returns the part of a key.
func (s *Splitter) Part(key []byte) int { return s.g.part(key, len(s.parts)) }

// Hand hands out what has been held back of a part.
func (s *Splitter) Hand(part int) error {
	s.emit(part)
	return s.err
}

// errOtherLog is the error for a command that Groups would have tied otherwise.
var errOtherLog = errors.New("the log has changed while it was read")

// Do takes a command, as Replay.Do does.
func (s *Splitter) Do(pos int64, db int, args [][]byte) error {
	c, name := s.x.command(args[0])
	if c == nil {
		return s.fail(pos, name, &UnsupportedError{Command: string(name), Reason: "the command is unknown"})
	}
	if !c.takes(len(args)) {
		return s.fail(pos, name, &ArityError{Command: string(name)})
	}
	switch {
	case c.route == routeNone:
	case c.route == routeKeys:
		for i := range args[1:] {
			s.one(pos, db, c, 1, args[0], args[1+i])
		}
	case c.route == routePairs && len(args)%2 == 1:
		for i := 1; i < len(args); i += 2 {
			s.one(pos, db, c, 1, args[0], args[i], args[i+1])
		}
	case c.route == routeSecond && len(args) > 2:
		s.one(pos, db, c, 2, args...)
	case c.route == routeGlobal, c.route == routeEach:
		// In its own, empty databases a command that is to be carried out in
		// each part does nothing but say what is wrong with it.
		s.x.db = db
		if err := c.do(s.x, args); err != nil {
			return s.fail(pos, s.x.name, err)
		}
		for i := range s.parts {
			if c.route == routeEach {
				s.add(i, pos, db, c, 0, args...)
			}
		}
	case c.route < routeTwo || c.route == routeAlone:
		s.one(pos, db, c, 1, args...)
	default:
		part, ok := 0, false
		s.keys, ok = c.keysOf(s.keys[:0], args)
		known := ok || s.g.any
		for i, key := range s.keys {
			p := s.Part(key)
			known = known && (i == 0 || p == part)
			part = p
		}
		if !known && s.err == nil {
			s.err = errOtherLog
		}
		s.add(part, pos, db, c, 0, args...)
	}
	return s.err
}

// one takes a command that works on one key, the argument of that number.
func (s *Splitter) one(pos int64, db int, c *command, key byte, args ...[]byte) {
	s.add(s.Part(args[key]), pos, db, c, flagOne|key, args...)
}

func (s *Splitter) add(part int, pos int64, db int, c *command, flags byte, args ...[]byte) {
	b := &s.parts[part]
	b.add(pos, db, c, flags, args...)
	if len(b.buf) >= min(batchSize, s.o.Room/len(s.parts)) {
		s.emit(part)
	}
}

func (s *Splitter) emit(part int) {
	b := &s.parts[part]
	if s.err == nil && len(b.buf) > 0 {
		s.err = s.o.Emit(part, b.buf)
	}
	b.buf, b.n = b.buf[:0], 0
	if cap(b.buf) > maxKept {
		b.buf = nil
	}
}

func (s *Splitter) fail(pos int64, name []byte, err error) error {
	f := Failure{Pos: pos, Name: string(name), Err: err, fatal: s.o.Fatal(err)}
	s.failures++
	if len(s.failed) < maxFailures || f.fatal {
		s.failed = append(s.failed, f)
	}
	if f.fatal && s.err == nil {
		s.err = ErrStopped
	}
	return s.err
}

// Flush hands out what has been held back, and returns which commands failed, as
// Replay.Flush does.
func (s *Splitter) Flush() (failed []Failure, n int64, fatal error, err error) {
	for i := range s.parts {
		s.emit(i)
	}
	if s.err != nil && s.err != ErrStopped {
		err = s.err
	}
	failed, n, fatal = SortFailures(s.failed, s.failures)
	return failed, n, fatal, err
}
