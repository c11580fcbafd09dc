package keyspace

// route tells which keys a command reads and writes, as far as they decide which
// shards it needs.
type route uint8

const (
	routeFirst  route = iota // one key, the first argument
	routeSecond              // one key, the second argument
	routeKeys                // keys that may be worked on one by one
	routePairs               // keys, each with a value, likewise
	routeTwo                 // the first and the second argument
	routeFrom1               // all arguments
	routeFrom2               // all arguments from the second one on
	routeCount               // the first, and as many as the second says from the third on
	routeAlone               // the first argument; by one executor at a time
	routeNone                // no keys, and nothing to do
	routeAll                 // any keys, or none: the whole data set
)

// routes are those of the commands that do not work on one key that is their
// first argument.
func routes() map[string]route {
	all := map[string]route{}
	add := func(r route, names ...string) {
		for _, name := range names {
			all[name] = r
		}
	}
	add(routeSecond, "XGROUP", "PFDEBUG")
	add(routeKeys, "DEL", "UNLINK")
	add(routePairs, "MSET")
	add(routeTwo, "RENAME", "RENAMENX", "COPY", "SMOVE", "LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH", "ZRANGESTORE", "GEOSEARCHSTORE")
	add(routeFrom1, "PFMERGE", "PFCOUNT", "SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE")
	add(routeFrom2, "BITOP")
	add(routeCount, "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE")
	add(routeAlone, "RESTORE", "RESTORE-ASKING")
	add(routeNone, "PING", "PUBLISH", "SPUBLISH", "REPLCONF")
	add(routeAll, "FLUSHDB", "FLUSHALL", "SWAPDB", "SORT", "FUNCTION", "TRIMSLOTS", "CLUSTER", "MSETNX", "MSETEX", "GEORADIUS", "GEORADIUSBYMEMBER",
		"BLPOP", "BRPOP", "LMPOP", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "ZMPOP", "BZMPOP", "XREADGROUP",
		"SCRIPT", "EVAL", "EVALSHA", "FCALL", "MIGRATE", "MULTI", "EXEC", "DISCARD", "SELECT")
	return all
}

// shardSet is a set of shards by number.
type shardSet uint64

// maxShards is what a shardSet holds.
const maxShards = 64

func (s shardSet) has(i int) bool { return s>>i&1 != 0 }

// shardsOf returns the shards that a command needs. The arguments may be wrong:
// the command says so when it is executed.
func (d *Dataset) shardsOf(c *command, args [][]byte) (set shardSet) {
	add := func(keys ...[]byte) {
		for _, key := range keys {
			set |= 1 << d.shardOf(key)
		}
	}
	switch {
	case c.route == routeFirst && len(args) > 1, c.route == routeAlone && len(args) > 1:
		add(args[1])
	case c.route == routeSecond && len(args) > 2:
		add(args[2])
	case c.route == routeTwo && len(args) > 2:
		add(args[1], args[2])
	case c.route == routeFrom1:
		add(args[1:]...)
	case c.route == routeFrom2 && len(args) > 2:
		add(args[2:]...)
	case c.route == routeCount && len(args) > 3:
		n, ok := parseInt(args[2])
		if !ok || n < 1 || n > int64(len(args)-3) {
			return d.allShards()
		}
		add(args[1])
		add(args[3 : 3+n]...)
	default:
		return d.allShards()
	}
	return set
}

func (d *Dataset) allShards() shardSet { return ^shardSet(0) >> (maxShards - len(d.shards)) }
