package sound

import (
	"errors"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/listpack"
)

// streamCheck is what is known of a stream, entry by entry and node by node.
type streamCheck struct {
	nodes   int64
	lp      listpack.Reader
	lastKey entry.StreamID // of the node before

	total       uint64 // live entries
	first       entry.StreamID
	last        entry.StreamID // of all entries, deleted ones too
	any         bool           // last is set
	damaged     bool           // a node: its entries are not all counted
	info        entry.Info
	groups      uint64 // given so far
	group       []byte // name of the current one
	lastPending entry.StreamID
	pending     int64 // entries of the group given so far
	consumers   int64 // likewise
}

// The flags of an entry.
const (
	entryDeleted    = 1
	entrySameFields = 2
)

// checkStream checks a stream: its nodes, what it says about itself, its groups.
func (c *Checker) checkStream(v entry.Nodes) {
	st := &c.stream
	*st = streamCheck{group: st.group[:0]}
	for v.NextNode() {
		c.checkStreamNode(v.Node())
		st.nodes++
	}
	for v.Err() == nil && v.Next() {
		c.checkStreamElem(v.Elem().Stream)
	}
	c.elems = 1 // a stream may be empty
}

// errInside says that a blob ends where more of an entry is due.
var errInside = errors.New("the listpack ends inside it")

// number reads an integer of the node at hand.
func (st *streamCheck) number() (int64, error) {
	s, num, ok := st.lp.Next()
	switch {
	case !ok:
		return 0, st.ended()
	case s != nil:
		return 0, errors.New("an integer is due, found the string " + entry.Quoted(s[:min(len(s), 32)]))
	}
	return num, nil
}

func (st *streamCheck) ended() error {
	if err := st.lp.Err(); err != nil {
		return err
	}
	return errInside
}

// pass passes over n entries of any kind.
func (st *streamCheck) pass(n int64) error {
	for ; n > 0; n-- {
		if _, _, ok := st.lp.Next(); !ok {
			return st.ended()
		}
	}
	return nil
}

// checkStreamNode checks one node:
//
//	master  live, deleted, nfields, field1 ... fieldN, 0
//	entry   flags, ms - key.ms, seq - key.seq, [nfields, field, value ... | value ...], parts
func (c *Checker) checkStreamNode(n *entry.Node) {
	st := &c.stream
	find := func(code Code, format string, args ...any) {
		st.damaged = true
		c.find(code, "stream node", n.Index, format, args...)
	}
	if st.nodes > 0 && c.deep {
		switch {
		case n.ID == st.lastKey:
			find(StreamNodeTwice, "%s is the first ID of the node before, too", n.ID)
		case n.ID.Less(st.lastKey):
			find(StreamOrder, "its first ID %s is below that of the node before, %s", n.ID, st.lastKey)
		}
	}
	st.lastKey = n.ID
	var err error
	if st.lp, err = listpack.Open(n.Raw); err != nil {
		find(ListpackFrame, "%v", err)
		return
	}
	if probe := st.lp; !more(&probe) && probe.Err() == nil {
		find(StreamNodeEmpty, "the listpack has no entries")
		return
	}
	var head [3]int64 // live, deleted, fields
	for i := range head {
		if head[i], err = st.number(); err != nil {
			find(StreamMaster, "head: %v", err)
			return
		}
	}
	live, deleted, fields := head[0], head[1], head[2]
	if limit := int64(len(n.Raw)); live < 0 || live > limit || deleted < 0 || deleted > limit || fields < 0 || fields > limit {
		find(StreamMaster, "%d bytes with %d live entries, %d deleted ones and %d fields", len(n.Raw), live, deleted, fields)
		return
	}
	if err = st.pass(fields); err == nil {
		var zero int64
		if zero, err = st.number(); err == nil && zero != 0 {
			find(StreamMaster, "the names of the fields end with %d, not 0", zero)
			return
		}
	}
	if err != nil {
		find(StreamMaster, "names of %d fields: %v", fields, err)
		return
	}
	gone, first := int64(0), true
	for i := range live + deleted {
		id, dead, err := st.entry(n.ID, fields)
		if err != nil {
			find(StreamEntry, "entry %d: %v", i, err)
			return
		}
		if c.deep {
			if first && id != n.ID {
				find(StreamFirst, "its first entry is %s, not %s", id, n.ID)
			}
			if st.any && !st.last.Less(id) {
				find(StreamOrder, "entry %s stands behind %s", id, st.last)
			}
		}
		first = false
		if st.last.Less(id) || !st.any {
			st.last, st.any = id, true
		}
		if dead {
			gone++
			continue
		}
		if st.total == 0 {
			st.first = id
		}
		st.total++
	}
	switch {
	case more(&st.lp):
		find(StreamMore, "more follows the %d entries that it counts", live+deleted)
	case st.lp.Err() != nil:
		find(ListpackEntry, "%v", st.lp.Err())
	case c.deep && gone != deleted:
		find(StreamDeleted, "%d entries are marked as deleted, it counts %d", gone, deleted)
	}
}

func more(r *listpack.Reader) bool {
	_, _, ok := r.Next()
	return ok
}

// entry walks the entry at hand and returns its ID and whether it has been
// deleted.
func (st *streamCheck) entry(key entry.StreamID, master int64) (id entry.StreamID, dead bool, err error) {
	var head [3]int64 // flags, ms, seq
	for i := range head {
		if head[i], err = st.number(); err != nil {
			return id, false, err
		}
	}
	flags := head[0]
	if flags&^(entryDeleted|entrySameFields) != 0 {
		return id, false, errors.New("unknown flags")
	}
	id = entry.StreamID{Ms: key.Ms + uint64(head[1]), Seq: key.Seq + uint64(head[2])}
	parts, follow := 3+master, master
	if flags&entrySameFields == 0 {
		fields, err := st.number()
		if err != nil {
			return id, false, err
		}
		if fields < 0 || fields > 1<<31 {
			return id, false, errors.New("an impossible number of fields")
		}
		parts, follow = 4+2*fields, 2*fields
	}
	if err := st.pass(follow); err != nil {
		return id, false, err
	}
	said, err := st.number()
	if err == nil && said != parts {
		err = errors.New(id.String() + " counts another number of parts than it has")
	}
	return id, flags&entryDeleted != 0, err
}
