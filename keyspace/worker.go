package keyspace

import "sync/atomic"

// worker executes batches, in the order in which it gets them.
type worker struct {
	x     *Executor
	ids   []*command
	fatal func(error) bool
	queue chan *batch   // nil: ask whether all before has been done
	idle  chan struct{} // the answer

	group    [groupSize]packed
	args     [][]byte
	sum      int // keeps touch from being left out
	failed   []Failure
	failures int64
	stopped  atomic.Bool
}

// queueLen is how many batches may wait for a worker.
const queueLen = 8

func (r *Replay) newWorker() *worker {
	return &worker{x: r.d.NewExecutor(), ids: r.d.byID, fatal: r.o.Fatal}
}

func (w *worker) loop(pool chan *batch) {
	for b := range w.queue {
		if b == nil {
			w.idle <- struct{}{}
			continue
		}
		w.run(b)
		recycle(pool, b)
	}
}

// execute carries out one command. After a failure that ends the replay the
// rest is left alone.
func (w *worker) execute(p *packed) {
	if w.stopped.Load() {
		return
	}
	x := w.x
	x.db = p.db
	c := w.ids[p.id]
	x.name = append(x.name[:0], c.name...)
	x.met = met{}
	if p.d != nil {
		x.met = met{p.args[p.flags&^flagOne], p.tag, p.d}
	}
	err := c.do(x, p.args)
	x.met = met{}
	if p.flags&flagOne != 0 {
		p.shard.tidy()
	}
	if err != nil {
		w.fail(p, err)
	}
}

func (w *worker) fail(p *packed, err error) {
	f := Failure{Pos: p.pos, Name: w.ids[p.id].name, Err: err, fatal: w.fatal(err)}
	w.failures++
	if len(w.failed) < maxFailures || f.fatal {
		w.failed = append(w.failed, f)
	}
	if f.fatal {
		w.stopped.Store(true)
	}
}
