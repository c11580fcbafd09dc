package keyspace

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

const (
	errReadGroup   = ReplyError("ERR Missing GROUP option for XREADGROUP")
	errReadStreams = ReplyError("ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.")
	errReadDollar  = ReplyError("ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer " +
		"by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
	errReadIdle     = ReplyError("ERR min-idle-time is not an integer or out of range")
	errReadNegative = ReplyError("ERR min-idle-time must be a positive integer")
	errReadTimeout  = ReplyError("ERR timeout is not an integer or out of range")
)

// readArgs are the options of XREADGROUP.
type readArgs struct {
	group, consumer []byte
	count           int // math.MaxInt if there is no limit
	minIdle         int64
	claim, noAck    bool
	keys, ids       [][]byte
}

func parseRead(args [][]byte) (o readArgs, err error) {
	o.count = math.MaxInt
	for i := 1; i < len(args) && o.keys == nil; i++ {
		opt, more := args[i], len(args)-i-1
		switch {
		case more > 0 && equalFold(opt, "BLOCK"):
			i++
			if _, ok := parseInt(args[i]); !ok {
				return o, errReadTimeout
			}
		case more > 0 && equalFold(opt, "COUNT"):
			i++
			n, err := intArg(args[i])
			if err != nil {
				return o, err
			}
			if n > 0 {
				o.count = int(min(n, math.MaxInt))
			}
		case more > 0 && equalFold(opt, "CLAIM"):
			i++
			o.claim = true
			ok := false
			if o.minIdle, ok = parseInt(args[i]); !ok {
				return o, errReadIdle
			}
			if o.minIdle < 0 {
				return o, errReadNegative
			}
		case more > 0 && equalFold(opt, "STREAMS"):
			if more%2 != 0 {
				return o, errReadStreams
			}
			o.keys, o.ids = args[i+1:i+1+more/2], args[i+1+more/2:]
		case more > 1 && equalFold(opt, "GROUP"):
			o.group, o.consumer = args[i+1], args[i+2]
			i += 2
		case equalFold(opt, "NOACK"):
			o.noAck = true
		default:
			return o, errSyntax
		}
	}
	switch {
	case o.keys == nil:
		return o, errSyntax
	case o.group == nil:
		return o, errReadGroup
	}
	return o, nil
}

// cmdXReadGroup executes XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms]
// [CLAIM min-idle] [NOACK] STREAMS key ... id ... It never stands in a log, where
// XCLAIM and XGROUP SETID say what it did.
func cmdXReadGroup(x *Executor, args [][]byte) error {
	o, err := parseRead(args)
	if err != nil {
		return err
	}
	for i, key := range o.keys {
		s, err := x.stream(key)
		if err != nil {
			return err
		}
		if s == nil || s.group(o.group) == nil {
			return ReplyError(fmt.Sprintf("NOGROUP No such key '%s' or consumer group '%s' in XREADGROUP with GROUP option", shown(key), shown(o.group)))
		}
		if id := string(o.ids[i]); id == "$" {
			return errReadDollar
		} else if id != ">" {
			if _, err := streamIDArg(o.ids[i]); err != nil {
				return err
			}
		}
	}
	now := x.ds.o.Now()
	for i, key := range o.keys {
		s, _ := x.stream(key)
		g := s.group(o.group)
		c := g.consumer(o.consumer, now)
		g.consumers[c].seen = now
		if id, ok := parseStreamID(o.ids[i]); ok {
			s.readHistory(g, c, id, o.count, now)
			continue
		}
		left := o.count
		if o.claim {
			left -= s.claimIdle(g, c, o.minIdle, o.count, now)
		}
		s.readNew(g, c, left, o.noAck, now)
	}
	return nil
}

// readHistory delivers again what is pending of a consumer behind that ID.
func (s *stream) readHistory(g *streamGroup, c int32, after entry.StreamID, count int, now int64) {
	start, ok := nextStreamID(after)
	if !ok {
		return
	}
	at, _ := g.pel.seek(start)
	for p := g.pel.get(&at); p != nil && count > 0; p = g.pel.get(&at) {
		if p.owner != c {
			continue
		}
		count--
		if s.has(p.id) {
			p.delivered = now
			p.count++
		}
	}
}

// readNew delivers what the group has not read yet.
func (s *stream) readNew(g *streamGroup, c int32, count int, noAck bool, now int64) {
	start, ok := nextStreamID(g.last)
	if !ok || count <= 0 {
		return
	}
	for w := s.from(start); count > 0 && w.next(); count-- {
		if g.read != entry.Unknown && !g.last.Less(s.first) && !s.hasHoles(g.last) {
			g.read++
		} else if s.added > 0 {
			g.read = s.distance(w.id)
		}
		g.last = w.id
		if noAck {
			continue
		}
		p := g.pel.find(w.id)
		if p == nil {
			p = g.pel.add(pendingEntry{id: w.id, owner: ownerNone})
		}
		p.delivered, p.count = now, 1
		g.give(p, c)
		g.consumers[c].active = now
	}
}

// claimIdle delivers again what has been pending for some time, what has waited
// longest first. It returns how much that was.
func (s *stream) claimIdle(g *streamGroup, c int32, minIdle int64, count int, now int64) int {
	var idle []pendingEntry
	var at pendingAt
	for p := g.pel.get(&at); p != nil; p = g.pel.get(&at) {
		if now-p.delivered >= minIdle && s.has(p.id) {
			idle = append(idle, *p)
		}
	}
	slices.SortStableFunc(idle, func(a, b pendingEntry) int { return cmp.Compare(a.delivered, b.delivered) })
	idle = idle[:min(len(idle), count)]
	for i := range idle {
		p := g.pel.find(idle[i].id)
		p.delivered = now
		p.count++
		g.give(p, c)
		g.consumers[c].active = now
	}
	return len(idle)
}
