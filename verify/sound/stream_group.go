package sound

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

// What must be there once only, in spaces of their own: the groups of a stream,
// and from spaceConsumer on the consumers of each group.
const (
	spaceGroup    uint64 = 1
	spaceConsumer uint64 = 2
)

// checkStreamElem checks what stands behind the nodes of a stream.
func (c *Checker) checkStreamElem(el *entry.StreamElem) {
	st := &c.stream
	if el.Kind == entry.StreamInfo {
		st.info = el.Info
		c.checkStreamInfo()
	}
	if !c.deep {
		return
	}
	switch el.Kind {
	case entry.StreamGroup:
		c.checkGroup(&el.Group)
	case entry.StreamPending:
		c.checkPending(el)
	case entry.StreamConsumer:
		if st.consumers++; c.see(spaceConsumer+st.groups, el.Consumer.Name, st.consumers-1, consumer) >= 0 {
			c.find(ConsumerTwice, "consumer group", -1, "group %s has a second consumer %s", entry.Quoted(st.group), entry.Quoted(el.Consumer.Name))
		}
	}
}

// checkStreamInfo holds what a stream says about itself against its entries.
func (c *Checker) checkStreamInfo() {
	st, in := &c.stream, &c.stream.info
	find := func(code Code, format string, args ...any) { c.find(code, "stream", -1, format, args...) }
	if in.Length > 0 && st.nodes == 0 {
		find(StreamNoNodes, "a length of %d, and no entries", in.Length)
		return
	}
	if !c.deep || st.damaged {
		return
	}
	if in.Length != st.total {
		find(StreamLength, "a length of %d, and %d entries", in.Length, st.total)
	}
	if st.any && in.LastID.Less(st.last) {
		find(StreamLastID, "the last ID is %s, entry %s is later", in.LastID, st.last)
	}
	if in.Version < 2 {
		return
	}
	if st.total > 0 && in.FirstID != st.first {
		find(StreamFirstID, "the first ID is %s, the first entry is %s", in.FirstID, st.first)
	}
	if in.EntriesAdded < in.Length {
		find(StreamAdded, "%d entries of %d that were ever added", in.Length, in.EntriesAdded)
	}
}

func (c *Checker) checkGroup(g *entry.Group) {
	st := &c.stream
	st.group = append(st.group[:0], g.Name...)
	st.groups++
	st.lastPending, st.pending, st.consumers = entry.StreamID{}, 0, 0
	if c.see(spaceGroup, g.Name, int64(st.groups)-1, group) >= 0 {
		c.find(GroupTwice, "stream", -1, "a second group %s", entry.Quoted(g.Name))
	}
	if g.EntriesRead != entry.Unknown && st.info.Version >= 2 && (g.EntriesRead < 0 || uint64(g.EntriesRead) > min(st.info.EntriesAdded, math.MaxInt64)) {
		c.find(GroupRead, "consumer group", -1, "group %s has read %d entries of %d", entry.Quoted(g.Name), g.EntriesRead, st.info.EntriesAdded)
	}
}

// checkPending checks that the pending entries of a group ascend, so that none
// is there twice, and that each has an owner.
func (c *Checker) checkPending(el *entry.StreamElem) {
	st := &c.stream
	if el.Pending.Consumer == nil && !el.Pending.Nacked {
		c.find(PendingOwnerless, "consumer group", st.pending, "entry %s of group %s has no owner", el.ID, entry.Quoted(st.group))
	}
	if st.pending > 0 && !st.lastPending.Less(el.ID) {
		c.find(PendingTwice, "consumer group", st.pending, "entry %s of group %s stands behind %s", el.ID, entry.Quoted(st.group), st.lastPending)
	}
	st.lastPending = el.ID
	st.pending++
}
