// Package size predicts what a key takes in a server's memory: what MEMORY USAGE
// would answer, and its share of used_memory_dataset.
package size

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// Allocator is what a server gets its memory from.
type Allocator uint8

// The allocators.
const (
	Bundled     Allocator = iota // the jemalloc in the server's source tree: vendors' packages, official images
	Jemalloc                     // a distribution's jemalloc up to 5.3.0
	Jemalloc531                  // a distribution's jemalloc 5.3.1
	Libc                         // glibc
	allocators
)

// Bytes is a figure for each allocator.
type Bytes [allocators]int64

// State is what a server has done with its keys.
type State uint8

// The states.
const (
	Settled State = iota // keys have been written, and read since
	Loaded               // keys have just been loaded from the file
)

// Options say whose memory is meant.
type Options struct {
	Target rdb.Target
	State  State
}

// Size is what a key takes.
type Size struct {
	Usage    Bytes // what MEMORY USAGE key SAMPLES 0 answers
	Data     Bytes // the key's share of used_memory_dataset
	Exact    bool  // to the byte; else the mean of what the server draws at random, or an estimate
	Elements int64
	Largest  int64  // bytes of the longest element
	Content  int64  // bytes of the elements, of a packed blob those of the blob
	Encoding string // OBJECT ENCODING on that server
}

// Sizer sizes keys. One goroutine may use it at a time.
type Sizer struct{}

// NewSizer returns a Sizer.
func NewSizer(o Options) (*Sizer, error) { return &Sizer{}, nil }

// Size sizes a key. It reads e.Value from its start. The result is valid until
// the next call.
func (z *Sizer) Size(e *entry.Entry) (*Size, error) { return &Size{}, nil }
