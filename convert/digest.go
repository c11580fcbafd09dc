package convert

import (
	"context"
	"crypto/sha1"
	"sync"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/keyspace"
	"github.com/rdbtool/rdbtool/rdb"
)

// DigestOptions say how a digest is computed.
type DigestOptions struct {
	// Format tells the server to compare with: see FormatOf.
	Format keyspace.DigestFormat
	Filter *filter.Filter
	Jobs   int
	// Key, if set, is called with the digest of each key, in the order of the
	// source.
	Key func(e *entry.Entry, digest [sha1.Size]byte) error
}

// FormatOf returns how a server computes digests.
func FormatOf(t rdb.Target) keyspace.DigestFormat {
	return keyspace.DigestFormat{
		Scores17:    !t.Valkey() && !t.AtLeast(7, 2),
		FieldExpiry: !t.Valkey() && t.AtLeast(7, 4),
	}
}

// Digest returns what DEBUG DIGEST of a server that has loaded the source
// answers.
func Digest(ctx context.Context, src Source, o DigestOptions) ([sha1.Size]byte, error) {
	g := keyspace.NewDigester(o.Format)
	if o.Key != nil {
		o.Jobs = 1
	}
	err := each(ctx, src, o.Filter, o.Jobs, func() *keyspace.Digester { return keyspace.NewDigester(o.Format) },
		func(d *keyspace.Digester, e *entry.Entry) error {
			if o.Key == nil || e.Meta != nil {
				return d.Add(e)
			}
			sum, err := keyspace.DigestEntry(e, o.Format)
			if err == nil {
				err = o.Key(e, sum)
			}
			return err
		}, g.Join)
	return g.Sum(), err
}

// each works on all entries of a source that pass the filter, on several
// goroutines, each with a result of its own; join takes these together, in no
// order.
func each[R any](ctx context.Context, src Source, f *filter.Filter, jobs int, create func() R, work func(r R, e *entry.Entry) error, join func(R)) error {
	if f == nil {
		f = &filter.Filter{}
	}
	one := func(r R, e *entry.Entry) error {
		if e.Meta == nil && !f.Pass(e) {
			return nil
		}
		return work(r, e)
	}
	switch {
	case src.Data != nil:
		parts := src.Data.Parts()
		var mu sync.Mutex
		return inOrder(ctx, jobs, len(parts), create, func(i int, r R, _ func() error) error {
			for e, err := range parts[i] {
				if err == nil {
					err = one(r, e)
				}
				if err != nil {
					return err
				}
			}
			mu.Lock()
			join(r)
			mu.Unlock()
			return nil
		}, func(R) error { return nil })
	case src.JSON:
		c := &conversion{opts: Options{Filter: f}}
		r := create()
		defer join(r)
		return c.eachJSON(ctx, src, func() error { return nil }, func(e *entry.Entry) error { return one(r, e) })
	}
	ro := src.RDB
	ro.Fragments, ro.Meta = true, true
	t, rest, err := rdb.Process(ctx, src, &ro, rdb.Processor[R]{
		Jobs: jobs, New: create,
		Work: func(b *rdb.Batch, r R, _ func() error) error {
			for e, err := range b.Entries() {
				if err == nil {
					err = one(r, e)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
		Emit: func(r R) error {
			join(r)
			return nil
		},
	})
	if err == nil {
		err = t.CheckRest(ro.Name, rest)
	}
	return err
}
