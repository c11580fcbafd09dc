package rdb

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/rdbtool/rdbtool/entry"
)

// Processor is the work on a file that Process spreads over goroutines. R is
// what one batch is turned into, such as a buffer of output.
type Processor[R any] struct {
	// Jobs is how many batches are worked on at once; below 2, all happens on
	// the calling goroutine.
	Jobs int
	// Batch is how many bytes of the file a batch has at the most, 0 for as many
	// as are read fastest. Less is for results that are larger than the batch.
	Batch int
	// New returns an empty result. Results are used again after Emit.
	New func() R
	// Work decodes the entries of b into r. It is called on several goroutines
	// at once, each with its own b and r. An error ends the processing after
	// what r holds by then has been emitted. For a large batch (Batch.Large)
	// it must call flush whenever r has grown; flush emits r.
	Work func(b *Batch, r R, flush func() error) error
	// Emit takes the results in the order of the file, one at a time, and
	// leaves r empty.
	Emit func(r R) error
	// Header, if set, is called first with the record of the file's magic.
	Header func(e *entry.Entry) error
}

// MaxJobs is the most batches that Process works on at once.
const MaxJobs = 1024

const (
	// buffersInFlight is what the batches in memory aim at together, and
	// maxInFlight what they have at most: records larger than a batch aims at
	// make larger batches.
	buffersInFlight = 4 << 20
	maxInFlight     = 6 << 20
)

// Process reads an RDB file from src and runs p on it. What is emitted does not
// depend on p.Jobs or on the sizes of reads. The checksum is verified at the
// end: entries have been emitted by then. Errors are those of Reader.Next, the
// errors of p's functions, or ctx's; rest is what follows the footer, nil
// after an error other than entry.ErrChecksum.
func Process[R any](ctx context.Context, src io.Reader, o *Options, p Processor[R]) (t Trailer, rest io.Reader, err error) {
	if o == nil {
		o = &Options{}
	}
	inFlight := 1
	if p.Jobs = min(p.Jobs, MaxJobs); p.Jobs > 1 {
		inFlight = min(2*p.Jobs+2, p.Jobs+8)
	}
	target := batchSize
	if p.Batch > 0 {
		target = min(target, p.Batch)
	}
	s := newScanner(src, o, max(minWindow, min(target, buffersInFlight/inFlight)))
	if s.err != nil {
		return s.trailer, nil, s.err
	}
	if p.Header != nil {
		if err := p.Header(s.headerEntry(&entry.Entry{})); err != nil {
			return s.trailer, nil, err
		}
	}
	sum := checksum{crc: s.crc, on: s.trailer.Version.HasChecksum()}
	p.Emit = once(p.Emit)
	if p.Jobs > 1 {
		err = parallel(ctx, s, &p, &sum, inFlight)
	} else {
		err = serial(ctx, s, &p, &sum)
	}
	if err == io.EOF {
		err = s.finish(sum.crc)
	}
	switch {
	case err == io.EOF:
		return s.trailer, s.rest(), nil
	case errors.Is(err, entry.ErrChecksum):
		return s.trailer, s.rest(), err
	}
	return s.trailer, nil, err
}

// once makes the first error of emit stick: nothing is emitted after it.
func once[R any](emit func(R) error) func(R) error {
	var failed error
	return func(r R) error {
		if failed == nil {
			failed = emit(r)
		}
		return failed
	}
}

// serial is Process on one goroutine. It returns io.EOF at the end of the file.
func serial[R any](ctx context.Context, s *scanner, p *Processor[R], sum *checksum) error {
	b, r := newBatch(s), p.New()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.next(b); err != nil {
			return err
		}
		err := p.run(ctx, b, r)
		if e := p.Emit(r); e != nil {
			return e
		}
		if err != nil {
			return err
		}
		sum.add(b)
		if b.large {
			s.resume(b)
		}
	}
}

func newBatch(s *scanner) *Batch {
	b := &Batch{target: s.size}
	b.dec.opts = &s.opts
	return b
}

// run is Work, and for a large batch makes sure that all of it has been read.
func (p *Processor[R]) run(ctx context.Context, b *Batch, r R) error {
	flush := func() error {
		if !b.large {
			return nil // its result is emitted in its turn
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return p.Emit(r)
	}
	if err := p.Work(b, r, flush); err != nil {
		return err
	}
	return b.finish()
}

// task is a batch on its way: from the scanner to a worker and, in the order of
// the file, to the collector.
type task[R any] struct {
	batch   *Batch
	out     R
	err     error         // of the scanner: no batch, nothing follows
	worked  chan error    // from the worker
	crc     uint64        // of the batch
	crcLen  int64         // likewise
	resumed chan struct{} // from the collector: a large batch has been read
}

// roomUnit is the unit in which the bytes of batches are counted.
const roomUnit = 64 << 10

// room returns how many units the batch takes.
func (t *task[R]) room() int { return (t.batch.Len() + roomUnit - 1) / roomUnit }

// parallel is Process on several goroutines.
//
//	scanner --tasks--> workers
//	   |                  |
//	   +----ordered----> collector (the caller)
//
// A large batch reads from the source itself: the collector works on it when
// its turn has come, and the scanner waits for that.
func parallel[R any](ctx context.Context, s *scanner, p *Processor[R], sum *checksum, inFlight int) error {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()

	free := make(chan *task[R], inFlight)
	for range inFlight {
		free <- &task[R]{batch: newBatch(s), out: p.New(), worked: make(chan error, 1), resumed: make(chan struct{}, 1)}
	}
	work := make(chan *task[R], inFlight)
	ordered := make(chan *task[R], inFlight)
	room := make(chan struct{}, maxInFlight/roomUnit)

	group.Add(1)
	go func() {
		defer group.Done()
		defer close(work)
		scanAll(ctx, s, free, work, ordered, room)
	}()
	for range p.Jobs {
		group.Add(1)
		go func() {
			defer group.Done()
			for t := range work {
				if sum.on {
					t.crc, t.crcLen = t.batch.checksum()
				}
				t.worked <- p.run(ctx, t.batch, t.out)
			}
		}()
	}
	return p.collect(ctx, sum, free, ordered, room)
}

// scanAll cuts the file into tasks until its end or an error.
func scanAll[R any](ctx context.Context, s *scanner, free, work, ordered chan *task[R], room chan struct{}) {
	for {
		var t *task[R]
		select {
		case t = <-free:
		case <-ctx.Done():
			return
		}
		t.err = s.next(t.batch)
		large := t.err == nil && t.batch.large
		if t.err == nil && !large {
			for range t.room() {
				select {
				case room <- struct{}{}:
				case <-ctx.Done():
					return
				}
			}
			work <- t
		}
		ordered <- t // has room for all tasks
		if t.err != nil {
			return
		}
		if large {
			select {
			case <-t.resumed:
				s.resume(t.batch)
				free <- t
			case <-ctx.Done():
				return
			}
		}
	}
}

// collect emits the results in the order of the file. It returns the error at
// which the scanner stopped, io.EOF at the end of the file.
func (p *Processor[R]) collect(ctx context.Context, sum *checksum, free, ordered chan *task[R], room chan struct{}) error {
	for {
		var t *task[R]
		select {
		case t = <-ordered:
		case <-ctx.Done():
			return ctx.Err()
		}
		if t.err != nil {
			return t.err
		}
		var err error
		if t.batch.large {
			if err = p.run(ctx, t.batch, t.out); err == nil && sum.on {
				sum.add(t.batch)
			}
		} else if err = <-t.worked; err == nil {
			sum.combine(t.crc, t.crcLen)
		}
		if e := p.Emit(t.out); e != nil {
			return e
		}
		if err != nil {
			return err
		}
		if t.batch.large {
			t.resumed <- struct{}{}
			continue
		}
		for range t.room() {
			<-room
		}
		free <- t
	}
}
