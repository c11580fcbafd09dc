package verify

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/rdb"
)

// Since tells which servers know a command or an option: the first release of
// each product, such as "7.4", or "" for none.
type Since struct {
	Redis, Valkey string
}

// Has reports whether a server of that release knows it.
func (s Since) Has(t *rdb.Target) bool {
	release, has := s.Redis, t.AtLeast
	if t.Valkey() {
		release, has = s.Valkey, t.AtLeastValkey
	}
	major, minor, ok := strings.Cut(release, ".")
	a, err1 := strconv.Atoi(major)
	b, err2 := strconv.Atoi(minor)
	return ok && err1 == nil && err2 == nil && has(a, b)
}

// CommandSince returns which servers know a command, or an option of one, by its
// name in Report.Uses: "HSETEX", "SET IFEQ". Commands of modules are not known
// here.
func CommandSince(name string) (Since, bool) {
	s, ok := sinceTable()[name]
	return s, ok
}

// commandReleases lists commands and options by the first release of Redis and of
// Valkey that has them. Valkey began as Redis 7.2, and what is older than Redis 2.6
// counts as that. The source is what COMMAND DOCS of Redis 8.6 and Valkey 9.1 says.
const commandReleases = `
2.6 7.2 APPEND AUTH BGREWRITEAOF BGSAVE BITCOUNT BITOP BLPOP BRPOP BRPOPLPUSH CLIENT CONFIG DBSIZE DEBUG DECR DECRBY DEL
	DISCARD DUMP ECHO EVAL EVALSHA EXEC EXISTS EXPIRE EXPIREAT FLUSHALL FLUSHDB GET GETBIT GETRANGE GETSET HDEL HEXISTS HGET
	HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HSET HSETNX HVALS INCR INCRBY INCRBYFLOAT INFO KEYS LASTSAVE LINDEX
	LINSERT LLEN LPOP LPUSH LPUSHX LRANGE LREM LSET LTRIM MGET MIGRATE MONITOR MOVE MSET MSETNX MULTI OBJECT PERSIST PEXPIRE
	PEXPIREAT PING PSETEX PSUBSCRIBE PTTL PUBLISH PUNSUBSCRIBE QUIT RANDOMKEY RENAME RENAMENX RESTORE RPOP RPOPLPUSH RPUSH RPUSHX
	SADD SAVE SCARD SCRIPT SDIFF SDIFFSTORE SELECT SET SETBIT SETEX SETNX SETRANGE SHUTDOWN SINTER SINTERSTORE SISMEMBER SLAVEOF
	SLOWLOG SMEMBERS SMOVE SORT SPOP SRANDMEMBER SREM STRLEN SUBSCRIBE SUBSTR SUNION SUNIONSTORE SYNC TIME TTL TYPE UNSUBSCRIBE
	UNWATCH WATCH ZADD ZCARD ZCOUNT ZINCRBY ZINTERSTORE ZRANGE ZRANGEBYSCORE ZRANK ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE
	ZREVRANGE ZREVRANGEBYSCORE ZREVRANK ZSCORE ZUNIONSTORE
2.8 7.2 BITPOS COMMAND HSCAN LATENCY PFADD PFCOUNT PFDEBUG PFMERGE PFSELFTEST PSYNC PUBSUB ROLE SCAN SSCAN ZLEXCOUNT
	ZRANGEBYLEX ZREMRANGEBYLEX ZREVRANGEBYLEX ZSCAN
3.0 7.2 ASKING CLUSTER READONLY READWRITE REPLCONF RESTORE+REPLACE RESTORE-ASKING WAIT ZADD+CH ZADD+INCR ZADD+NX ZADD+XX
3.2 7.2 BITFIELD GEOADD GEODIST GEOHASH GEOPOS GEORADIUS GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO HSTRLEN TOUCH
4.0 7.2 FLUSHALL+ASYNC FLUSHDB+ASYNC MEMORY MODULE SWAPDB UNLINK
5.0 7.2 BZPOPMAX BZPOPMIN LOLWUT REPLICAOF RESTORE+ABSTTL RESTORE+FREQ RESTORE+IDLETIME XACK XADD XCLAIM XDEL XGROUP XINFO
	XLEN XPENDING XRANGE XREAD XREADGROUP XREVRANGE XSETID XTRIM ZPOPMAX ZPOPMIN
6.0 7.2 ACL BITFIELD_RO HELLO LPOS SET+KEEPTTL
6.2 7.2 BLMOVE COPY FAILOVER FLUSHALL+SYNC FLUSHDB+SYNC GEORADIUS+ANY GEOSEARCH GEOSEARCHSTORE GETDEL GETEX HRANDFIELD LMOVE
	LPOP+COUNT RESET RPOP+COUNT SET+EXAT SET+GET SET+PXAT SMISMEMBER XADD+LIMIT XADD+MINID XADD+NOMKSTREAM XAUTOCLAIM
	XGROUP+CREATECONSUMER XTRIM+LIMIT XTRIM+MINID ZADD+GT ZADD+LT ZDIFF ZDIFFSTORE ZINTER ZMSCORE ZRANDMEMBER ZRANGESTORE ZUNION
7.0 7.2 BLMPOP BZMPOP EVALSHA_RO EVAL_RO EXPIRETIME FCALL FCALL_RO FUNCTION LCS LMPOP PEXPIREAT+GT PEXPIREAT+LT PEXPIREAT+NX
	PEXPIREAT+XX PEXPIRETIME SINTERCARD SORT_RO SPUBLISH SSUBSCRIBE SUNSUBSCRIBE XGROUP+ENTRIESREAD XSETID+ENTRIESADDED
	XSETID+MAXDELETEDID ZINTERCARD ZMPOP
7.2 7.2 WAITAOF
7.4 9.0 HEXPIRE HEXPIREAT HEXPIRETIME HPERSIST HPEXPIRE HPEXPIREAT HPEXPIRETIME HPTTL HTTL
8.0 9.0 HGETEX HSETEX
8.0 9.1 HGETDEL
8.0 - VADD VCARD VDIM VEMB VGETATTR VINFO VLINKS VRANDMEMBER VREM VSETATTR VSIM
8.2 - VISMEMBER XACKDEL XADD+ACKED XADD+DELREF XADD+KEEPREF XDELEX XTRIM+ACKED XTRIM+DELREF XTRIM+KEEPREF
8.4 8.1 SET+IFEQ
8.4 9.1 MSETEX
8.4 - DELEX DIGEST SET+IFDEQ SET+IFDNE SET+IFNE TRIMSLOTS VRANGE
8.6 - HOTKEYS XADD+IDMP XADD+IDMPAUTO XCFGSET XIDMPRECORD
8.8 - XNACK
- 8.1 COMMANDLOG
- 9.0 CLUSTER+FLUSHSLOT DELIFEQ
- 9.1 CLUSTERSCAN
`

var sinceTable = sync.OnceValue(func() map[string]Since {
	table := map[string]Since{}
	var s Since
	for line := range strings.Lines(commandReleases) {
		words := strings.Fields(line)
		if len(words) > 2 && !strings.HasPrefix(line, "\t") {
			s = Since{strings.Trim(words[0], "-"), strings.Trim(words[1], "-")}
			words = words[2:]
		}
		for _, w := range words {
			table[strings.ReplaceAll(w, "+", " ")] = s
		}
	}
	return table
})

// commandOptions are the options that commandReleases lists, by the number of the
// command (see aof.CommandID).
var commandOptions = sync.OnceValue(func() [][]string {
	options := make([][]string, aof.NumCommands)
	for name := range sinceTable() {
		if command, option, ok := strings.Cut(name, " "); ok {
			if id := aof.CommandID(command); id != 0 {
				options[id] = append(options[id], option)
			}
		}
	}
	return options
})

// firstOption is the index of the first argument that may be an option, where that
// is not 3.
var firstOption = map[string]int{"FLUSHALL": 1, "FLUSHDB": 1, "XGROUP": 1, "XADD": 2, "XTRIM": 2, "ZADD": 2, "RESTORE": 4, "GEORADIUS": 6}

// useOptions calls use with each option of a command that not every server has.
func useOptions(args [][]byte, name string, options []string, use func(option string)) {
	from := 3
	if at, ok := firstOption[name]; ok {
		from = at
	}
	if (name == "LPOP" || name == "RPOP") && len(args) > 2 {
		use("COUNT")
	}
	for _, arg := range args[min(from, len(args)):] {
		// In front of an ID or a score stand options and numbers only.
		if name == "XADD" && bytes.ContainsAny(arg, "-*") || name == "ZADD" && len(arg) > 0 && arg[0]|0x20-'a' > 25 {
			return
		}
		for _, option := range options {
			if len(arg) == len(option) && strings.EqualFold(string(arg), option) {
				use(option)
			}
		}
	}
}
