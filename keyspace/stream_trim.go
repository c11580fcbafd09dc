package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
)

// streamTrim says how a stream is trimmed.
type streamTrim struct {
	by     trimBy
	approx bool // whole nodes only, if pending entries are not looked at
	policy streamPolicy
	limit  int64 // entries taken away at most
	maxLen int64
	minID  entry.StreamID
}

type trimBy uint8

const (
	trimNot trimBy = iota
	trimMaxLen
	trimMinID
)

// trim takes away entries from the front, node by node, as servers do. That
// matters where it may stop at the bound of a node: with "~", and where entries
// that are needed are passed over.
func (s *stream) trim(t *streamTrim) {
	before := s.length
	for i := 0; i < len(s.nodes); {
		n := &s.nodes[i]
		if n.b == nil {
			i++
			continue
		}
		if t.by == trimMaxLen && s.length <= uint64(t.maxLen) {
			break
		}
		if int64(before-s.length)+int64(n.live) > t.limit {
			break
		}
		whole := n.last.Less(t.minID)
		if t.by == trimMaxLen {
			whole = s.length-uint64(n.live) >= uint64(t.maxLen)
		}
		if !whole && t.approx && t.policy == keepRefs {
			break
		}
		nodes := len(s.nodes)
		if whole && t.policy == keepRefs {
			s.removeNode(i)
		} else {
			s.trimNode(i, t)
			if whole && n.live == 0 {
				s.removeNode(i)
			}
		}
		if !whole {
			break
		}
		if len(s.nodes) == nodes {
			i++
		} // else what followed the first node stands in its place
	}
	if s.length < before {
		s.refreshFirst()
		s.tidy()
	}
}

// trimNode marks entries of a node as deleted, from its front.
func (s *stream) trimNode(i int, t *streamTrim) {
	n := &s.nodes[i]
	w := streamWalk{s: s, node: i}
	if i == 0 {
		w.end = int(s.head)
	}
	for n.live > 0 && w.step(n) {
		if t.by == trimMaxLen && s.length <= uint64(t.maxLen) || t.by == trimMinID && !w.id.Less(t.minID) {
			return
		}
		if w.flags&streamDeleted != 0 || t.policy == onlyAcked && s.referenced(w.id) {
			continue
		}
		if t.policy == dropRefs {
			s.unreference(w.id)
		}
		s.mark(&w)
	}
}

// cmdXTrim executes XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT n] [policy].
func cmdXTrim(x *Executor, args [][]byte) error {
	o, _, err := parseStreamArgs(args, false)
	if err != nil {
		return err
	}
	s, err := x.stream(args[1])
	if err != nil || s == nil {
		return err
	}
	s.trim(&o.trim)
	return nil
}

// deleteIDs deletes entries, as far as they are there and the policy lets them.
// delete is asked before for each of them, unless it is nil.
func (s *stream) deleteIDs(ids []entry.StreamID, policy streamPolicy, before func(entry.StreamID) bool) {
	first, deleted := false, false
	for _, id := range ids {
		if before != nil && !before(id) {
			continue
		}
		w, ok := s.find(id)
		if policy == onlyAcked && ok && s.referenced(id) {
			continue
		}
		if policy == dropRefs {
			s.unreference(id)
		}
		if !ok {
			continue
		}
		s.delete(&w)
		deleted = true
		first = first || id == s.first
		if s.maxDeleted.Less(id) {
			s.maxDeleted = id
		}
	}
	if deleted && (first || s.length == 0) {
		s.refreshFirst()
	}
	s.tidy()
}

// cmdXDel executes XDEL key id ...
func cmdXDel(x *Executor, args [][]byte) error {
	s, err := x.stream(args[1])
	if err != nil || s == nil {
		return err
	}
	var buf [8]entry.StreamID
	ids, err := streamIDArgs(buf[:0], args[2:])
	if err == nil {
		s.deleteIDs(ids, keepRefs, nil)
	}
	return err
}

// cmdXDelEx executes XDELEX key [policy] IDS numids id ...
func cmdXDelEx(x *Executor, args [][]byte) error {
	s, err := x.stream(args[1])
	if err != nil || s == nil {
		return err
	}
	ids, policy, err := parseDelEx(args, 2)
	if err == nil {
		s.deleteIDs(ids, policy, nil)
	}
	return err
}

// cmdXAckDel executes XACKDEL key group [policy] IDS numids id ...
func cmdXAckDel(x *Executor, args [][]byte) error {
	s, err := x.stream(args[1])
	if err != nil || s == nil {
		return err
	}
	g := s.group(args[2])
	if g == nil {
		return nil
	}
	ids, policy, err := parseDelEx(args, 3)
	if err == nil {
		s.deleteIDs(ids, policy, g.ack)
	}
	return err
}

// parseDelEx reads a policy and IDs, in any order, from args[at] on.
func parseDelEx(args [][]byte, at int) (ids []entry.StreamID, policy streamPolicy, err error) {
	given := false
	var texts [][]byte
	for at < len(args) {
		switch {
		case texts == nil && equalFold(args[at], "IDS"):
			if texts, at, err = parseStreamIDs(args, at+1); err != nil {
				return nil, 0, err
			}
		case !given && policy.parse(args[at]):
			given = true
			at++
		default:
			return nil, 0, errSyntax
		}
	}
	if texts == nil {
		return nil, 0, errSyntax
	}
	ids, err = streamIDArgs(nil, texts)
	return ids, policy, err
}

const (
	errEntriesAdded = ReplyError("ERR entries_added must be positive")
	errSetIDGiven   = ReplyError("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
	errSetIDTop     = ReplyError("ERR The ID specified in XSETID is smaller than the target stream top item")
	errSetIDAdded   = ReplyError("ERR The entries_added specified in XSETID is smaller than the target stream length")
)

// cmdXSetID executes XSETID key last [ENTRIESADDED n] [MAXDELETEDID id]. The ID
// may be below the highest one that was deleted, as logs of 7.0 have it: later
// servers refuse that.
func cmdXSetID(x *Executor, args [][]byte) error {
	id, err := streamIDArg(args[2])
	if err != nil {
		return err
	}
	added, deleted := int64(-1), entry.StreamID{}
	for i := 3; i < len(args); i += 2 {
		switch {
		case i+1 < len(args) && equalFold(args[i], "ENTRIESADDED"):
			if added, err = intArg(args[i+1]); err == nil && added < 0 {
				err = errEntriesAdded
			}
		case i+1 < len(args) && equalFold(args[i], "MAXDELETEDID"):
			if deleted, err = streamIDArg(args[i+1]); err == nil && id.Less(deleted) {
				err = errSetIDGiven
			}
		default:
			err = errSyntax
		}
		if err != nil {
			return err
		}
	}
	s, err := x.stream(args[1])
	switch {
	case err != nil:
		return err
	case s == nil:
		return errNoKey
	}
	if top, ok := s.top(); ok && id.Less(top) {
		return errSetIDTop
	}
	if added >= 0 && s.length > uint64(added) {
		return errSetIDAdded
	}
	s.last = id
	if added >= 0 {
		s.added = uint64(added)
	}
	if deleted != (entry.StreamID{}) {
		s.maxDeleted = deleted
	}
	return nil
}
