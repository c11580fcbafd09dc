package convert

import (
	"context"
	"sync"
)

// inOrder works on n parts with several goroutines, and hands on what they made
// in the order of the parts: work turns part i into a result, and calls flush
// whenever that has grown, which waits until it is its turn. emit takes a result
// and leaves it empty. The first error, in the order of the parts, ends it.
func inOrder[R any](ctx context.Context, jobs, n int, create func() R, work func(i int, r R, flush func() error) error, emit func(R) error) error {
	o := &ordered{}
	o.turn.L = &o.mu
	next := 0
	take := func() (int, bool) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err != nil || next == n {
			return 0, false
		}
		next++
		return next - 1, true
	}
	run := func() {
		r := create()
		for {
			i, ok := take()
			if !ok {
				return
			}
			flush := func() error { return o.inTurn(i, func() error { return emit(r) }) }
			err := ctx.Err()
			if err == nil {
				err = work(i, r, flush)
			}
			if err == nil {
				err = flush()
			}
			o.done(i, err)
		}
	}
	var all sync.WaitGroup
	for range min(jobs, n) - 1 {
		all.Go(run)
	}
	run()
	all.Wait()
	return o.err
}

// ordered lets parts take turns.
type ordered struct {
	mu   sync.Mutex
	turn sync.Cond
	at   int // the part whose turn it is
	err  error
}

// inTurn calls do when it is the turn of part i.
func (o *ordered) inTurn(i int, do func() error) error {
	o.mu.Lock()
	for o.at < i && o.err == nil {
		o.turn.Wait()
	}
	err := o.err
	o.mu.Unlock()
	if err != nil {
		return err
	}
	return do()
}

// done ends the turn of part i.
func (o *ordered) done(i int, err error) {
	_ = o.inTurn(i, func() error { return nil })
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
	o.at++
	o.turn.Broadcast()
}
