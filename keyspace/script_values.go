package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
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
