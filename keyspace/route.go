package keyspace

import "bytes"

// route tells which keys a command reads and writes, as far as they decide which
// shards it needs.
type route uint8

const (
	routeFirst   route = iota // one key, the first argument
	routeSecond               // one key, the second argument
	routeKeys                 // keys that may be worked on one by one
	routePairs                // keys, each with a value, likewise
	routeTwo                  // the first and the second argument
	routeFrom1                // all arguments
	routeFrom2                // all arguments from the second one on
	routeCount                // the first, and as many as the second says from the third on
	routeAlone                // the first argument; by one executor at a time
	routeNone                 // no keys, and nothing to do
	routeSpecial              // several keys, by a syntax of its own
	routeEach                 // all keys of databases, each by itself
	routeGlobal               // no keys, but what is there besides
	routeAll                  // any keys, or none: the whole data set
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
	add(routeNone, "PING", "PUBLISH", "SPUBLISH", "REPLCONF", "MULTI", "EXEC", "DISCARD", "SELECT")
	add(routeSpecial, "SCRIPT", "SORT", "MSETNX", "MSETEX", "GEORADIUS", "GEORADIUSBYMEMBER",
		"BLPOP", "BRPOP", "LMPOP", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "ZMPOP", "BZMPOP", "XREADGROUP")
	add(routeEach, "FLUSHDB", "FLUSHALL", "SWAPDB", "TRIMSLOTS", "CLUSTER")
	add(routeGlobal, "FUNCTION")
	add(routeAll, "EVAL", "EVALSHA", "FCALL", "MIGRATE")
	return all
}

// shardSet is a set of shards by number.
type shardSet uint64

// maxShards is what a shardSet holds.
const maxShards = 64

func (s shardSet) has(i int) bool { return s>>i&1 != 0 }

// keysOf appends the keys that a command reads and writes to dst. It reports false
// for a command that may concern any keys. The arguments may be wrong, which the
// command says when it is executed: it has changed nothing then.
func (c *command) keysOf(dst, args [][]byte) (keys [][]byte, ok bool) {
	n := len(args)
	switch c.route {
	case routeFirst, routeAlone, routeKeys, routePairs:
		dst = append(dst, args[min(1, n-1)])
	case routeSecond:
		dst = append(dst, args[min(2, n-1)])
	case routeTwo:
		dst = append(dst, args[min(1, n-1)], args[min(2, n-1)])
	case routeFrom1:
		dst = append(dst, args[1:]...)
	case routeFrom2:
		dst = append(dst, args[min(2, n-1):]...)
	case routeCount:
		dst = append(appendCounted(dst, args, 2, 1), args[min(1, n-1)])
	case routeSpecial:
		return c.special(dst, args)
	case routeAll:
		return dst, false
	}
	return dst, true
}

// special is keysOf for the commands with a syntax of their own.
func (c *command) special(dst, args [][]byte) (keys [][]byte, ok bool) {
	n := len(args)
	switch c.name {
	case "MSETNX":
		for i := 1; i < n; i += 2 {
			dst = append(dst, args[i])
		}
	case "MSETEX":
		return appendCounted(dst, args, 1, 2), true
	case "BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX":
		dst = append(dst, args[1:n-1]...)
	case "LMPOP", "ZMPOP":
		return appendCounted(dst, args, 1, 1), true
	case "BLMPOP", "BZMPOP":
		return appendCounted(dst, args, 2, 1), true
	case "XREADGROUP": // words may stand in any order, and a group may be called STREAMS
		if o, err := parseRead(args); err == nil {
			dst = append(dst, o.keys...)
		}
	case "GEORADIUS", "GEORADIUSBYMEMBER": // key, the center, radius, unit, options
		dst = append(dst, args[1])
		for i := min(5, n); i < n-1; i++ {
			if equalFold(args[i], "STORE") || equalFold(args[i], "STOREDIST") {
				dst = append(dst, args[i+1])
			}
		}
	case "SORT":
		dst = append(dst, args[1])
		for i := 2; i < n-1; i++ {
			switch {
			case equalFold(args[i], "STORE"):
				dst = append(dst, args[i+1])
			case equalFold(args[i], "BY"), equalFold(args[i], "GET"):
				if bytes.IndexByte(args[i+1], '*') >= 0 {
					return dst, false // keys named by elements
				}
			}
		}
	}
	return dst, true
}

// appendCounted appends as many keys as the argument at says, which follow it
// with that step.
func appendCounted(dst, args [][]byte, at, step int) [][]byte {
	if at >= len(args) {
		return dst
	}
	n, ok := parseInt(args[at])
	for i := at + 1; ok && n > 0 && i < len(args); i += step {
		dst = append(dst, args[i])
		n--
	}
	return dst
}

// shardsOf returns the shards that a command needs.
func (d *Dataset) shardsOf(c *command, args [][]byte) (set shardSet) {
	var few [8][]byte
	keys, ok := c.keysOf(few[:0], args)
	if !ok || len(keys) == 0 {
		return d.allShards()
	}
	for _, key := range keys {
		set |= 1 << d.shardOf(key)
	}
	return set
}

func (d *Dataset) allShards() shardSet { return ^shardSet(0) >> (maxShards - len(d.shards)) }
