package keyspace

import "github.com/rdbtool/rdbtool/internal/lua"

// unscriptable are commands that scripts of old servers hold and that are not
// executed, with the reason.
var unscriptable = map[string]string{
	"SELECT": "whether the database stays selected differs between servers",
	"SPOP":   "the member is drawn at random", "SRANDMEMBER": "the member is drawn at random", "RANDOMKEY": "the key is drawn at random",
	"TIME": "the time of the server is not known",
	"KEYS": "the order of keys is not known", "SCAN": "the order of keys is not known", "SSCAN": "the order of members is not known",
	"HSCAN": "the order of fields is not known",
	"EVAL":  "a script within a script",
}

// scriptCommands returns the commands that scripts may use, by name.
func scriptCommands() map[string]*scriptCommand {
	all := map[string]*scriptCommand{}
	add := func(oneKey bool, arity int, do func(c *scriptCall) (lua.Value, error), names ...string) {
		for _, name := range names {
			all[name] = &scriptCommand{arity, do, oneKey}
		}
	}

	// Keys.
	add(false, -2, (*scriptCall).del, "DEL", "UNLINK")
	add(false, -2, (*scriptCall).exists, "EXISTS")
	add(false, 2, (*scriptCall).typeName, "TYPE")
	add(false, 3, (*scriptCall).expire, "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT")
	add(false, 2, (*scriptCall).ttl, "TTL", "PTTL")
	add(false, 2, (*scriptCall).persist, "PERSIST")
	add(false, 3, (*scriptCall).rename, "RENAME", "RENAMENX")
	add(false, 3, (*scriptCall).move, "MOVE")
	add(false, -1, (*scriptCall).status, "FLUSHDB", "FLUSHALL")

	// Strings.
	add(true, 2, (*scriptCall).get, "GET")
	add(false, -2, (*scriptCall).mget, "MGET")
	add(false, -3, (*scriptCall).set, "SET")
	add(false, 3, (*scriptCall).setNX, "SETNX")
	add(false, 4, (*scriptCall).status, "SETEX", "PSETEX")
	add(true, 3, (*scriptCall).getSet, "GETSET")
	add(false, -3, (*scriptCall).status, "MSET")
	add(false, -3, (*scriptCall).msetNX, "MSETNX")
	add(true, 3, (*scriptCall).stringLen, "APPEND")
	add(true, 4, (*scriptCall).setRange, "SETRANGE")
	add(true, 2, (*scriptCall).strLen, "STRLEN")
	add(true, 4, (*scriptCall).getRange, "GETRANGE", "SUBSTR")
	add(true, 2, (*scriptCall).incr, "INCR", "DECR")
	add(true, 3, (*scriptCall).incr, "INCRBY", "DECRBY")
	add(true, 3, (*scriptCall).incrByFloat, "INCRBYFLOAT")
	add(true, 4, (*scriptCall).setBit, "SETBIT")
	add(true, 3, (*scriptCall).getBit, "GETBIT")
	add(false, -4, (*scriptCall).bitOp, "BITOP")

	// HyperLogLogs.
	add(false, -2, (*scriptCall).hyperLogLog, "PFADD", "PFCOUNT", "PFMERGE")

	// Hashes.
	add(true, -4, (*scriptCall).hset, "HSET")
	add(true, -4, (*scriptCall).hmset, "HMSET")
	add(true, 4, (*scriptCall).hsetNX, "HSETNX")
	add(true, 3, (*scriptCall).hget, "HGET")
	add(true, -3, (*scriptCall).hmget, "HMGET")
	add(true, -3, (*scriptCall).fewer, "HDEL")
	add(true, 3, (*scriptCall).hexists, "HEXISTS")
	add(true, 2, (*scriptCall).card, "HLEN")
	add(true, 4, (*scriptCall).hincrBy, "HINCRBY")
	add(true, 4, (*scriptCall).hincrByFloat, "HINCRBYFLOAT")
	add(true, 2, (*scriptCall).hall, "HGETALL", "HKEYS", "HVALS")

	// Lists.
	add(true, -3, (*scriptCall).push, "LPUSH", "RPUSH")
	add(true, 3, (*scriptCall).push, "LPUSHX", "RPUSHX")
	add(true, 2, (*scriptCall).pop, "LPOP", "RPOP")
	add(false, 3, (*scriptCall).rpoplpush, "RPOPLPUSH")
	add(true, 2, (*scriptCall).card, "LLEN")
	add(true, 3, (*scriptCall).lindex, "LINDEX")
	add(true, 4, (*scriptCall).lrange, "LRANGE")
	add(true, 4, (*scriptCall).status, "LSET", "LTRIM")
	add(true, 4, (*scriptCall).fewer, "LREM")
	add(true, 5, (*scriptCall).linsert, "LINSERT")

	// Sets.
	add(true, -3, (*scriptCall).more, "SADD")
	add(true, -3, (*scriptCall).fewer, "SREM")
	add(true, 3, (*scriptCall).sismember, "SISMEMBER")
	add(true, 2, (*scriptCall).card, "SCARD")
	add(true, 2, (*scriptCall).smembers, "SMEMBERS")
	add(false, 4, (*scriptCall).smove, "SMOVE")
	add(false, -3, (*scriptCall).setStore, "SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE")

	// Sorted sets.
	add(true, -4, (*scriptCall).zadd, "ZADD")
	add(true, 4, (*scriptCall).zincrBy, "ZINCRBY")
	add(true, -3, (*scriptCall).fewer, "ZREM")
	add(true, 4, (*scriptCall).fewer, "ZREMRANGEBYRANK", "ZREMRANGEBYSCORE", "ZREMRANGEBYLEX")
	add(true, 3, (*scriptCall).zscore, "ZSCORE")
	add(true, 2, (*scriptCall).card, "ZCARD")
	add(true, 3, (*scriptCall).zrank, "ZRANK", "ZREVRANK")
	add(true, 4, (*scriptCall).zcount, "ZCOUNT")
	add(true, -4, (*scriptCall).zrange, "ZRANGE", "ZREVRANGE")
	add(true, -4, (*scriptCall).zrangeByScore, "ZRANGEBYSCORE", "ZREVRANGEBYSCORE")
	add(false, -4, (*scriptCall).zsetStore, "ZUNIONSTORE", "ZINTERSTORE")

	// What changes no data.
	add(false, 3, func(c *scriptCall) (lua.Value, error) { return c.unknown("who listens is not known"), nil }, "PUBLISH")
	add(false, 2, func(c *scriptCall) (lua.Value, error) { return string(c.args[1]), nil }, "ECHO")
	return all
}
