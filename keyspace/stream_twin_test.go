package keyspace

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
)

// streamTwin is a stream kept in the simplest way: what stream packs, as a list.
type streamTwin struct {
	entries []twinEntry
	last    entry.StreamID
}

type twinEntry struct {
	id     entry.StreamID
	fields []string
}

// checkStream checks that the parts of s agree with each other.
func checkStream(t *testing.T, s *stream) {
	t.Helper()
	total, removed := 0, 0
	var before entry.StreamID
	for i := range s.nodes {
		n := &s.nodes[i]
		if n.b == nil {
			if removed++; i == 0 || i == len(s.nodes)-1 {
				t.Errorf("a removed node at the edge")
			}
			continue
		}
		if i > 0 && !before.Less(n.first) {
			t.Errorf("node %d begins at %v, behind %v", i, n.first, before)
		}
		live, deleted := 0, 0
		w := streamWalk{s: s, node: i}
		for w.step(n) {
			if live+deleted > 0 && !before.Less(w.id) || live+deleted == 0 && w.id != n.first {
				t.Errorf("node %d: %v stands behind %v", i, w.id, before)
			}
			before = w.id
			if w.flags&streamDeleted == 0 {
				live++
				if i == 0 && w.at < int(s.head) {
					t.Errorf("%v stands before the head, and is not deleted", w.id)
				}
			} else {
				deleted++
			}
		}
		if live != int(n.live) || deleted != int(n.deleted) || before != n.last || live+deleted > streamNodeEntries {
			t.Errorf("node %d: %d entries and %d deleted up to %v, it says %d, %d, %v", i, live, deleted, before, n.live, n.deleted, n.last)
		}
		total += live
	}
	if uint64(total) != s.length || removed != s.removed {
		t.Errorf("%d entries and %d removed nodes, the stream says %d and %d", total, removed, s.length, s.removed)
	}
	if !slices.IsSortedFunc(s.groups, func(a, b *streamGroup) int { return bytes.Compare(a.name, b.name) }) {
		t.Errorf("groups out of order")
	}
	for _, g := range s.groups {
		checkGroup(t, g)
	}
}

func checkGroup(t *testing.T, g *streamGroup) {
	t.Helper()
	n := 0
	var before entry.StreamID
	owned := make([]int, len(g.consumers))
	for _, c := range g.pel.chunks {
		if len(c) == 0 || len(c) > maxPendingChunk {
			t.Errorf("a chunk of %d pending entries", len(c))
		}
		for _, p := range c {
			if n > 0 && !before.Less(p.id) {
				t.Errorf("pending %v stands behind %v", p.id, before)
			}
			if before = p.id; p.owner >= 0 {
				owned[p.owner]++
			}
			n++
		}
	}
	if n != g.pel.n {
		t.Errorf("%d pending entries, the PEL says %d", n, g.pel.n)
	}
	names := 0
	for i, c := range g.consumers {
		if c.pending != owned[i] || c.name == nil && owned[i] > 0 {
			t.Errorf("consumer %q owns %d, it says %d", c.name, owned[i], c.pending)
		}
		if c.name != nil {
			names++
		}
	}
	sorted := slices.IsSortedFunc(g.order, func(a, b int32) int { return bytes.Compare(g.consumers[a].name, g.consumers[b].name) })
	if names != len(g.order) || !sorted {
		t.Errorf("%d consumers, %d in order (%v)", names, len(g.order), sorted)
	}
}

func (w *streamTwin) check(t *testing.T, s *stream) {
	t.Helper()
	checkStream(t, s)
	var got []twinEntry
	for k := s.walk(); k.next(); {
		e := twinEntry{id: k.id}
		for _, f := range k.fields(nil) {
			e.fields = append(e.fields, string(f))
		}
		got = append(got, e)
	}
	if fmt.Sprint(got) != fmt.Sprint(w.entries) {
		t.Fatalf("entries\n%v\nwant\n%v", got, w.entries)
	}
	var first entry.StreamID
	if len(got) > 0 {
		first = got[0].id
	}
	top, ok := s.top()
	if s.first != first || ok != (len(got) > 0) || ok && top != got[len(got)-1].id {
		t.Fatalf("first %v, top %v (%v) of %v", s.first, top, ok, got)
	}
}

func (w *streamTwin) index(id entry.StreamID) (int, bool) {
	return slices.BinarySearchFunc(w.entries, id, func(e twinEntry, id entry.StreamID) int {
		if e.id == id {
			return 0
		} else if e.id.Less(id) {
			return -1
		}
		return 1
	})
}

func randomStreamFields(r *rand.Rand) (fields [][]byte) {
	if r.IntN(3) > 0 {
		return [][]byte{[]byte("a"), randomStreamText(r), []byte("b"), randomStreamText(r)}
	}
	for range r.IntN(5) + 1 {
		fields = append(fields, randomStreamText(r), randomStreamText(r))
	}
	return fields
}

func randomStreamText(r *rand.Rand) []byte {
	switch r.IntN(4) {
	case 0:
		return fmt.Append(nil, r.Int64()>>r.IntN(64)-1<<10)
	case 1:
		return bytes.Repeat([]byte("x"), r.IntN(500)>>r.IntN(8))
	}
	return fmt.Appendf(nil, "%x", r.Uint64()>>r.IntN(64))
}

func TestStreamTwin(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		s, w := newStream(), &streamTwin{}
		for range 40 {
			switch op := r.IntN(10); {
			case op < 5:
				for range 1 + r.IntN(200)>>r.IntN(8) {
					id := entry.StreamID{Ms: w.last.Ms + uint64(r.IntN(3)<<r.IntN(30)), Seq: r.Uint64() >> r.IntN(64)}
					if id.Ms == w.last.Ms {
						id.Seq = w.last.Seq + 1 + uint64(r.IntN(3))
					}
					if !w.last.Less(id) {
						continue
					}
					w.last = id
					e := twinEntry{id: id}
					fields := randomStreamFields(r)
					for _, f := range fields {
						e.fields = append(e.fields, string(f))
					}
					w.entries = append(w.entries, e)
					s.append(id, fields)
				}
			case op < 8:
				var ids []entry.StreamID
				for range r.IntN(80) {
					id := entry.StreamID{Ms: r.Uint64() % (w.last.Ms + 1)}
					if len(w.entries) > 0 && r.IntN(10) > 0 {
						id = w.entries[r.IntN(len(w.entries))].id
					}
					ids = append(ids, id)
					at, ok := w.index(id)
					if got := s.has(id); got != ok {
						t.Fatalf("seed %d: has(%v) is %v", seed, id, got)
					}
					if k := s.from(id); k.next() != (at < len(w.entries)) || at < len(w.entries) && k.id != w.entries[at].id {
						t.Fatalf("seed %d: from(%v) is %v", seed, id, k.id)
					}
				}
				for _, id := range ids {
					if at, ok := w.index(id); ok {
						w.entries = slices.Delete(w.entries, at, at+1)
					}
				}
				s.deleteIDs(ids, keepRefs, nil)
			case op == 8:
				n := r.IntN(len(w.entries) + 5)
				w.entries = w.entries[max(len(w.entries)-n, 0):]
				s.trim(&streamTrim{by: trimMaxLen, maxLen: int64(n), limit: 1 << 60})
			default:
				id := entry.StreamID{Ms: r.Uint64() % (w.last.Ms + 1)}
				at, _ := w.index(id)
				w.entries = w.entries[at:]
				s.trim(&streamTrim{by: trimMinID, minID: id, limit: 1 << 60})
			}
			w.check(t, s)
		}
		checkReload(t, s)
	}
}

// checkReload checks that what the cursor of s gives makes the same stream, and
// that a clone is the same and shares nothing.
func checkReload(t *testing.T, s *stream) {
	t.Helper()
	want := streamState(s)
	var e entry.Entry
	s.fill(&e)
	again := newStream()
	if err := again.load(&e); err != nil {
		t.Fatal(err)
	}
	checkStream(t, again)
	if got := streamState(again); !slices.Equal(got, want) {
		t.Fatalf("loaded again:\n%v\nwant\n%v", got, want)
	}
	o, _ := s.clone()
	c := o.(*stream)
	if got := streamState(c); !slices.Equal(got, want) {
		t.Fatalf("the clone is\n%v\nwant\n%v", got, want)
	}
	for _, g := range c.groups {
		for _, p := range g.pel.chunks {
			clear(p)
		}
		clear(g.consumers)
		clear(g.order)
	}
	clear(c.groups)
	for i := range c.nodes {
		clear(c.nodes[i].b)
	}
	if got := streamState(s); !slices.Equal(got, want) {
		t.Fatalf("the clone shares something: now it is\n%v\nwant\n%v", got, want)
	}
}

// streamState shows a stream, line by line.
func streamState(s *stream) (lines []string) {
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	var e entry.Entry
	s.fill(&e)
	for e.Value.Next() {
		m := e.Value.Elem().Stream
		switch m.Kind {
		case entry.StreamEntry:
			add("entry %v %q", m.ID, m.Fields)
		case entry.StreamInfo:
			i := &m.Info
			add("info %d last %v first %v deleted %v added %d groups %d", i.Length, i.LastID, i.FirstID, i.MaxDeletedID, i.EntriesAdded, i.Groups)
		case entry.StreamGroup:
			g := &m.Group
			add("group %q last %v read %d pending %d consumers %d", g.Name, g.LastID, g.EntriesRead, g.Pending, g.Consumers)
		case entry.StreamPending:
			p := &m.Pending
			add("pending %v of %q at %d, %d times, nacked %v", m.ID, p.Consumer, p.DeliveredAt, p.Deliveries, p.Nacked)
		case entry.StreamConsumer:
			add("consumer %q pending %d seen %d active %d", m.Consumer.Name, m.Consumer.Pending, m.Consumer.SeenAt, m.Consumer.ActiveAt)
		case entry.StreamProducer:
			add("producer %q", m.Name)
		case entry.StreamIID:
			add("iid %q %v", m.Name, m.ID)
		case entry.StreamIDMP:
			add("idmp %+v", m.IDMP)
		}
	}
	return lines
}

func TestPendingListTwin(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		g := &streamGroup{consumers: make([]streamConsumer, 3)}
		twin := map[entry.StreamID]pendingEntry{}
		space := 50 << r.IntN(6)
		for round := range 12000 {
			id := entry.StreamID{Ms: uint64(r.IntN(space)), Seq: uint64(r.IntN(2))}
			p := g.pel.find(id)
			if want, ok := twin[id]; ok != (p != nil) || ok && *p != want {
				t.Fatalf("seed %d: find(%v) is %v, want %v", seed, id, p, want)
			}
			op := r.IntN(5)
			if round/2000%2 == 1 && op < 3 {
				op = 3 // the list becomes short again
			}
			switch op {
			case 0, 1, 2:
				e := pendingEntry{id: id, delivered: r.Int64(), owner: int32(r.IntN(3))}
				if r.IntN(3) == 0 {
					break
				}
				if p == nil {
					p = g.pel.add(pendingEntry{id: id, owner: ownerNone})
				}
				g.give(p, e.owner)
				p.delivered = e.delivered
				twin[id] = e
			case 3:
				if got := g.ack(id); got != (p != nil) {
					t.Fatalf("seed %d: ack(%v) is %v", seed, id, got)
				}
				delete(twin, id)
			default: // a run, as XAUTOCLAIM takes it
				at, _ := g.pel.seek(id)
				for range r.IntN(200) {
					here := at
					e := g.pel.get(&at)
					if e == nil {
						break
					}
					if _, ok := twin[e.id]; !ok || e.id.Less(id) {
						t.Fatalf("seed %d: from %v comes %v", seed, id, e.id)
					}
					if r.IntN(20) == 0 {
						delete(twin, e.id)
						at = g.drop(here)
					}
				}
			}
			if g.pel.n != len(twin) {
				t.Fatalf("seed %d: %d pending, want %d", seed, g.pel.n, len(twin))
			}
		}
		for i := range g.consumers {
			g.consumers[i].name = fmt.Append(nil, i)
			g.order = append(g.order, int32(i))
		}
		checkGroup(t, g)
		owner := g.order[1]
		g.deleteConsumer(1)
		for id, p := range twin {
			if got := g.pel.find(id); (got == nil) != (p.owner == owner) {
				t.Fatalf("seed %d: %v of %d is %v after consumer %d was deleted", seed, id, p.owner, got, owner)
			}
		}
		checkGroup(t, g)
	}
}
