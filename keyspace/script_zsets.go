package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
	"github.com/rdbtool/rdbtool/internal/lua"
)

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
