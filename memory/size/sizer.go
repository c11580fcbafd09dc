package size

import (
	"fmt"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/lzf"
	"github.com/rdbtool/rdbtool/rdb"
)

// State is what a server has done with its keys.
type State uint8

// The states.
const (
	// Settled keys have been written and read since: what a server says that
	// has been running.
	Settled State = iota
	// Loaded keys have just been read from the file.
	Loaded
)

var stateNames = []string{"settled", "loaded"}

func (s State) String() string { return stateNames[s] }

// ParseState returns the state of that name.
func ParseState(name string) (State, error) {
	if i := slices.Index(stateNames, name); i >= 0 {
		return State(i), nil
	}
	return Settled, fmt.Errorf("unknown state %q: one of %s", name, stateNames)
}

// Limits are a server's settings for what is packed: hash-max-listpack-entries
// and the like.
type Limits struct {
	HashEntries, HashValue int64
	ZSetEntries, ZSetValue int64
	SetEntries, SetValue   int64
	IntsetEntries          int64
	ListBytes              int64 // of a node of a list
}

// DefaultLimits are the same in all servers.
func DefaultLimits() Limits {
	return Limits{HashEntries: 512, HashValue: 64, ZSetEntries: 128, ZSetValue: 64, SetEntries: 128, SetValue: 64, IntsetEntries: 512, ListBytes: 8192}
}

// Options say whose memory is meant.
type Options struct {
	Target rdb.Target
	State  State
	// Own says that the target wrote the file: what it packed stays packed,
	// whatever its limits, and what is not stays as it is until it is loaded.
	Own    bool
	Limits *Limits // nil: DefaultLimits
	// CompressDepth is list-compress-depth: how many nodes at each end of a list
	// are not compressed, 0 for no compression at all.
	CompressDepth int
	// NoSharedInts says that small integers are not shared: where maxmemory is
	// set with a policy of LRU or LFU.
	NoSharedInts bool
	// Allocator tells which encoding is meant where that depends on it: whether
	// Valkey has room for a string in the block of its key.
	Allocator Allocator
	// Sound says that the bytes are known to be what the server wrote, by a
	// checksum: packed blobs need not be walked for their number of elements.
	Sound bool
	// Elements has packed blobs walked, for Size.Largest and to find damage in
	// them.
	Elements bool
}

// Size is what a key takes.
type Size struct {
	Usage    Bytes // what MEMORY USAGE key SAMPLES 0 answers
	Data     Bytes // the key's share of used_memory_dataset
	Exact    bool  // Usage is to the byte; else a mean of what is random, or an estimate
	Elements int64 // as DBSIZE's kin count them: HLEN, LLEN ...
	Largest  int64 // bytes of the longest element, of a packed blob with Options.Elements only
	Content  int64 // bytes of the elements; of a packed blob its own
	Encoding string
	// Packed is what the key would take if its table were packed, 0 where it is
	// too far from that to be considered: an estimate.
	Packed Bytes
}

// Sizer sizes keys. One goroutine may use it at a time.
type Sizer struct {
	l      *layout
	o      Options
	limits Limits
	nodes  nodes
	far    [Allocators]float64
	head   Bytes // what the blocks of an object and of an entry have to spare
	entry  Bytes

	// of the key
	out      Size
	key      int64
	ttl      bool
	pack     packer
	entries  entries
	elem     element
	expiries []int64
	lzf      lzf.Compressor
	lzfOut   []byte
}

// NewSizer returns a Sizer. There is none for targets without a model: see
// Server.
func NewSizer(o Options) (*Sizer, error) {
	l, _, err := layoutOf(o.Target)
	if err != nil {
		return nil, err
	}
	z := &Sizer{l: l, o: o, limits: DefaultLimits()}
	z.head, z.entry = usable(object).minus(all(object)), usable(dictEntry).minus(all(dictEntry))
	if o.Limits != nil {
		z.limits = *o.Limits
	}
	return z, nil
}

// value is what a value takes beside the header of its object.
type value struct {
	usage, data Bytes
}

func (v *value) add(b Bytes) {
	v.usage.Add(&b)
	v.data.Add(&b)
}

// Size sizes a key. It reads e.Value, which must stand at its start, as far as it
// needs. The result is valid until the next call.
func (z *Sizer) Size(e *entry.Entry) (*Size, error) {
	z.out = Size{Exact: true}
	z.key, z.ttl = int64(len(e.Key)), e.ExpireAt != entry.NoExpire
	if e.Type == entry.String {
		return &z.out, z.str(e)
	}
	var v value
	var err error
	switch e.Type {
	case entry.List:
		v, err = z.list(e)
	case entry.Set:
		v, err = z.set(e)
	case entry.ZSet:
		v, err = z.zset(e)
	case entry.Hash:
		v, err = z.hash(e)
	case entry.Stream:
		v, err = z.streamValue(e)
	default:
		if e.Vectors != nil {
			v, err = z.vectorSet(e)
		} else {
			v, err = z.opaque(e)
		}
	}
	if err != nil {
		return nil, err
	}
	k := z.object()
	z.out.Usage, z.out.Data = v.usage, v.data
	z.out.Usage.Add(&k.usage)
	z.out.Data.Add(&k.data)
	return &z.out, nil
}

// object returns what a key takes whose value is no string: its name, its place
// in the tables and the header of the value. What the tables of the database are
// charged with is not in data.
func (z *Sizer) object() value {
	k := z.key
	switch z.l.gen {
	case kvobj:
		b := usable(z.kvBlock())
		return value{b, b.minus(all(object))}
	case valkey81:
		b := z.valkeyObject()
		return value{all(object), b.minus(all(object))}
	case valkey9:
		b := z.valkeyObject()
		return value{b, b.minus(all(object))}
	}
	if z.l.gen == valkey8 {
		text := sdsAlone(k)
		if k < 32 && z.o.State == Settled {
			text = 3 + k + 1 // a name that came from a client keeps the header it came with
		}
		name := usable(17 + text)
		v := value{name.plus(all(object)), name.minus(all(dictEntry)).plus(z.head)}
		if z.ttl {
			v.data.Add(&z.entry)
		}
		return v
	}
	var v value
	v.usage.addSds(k)
	v.data = v.usage
	v.usage.addAll(dictEntry + object)
	v.data.Add(&z.head)
	v.data.Add(&z.entry)
	if z.ttl {
		v.data.Add(&z.entry)
	}
	return v
}

// longKey is how long a key is that has room for an expiry from the start.
const longKey = 128

// kvBlock returns the bytes of the block of a key of Redis 8.2 and later:
//
//	expiry 8, if there is one or the key is long | object 16 | 1 | key as string
func (z *Sizer) kvBlock() int64 {
	n := object + 1 + sdsRequest(z.key)
	if z.ttl || z.key >= longKey {
		n += 8
	}
	return n
}

// valkeyObject returns the block of an object of Valkey 8.1 and later that holds
// its key, but no value.
func (z *Sizer) valkeyObject() Bytes {
	return usable(z.kvBlock())
}

// opaque sizes what only a module or a server newer than the model knows: by
// what it takes in the file.
func (z *Sizer) opaque(e *entry.Entry) (value, error) {
	z.out.Exact, z.out.Encoding = false, "raw"
	if e.Encoding != entry.ModuleEncoding && e.Encoding != entry.EncodingUnknown {
		z.out.Encoding = e.Encoding.String()
	}
	var n int64
	for e.Value.Next() {
		el := e.Value.Elem()
		n += int64(len(el.Data) + len(el.Value) + len(el.Path))
		z.out.Elements++
	}
	if e.Len >= 0 {
		z.out.Elements = e.Len
	}
	z.out.Content = max(n, e.Size)
	v := value{}
	v.add(all(z.out.Content))
	return v, e.Value.Err()
}

// element is an element of a collection, by its lengths: a string that comes in
// parts is too long to be looked at.
type element struct {
	data, value       []byte // nil if they came in parts
	dataLen, valueLen int64
	expireAt          int64
	score             float64
}

// next reads the next element of v.
func (z *Sizer) next(v entry.Value) bool {
	if !v.Next() {
		return false
	}
	el, e := v.Elem(), &z.elem
	e.data, e.value = el.Data, el.Value
	e.dataLen, e.valueLen = int64(len(el.Data)), int64(len(el.Value))
	e.expireAt, e.score = el.ExpireAt, el.Score
	z.out.Elements++
	if el.More {
		e.data, e.value = nil, nil
		isHash := el.Value != nil
		for el.More && v.Next() {
			el = v.Elem()
			if isHash {
				e.valueLen += int64(len(el.Value))
			} else {
				e.dataLen += int64(len(el.Data))
			}
		}
	}
	z.out.Content += e.dataLen + e.valueLen
	z.out.Largest = max(z.out.Largest, e.dataLen, e.valueLen)
	return true
}

// average is how a server multiplies the mean of samples: in floating point, so
// that a byte may get lost.
func average(base, sum Bytes, n int64) Bytes {
	if n == 0 {
		return base
	}
	for a := range base {
		base[a] = int64(float64(base[a]) + float64(float64(sum[a])/float64(n)*float64(n)))
	}
	return base
}

// addMean adds what is a mean, rounded down as a server does with doubles.
func (b *Bytes) addMean(mean *[Allocators]float64) {
	for a := range b {
		b[a] += int64(mean[a])
	}
}
