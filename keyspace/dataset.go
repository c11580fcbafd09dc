package keyspace

import (
	"encoding/binary"
	"math/bits"
	"time"

	"github.com/rdbtool/rdbtool/entry"
)

// Options of a Dataset. The zero value is fine.
type Options struct {
	// Shards is into how many parts keys are divided, 1 if 0 and 64 at most: so
	// many goroutines of a Replay may work at the same time. What an order of
	// keys depends on is this number, and not that of the goroutines.
	Shards int
	// Now tells the time in Unix milliseconds, for the relative times that
	// clients, and logs of old servers, give. By default it is the time of the
	// machine.
	Now func() int64
	// SignedZero says that small sorted sets keep the sign of a score of -0, as
	// in servers before Redis 7.0, and that SORT takes a list forward where it is
	// not to sort it.
	SignedZero bool
	// DenseMerge says that PFMERGE makes HyperLogLogs dense whatever it merges, as
	// in servers before Redis 4.0.
	DenseMerge bool
	// EarlyLarge says that a ZADD of more pairs than a small sorted set holds makes
	// it a large one before it adds them, as since Redis 7.2, and EarlyLong that one
	// of a long member does, as since Valkey 8.1. A zero keeps its sign then.
	EarlyLarge, EarlyLong bool
	// Restore decodes what RESTORE carries, and FunctionRestore what FUNCTION
	// RESTORE does: the code of libraries. The entry and its value are read
	// before the next call. Without them the commands are not supported.
	Restore         func(payload []byte) (*entry.Entry, error)
	FunctionRestore func(payload []byte) ([][]byte, error)
}

// Dataset is what a server holds: databases by number, and functions.
type Dataset struct {
	o         Options
	shards    []shard
	libraries map[string][]byte // code of functions, by name
	commands  map[string]*command
	byID      []*command

	scripts    scriptCache
	scriptable map[string]*scriptCommand
}

// shard is a part of the keys of all databases.
type shard struct {
	dbs        map[int]*dict
	signedZero bool
	done       int // commands since it was looked at for free space
}

// New returns an empty data set.
func New(o Options) *Dataset {
	if o.Now == nil {
		o.Now = func() int64 { return time.Now().UnixMilli() }
	}
	d := &Dataset{o: o, shards: make([]shard, min(max(o.Shards, 1), maxShards)), libraries: map[string][]byte{}, commands: newCommands()}
	d.scriptable = scriptCommands()
	d.byID = make([]*command, len(d.commands))
	for _, c := range d.commands {
		d.byID[c.id] = c
	}
	for i := range d.shards {
		d.shards[i] = shard{dbs: map[int]*dict{}, signedZero: o.SignedZero}
	}
	return d
}

// maxDB is the highest number of a database.
const maxDB = 1<<31 - 1

// shardOf returns the shard of a key, the same one in each run.
func (d *Dataset) shardOf(key []byte) int {
	if len(d.shards) == 1 {
		return 0
	}
	return scale(mix(key), len(d.shards))
}

// mix returns a number that spreads keys, the same one in each run.
func mix(key []byte) uint64 {
	const k = 0x9e3779b97f4a7c15
	h := uint64(len(key)) * k
	for ; len(key) >= 8; key = key[8:] {
		h = bits.RotateLeft64((h^binary.LittleEndian.Uint64(key))*k, 29)
	}
	for _, c := range key {
		h = (h ^ uint64(c)) * k
	}
	return (h ^ h>>32) * k
}

// scale makes a number from 0 to n-1 of one that spreads keys.
func scale(h uint64, n int) int {
	hi, _ := bits.Mul64(h, uint64(n))
	return int(hi)
}

// db returns the keys of a shard in a database.
func (s *shard) db(n int) *dict {
	d := s.dbs[n]
	if d == nil {
		d = &dict{signedZero: s.signedZero}
		s.dbs[n] = d
	}
	return d
}

// Len returns the number of keys.
func (d *Dataset) Len() int {
	n := 0
	for i := range d.shards {
		for _, db := range d.shards[i].dbs {
			n += db.n
		}
	}
	return n
}

// A shard is looked at for free space each time it has executed tidyEvery
// commands that are its alone: a number that does not depend on how batches are
// cut.
const tidyEvery = 1 << 14

func (s *shard) tidy() {
	if s.done++; s.done < tidyEvery {
		return
	}
	s.done = 0
	for _, d := range s.dbs {
		if d.freed > minFreed && d.freed > (d.blocks+d.freed)*3/10 {
			d.compact()
		}
	}
}
