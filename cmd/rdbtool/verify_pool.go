package main

import (
	"context"
	"sync"

	"github.com/rdbtool/rdbtool/verify/render"
)

// bigFile is the size from which the parts of a file are worked on at once, and
// no other file beside it. Of smaller ones as many are as there are jobs.
const bigFile = 32 << 20

// verifyAll verifies all items and hands the results to emit, in their order. An
// error of emit ends the work.
func (p *program) verifyAll(ctx context.Context, items []verifyItem, v *verification, progress *progress, emit func(*render.File) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer cancel()
	// Results wait here for those before them: a few at most, for each is as
	// large as its findings.
	waiting := make(chan chan *render.File, 2*v.Jobs)
	tokens := make(chan struct{}, v.Jobs)
	working.Go(func() {
		defer close(waiting)
		for _, item := range items {
			result := make(chan *render.File, 1)
			select {
			case waiting <- result:
			case <-ctx.Done():
				return
			}
			jobs := 1
			if item.size >= bigFile || len(items) == 1 {
				jobs = v.Jobs
			}
			for range jobs {
				tokens <- struct{}{}
			}
			working.Go(func() {
				result <- p.verifyItem(ctx, item, v, jobs, progress)
				for range jobs {
					<-tokens
				}
			})
		}
	})
	for result := range waiting {
		f := <-result
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := emit(f); err != nil {
			return err
		}
	}
	return ctx.Err()
}
