package keyspace

import (
	"maps"
	"slices"
)

// command is what is known of one.
type command struct {
	name  string
	id    uint16
	route route
	arity int // arguments with the name; at least as many if negative
	do    func(x *Executor, args [][]byte) error
	// control says that the command is executed at once in a transaction too.
	control bool
}

// takes reports whether the command may have that many arguments.
func (c *command) takes(argc int) bool {
	return argc == c.arity || c.arity <= 0 && argc >= -c.arity
}

// unsupported is the handler of what needs a server.
func unsupported(reason string) func(x *Executor, args [][]byte) error {
	return func(x *Executor, _ [][]byte) error {
		return &UnsupportedError{Command: string(x.name), Reason: reason}
	}
}

// newCommands returns all commands that change data, by name, and those beside
// them that logs hold.
func newCommands() map[string]*command {
	all := map[string]*command{}
	add := func(arity int, do func(x *Executor, args [][]byte) error, names ...string) {
		for _, name := range names {
			all[name] = &command{arity: arity, do: do}
		}
	}

	// Keys.
	add(-2, cmdDel, "DEL", "UNLINK")
	add(3, cmdRename, "RENAME", "RENAMENX")
	add(-3, cmdCopy, "COPY")
	add(3, cmdMove, "MOVE")
	add(3, cmdSwapDB, "SWAPDB")
	add(-1, cmdFlush, "FLUSHDB", "FLUSHALL")
	add(2, cmdPersist, "PERSIST")
	add(-3, cmdExpire, "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT")
	add(-4, cmdRestore, "RESTORE", "RESTORE-ASKING")
	add(-2, cmdSort, "SORT")
	add(-2, cmdFunction, "FUNCTION")
	add(-5, cmdTrimSlots, "TRIMSLOTS")
	add(-2, cmdCluster, "CLUSTER")

	// Strings.
	add(-3, cmdSet, "SET")
	add(3, cmdSetNX, "SETNX")
	add(4, cmdSetEX, "SETEX", "PSETEX")
	add(3, cmdGetSet, "GETSET")
	add(2, cmdGetDel, "GETDEL")
	add(-2, cmdGetEX, "GETEX")
	add(-3, cmdMSet, "MSET")
	add(-3, cmdMSetNX, "MSETNX")
	add(-4, cmdMSetEX, "MSETEX")
	add(3, cmdAppend, "APPEND")
	add(4, cmdSetRange, "SETRANGE")
	add(2, cmdIncr, "INCR", "DECR")
	add(3, cmdIncr, "INCRBY", "DECRBY")
	add(3, cmdIncrByFloat, "INCRBYFLOAT")
	add(3, cmdDelIfEq, "DELIFEQ")
	add(-2, cmdDelEX, "DELEX")

	// Bits.
	add(4, cmdSetBit, "SETBIT")
	add(-2, cmdBitField, "BITFIELD")
	add(-4, cmdBitOp, "BITOP")

	// HyperLogLogs.
	add(-2, cmdPFAdd, "PFADD")
	add(-2, cmdPFMerge, "PFMERGE")
	add(-2, cmdPFCount, "PFCOUNT")
	add(3, cmdPFDebug, "PFDEBUG")

	// Places.
	add(-5, cmdGeoAdd, "GEOADD")
	add(-6, cmdGeoRadius, "GEORADIUS")
	add(-5, cmdGeoRadius, "GEORADIUSBYMEMBER")
	add(-8, cmdGeoSearchStore, "GEOSEARCHSTORE")

	// Lists.
	add(-3, cmdPush, "LPUSH", "RPUSH", "LPUSHX", "RPUSHX")
	add(-2, cmdPop, "LPOP", "RPOP")
	add(-3, cmdBPop, "BLPOP", "BRPOP")
	add(5, cmdLMove, "LMOVE")
	add(6, cmdLMove, "BLMOVE")
	add(3, cmdRPopLPush, "RPOPLPUSH")
	add(4, cmdRPopLPush, "BRPOPLPUSH")
	add(-4, cmdLMPop, "LMPOP")
	add(-5, cmdLMPop, "BLMPOP")
	add(4, cmdLSet, "LSET")
	add(5, cmdLInsert, "LINSERT")
	add(4, cmdLRem, "LREM")
	add(4, cmdLTrim, "LTRIM")

	// Sets.
	add(-3, cmdSAdd, "SADD")
	add(-3, cmdSRem, "SREM")
	add(-2, cmdSPop, "SPOP")
	add(4, cmdSMove, "SMOVE")
	add(-3, cmdSetOp, "SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE")

	// Hashes.
	add(-4, cmdHSet, "HSET", "HMSET")
	add(4, cmdHSetNX, "HSETNX")
	add(-3, cmdHDel, "HDEL")
	add(4, cmdHIncrBy, "HINCRBY")
	add(4, cmdHIncrByFloat, "HINCRBYFLOAT")
	add(-6, cmdHExpire, "HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT")
	add(-5, cmdHPersist, "HPERSIST")
	add(-6, cmdHSetEX, "HSETEX")
	add(-5, cmdHGetEX, "HGETEX")
	add(-5, cmdHGetDel, "HGETDEL")

	// Sorted sets.
	add(-4, cmdZAdd, "ZADD")
	add(4, cmdZIncrBy, "ZINCRBY")
	add(-3, cmdZRem, "ZREM")
	add(-2, cmdZPop, "ZPOPMIN", "ZPOPMAX")
	add(-3, cmdBZPop, "BZPOPMIN", "BZPOPMAX")
	add(-4, cmdZMPop, "ZMPOP")
	add(-5, cmdZMPop, "BZMPOP")
	add(4, cmdZRemRangeByRank, "ZREMRANGEBYRANK")
	add(4, cmdZRemRangeByScore, "ZREMRANGEBYSCORE")
	add(4, cmdZRemRangeByLex, "ZREMRANGEBYLEX")
	add(-5, cmdZRangeStore, "ZRANGESTORE")
	add(-4, cmdZSetOp, "ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE")

	// Streams.
	add(-5, cmdXAdd, "XADD")
	add(-3, cmdXDel, "XDEL")
	add(-5, cmdXDelEx, "XDELEX")
	add(-6, cmdXAckDel, "XACKDEL")
	add(-4, cmdXTrim, "XTRIM")
	add(-3, cmdXSetID, "XSETID")
	add(-2, cmdXGroup, "XGROUP")
	add(-4, cmdXAck, "XACK")
	add(-6, cmdXClaim, "XCLAIM")
	add(-6, cmdXAutoClaim, "XAUTOCLAIM")
	add(-7, cmdXReadGroup, "XREADGROUP")
	add(-6, cmdXNack, "XNACK")
	add(-2, cmdXCfgSet, "XCFGSET")
	add(5, cmdXIDMPRecord, "XIDMPRECORD")

	// Vector sets.
	add(-5, cmdVAdd, "VADD")
	add(3, cmdVRem, "VREM")
	add(4, cmdVSetAttr, "VSETATTR")

	// What changes no data.
	add(-1, cmdNothing, "PING", "PUBLISH", "SPUBLISH", "REPLCONF")

	// Scripts and others.
	add(-1, cmdScript, "SCRIPT")
	add(-3, cmdEval, "EVAL")
	add(-3, cmdEvalSHA, "EVALSHA")
	add(-1, unsupported("functions are not run"), "FCALL")
	add(-6, unsupported("keys went to another server"), "MIGRATE")

	for name, do := range map[string]func(x *Executor, args [][]byte) error{"MULTI": cmdMulti, "EXEC": cmdExec, "DISCARD": cmdDiscard} {
		all[name] = &command{arity: 1, do: do, control: true}
	}
	add(2, cmdSelect, "SELECT")
	for name, r := range routes() {
		all[name].route = r
	}
	for i, name := range slices.Sorted(maps.Keys(all)) {
		all[name].name, all[name].id = name, uint16(i)
	}
	return all
}
