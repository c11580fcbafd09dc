package convert

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/keyspace"
	"github.com/rdbtool/rdbtool/rdb"
)

// A log whose data set is larger than memory is replayed in parts. It is read
// twice: first to find out which keys are tied to each other, so must be in one
// part, and then to deal its commands out to the parts, in a temporary file.
// After that the parts are replayed, as many at a time as there is memory for,
// and what they come to goes into another temporary file.
//
//	log ─▶ groups
//	log ─▶ commands of part 0, 1, 2 ... ─▶ data set of a part ─▶ keys of part 0, 1, 2 ...

const (
	minParts, maxParts = 16, 1024
	// partShare is into how many parts the memory would be divided if the data
	// set took as much as its commands.
	partShare = 4
	// spillRoom is how many bytes are held back for all parts, on each of two
	// ways.
	spillRoom = 8 << 20
	// tiedSize is about what a key takes that is tied to others.
	tiedSize = 32
	// spareMemory is what may be taken beside the data set: keys that are tied,
	// buffers, what has not been collected yet.
	spareMemory = 32 << 20
)

// ErrMaxMemory is the error for a log that cannot be replayed in the memory
// allowed.
var ErrMaxMemory = errors.New("the memory allowed is not enough")

// partPlan is how a log will be divided.
type partPlan struct {
	groups *keyspace.Groups
	parts  int
	before uint64 // what the program took before
}

// planParts reads the log for the first time. Where it is damaged, the second time
// will tell.
func planParts(ctx context.Context, o ReplayOptions) (*partPlan, error) {
	log, err := o.Reopen()
	if err != nil {
		return nil, err
	}
	defer log.Close()
	before := (&memoryGuard{}).collected()
	groups := keyspace.NewGroups(int((o.MaxMemory + spareMemory) / tiedSize))
	size := int64(0)
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rec, err := log.Next()
		if err != nil {
			break
		}
		if e := rec.Entry; e != nil {
			size += 2 * max(e.Size, 64) // packed strings are not told
			continue
		}
		size += rec.Command.Size
		if len(rec.Command.Args) == 0 {
			continue
		}
		if err := groups.Add(rec.Command.Args); err != nil {
			return nil, fmt.Errorf("%s: %w: %w", log.Parts[0].Path, ErrMaxMemory, err)
		}
	}
	parts := minParts
	for parts < maxParts && size/int64(parts) > o.MaxMemory/partShare {
		parts *= 2
	}
	return &partPlan{groups, parts, before}, nil
}

// partsSink deals a log out and replays its parts.
type partsSink struct {
	*keyspace.Splitter
	r         *replay
	functions *keyspace.Dataset
	commands  spool.Sections
	parts     []*spillWriter
	dump      *rdb.Encoder
	out       *dataOnDisk
	limit     uint64 // of what the program takes

	mu      sync.Mutex
	changed sync.Cond
	running int64 // bytes of records of the parts that are being replayed
	count   int   // and how many these are
	alone   bool  // one of them is to be the only one
	ended   bool  // by an error
	err     error // the first
	fatal   bool  // there is a fatal failure: nothing need be written any more
	failed  []keyspace.Failure
	n       int64
}

func (r *replay) inParts(plan *partPlan) replaySink {
	s := &partsSink{r: r, functions: r.dataset(1), dump: newDumpEncoder(), limit: plan.before + uint64(r.o.MaxMemory) + spareMemory}
	s.commands.Dir = r.o.TempDir
	s.changed.L = &s.mu
	for range plan.parts {
		s.parts = append(s.parts, &spillWriter{file: &s.commands, room: spillRoom / plan.parts})
	}
	s.Splitter = s.functions.NewSplitter(plan.groups, keyspace.SplitterOptions{
		Parts: plan.parts, Room: spillRoom,
		Fatal: func(err error) bool { return r.judge(err, r.out.Skipped) },
		Emit:  func(part int, packed []byte) error { return s.parts[part].commands(packed) },
	})
	s.out = &dataOnDisk{functions: s.functions, parts: make([]map[int]*spool.Section, plan.parts)}
	s.out.file.Dir = r.o.TempDir
	return s
}

// Load takes an entry of the RDB part.
func (s *partsSink) Load(e *entry.Entry) error {
	if e.Meta != nil {
		return s.functions.Load(e)
	}
	part := s.Part(e.Key)
	if err := s.Hand(part); err != nil { // commands before it, if the RDB part is not the first part
		return err
	}
	return s.parts[part].entry(e, s.dump)
}

func (s *partsSink) finish(ctx context.Context) (d Data, failed []keyspace.Failure, n int64, fatal, err error) {
	defer s.commands.Close()
	failed, n, fatal, err = s.Flush()
	s.Splitter = nil // makes room
	for _, p := range s.parts {
		if e := p.flush(); err == nil {
			err = e
		}
		p.buf = nil
	}
	if err != nil {
		s.out.Close()
		return nil, failed, n, fatal, err
	}
	// Commands of other parts that came before a fatal failure may fail too: all
	// parts are replayed for the sake of the first one.
	s.failed, s.n, s.fatal = failed, n, fatal != nil
	var all sync.WaitGroup
	next := 0
	take := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		next++
		return next - 1
	}
	for range min(max(s.r.o.Jobs, 1), len(s.parts)) {
		all.Go(func() {
			for i := take(); i < len(s.parts) && s.reserve(i); i = take() {
				s.release(i, s.part(ctx, i))
			}
		})
	}
	all.Wait()
	failed, n, fatal = keyspace.SortFailures(s.failed, s.n)
	if s.ended || s.fatal {
		s.out.Close()
		return nil, failed, n, fatal, s.err
	}
	return s.out, failed, n, nil, nil
}

// reserve waits until there is room for a part. It reports false if the replay has
// ended.
func (s *partsSink) reserve(part int) bool {
	size := s.parts[part].size()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.ended && (s.alone || s.count > 0 && s.running+size > s.r.o.MaxMemory) {
		s.changed.Wait()
	}
	s.running += size
	s.count++
	return !s.ended
}

// release gives the room of a part back.
func (s *partsSink) release(part int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running -= s.parts[part].size()
	s.count--
	if err != nil && !s.ended {
		s.ended, s.err = true, err
	}
	s.changed.Broadcast()
}

// part replays a part. If more memory is used than there may be, it is done once
// more when no other part is being replayed.
func (s *partsSink) part(ctx context.Context, i int) error {
	err := s.try(ctx, i)
	if !errors.Is(err, ErrMaxMemory) {
		return err
	}
	s.mu.Lock()
	s.count--
	s.changed.Broadcast()
	for s.alone && !s.ended {
		s.changed.Wait()
	}
	s.alone = true
	for s.count > 0 && !s.ended {
		s.changed.Wait()
	}
	s.count++
	ended := s.ended
	s.mu.Unlock()
	if !ended {
		err = s.try(ctx, i)
	}
	s.mu.Lock()
	s.alone = false
	s.changed.Broadcast()
	s.mu.Unlock()
	return err
}

// try replays a part and writes what it comes to.
func (s *partsSink) try(ctx context.Context, i int) error {
	d := s.r.dataset(1)
	skipped := map[string]int64{}
	run := d.NewReplay(keyspace.ReplayOptions{Fatal: func(err error) bool { return s.r.judge(err, skipped) }})
	in, err := s.parts[i].reader(rdb.NewDumpDecoder(nil))
	if err != nil {
		return err
	}
	memory := memoryGuard{limit: s.limit}
	for n := 0; in.next(); n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if in.kind != spilledCommands {
			err = s.r.inPart(0, d.Load(&in.entry)) // records do not tell; servers write one RDB part, the first
		} else if err = run.Run(in.commands); err != nil {
			break // the failure is told by Flush
		}
		if err == nil && (in.kind == spilledCommands || n%256 == 0) {
			err = memory.check()
		}
		if err != nil {
			return err
		}
	}
	if in.err != nil {
		return in.err
	}
	failed, n, fatal := run.Flush()
	s.mu.Lock()
	s.fatal = s.fatal || fatal != nil
	write := !s.fatal
	s.mu.Unlock()
	if write {
		if s.r.o.DropExpired {
			d.DropExpired(s.r.o.Now)
		}
		if err := s.write(d, i); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed, s.n = append(s.failed, failed...), s.n+n
	for name, n := range skipped {
		s.r.out.Skipped[name] += n
	}
	s.out.keys += d.Len()
	return nil
}

// write writes what a part has come to, database by database.
func (s *partsSink) write(d *keyspace.Dataset, part int) error {
	sections := map[int]*spool.Section{}
	dump := newDumpEncoder()
	var w *spillWriter
	end := func(db int) error {
		err := w.flush()
		sections[db] = &w.section
		return err
	}
	db := -1
	for e, err := range d.Entries() {
		if err == nil && e.DB != db {
			if w != nil {
				err = end(db)
			}
			w, db = &spillWriter{file: &s.out.file, room: flushSize}, e.DB
		}
		if err == nil {
			err = w.entry(e, dump)
		}
		if err != nil {
			return err
		}
	}
	s.out.parts[part] = sections
	if w == nil {
		return nil
	}
	return end(db)
}

// memoryGuard watches what the program takes.
type memoryGuard struct {
	limit  uint64
	sample [1]metrics.Sample
}

// taken returns how many bytes of memory hold objects, or did when they were last
// collected.
func (g *memoryGuard) taken() uint64 {
	g.sample[0].Name = "/memory/classes/heap/objects:bytes"
	metrics.Read(g.sample[:])
	return g.sample[0].Value.Uint64()
}

func (g *memoryGuard) collected() uint64 {
	runtime.GC()
	return g.taken()
}

// check reports whether there is more than there may be that cannot be collected.
func (g *memoryGuard) check() error {
	if g.taken() <= g.limit || g.collected() <= g.limit {
		return nil
	}
	return fmt.Errorf("%w: a key is too large, or too many are tied to each other by commands such as RENAME", ErrMaxMemory)
}
