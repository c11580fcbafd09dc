package size

import "github.com/rdbtool/rdbtool/rdb"

// Tables is what a server takes to find the keys of one database.
type Tables struct {
	Main   int64 // MEMORY STATS: overhead.hashtable.main
	Expiry int64 // MEMORY STATS: overhead.hashtable.expires
	// Uncounted is by how much the server errs there. It is part of
	// used_memory_dataset, which is what is left of used_memory.
	Uncounted int64
}

// Database returns the tables of a database with so many keys, some of which
// expire, of a server that is not in cluster mode.
func Database(t rdb.Target, keys, expires int64, state State) (Tables, error) {
	l, _, err := layoutOf(t)
	if err != nil || keys == 0 {
		return Tables{}, err
	}
	if l.buckets() {
		return Tables{Main: keys*object + l.bucketsOf(keys, state), Expiry: l.bucketsOf(expires, state)}, nil
	}
	main, expiry := int64(0), int64(0) // of the stores that hold the tables
	entry := int64(dictEntry)
	switch {
	case l.gen == kvobj: // an entry is a pair of pointers, and most keys need none
		main, expiry, entry = 280+2432, 280, 16
	case l.number >= 800: // with a histogram of sizes
		main, expiry = 232+2464, 232
	case l.number >= 704, l.gen == valkey8:
		main, expiry = 216+64, 216
	}
	r := Tables{Main: main + keys*(entry+object) + 8*slotsFor(keys), Expiry: expiry}
	if expires > 0 {
		r.Expiry += expires*entry + 8*slotsFor(expires)
		if l.gen != kvobj && expiry > 0 {
			r.Expiry += 64
		}
	}
	if l.gen == kvobj {
		r.Uncounted = -16 * int64(filledSlots(slotsFor(keys), keys)+filledSlots(slotsFor(expires), expires))
	}
	return r, nil
}

// bucketsOf returns a table of buckets with its store.
func (l *layout) bucketsOf(n int64, state State) int64 {
	store, header := int64(88), int64(96)
	if l.gen == valkey9 {
		store, header = 96, 112
	}
	if n == 0 {
		if l.gen == valkey9 {
			return header
		}
		return 0
	}
	buckets := bucketsFor(n)
	if state == Settled {
		buckets = bucketsGrown(n)
	}
	return header + store + int64(bucketBytes*(float64(buckets)+childBuckets(n, buckets)))
}

// Startup returns what a server without keys uses, about.
func Startup(t rdb.Target) int64 {
	l, _, err := layoutOf(t)
	if err != nil {
		return 0
	}
	return l.startup
}
