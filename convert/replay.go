package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/keyspace"
	"github.com/rdbtool/rdbtool/rdb"
)

// ReplayOptions say how a log is replayed.
type ReplayOptions struct {
	// Target is the server whose rules hold. The zero Target stands for the one
	// that wrote the log, as far as the log tells.
	Target rdb.Target
	// Strict ends the replay at a command that a server answers with an error.
	Strict bool
	// SkipUnknown leaves out what cannot be executed without a server.
	SkipUnknown bool
	// AllowTorn takes a log whose end is torn up to there.
	AllowTorn bool
	// Until ends the replay early.
	Until Until
	// Now is the time from which relative times in the log count, in Unix
	// milliseconds; 0 stands for the time of the machine.
	Now int64
	// DropExpired leaves out what has expired by then.
	DropExpired bool
	Jobs        int
	// MaxMemory, if not 0, is about how many bytes the data set may take in
	// memory. It is replayed in parts then, one after the other, by way of
	// temporary files in TempDir, and keys come out in another order. Reopen
	// opens the log once more.
	MaxMemory int64
	Reopen    func() (*aof.Log, error)
	TempDir   string
}

// Replayed is the data set of a log, and what was met on the way. After use it
// must be closed.
type Replayed struct {
	Data   Data
	Origin rdb.Target // server that wrote the RDB part, or the zero Target
	source rdb.Version

	Commands int64 // executed, without SELECT, MULTI and EXEC
	Keys     int64 // of the RDB part
	// Failed are commands that a server answers with an error, the first ones of
	// them, and Failures how many there are.
	Failed   []*CommandError
	Failures int64
	Skipped  map[string]int64 // commands left out, by name
	// Torn is what is wrong with the end of the log, with ReplayOptions.AllowTorn.
	Torn error
	// TornBytes is how much of the last file is left out then, 0 if unknown.
	TornBytes int64
	// Stopped tells where ReplayOptions.Until has ended the replay, nil if the log
	// ended before that.
	Stopped *entry.Place
}

// Close gives back what the data set holds on disk.
func (r *Replayed) Close() error {
	if c, ok := r.Data.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// CommandError is a command that could not be executed.
type CommandError struct {
	Place   entry.Place
	Command string
	Err     error
}

func (e *CommandError) Error() string {
	p := e.Place
	p.Construct = e.Command
	var unsupported *keyspace.UnsupportedError
	if errors.As(e.Err, &unsupported) { // it names the command itself
		p.Construct = ""
	}
	return p.Describe(e.Err.Error())
}

func (e *CommandError) Unwrap() error { return e.Err }

// Is makes what cannot be executed without a server an entry.ErrUnsupported.
func (e *CommandError) Is(target error) bool {
	var unsupported *keyspace.UnsupportedError
	return target == entry.ErrUnsupported && errors.As(e.Err, &unsupported)
}

// shards is into how many parts a data set is divided, whatever the number of
// jobs: the order of what comes out depends on it.
const shards = 16

// replay is one run.
type replay struct {
	o    ReplayOptions
	log  *aof.Log
	into replaySink
	out  *Replayed
	tx   []held // commands since MULTI
}

// replaySink is what makes a data set of a log.
type replaySink interface {
	Load(e *entry.Entry) error
	Do(pos int64, db int, args [][]byte) error
	// finish ends it. The data set is there if there is no fatal failure, and no
	// error.
	finish(ctx context.Context) (d Data, failed []keyspace.Failure, n int64, fatal, err error)
}

// held is a command of a transaction that waits for its EXEC.
type held struct {
	pos  int64
	db   int
	args [][]byte
}

// Replay executes a log. What is wrong with the log itself, or a command that
// ends the replay, is an error. The log is closed.
func Replay(ctx context.Context, log *aof.Log, o ReplayOptions) (*Replayed, error) {
	defer log.Close()
	r := &replay{o: o, log: log, out: &Replayed{Skipped: map[string]int64{}}}
	if r.o.Now == 0 {
		r.o.Now = time.Now().UnixMilli()
	}
	var plan *partPlan
	if o.MaxMemory > 0 {
		var err error
		if plan, err = planParts(ctx, o); err != nil {
			return nil, err
		}
	}
	begin := func() {
		if r.into != nil {
			return
		}
		if plan != nil {
			r.into = r.inParts(plan)
		} else {
			r.into = r.inMemory()
		}
	}
	stop := newStopper(log, &r.o.Until)
	err := r.read(ctx, stop, begin)
	begin() // of an empty log
	data, failed, n, fatal, failure := r.into.finish(ctx)
	r.settle(failed, n)
	if fatal != nil {
		return nil, r.fatal(r.out.Failed[len(r.out.Failed)-1])
	}
	if errors.Is(failure, ErrMaxMemory) {
		failure = fmt.Errorf("%s: %w", log.Parts[0].Path, failure)
	}
	if err == nil {
		err = failure
	}
	if err == nil {
		err = stop.missed()
	}
	r.out.Data = data
	if err != nil {
		r.out.Close()
		return nil, err
	}
	return r.out, nil
}

// judge tells whether an error of a command ends the replay, and counts what is
// left out.
func (r *replay) judge(err error, skipped map[string]int64) (fatal bool) {
	var arity *keyspace.ArityError
	var unsupported *keyspace.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		skipped[unsupported.Command]++
		return !r.o.SkipUnknown
	case errors.Is(err, entry.ErrUnsupported):
		skipped["RESTORE"]++
		return !r.o.SkipUnknown
	case errors.As(err, &arity), errors.Is(err, keyspace.ErrFull):
		return true
	}
	return r.o.Strict
}

// fatal is the error for a command that has ended the replay.
func (r *replay) fatal(e *CommandError) error {
	var arity *keyspace.ArityError
	var reply keyspace.ReplyError
	if errors.As(e.Err, &arity) || errors.As(e.Err, &reply) {
		p := e.Place
		p.Construct = e.Command
		return &entry.CorruptError{Place: p, Err: e.Err}
	}
	return e
}

func (r *replay) read(ctx context.Context, stop *stopper, begin func()) error {
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		rec, err := r.log.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil && stop.behind(err):
			r.out.Stopped = &entry.Place{File: r.log.Parts[r.o.Until.Point.Part].Path, Offset: r.o.Until.Point.Offset, Element: -1}
			return nil
		case err != nil && r.o.AllowTorn && isTorn(err):
			r.out.Torn = err
			r.out.TornBytes = max(r.log.Parts[len(r.log.Parts)-1].Size-r.log.ValidUpTo(), 0)
			return nil
		case err != nil:
			return err
		}
		if rec.Entry != nil {
			if m := rec.Entry.Meta; m != nil && m.Kind != entry.MetaFunction {
				r.about(m)
				continue
			}
			begin()
			if err := r.load(rec); err != nil {
				return err
			}
			continue
		}
		begin()
		if done, err := r.command(rec, stop); done || err != nil {
			return err
		}
	}
}

// isTorn reports whether err says no more than that the end of a log is missing.
func isTorn(err error) bool {
	return errors.Is(err, entry.ErrTruncated) && !errors.Is(err, aof.ErrNotLast) && !errors.Is(err, aof.ErrPreamble)
}

// load takes an entry of an RDB part.
func (r *replay) load(rec *aof.Record) error {
	if rec.Entry.Meta == nil {
		r.out.Keys++
	}
	return r.inPart(rec.Part, r.into.Load(rec.Entry))
}

// inPart tells an error about an entry of an RDB part in which file that is.
func (r *replay) inPart(part int, err error) error {
	var corrupt *entry.CorruptError
	if errors.As(err, &corrupt) && corrupt.Place.File == "" {
		corrupt.Place.File = r.log.Parts[part].Path
	}
	return err
}

// about reads who wrote the RDB part.
func (r *replay) about(m *entry.Meta) {
	switch {
	case m.Kind == entry.MetaHeader:
		r.out.source.Number = int(m.Nums[0])
		if string(m.Name) == rdb.Valkey.String() {
			r.out.source.Family = rdb.Valkey
		}
		r.out.Origin = rdb.TargetOf(r.out.source)
	case m.Kind == entry.MetaAux && (string(m.Name) == "redis-ver" || string(m.Name) == "valkey-ver"):
		product := rdb.Redis
		if string(m.Name) == "valkey-ver" {
			product = rdb.Valkey
		}
		if t, ok := rdb.TargetOfRelease(r.out.source, product, string(m.Value)); ok {
			r.out.Origin = t // Release stays: what is written must tell its origin again
		}
	}
}

// posBits is how many bits of a position are the offset in a part.
const posBits = 44

// command takes a command or a line between commands. done says that the replay
// ends before it.
func (r *replay) command(rec *aof.Record, stop *stopper) (done bool, err error) {
	c := rec.Command
	if stop.before(rec) { // a transaction that it falls into is left out
		r.out.Stopped = &entry.Place{File: r.log.Parts[rec.Part].Path, Offset: c.Offset, Element: -1}
		return true, nil
	}
	if len(c.Args) == 0 {
		return false, nil
	}
	pos := int64(rec.Part)<<posBits | c.Offset
	switch name := c.Args[0]; {
	case isName(name, "SELECT"):
	case isName(name, "MULTI"):
	case isName(name, "DISCARD"):
		r.tx = r.tx[:0]
	case isName(name, "EXEC"):
		for _, h := range r.tx {
			if err == nil {
				err = r.do(h.pos, h.db, h.args)
			}
		}
		r.tx = r.tx[:0]
	case c.InTx:
		r.tx = append(r.tx, held{pos, c.DB, cloneArgs(c.Args)})
	default:
		err = r.do(pos, c.DB, c.Args)
	}
	if errors.Is(err, keyspace.ErrStopped) { // finish tells over what
		return true, nil
	}
	return false, err
}

func (r *replay) do(pos int64, db int, args [][]byte) error {
	r.out.Commands++
	return r.into.Do(pos, db, args)
}

func isName(name []byte, word string) bool {
	return len(name) == len(word) && strings.EqualFold(string(name), word)
}

func cloneArgs(args [][]byte) [][]byte {
	all := make([][]byte, len(args))
	for i, a := range args {
		all[i] = slices.Clone(a)
	}
	return all
}

// settle sorts out what failed.
func (r *replay) settle(failed []keyspace.Failure, n int64) {
	for _, f := range failed {
		p := entry.Place{File: r.log.Parts[f.Pos>>posBits].Path, Offset: f.Pos & (1<<posBits - 1), Element: -1}
		e := &CommandError{Place: p, Command: f.Name, Err: f.Err}
		r.out.Failed = append(r.out.Failed, e)
	}
	r.out.Failures = n
}

// SkippedText lists the commands left out, "" for none.
func (r *Replayed) SkippedText() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(r.Skipped)) {
		parts = append(parts, fmt.Sprintf("%s (%d)", name, r.Skipped[name]))
	}
	return strings.Join(parts, ", ")
}
