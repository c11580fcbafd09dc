package keyspace

import (
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/lua"
)

// integer is how scripts see an integer: as a double.
func integer(n int64) lua.Value { return float64(n) }

func boolean(is bool) lua.Value {
	if is {
		return 1.0
	}
	return 0.0
}

// bulk is how scripts see a string, or that there is none.
func (c *scriptCall) bulk(b []byte, ok bool) (lua.Value, error) {
	if !ok {
		return false, nil
	}
	return string(b), c.m.Bytes(int64(len(b)))
}

func statusOK() lua.Value { return replyTable("ok", "OK") }

// status is for commands that answer OK if they do not fail.
func (c *scriptCall) status() (lua.Value, error) { return statusOK(), c.exec() }

// find finds the first key, which must have that type if it exists.
func (c *scriptCall) find(typ entry.Type) (ref, error) {
	r, err := c.s.x.typed(c.args[1], typ)
	if err != nil {
		err = c.failed(err)
	}
	return r, err
}

func (c *scriptCall) has(key []byte) bool {
	r := c.s.x.lookup(key)
	return r.ok()
}

// int reads an argument.
func (c *scriptCall) int(i int) (int64, error) {
	n, err := intArg(c.args[i])
	if err != nil {
		err = c.failed(err)
	}
	return n, err
}

func (c *scriptCall) del() (lua.Value, error) {
	there := map[string]bool{}
	for _, key := range c.args[1:] {
		if c.has(key) {
			there[string(key)] = true
		}
	}
	return integer(int64(len(there))), c.exec()
}

func (c *scriptCall) exists() (lua.Value, error) {
	n := 0
	for _, key := range c.args[1:] {
		if c.has(key) {
			n++
		}
	}
	return integer(int64(n)), nil
}

func (c *scriptCall) typeName() (lua.Value, error) {
	r := c.s.x.lookup(c.args[1])
	if !r.ok() {
		return replyTable("ok", "none"), nil
	}
	switch r.typ() {
	case entry.String:
		return replyTable("ok", "string"), nil
	case entry.List:
		return replyTable("ok", "list"), nil
	case entry.Set:
		return replyTable("ok", "set"), nil
	case entry.ZSet:
		return replyTable("ok", "zset"), nil
	case entry.Hash:
		return replyTable("ok", "hash"), nil
	}
	return nil, c.refuse("a type that servers of that time do not have")
}

// expire: a server that loads a log keeps a key that is to expire at once, where
// the one that wrote the log took it away.
func (c *scriptCall) expire() (lua.Value, error) {
	n, err := c.int(2)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, c.refuse("a key that expires at once")
	}
	return boolean(c.has(c.args[1])), c.exec()
}

func (c *scriptCall) ttl() (lua.Value, error) {
	r := c.s.x.lookup(c.args[1])
	switch {
	case !r.ok():
		return c.unknown("Redis 2.6 has another one for a key that does not exist"), nil
	case r.expireAt() == entry.NoExpire:
		return -1.0, nil
	}
	return c.unknown("the time is not known"), nil
}

func (c *scriptCall) persist() (lua.Value, error) {
	r := c.s.x.lookup(c.args[1])
	return boolean(r.ok() && r.expireAt() != entry.NoExpire), c.exec()
}

func (c *scriptCall) rename() (lua.Value, error) {
	if string(c.args[1]) == string(c.args[2]) {
		return nil, c.refuse("the same key twice is an error for some servers")
	}
	if c.name == "RENAME" {
		return c.status()
	}
	return boolean(!c.has(c.args[2])), c.exec()
}

func (c *scriptCall) move() (lua.Value, error) {
	moved := false
	if db, ok := parseInt(c.args[2]); ok && db >= 0 && db <= maxDB {
		dst := c.s.x.lookupIn(int(db), c.args[1])
		moved = c.has(c.args[1]) && !dst.ok()
	}
	return boolean(moved), c.exec()
}

// text returns the string at a key, nil if there is none.
func (c *scriptCall) text(key []byte) []byte {
	if r := c.s.x.lookup(key); r.ok() && r.typ() == entry.String {
		return r.value()
	}
	return nil
}

func (c *scriptCall) get() (lua.Value, error) {
	r, err := c.find(entry.String)
	if err != nil || !r.ok() {
		return false, err
	}
	return c.bulk(r.value(), true)
}

func (c *scriptCall) mget() (lua.Value, error) {
	var all []lua.Value
	for _, key := range c.args[1:] {
		r := c.s.x.lookup(key)
		if !r.ok() || r.typ() != entry.String {
			all = append(all, false)
			continue
		}
		v, err := c.bulk(r.value(), true)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return lua.NewTable(all), nil
}

func (c *scriptCall) set() (lua.Value, error) {
	nx, xx := false, false
	for i := 3; i < len(c.args); i++ {
		switch a := c.args[i]; {
		case equalFold(a, "NX"):
			nx = true
		case equalFold(a, "XX"):
			xx = true
		case equalFold(a, "EX"), equalFold(a, "PX"):
			i++
		default:
			return nil, c.refuse("an option that is unknown to Redis 4.0")
		}
	}
	has := c.has(c.args[1])
	if err := c.exec(); err != nil {
		return nil, err
	}
	if nx && has || xx && !has {
		return false, nil
	}
	return statusOK(), nil
}

func (c *scriptCall) setNX() (lua.Value, error) {
	return boolean(!c.has(c.args[1])), c.exec()
}

func (c *scriptCall) msetNX() (lua.Value, error) {
	for i := 1; i < len(c.args); i += 2 {
		if c.has(c.args[i]) {
			return 0.0, c.exec()
		}
	}
	return 1.0, c.exec()
}

func (c *scriptCall) getSet() (lua.Value, error) {
	old, err := c.get()
	if err != nil {
		return nil, err
	}
	return old, c.exec()
}

// stringLen is for commands that answer the new length of a string.
func (c *scriptCall) stringLen() (lua.Value, error) {
	if err := c.exec(); err != nil {
		return nil, err
	}
	return integer(int64(len(c.text(c.args[1])))), nil
}

func (c *scriptCall) setRange() (lua.Value, error) {
	off, err := c.int(2)
	if err != nil {
		return nil, err
	}
	if err := c.room(off); err != nil {
		return nil, err
	}
	return c.stringLen()
}

// room counts what it takes to make a string n bytes long.
func (c *scriptCall) room(n int64) error {
	if n > maxString {
		return c.failed(errTooLong)
	}
	return c.m.Bytes(max(n-int64(len(c.text(c.args[1]))), 0))
}

func (c *scriptCall) strLen() (lua.Value, error) {
	r, err := c.find(entry.String)
	if err != nil || !r.ok() {
		return 0.0, err
	}
	return integer(int64(len(r.value()))), nil
}

func (c *scriptCall) getRange() (lua.Value, error) {
	start, err := c.int(2)
	if err != nil {
		return nil, err
	}
	stop, err := c.int(3)
	if err != nil {
		return nil, err
	}
	r, err := c.find(entry.String)
	if err != nil || !r.ok() {
		return "", err
	}
	b := r.value()
	if stop < -int64(len(b)) {
		return nil, c.refuse("an end that lies before the string")
	}
	from, to := span(start, stop, len(b))
	return c.bulk(b[from:to], true)
}

func (c *scriptCall) incr() (lua.Value, error) {
	if err := c.exec(); err != nil {
		return nil, err
	}
	n, _ := parseInt(c.text(c.args[1]))
	return integer(n), nil
}

func (c *scriptCall) incrByFloat() (lua.Value, error) {
	if err := c.exec(); err != nil {
		return nil, err
	}
	return c.float(c.text(c.args[1]))
}

// float is the answer of INCRBYFLOAT and HINCRBYFLOAT.
func (c *scriptCall) float(b []byte) (lua.Value, error) {
	if f, err := strconv.ParseFloat(string(b), 64); err != nil || f == 0 {
		return nil, c.refuse("servers write a zero with a sign in several ways")
	}
	return c.bulk(b, true)
}

func bitAt(b []byte, off int64) lua.Value {
	if off>>3 >= int64(len(b)) {
		return 0.0
	}
	return boolean(b[off>>3]>>(7-off&7)&1 == 1)
}

func (c *scriptCall) setBit() (lua.Value, error) {
	off, err := bitOffset(c.args[2], 0)
	if err != nil {
		return nil, c.failed(err)
	}
	if err := c.room(off >> 3); err != nil {
		return nil, err
	}
	old := bitAt(c.text(c.args[1]), off)
	return old, c.exec()
}

func (c *scriptCall) getBit() (lua.Value, error) {
	off, err := bitOffset(c.args[2], 0)
	if err != nil {
		return nil, c.failed(err)
	}
	r, err := c.find(entry.String)
	if err != nil || !r.ok() {
		return 0.0, err
	}
	return bitAt(r.value(), off), nil
}

func (c *scriptCall) bitOp() (lua.Value, error) {
	if err := c.grow(c.args[2], c.args[3:]...); err != nil {
		return nil, err
	}
	return integer(int64(len(c.text(c.args[2])))), nil
}

func (c *scriptCall) hyperLogLog() (lua.Value, error) {
	if c.name == "PFMERGE" {
		return statusOK(), c.grow(c.args[1], c.args[2:]...)
	}
	return c.unknown("it is not computed"), c.grow(c.args[1])
}
