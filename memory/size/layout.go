package size

import (
	"fmt"

	"github.com/rdbtool/rdbtool/rdb"
)

// generation is a way in which servers lay their data out. Releases of the same
// generation differ in sizes of structs only.
type generation uint8

const (
	classic  generation = iota // Redis up to 8.0: entry, key and object apart
	valkey8                    // Valkey 8.0: the key in the entry
	valkey81                   // Valkey 8.1: bucket tables; the key in the object
	valkey9                    // Valkey 9: elements in the nodes of skip lists too
	kvobj                      // Redis 8.2 and later: key and object in one block
)

// layout is what the sizes of a release are made of: of structs in bytes, as the
// compiler lays them out.
type layout struct {
	name string
	gen  generation
	// number is the release of Redis whose types the server has: 602 to 806.
	number int

	dict      int64 // the header of a table
	quicklist int64
	qnode     int64
	stream    int64
	group     int64
	consumer  int64
	packedTTL int64 // the header of a packed hash with field expiries

	startup int64 // used_memory of a server without keys, about
}

const (
	object    = 16 // the header of a value
	dictEntry = 24
	nack      = 24 // a pending entry
	nackKV    = 64 // of Redis 8.4 and later, which can be found by time and by ID
	listHead  = 48
	listNode  = 24
	raxHeader = 24
	zset      = 16
	maxHeight = 32 // of a skip list
)

var layouts = []layout{
	{name: "redis-6.2", gen: classic, number: 602, dict: 96, quicklist: 40, qnode: 32, stream: 40, group: 32, consumer: 24, startup: 810 << 10},
	{name: "redis-7.0", gen: classic, number: 700, dict: 56, quicklist: 40, qnode: 40, stream: 80, group: 40, consumer: 24, startup: 870 << 10},
	{name: "redis-7.2", gen: classic, number: 702, dict: 56, quicklist: 40, qnode: 40, stream: 80, group: 40, consumer: 32, startup: 890 << 10},
	{name: "redis-7.4", gen: classic, number: 704, dict: 56, quicklist: 40, qnode: 40, stream: 80, group: 40, consumer: 32, packedTTL: 32, startup: 920 << 10},
	{name: "redis-8.0", gen: classic, number: 800, dict: 56, quicklist: 40, qnode: 40, stream: 80, group: 40, consumer: 32, packedTTL: 32, startup: 662 << 10},
	{name: "redis-8.6", gen: kvobj, number: 806, dict: 56, quicklist: 48, qnode: 40, stream: 160, group: 56, consumer: 32, packedTTL: 24, startup: 700 << 10},
	{name: "valkey-8.0", gen: valkey8, number: 702, dict: 56, quicklist: 40, qnode: 40, stream: 80, group: 40, consumer: 32, startup: 890 << 10},
	{name: "valkey-8.1", gen: valkey81, number: 702, dict: 72, quicklist: 40, qnode: 40, stream: 80, group: 40, consumer: 32, startup: 871 << 10},
	{name: "valkey-9.1", gen: valkey9, number: 702, dict: 80, quicklist: 40, qnode: 40, stream: 80, group: 40, consumer: 32, startup: 900 << 10},
}

// buckets reports whether tables are of buckets.
func (l *layout) buckets() bool { return l.gen == valkey81 || l.gen == valkey9 }

// plainNodes reports whether list items over the limit of a node stand by
// themselves.
func (l *layout) plainNodes() bool { return l.number >= 704 || l.gen != classic }

// Servers returns the names of the servers that there is a model for.
func Servers() []string {
	names := make([]string, len(layouts))
	for i := range layouts {
		names[i] = layouts[i].name
	}
	return names
}

// nearest are the releases without a model of their own, by the one that is
// nearest to them.
var nearest = map[string]string{
	"redis-2.6": "redis-6.2", "redis-2.8": "redis-6.2", "redis-3.0": "redis-6.2", "redis-3.2": "redis-6.2", "redis-4.0": "redis-6.2",
	"redis-5.0": "redis-6.2", "redis-6.0": "redis-6.2", "redis-8.2": "redis-8.6", "redis-8.4": "redis-8.6",
	"valkey-7.2": "redis-7.2", "valkey-9.0": "valkey-9.1",
}

// Server returns the name of the model for a target. own is false where it is
// that of another release, the nearest.
func Server(t rdb.Target) (name string, own bool, err error) {
	l, own, err := layoutOf(t)
	if err != nil {
		return "", false, err
	}
	return l.name, own, nil
}

func layoutOf(t rdb.Target) (l *layout, own bool, err error) {
	name, own := t.Name, true
	if other, ok := nearest[name]; ok {
		name, own = other, false
	}
	for i := range layouts {
		if layouts[i].name == name {
			return &layouts[i], own, nil
		}
	}
	return nil, false, fmt.Errorf("there is no model of the memory of %s: one of %s", t.Name, Servers())
}
