package convert

import (
	"context"
	"sync"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/keyspace"
	"github.com/rdbtool/rdbtool/rdb"
)

// dataset makes an empty data set. That is done when the RDB part has told which
// server wrote it.
func (r *replay) dataset(shards int) *keyspace.Dataset {
	rules := r.o.Target
	if rules.Name == "" {
		rules = r.out.Origin
	}
	before := func(release int) bool { return rules.Name != "" && !rules.AtLeast(release, 0) }
	return keyspace.New(keyspace.Options{
		Shards: shards, SignedZero: before(7), DenseMerge: before(4),
		EarlyLarge: rules.Name == "" || rules.AtLeast(7, 2), EarlyLong: rules.AtLeastValkey(8, 1),
		Now:     func() int64 { return r.o.Now },
		Restore: rdb.NewDumpDecoder(nil).Decode, FunctionRestore: rdb.DecodeFunctions,
	})
}

// memorySink makes a data set in memory.
type memorySink struct {
	*keyspace.Replay
	*keyspace.Dataset
	o ReplayOptions
}

func (r *replay) inMemory() replaySink {
	d := r.dataset(shards)
	var mu sync.Mutex // of r.out.Skipped
	fatal := func(err error) bool {
		mu.Lock()
		defer mu.Unlock()
		return r.judge(err, r.out.Skipped)
	}
	return &memorySink{d.NewReplay(keyspace.ReplayOptions{Jobs: r.o.Jobs, Fatal: fatal}), d, r.o}
}

// Load takes an entry of an RDB part, which need not be the first part.
func (s *memorySink) Load(e *entry.Entry) error { return s.Replay.Load(e) }

func (s *memorySink) finish(context.Context) (d Data, failed []keyspace.Failure, n int64, fatal, err error) {
	failed, n, fatal = s.Flush()
	if s.o.DropExpired {
		s.DropExpired(s.o.Now)
	}
	return s.Dataset, failed, n, fatal, nil
}
