package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
	"github.com/rdbtool/rdbtool/internal/lua"
)

// typeOf returns the type that a command works on, by its name.
func (c *scriptCall) typeOf() entry.Type {
	switch c.name[0] {
	case 'H':
		return entry.Hash
	case 'S':
		return entry.Set
	case 'Z':
		return entry.ZSet
	}
	return entry.List
}

// count returns the number of elements of a key, 0 if it is of another type.
func (c *scriptCall) count() int64 {
	r := c.s.x.lookup(c.args[1])
	if !r.ok() || r.typ() != c.typeOf() {
		return 0
	}
	switch r.typ() {
	case entry.Hash:
		if d, ok := r.object().(*dict); ok {
			return int64(d.n)
		}
		return int64(countItems(r.value()) / 2)
	case entry.Set:
		return int64(r.memberCount())
	case entry.ZSet:
		return int64(r.scoreCount())
	}
	return int64(r.listOf().n)
}

func (c *scriptCall) card() (lua.Value, error) {
	_, err := c.find(c.typeOf())
	return integer(c.count()), err
}

// more is for commands that answer how many elements are new.
func (c *scriptCall) more() (lua.Value, error) {
	before := c.count()
	err := c.exec()
	return integer(c.count() - before), err
}

// fewer is for commands that answer how many elements are gone.
func (c *scriptCall) fewer() (lua.Value, error) {
	before := c.count()
	err := c.exec()
	return integer(before - c.count()), err
}

func (c *scriptCall) hset() (lua.Value, error)   { return c.more() }
func (c *scriptCall) hsetNX() (lua.Value, error) { return c.more() }
func (c *scriptCall) hmset() (lua.Value, error)  { return c.status() }

// fieldOf returns the value of a field of the hash r, if both exist.
func fieldOf(r *ref, name []byte) ([]byte, bool) {
	if !r.ok() {
		return nil, false
	}
	value, _, ok := r.field(name)
	return value, ok
}

func (c *scriptCall) hget() (lua.Value, error) {
	r, err := c.find(entry.Hash)
	if err != nil {
		return nil, err
	}
	return c.bulk(fieldOf(&r, c.args[2]))
}

func (c *scriptCall) hexists() (lua.Value, error) {
	r, err := c.find(entry.Hash)
	if err != nil {
		return nil, err
	}
	_, ok := fieldOf(&r, c.args[2])
	return boolean(ok), nil
}

func (c *scriptCall) hmget() (lua.Value, error) {
	r, err := c.find(entry.Hash)
	if err != nil {
		return nil, err
	}
	var all []lua.Value
	for _, name := range c.args[2:] {
		v, err := c.bulk(fieldOf(&r, name))
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return lua.NewTable(all), nil
}

func (c *scriptCall) hincrBy() (lua.Value, error) {
	if err := c.exec(); err != nil {
		return nil, err
	}
	r := c.s.x.lookup(c.args[1])
	b, _ := fieldOf(&r, c.args[2])
	n, _ := parseInt(b)
	return integer(n), nil
}

func (c *scriptCall) hincrByFloat() (lua.Value, error) {
	if err := c.exec(); err != nil {
		return nil, err
	}
	r := c.s.x.lookup(c.args[1])
	b, _ := fieldOf(&r, c.args[2])
	return c.float(b)
}

// hall is HGETALL, HKEYS and HVALS, of no more than one field: the order of
// several is not known.
func (c *scriptCall) hall() (lua.Value, error) {
	r, err := c.find(entry.Hash)
	switch n := c.count(); {
	case err != nil:
		return nil, err
	case n == 0:
		return lua.NewTable(nil), nil
	case n > 1:
		return c.unknown("the order of fields is not known"), nil
	}
	var name, value []byte
	if d, ok := r.object().(*dict); ok {
		d.each(func(b block) bool {
			name, value = b.key(), b.value()
			return false
		})
	} else {
		var rest []byte
		name, rest = nextItem(r.value())
		value, _ = nextItem(rest)
	}
	all := []lua.Value{string(name), string(value)}
	switch c.name {
	case "HKEYS":
		all = all[:1]
	case "HVALS":
		all = all[1:]
	}
	return lua.NewTable(all), c.m.Bytes(int64(len(name) + len(value)))
}

func (c *scriptCall) push() (lua.Value, error) {
	err := c.exec()
	return integer(c.count()), err
}

// end returns a copy of the first or the last element of a list.
func (c *scriptCall) end(head bool) (lua.Value, error) {
	r, err := c.find(entry.List)
	if err != nil || !r.ok() {
		return false, err
	}
	l := r.listOf()
	if head {
		return c.bulk(l.at(0), true)
	}
	return c.bulk(l.at(l.n-1), true)
}

func (c *scriptCall) pop() (lua.Value, error) {
	v, err := c.end(c.name == "LPOP")
	if err != nil {
		return nil, err
	}
	return v, c.exec()
}

func (c *scriptCall) rpoplpush() (lua.Value, error) {
	v, err := c.end(false)
	if err != nil {
		return nil, err
	}
	return v, c.exec()
}

func (c *scriptCall) lindex() (lua.Value, error) {
	i, err := c.int(2)
	if err != nil {
		return nil, err
	}
	r, err := c.find(entry.List)
	if err != nil || !r.ok() {
		return false, err
	}
	l := r.listOf()
	if i < 0 {
		i += int64(l.n)
	}
	if i < 0 || i >= int64(l.n) {
		return false, nil
	}
	return c.bulk(l.at(int(i)), true)
}

func (c *scriptCall) lrange() (lua.Value, error) {
	start, err := c.int(2)
	if err != nil {
		return nil, err
	}
	stop, err := c.int(3)
	if err != nil {
		return nil, err
	}
	r, err := c.find(entry.List)
	if err != nil || !r.ok() {
		return lua.NewTable(nil), err
	}
	l := r.listOf()
	from, to := span(start, stop, l.n)
	var all []lua.Value
	at := 0
	for _, chunk := range l.used() {
		if at+chunk.n > from && at < to {
			part := chunk.cut(max(from-at, 0), min(to-at, chunk.n))
			for rest := part.items; len(rest) > 0; {
				var item []byte
				item, rest = nextItem(rest)
				all = append(all, string(item))
				if err := c.m.Bytes(int64(len(item) + 32)); err != nil {
					return nil, err
				}
			}
		}
		at += chunk.n
	}
	return lua.NewTable(all), nil
}

func (c *scriptCall) linsert() (lua.Value, error) {
	before := c.count()
	if err := c.exec(); err != nil {
		return nil, err
	}
	switch after := c.count(); {
	case before == 0:
		return 0.0, nil
	case after == before:
		return -1.0, nil
	default:
		return integer(after), nil
	}
}

func (c *scriptCall) sismember() (lua.Value, error) {
	r, err := c.find(entry.Set)
	if err != nil {
		return nil, err
	}
	return boolean(r.ok() && r.hasMember(c.args[2])), nil
}

// smembers: servers of that time sort the members for scripts, by the rules of
// their locale.
func (c *scriptCall) smembers() (lua.Value, error) {
	r, err := c.find(entry.Set)
	switch n := c.count(); {
	case err != nil:
		return nil, err
	case n > 1:
		return c.unknown("the order of members is not known"), nil
	}
	var all []lua.Value
	if r.ok() {
		r.members(func(s []byte) bool {
			all = append(all, string(s))
			return true
		})
	}
	return lua.NewTable(all), nil
}

func (c *scriptCall) smove() (lua.Value, error) {
	r, err := c.find(entry.Set)
	if err != nil {
		return nil, err
	}
	moved := r.ok() && r.hasMember(c.args[3])
	return boolean(moved), c.exec()
}

func (c *scriptCall) setStore() (lua.Value, error) {
	err := c.grow(c.args[1], c.args[2:]...)
	return integer(c.count()), err
}

func (c *scriptCall) zsetStore() (lua.Value, error) {
	err := c.grow(c.args[1], c.args[3:]...)
	return integer(c.count()), err
}

func (c *scriptCall) zadd() (lua.Value, error) {
	for _, a := range c.args[2:] {
		switch {
		case equalFold(a, "NX"), equalFold(a, "XX"):
			continue
		case equalFold(a, "CH"), equalFold(a, "INCR"):
			return c.unknown("with CH or INCR it is not computed"), c.exec()
		case equalFold(a, "GT"), equalFold(a, "LT"):
			return nil, c.refuse("an option that is unknown to Redis 4.0")
		}
		break
	}
	return c.more()
}

func (c *scriptCall) zincrBy() (lua.Value, error) {
	if err := c.exec(); err != nil {
		return nil, err
	}
	r := c.s.x.lookup(c.args[1])
	f, _ := r.score(c.args[3])
	return c.score(f)
}

// score is how servers up to Redis 7.0 print one.
func (c *scriptCall) score(f float64) (lua.Value, error) {
	text := string(fpconv.AppendDouble17(nil, f))
	if text == "-0" {
		return nil, c.refuse("a zero with a sign")
	}
	return text, nil
}

func (c *scriptCall) zscore() (lua.Value, error) {
	r, err := c.find(entry.ZSet)
	if err != nil || !r.ok() {
		return false, err
	}
	f, ok := r.score(c.args[2])
	if !ok {
		return false, nil
	}
	return c.score(f)
}

func (c *scriptCall) zrank() (lua.Value, error) {
	r, err := c.find(entry.ZSet)
	if err != nil || !r.ok() {
		return false, err
	}
	f, ok := r.score(c.args[2])
	if !ok {
		return false, nil
	}
	k := r.ranking()
	rank := k.search(func(s scored) bool { return compareScored(s, scored{c.args[2], f}) >= 0 })
	if c.name == "ZREVRANK" {
		rank = k.len() - 1 - rank
	}
	return integer(int64(rank)), nil
}

func (c *scriptCall) zcount() (lua.Value, error) {
	g, err := parseScoreRange(c.args[2], c.args[3])
	if err != nil {
		return nil, c.failed(err)
	}
	r, err := c.find(entry.ZSet)
	if err != nil || !r.ok() {
		return 0.0, err
	}
	k := r.ranking()
	from, end, err := g.ranks(&k)
	return integer(int64(end - from)), err
}

func (c *scriptCall) zrange() (lua.Value, error) {
	start, err := c.int(2)
	if err != nil {
		return nil, err
	}
	stop, err := c.int(3)
	if err != nil {
		return nil, err
	}
	with := len(c.args) == 5 && equalFold(c.args[4], "WITHSCORES")
	if len(c.args) > 4 && !with {
		return nil, c.failed(errSyntax)
	}
	r, err := c.find(entry.ZSet)
	if err != nil || !r.ok() {
		return lua.NewTable(nil), err
	}
	k := r.ranking()
	rev := c.name == "ZREVRANGE"
	from, end := span(start, stop, k.len())
	if rev {
		from, end = k.len()-end, k.len()-from
	}
	return c.members(&k, from, end, rev, with)
}

func (c *scriptCall) zrangeByScore() (lua.Value, error) {
	lo, hi := c.args[2], c.args[3]
	rev := c.name == "ZREVRANGEBYSCORE"
	if rev {
		lo, hi = hi, lo
	}
	g, err := parseScoreRange(lo, hi)
	if err != nil {
		return nil, c.failed(err)
	}
	with, off, count := false, int64(0), int64(-1)
	for i := 4; i < len(c.args); i++ {
		switch a := c.args[i]; {
		case equalFold(a, "WITHSCORES"):
			with = true
		case equalFold(a, "LIMIT") && i+2 < len(c.args):
			if off, err = c.int(i + 1); err != nil {
				return nil, err
			}
			if count, err = c.int(i + 2); err != nil {
				return nil, err
			}
			i += 2
		default:
			return nil, c.failed(errSyntax)
		}
	}
	r, err := c.find(entry.ZSet)
	if err != nil || !r.ok() {
		return lua.NewTable(nil), err
	}
	k := r.ranking()
	from, end, err := g.ranks(&k)
	if err != nil {
		return nil, err
	}
	from, end = limit(from, end, off, count, rev)
	return c.members(&k, from, end, rev, with)
}

// members returns those from rank to before end, with scores between them.
func (c *scriptCall) members(k *ranking, from, end int, rev, with bool) (lua.Value, error) {
	if err := c.m.Bytes(int64(64 * max(end-from, 0))); err != nil {
		return nil, err
	}
	list := k.members(from, end)
	var all []lua.Value
	for i := range list {
		s := list[i]
		if rev {
			s = list[len(list)-1-i]
		}
		member, err := c.bulk(s.member, true)
		if err != nil {
			return nil, err
		}
		all = append(all, member)
		if with {
			score, err := c.score(s.score)
			if err != nil {
				return nil, err
			}
			all = append(all, score)
		}
	}
	return lua.NewTable(all), nil
}
