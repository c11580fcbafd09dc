package aof

import (
	"fmt"
	"strconv"
	"strings"
)

// arity is how many arguments a command takes, its name among them: as many, or
// if negative at least as many.
type arity int8

func (a arity) allows(argc int) bool {
	if a < 0 {
		return argc >= -int(a)
	}
	return argc == int(a)
}

func (a arity) String() string {
	if a < 0 {
		return fmt.Sprintf("at least %d are due", -int(a)-1)
	}
	return fmt.Sprintf("%d are due", int(a)-1)
}

// arities are those of the commands that append-only files hold, as servers
// from Redis 7.0 to 8.6 and Valkey 9.1 say; where these differ, what any of them
// takes.
const arities = `APPEND 3 BITFIELD -2 BITOP -4 BLMOVE 6 BLMPOP -5 BLPOP -3 BRPOP -3 BRPOPLPUSH 4 BZMPOP -5 BZPOPMAX -3 BZPOPMIN -3
COPY -3 DECR 2 DECRBY 3 DEL -2 DELEX -2 DELIFEQ 3 DISCARD 1 EVAL -3 EVALSHA -3 EXEC 1 EXPIRE -3 EXPIREAT -3 FCALL -3 FLUSHALL -1
FLUSHDB -1 FUNCTION -2 GEOADD -5 GEORADIUS -6 GEORADIUSBYMEMBER -5 GEOSEARCHSTORE -8 GETDEL 2 GETEX -2 GETSET 3 HDEL -3 HEXPIRE -6
HEXPIREAT -6 HGETDEL -5 HGETEX -5 HINCRBY 4 HINCRBYFLOAT 4 HMSET -4 HPERSIST -5 HPEXPIRE -6 HPEXPIREAT -6 HSET -4 HSETEX -6
HSETNX 4 INCR 2 INCRBY 3 INCRBYFLOAT 3 LINSERT 5 LMOVE 5 LMPOP -4 LPOP -2 LPUSH -3 LPUSHX -3 LREM 4 LSET 4 LTRIM 4 MIGRATE -6
MOVE 3 MSET -3 MSETEX -4 MSETNX -3 MULTI 1 PERSIST 2 PEXPIRE -3 PEXPIREAT -3 PFADD -2 PFCOUNT -2 PFDEBUG 3 PFMERGE -2 PING -1
PSETEX 4 PUBLISH 3 RENAME 3 RENAMENX 3 RESTORE -4 RESTORE-ASKING -4 RPOP -2 RPOPLPUSH 3 RPUSH -3 RPUSHX -3 SADD -3 SCRIPT -2
SDIFFSTORE -3 SELECT 2 SET -3 SETBIT 4 SETEX 4 SETNX 3 SETRANGE 4 SINTERSTORE -3 SMOVE 4 SORT -2 SPOP -2 SPUBLISH 3 SREM -3
SUNIONSTORE -3 SWAPDB 3 TRIMSLOTS -5 UNLINK -2 VADD -5 VREM 3 VSETATTR 4 XACK -4 XACKDEL -6 XADD -5 XAUTOCLAIM -6 XCFGSET -2
XCLAIM -6 XDEL -3 XDELEX -5 XGROUP -2 XIDMPRECORD 5 XREADGROUP -7 XSETID -3 XTRIM -4 ZADD -4 ZDIFFSTORE -4 ZINCRBY 4
ZINTERSTORE -4 ZMPOP -4 ZPOPMAX -2 ZPOPMIN -2 ZRANGESTORE -5 ZREM -3 ZREMRANGEBYLEX 4 ZREMRANGEBYRANK 4 ZREMRANGEBYSCORE 4
ZUNIONSTORE -4`

// longestName is the longest name with an arity.
const longestName = len("GEORADIUSBYMEMBER")

// packedName is a name in upper case, eight bytes to a word, and its length.
type packedName struct {
	words [3]uint64
	len   int
}

// pack packs a name of at most longestName bytes.
func pack(name []byte) (p packedName) {
	p.len = len(name)
	for i, c := range name {
		if c-'a' < 26 {
			c -= 'a' - 'A'
		}
		p.words[i>>3] |= uint64(c) << (8 * (i & 7))
	}
	return p
}

func (p *packedName) hash() uint64 {
	return (p.words[0] ^ p.words[1]*3 ^ p.words[2]*5) * 0x9E3779B97F4A7C15 >> (64 - aritySlots)
}

// aritySlots is the number of bits of a slot.
const aritySlots = 9

type aritySlot struct {
	name  packedName
	arity arity
	id    uint8 // counts from 1
}

// arityTable is open: what does not find its slot free takes the next.
var arityTable = func() (t [1 << aritySlots]aritySlot) {
	words := strings.Fields(arities)
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.Atoi(words[i+1])
		if err != nil {
			continue // a test holds the table against the list
		}
		s := aritySlot{pack([]byte(words[i])), arity(n), uint8(i/2 + 1)}
		at := s.name.hash()
		for t[at].arity != 0 {
			at = (at + 1) % uint64(len(t))
		}
		t[at] = s
	}
	return t
}()

// lookup returns what is known of a command: its id is 0 if nothing is.
func lookup(name []byte) *aritySlot {
	if len(name) > longestName {
		return &unknownCommand
	}
	p := pack(name)
	for at := p.hash(); arityTable[at].arity != 0; at = (at + 1) % uint64(len(arityTable)) {
		if arityTable[at].name == p {
			return &arityTable[at]
		}
	}
	return &unknownCommand
}

var unknownCommand aritySlot

// commandNames are the names of the commands by their numbers.
var commandNames = func() []string {
	names := []string{""}
	for i, word := range strings.Fields(arities) {
		if i%2 == 0 {
			names = append(names, word)
		}
	}
	return names
}()

// CommandID returns the number that Command.ID has for the commands of that name
// in upper case, 0 if logs do not hold it.
func CommandID(name string) int { return int(lookup([]byte(name)).id) }

// CommandName returns the name of the command of that number, "" for 0. Numbers
// are below NumCommands.
func CommandName(id int) string { return commandNames[id] }

// NumCommands is the number of commands that have numbers, and one more.
var NumCommands = len(commandNames)
