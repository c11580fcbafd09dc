package memory

import (
	"time"

	"github.com/rdbtool/rdbtool/entry/filter"
	"github.com/rdbtool/rdbtool/memory/pattern"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

// Options say what is reported. The zero value reports on all keys, by pattern
// and by type, as they lie in the server that wrote the file.
type Options struct {
	Name   string          // of the file
	Target rdb.Target      // whose memory is meant, the zero Target: the writer's
	State  size.State      // what the server has done with its keys
	Alloc  *size.Allocator // nil: the one whose total comes nearest to the file's used-mem
	Filter *filter.Filter  // keys that are reported; the account is of all keys
	Now    time.Time       // what expiries are held against, the zero Time: the clock

	By          []Grouping // tables, none: DefaultGroupings
	MaxPatterns int        // groups of a table by name, 0: DefaultMaxPatterns
	Top         int        // largest keys, 0: DefaultTop
	Sample      float64    // share of the keys that are looked at, 0: all
	Jobs        int        // goroutines

	CompressDepth int  // list-compress-depth of the server
	NoSharedInts  bool // maxmemory is set with a policy of LRU or LFU

	// HasChecksum says that the file ends with a checksum: then damage in a
	// string that the file has compressed does not go unseen, and it need not be
	// unpacked for its length.
	HasChecksum bool

	// PerKey is called with each key, in the order of the file. Sizes are by
	// Alloc, or by size.Bundled without it. Packed blobs are walked then.
	PerKey func(k *PerKey) error
}

// The defaults of Options.
const (
	DefaultMaxPatterns = 1000
	DefaultTop         = 20
)

// Grouping is a way to group keys.
type Grouping struct {
	// By is "pattern", "prefix", "custom" or one of those that Groupings names.
	By        string
	Depth     int             // of "prefix": parts of the name
	Separator string          // of "prefix"
	Custom    *pattern.Custom // of "custom"
}

// DefaultGroupings are by pattern and by type.
func DefaultGroupings() []Grouping { return []Grouping{{By: "pattern"}, {By: "type"}} }

// Groupings returns what keys can be grouped by, beside their names.
func Groupings() []string {
	return []string{"type", "db", "encoding", "ttl", "size", "slot", "idle", "freq"}
}

// PerKey is a key for the output by key.
type PerKey struct {
	DB       int
	Type     string // as TYPE answers
	Key      []byte // borrowed
	Bytes    int64  // MEMORY USAGE
	Exact    bool   // to the byte
	Encoding string // OBJECT ENCODING on the server
	Elements int64
	Largest  int64 // bytes of the longest element
	ExpireAt int64 // Unix milliseconds, < 0 if it never expires
}

// fill sets what is left out.
func (o *Options) fill() {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Filter == nil {
		o.Filter = &filter.Filter{}
	}
	if len(o.By) == 0 {
		o.By = DefaultGroupings()
	}
	if o.MaxPatterns <= 0 {
		o.MaxPatterns = DefaultMaxPatterns
	}
	if o.Top <= 0 {
		o.Top = DefaultTop
	}
	if o.Sample <= 0 || o.Sample > 1 {
		o.Sample = 1
	}
}
