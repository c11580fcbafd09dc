package keyspace

import (
	"fmt"
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

const (
	errMinIdle     = ReplyError("ERR Invalid min-idle-time argument for XCLAIM")
	errClaimIdle   = ReplyError("ERR Invalid IDLE option argument for XCLAIM")
	errClaimTime   = ReplyError("ERR Invalid TIME option argument for XCLAIM")
	errClaimRetry  = ReplyError("ERR Invalid RETRYCOUNT option argument for XCLAIM")
	errAutoMinIdle = ReplyError("ERR Invalid min-idle-time argument for XAUTOCLAIM")
	errAutoCount   = ReplyError("ERR COUNT must be > 0")
	errAutoStart   = ReplyError("ERR invalid start ID for the interval")
)

// claimArgs are the options of XCLAIM.
type claimArgs struct {
	minIdle       int64
	ids           int // how many IDs stand before the options
	idle, time    bool
	at            int64 // the argument of IDLE or TIME
	retries       int64 // -1 if not given
	force, justID bool
	last          entry.StreamID
}

func claimNumber(b []byte, text ReplyError) (int64, error) {
	n, ok := parseInt(b)
	if !ok {
		return 0, text
	}
	return n, nil
}

func parseClaim(args [][]byte) (o claimArgs, err error) {
	if o.minIdle, err = claimNumber(args[4], errMinIdle); err != nil {
		return o, err
	}
	o.retries = -1
	i := 5
	for i < len(args) {
		if _, ok := parseStreamID(args[i]); !ok {
			break
		}
		i++
	}
	o.ids = i - 5
	for ; i < len(args); i++ {
		opt, more := args[i], i+1 < len(args)
		switch {
		case equalFold(opt, "FORCE"):
			o.force = true
		case equalFold(opt, "JUSTID"):
			o.justID = true
		case more && equalFold(opt, "IDLE"):
			i++
			o.idle, o.time = true, false
			o.at, err = claimNumber(args[i], errClaimIdle)
		case more && equalFold(opt, "TIME"):
			i++
			o.idle, o.time = false, true
			o.at, err = claimNumber(args[i], errClaimTime)
		case more && equalFold(opt, "RETRYCOUNT"):
			i++
			o.retries, err = claimNumber(args[i], errClaimRetry)
		case more && equalFold(opt, "LASTID"):
			i++
			o.last, err = streamIDArg(args[i])
		default:
			err = ReplyError(fmt.Sprintf("ERR Unrecognized XCLAIM option '%s'", shown(opt)))
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

// deliveredAt returns the time that XCLAIM gives the entries, and the one at
// which the consumer did it.
//
// The form of logs, with FORCE, JUSTID and TIME, says when it was. It is taken
// as it is: the result does not depend on the clock then. A server that loads
// the log takes its own clock for the consumer.
func (o *claimArgs) deliveredAt(now int64) (delivered, seen int64) {
	switch {
	case o.time && o.force && o.justID && o.at >= 0:
		return o.at, o.at
	case o.time:
		delivered = o.at
	case o.idle:
		delivered = now - o.at
	default:
		return now, now
	}
	if delivered < 0 || delivered > now {
		delivered = now
	}
	return delivered, now
}

// cmdXClaim executes
//
//	XCLAIM key group consumer min-idle id ... [IDLE ms] [TIME ms] [RETRYCOUNT n] [FORCE] [JUSTID] [LASTID id]
//
// An entry that is no longer in the stream is dropped from the PEL, as servers
// do since 7.0. The entries that the group has read do not change: logs of
// servers that keep that number up to date hold XGROUP SETID too.
func cmdXClaim(x *Executor, args [][]byte) error {
	s, g, err := x.groupOf(args[1], args[2])
	if err != nil {
		return err
	}
	o, err := parseClaim(args)
	if err != nil {
		return err
	}
	now := x.ds.o.Now()
	delivered, seen := o.deliveredAt(now)
	if g.last.Less(o.last) {
		g.last = o.last
	}
	owner := g.consumer(args[3], seen)
	c := &g.consumers[owner]
	c.seen = max(c.seen, seen)
	for _, arg := range args[5 : 5+o.ids] {
		id, _ := parseStreamID(arg)
		if !s.has(id) {
			g.ack(id)
			continue
		}
		p := g.pel.find(id)
		switch {
		case p == nil && !o.force:
			continue
		case p == nil:
			p = g.pel.add(pendingEntry{id: id, count: 1, owner: ownerNone})
		case p.owner >= 0 && o.minIdle > 0 && now-p.delivered < o.minIdle:
			continue
		}
		p.delivered = delivered
		if o.retries >= 0 {
			p.count = uint64(o.retries)
		} else if !o.justID {
			p.count++
		}
		g.give(p, owner)
		c.active = max(c.active, seen)
	}
	return nil
}

// cmdXAutoClaim executes XAUTOCLAIM key group consumer min-idle start [COUNT n] [JUSTID].
func cmdXAutoClaim(x *Executor, args [][]byte) error {
	minIdle, err := claimNumber(args[4], errAutoMinIdle)
	if err != nil {
		return err
	}
	var start entry.StreamID
	ok := true
	if from := args[5]; len(from) > 1 && from[0] == '(' {
		if start, ok = parseStreamID(from[1:]); ok {
			if start, ok = nextStreamID(start); !ok {
				return errAutoStart
			}
		}
	} else {
		start, ok = parseStreamBound(from)
	}
	if !ok {
		return errStreamID
	}
	count, justID := int64(100), false
	for i := 6; i < len(args); i++ {
		switch {
		case i+1 < len(args) && equalFold(args[i], "COUNT"):
			i++
			if count, ok = parseInt(args[i]); !ok || count < 1 || count > math.MaxInt64/16 {
				return errAutoCount
			}
		case equalFold(args[i], "JUSTID"):
			justID = true
		default:
			return errSyntax
		}
	}
	s, g, err := x.groupOf(args[1], args[2])
	if err != nil {
		return err
	}
	now := x.ds.o.Now()
	owner := g.consumer(args[3], now)
	c := &g.consumers[owner]
	c.seen = now
	at, _ := g.pel.seek(start)
	for attempts := count * 10; attempts > 0 && count > 0; attempts-- {
		here := at
		p := g.pel.get(&at)
		if p == nil {
			break
		}
		if !s.has(p.id) {
			at = g.drop(here)
			count--
			continue
		}
		if minIdle > 0 && now-p.delivered < minIdle {
			continue
		}
		p.delivered = now
		if !justID {
			p.count++
		}
		g.give(p, owner)
		c.active = now
		count--
	}
	return nil
}

// cmdXNack executes XNACK key group SILENT|FAIL|FATAL IDS numids id ...
// [RETRYCOUNT n] [FORCE]: entries are given back, and nobody owns them.
func cmdXNack(x *Executor, args [][]byte) error {
	s, g, err := x.groupOf(args[1], args[2])
	if err != nil {
		return err
	}
	mode := args[3]
	if !equalFold(mode, "SILENT") && !equalFold(mode, "FAIL") && !equalFold(mode, "FATAL") || !equalFold(args[4], "IDS") {
		return errSyntax
	}
	texts, at, err := parseStreamIDs(args, 5)
	if err != nil {
		return err
	}
	ids, err := streamIDArgs(nil, texts)
	if err != nil {
		return err
	}
	retries, force := int64(-1), false
	for ; at < len(args); at++ {
		switch {
		case at+1 < len(args) && equalFold(args[at], "RETRYCOUNT"):
			at++
			if retries, err = intArg(args[at]); err != nil {
				return err
			}
			if retries < 0 {
				return errNotInteger
			}
		case equalFold(args[at], "FORCE"):
			force = true
		default:
			return errSyntax
		}
	}
	for _, id := range ids {
		p := g.pel.find(id)
		if p == nil {
			if !force || !s.has(id) {
				continue
			}
			p = g.pel.add(pendingEntry{id: id, owner: ownerNone})
		}
		switch {
		case retries >= 0:
			p.count = uint64(retries)
		case equalFold(mode, "SILENT"):
			p.count -= min(p.count, 1)
		case equalFold(mode, "FATAL"):
			p.count = math.MaxInt64
		}
		p.delivered = 0
		g.give(p, ownerNacked)
	}
	return nil
}
