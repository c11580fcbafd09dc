package keyspace

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
)

// scoreArg reads a score.
func scoreArg(b []byte) (float64, error) {
	if f, ok := fpconv.ParseDouble(b); ok {
		return f, nil
	}
	return 0, errNotFloat
}

// zset finds a sorted set, and makes one where there is no key if so asked.
func (x *Executor) zset(key []byte, make bool) (ref, error) {
	r, err := x.typed(key, entry.ZSet)
	if err == nil && make && !r.ok() {
		err = r.create(entry.ZSet, entry.NoExpire)
	}
	return r, err
}

// zaddOptions are those of ZADD.
type zaddOptions struct{ nx, xx, gt, lt, incr bool }

// cmdZAdd is ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member ...
func cmdZAdd(x *Executor, args [][]byte) error {
	var o zaddOptions
	rest := args[2:]
options:
	for ; len(rest) > 0; rest = rest[1:] {
		switch a := rest[0]; {
		case equalFold(a, "NX"):
			o.nx = true
		case equalFold(a, "XX"):
			o.xx = true
		case equalFold(a, "GT"):
			o.gt = true
		case equalFold(a, "LT"):
			o.lt = true
		case equalFold(a, "INCR"):
			o.incr = true
		case equalFold(a, "CH"):
		default:
			break options
		}
	}
	switch {
	case len(rest) == 0 || len(rest)%2 != 0:
		return errSyntax
	case o.nx && o.xx:
		return ReplyError("ERR XX and NX options at the same time are not compatible")
	case o.gt && o.lt || o.nx && (o.gt || o.lt):
		return ReplyError("ERR GT, LT, and/or NX options at the same time are not compatible")
	case o.incr && len(rest) > 2:
		return ReplyError("ERR INCR option supports a single increment-element pair")
	}
	return x.addScores(args[1], rest, o)
}

// addScores adds pairs of scores and members.
func (x *Executor) addScores(key []byte, pairs [][]byte, o zaddOptions) error {
	for i := 0; i < len(pairs); i += 2 {
		if _, err := scoreArg(pairs[i]); err != nil {
			return err
		}
	}
	r, err := x.zset(key, false)
	if err != nil || !r.ok() && o.xx {
		return err
	}
	if !r.ok() { // the first pair is added in any case
		if err := r.create(entry.ZSet, entry.NoExpire); err != nil {
			return err
		}
	}
	if err := x.enlargeFor(&r, pairs); err != nil {
		return err
	}
	for i := 0; i < len(pairs); i += 2 {
		score, _ := scoreArg(pairs[i])
		now, has := r.score(pairs[i+1])
		if has && o.nx || !has && o.xx {
			continue
		}
		if has && o.incr {
			if score += now; math.IsNaN(score) {
				return errNaN
			}
		}
		if has && (o.gt && score <= now || o.lt && score >= now) {
			continue
		}
		if has && score == now {
			continue // not even the sign of a zero changes
		}
		if err := r.setScore(pairs[i+1], score); err != nil {
			return err
		}
	}
	return nil
}

func cmdZIncrBy(x *Executor, args [][]byte) error {
	return x.addScores(args[1], args[2:4], zaddOptions{incr: true})
}

func cmdZRem(x *Executor, args [][]byte) error {
	r, err := x.zset(args[1], false)
	if err != nil || !r.ok() {
		return err
	}
	for _, s := range args[2:] {
		if gone, err := r.removeScore(s); gone || err != nil {
			return err
		}
	}
	return nil
}

// removeRanks removes the members from rank to before end.
func (r *ref) removeRanks(k *ranking, from, end int) error {
	if from >= end {
		return nil
	}
	if from == 0 && end == k.len() {
		r.remove()
		return nil
	}
	for _, s := range k.members(from, end) {
		if _, err := r.removeScore(s.member); err != nil {
			return err
		}
	}
	return nil
}

// popScores removes up to count members with the lowest or highest scores.
func (r *ref) popScores(highest bool, count int64) error {
	k := r.ranking()
	n := int(min(count, int64(k.len())))
	if highest {
		return r.removeRanks(&k, k.len()-n, k.len())
	}
	return r.removeRanks(&k, 0, n)
}

// cmdZPop is ZPOPMIN and ZPOPMAX key [count].
func cmdZPop(x *Executor, args [][]byte) error {
	count := int64(1)
	if len(args) > 3 {
		return errSyntax
	}
	if len(args) == 3 {
		n, ok := parseInt(args[2])
		if !ok || n < 0 {
			return ReplyError("ERR value is out of range, must be positive")
		}
		count = n
	}
	r, err := x.zset(args[1], false)
	if err != nil || !r.ok() || count == 0 {
		return err
	}
	return r.popScores(equalFold(args[0], "ZPOPMAX"), count)
}

// cmdBZPop is BZPOPMIN and BZPOPMAX key ... timeout.
func cmdBZPop(x *Executor, args [][]byte) error {
	for _, key := range args[1 : len(args)-1] {
		r, err := x.zset(key, false)
		if err != nil {
			return err
		}
		if r.ok() {
			return r.popScores(equalFold(args[0], "BZPOPMAX"), 1)
		}
	}
	return nil
}

// cmdZMPop is ZMPOP n key ... MIN|MAX [COUNT count], and BZMPOP with a timeout
// in front.
func cmdZMPop(x *Executor, args [][]byte) error {
	if args[0][0]|0x20 == 'b' {
		args = args[1:]
	}
	keys, rest, err := numKeys(args[1:])
	if err != nil {
		return err
	}
	if len(rest) != 1 && len(rest) != 3 || !equalFold(rest[0], "MIN") && !equalFold(rest[0], "MAX") {
		return errSyntax
	}
	count := int64(1)
	if len(rest) == 3 {
		if count, err = countWord(rest[1:]); err != nil {
			return err
		}
	}
	for _, key := range keys {
		r, err := x.zset(key, false)
		if err != nil {
			return err
		}
		if r.ok() {
			return r.popScores(equalFold(rest[0], "MAX"), count)
		}
	}
	return nil
}
