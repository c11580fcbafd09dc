package keyspace

import (
	"cmp"
	"errors"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// Replay executes the commands of a log on a Dataset, with several goroutines if
// it may. Each shard sees its commands in the order of the log, so what comes out
// does not depend on how many there are. Nothing else may use the data set until
// Flush has returned.
//
//	         ┌─▶ batch of shard 0 ─▶ worker 0
//	Do ──────┼─▶ batch of shard 1 ─▶ worker 1
//	         └─▶ ...
//
// A command that needs several shards waits until they have done what came
// before it. Where such commands are dense, whole batches go to one worker.
type Replay struct {
	d       *Dataset
	o       ReplayOptions
	x       *Executor // knows names
	open    []*batch  // of each shard
	whole   *batch    // for all shards, in whole mode
	inWhole bool
	seen    int // commands in the window
	joint   int // and how many of them need several shards
	workers []*worker
	pool    chan *batch
	given   bool // commands that may not have been executed yet

	failed   []Failure
	failures int64
	stopped  bool
}

// ReplayOptions say how commands are replayed.
type ReplayOptions struct {
	// Jobs is how many goroutines execute commands; below 2, Do does so itself.
	Jobs int
	// Fatal tells which errors end the replay, nil: all. It may be called on
	// several goroutines.
	Fatal func(err error) bool
}

// Failure is a command that could not be executed.
type Failure struct {
	Pos   int64 // as given to Do
	Name  string
	Err   error
	fatal bool
}

// maxFailures is how many failures are kept.
const maxFailures = 1000

// ErrStopped is what Do returns after a failure that ends the replay: Flush
// tells which.
var ErrStopped = errors.New("the replay has been stopped")

const (
	// window is the number of commands over which those that need several
	// shards are counted, maxJoint how many of them make whole batches go to one
	// worker.
	window   = 8192
	maxJoint = window / 500
)

// NewReplay returns a Replay on d. Flush must be called at its end.
func (d *Dataset) NewReplay(o ReplayOptions) *Replay {
	r := &Replay{d: d, o: o, x: d.NewExecutor(), whole: &batch{}, open: make([]*batch, len(d.shards))}
	if r.o.Fatal == nil {
		r.o.Fatal = func(error) bool { return true }
	}
	o.Jobs = min(o.Jobs, len(d.shards))
	if o.Jobs < 2 {
		r.inWhole = true
		r.workers = []*worker{r.newWorker()}
		return r
	}
	r.pool = make(chan *batch, queueLen*o.Jobs+len(d.shards))
	for i := range r.open {
		r.open[i] = &batch{}
	}
	for range o.Jobs {
		w := r.newWorker()
		w.queue, w.idle = make(chan *batch, queueLen), make(chan struct{})
		r.workers = append(r.workers, w)
		go w.loop(r.pool)
	}
	return r
}

// Do takes a command that is in no open transaction: the database that it works
// on, and its name and arguments, which are not kept. pos tells failures apart
// and must grow.
func (r *Replay) Do(pos int64, db int, args [][]byte) error {
	c, name := r.x.command(args[0])
	if c == nil {
		return r.refuse(pos, name, &UnsupportedError{Command: string(name), Reason: unknownCommand})
	}
	if !c.takes(len(args)) {
		return r.refuse(pos, name, &ArityError{Command: string(name)})
	}
	r.given = true
	r.seen++
	if r.seen == window && len(r.workers) > 1 {
		r.choose()
	}
	switch {
	case c.route == routeNone:
	case c.route == routeFirst:
		r.one(pos, db, c, 1, args...)
	case c.route == routeSecond && len(args) > 2:
		r.one(pos, db, c, 2, args...)
	case c.route == routeKeys:
		for i := range args[1:] {
			r.one(pos, db, c, 1, args[0], args[1+i])
		}
	case c.route == routePairs && len(args)%2 == 1:
		for i := 1; i < len(args); i += 2 {
			r.one(pos, db, c, 1, args[0], args[i], args[i+1])
		}
	default:
		r.several(pos, db, c, args)
	}
	if r.isStopped() {
		return ErrStopped
	}
	return nil
}

// Load adds an entry of a snapshot, as Dataset.Load does, behind the commands
// given before.
func (r *Replay) Load(e *entry.Entry) error {
	if r.given {
		r.drain()
		r.given = false
	}
	return r.d.Load(e)
}

// Run executes commands that a Splitter has handed out. It is for a Replay without
// jobs, on a data set of one shard.
func (r *Replay) Run(packed []byte) error {
	r.handWhole()
	r.workers[0].run(&batch{buf: packed})
	if r.isStopped() {
		return ErrStopped
	}
	return nil
}

// one takes a command that works on one shard, that of the argument key.
func (r *Replay) one(pos int64, db int, c *command, key byte, args ...[]byte) {
	if r.inWhole {
		r.whole.add(pos, db, c, flagOne|key, args...)
		if len(r.whole.buf) >= batchSize {
			r.handWhole()
		}
		return
	}
	i := r.d.shardOf(args[key])
	b := r.open[i]
	b.add(pos, db, c, flagOne|key, args...)
	if len(b.buf) >= batchSize {
		r.hand(i)
	}
}

// several takes a command that may need several shards.
func (r *Replay) several(pos int64, db int, c *command, args [][]byte) {
	set := r.d.shardsOf(c, args)
	if set&(set-1) == 0 && c.route != routeAlone && c.route != routeSpecial && len(args) > 1 {
		key := byte(1)
		if c.route == routeFrom2 {
			key = 2
		}
		r.one(pos, db, c, key, args...)
		return
	}
	r.joint++
	if r.inWhole {
		r.whole.add(pos, db, c, 0, args...)
		if len(r.whole.buf) >= batchSize {
			r.handWhole()
		}
		return
	}
	for i := range r.open {
		if set.has(i) {
			r.hand(i)
		}
	}
	r.settle(set)
	// The workers concerned are at rest: one of them lends its executor.
	w := r.workers[0]
	if len(r.workers) > 1 {
		for i := range r.open {
			if set.has(i) {
				w = r.workerOf(i)
				break
			}
		}
	}
	b := r.newBatch()
	b.add(pos, db, c, 0, args...)
	w.run(b)
	r.recycle(b)
}

func (r *Replay) workerOf(shard int) *worker { return r.workers[shard%len(r.workers)] }

// settle waits until the workers of these shards have done all that they were
// given.
func (r *Replay) settle(set shardSet) {
	var asked [maxShards]bool
	for i := range r.open {
		if k := i % len(r.workers); set.has(i) && !asked[k] {
			asked[k] = true
			r.workers[k].queue <- nil
		}
	}
	for k, w := range r.workers {
		if asked[k] {
			<-w.idle
		}
	}
}

// hand gives the open batch of a shard to its worker.
func (r *Replay) hand(i int) {
	if b := r.open[i]; b.n > 0 {
		r.workerOf(i).queue <- b
		r.open[i] = r.newBatch()
	}
}

// handWhole has the batch for all shards executed.
func (r *Replay) handWhole() {
	if r.whole.n == 0 {
		return
	}
	w := r.workers[0]
	if w.queue == nil {
		w.run(r.whole)
		r.whole.buf, r.whole.n = r.whole.buf[:0], 0
		if cap(r.whole.buf) > maxKept {
			r.whole.buf = nil
		}
		return
	}
	w.queue <- r.whole
	r.whole = r.newBatch()
}

// choose settles after each window how the next one goes.
func (r *Replay) choose() {
	whole := r.joint > maxJoint
	r.seen, r.joint = 0, 0
	if whole == r.inWhole {
		return
	}
	r.drain()
	r.inWhole = whole
}

// drain waits until all that was taken has been executed.
func (r *Replay) drain() {
	r.handWhole()
	if len(r.workers) < 2 {
		return
	}
	for i := range r.open {
		r.hand(i)
	}
	r.settle(r.d.allShards())
}

// maxKept is the largest buffer that is used again.
const maxKept = 4 * batchSize

func (r *Replay) newBatch() *batch {
	select {
	case b := <-r.pool:
		return b
	default:
		return &batch{buf: make([]byte, 0, batchSize+batchSize/8)}
	}
}

func (r *Replay) recycle(b *batch) { recycle(r.pool, b) }

func recycle(pool chan *batch, b *batch) {
	if b.buf, b.n = b.buf[:0], 0; cap(b.buf) > maxKept {
		return
	}
	select {
	case pool <- b:
	default:
	}
}

// refuse notes a command that cannot be given to anybody.
func (r *Replay) refuse(pos int64, name []byte, err error) error {
	w := r.workers[0]
	f := Failure{Pos: pos, Name: string(name), Err: err, fatal: r.o.Fatal(err)}
	if w.queue == nil {
		r.handWhole()
	}
	r.note(f)
	r.stopped = r.stopped || f.fatal
	if r.stopped {
		return ErrStopped
	}
	return nil
}

func (r *Replay) note(f Failure) {
	r.failures++
	if len(r.failed) < maxFailures || f.fatal {
		r.failed = append(r.failed, f)
	}
}

func (r *Replay) isStopped() bool {
	if r.stopped {
		return true
	}
	for _, w := range r.workers {
		if w.stopped.Load() {
			return true
		}
	}
	return false
}

// Flush waits until all commands have been executed, and returns those that
// failed in the order of the log, up to some number, and how many there were. If
// the last one ended the replay, fatal is its error. The Replay is at its end.
func (r *Replay) Flush() (failed []Failure, n int64, fatal error) {
	r.drain()
	all, n := r.failed, r.failures
	for _, w := range r.workers {
		if w.queue != nil {
			close(w.queue)
		}
		all, n = append(all, w.failed...), n+w.failures
	}
	return SortFailures(all, n)
}

// SortFailures puts failures into the order of the log, of n in all. A fatal one is
// the last: what comes behind it has not happened.
func SortFailures(all []Failure, n int64) (failed []Failure, count int64, fatal error) {
	slices.SortStableFunc(all, func(a, b Failure) int { return cmp.Compare(a.Pos, b.Pos) })
	if i := slices.IndexFunc(all, func(f Failure) bool { return f.fatal }); i >= 0 {
		return all[:i+1], int64(i + 1), all[i].Err
	}
	return all[:min(len(all), maxFailures)], n, nil
}
