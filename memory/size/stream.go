package size

import (
	"cmp"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// streamNode is the bytes that the last node of a running server has room for.
const streamNode = 4096

// streamValue sizes a stream.
func (z *Sizer) streamValue(e *entry.Entry) (value, error) {
	z.out.Encoding = "stream"
	s := streamSizer{z: z}
	s.tree.reset()
	if v, ok := e.Value.(entry.Nodes); ok {
		for v.NextNode() {
			n := v.Node()
			s.node(n.ID, int64(len(n.Raw)))
			z.out.Content += int64(len(n.Raw))
			_, longest, err := z.check(n.Raw, entry.Listpack)
			if err != nil {
				return value{}, err
			}
			if z.o.Elements {
				z.out.Largest = max(z.out.Largest, longest)
			}
		}
		if err := v.Err(); err != nil {
			return value{}, err
		}
	}
	for e.Value.Next() {
		s.elem(e.Value.Elem().Stream)
	}
	return s.finish(), e.Value.Err()
}

// streamSizer adds up what a stream has.
type streamSizer struct {
	z     *Sizer
	tree  idTree // of the nodes
	v     value
	last  int64 // bytes of the last node
	added bool  // it has had entries
	build streamBuilder

	groups    []string
	group     idTree // PEL of the group
	open      bool
	pending   int64
	consumers map[string]*idTree // PELs
	names     []string
	more      int64           // consumers that are not among them
	active    map[string]bool // consumers that have read
	used      bool            // some group's consumer has

	refs  []entry.StreamID // pending entries of all groups, as far as there is room
	nacks int64
}

// node adds a node of entries.
func (s *streamSizer) node(id entry.StreamID, bytes int64) {
	s.tree.add(id.Ms, id.Seq)
	s.settle(s.last)
	s.last = bytes
}

// settle adds the listpack of a node.
func (s *streamSizer) settle(bytes int64) {
	if bytes == 0 {
		return
	}
	if s.z.l.gen == kvobj {
		s.v.usage.addAll(bytes)
		s.v.data.add(usable(bytes))
		return
	}
	s.v.add(usable(bytes))
}

// elem takes an element of the cursor.
func (s *streamSizer) elem(el *entry.StreamElem) {
	switch el.Kind {
	case entry.StreamEntry: // of a source that has no nodes
		s.z.out.Elements++
		for _, f := range el.Fields {
			s.z.out.Largest = max(s.z.out.Largest, int64(len(f)))
		}
		if id, bytes, full := s.build.add(el); full {
			s.node(id, bytes)
		}
	case entry.StreamInfo:
		// No entry takes less than a byte: a greater length is not believed.
		s.z.out.Elements = int64(min(el.Info.Length, uint64(max(s.z.out.Content, s.z.out.Elements))))
		s.added = el.Info.LastID != entry.StreamID{}
	case entry.StreamGroup:
		s.closeGroup()
		s.open = true
		if len(s.groups) < maxNames {
			s.groups = append(s.groups, string(el.Group.Name))
		} else {
			s.z.out.Exact = false // the names of the others are left out
		}
		s.group.reset()
		s.pending, s.names, s.more = 0, s.names[:0], 0
		s.consumers, s.active = map[string]*idTree{}, map[string]bool{}
	case entry.StreamPending:
		s.pending++
		s.nacks++
		if s.z.l.gen == kvobj && len(s.refs) < maxRefs {
			s.refs = append(s.refs, el.ID)
		}
		s.group.add(el.ID.Ms, el.ID.Seq)
		if el.Pending.Consumer != nil {
			if t := s.pel(el.Pending.Consumer); t != nil {
				t.add(el.ID.Ms, el.ID.Seq)
			}
		}
	case entry.StreamProducer, entry.StreamIID:
		s.z.out.Exact = false // what Redis 8.6 keeps of them is not sized
	case entry.StreamConsumer:
		if s.pel(el.Consumer.Name) == nil {
			s.more++
			return
		}
		s.names = append(s.names, string(el.Consumer.Name))
		if el.Consumer.ActiveAt > 0 {
			s.active[string(el.Consumer.Name)] = true
			s.used = true
		}
	}
}

// maxNames is how many groups of a stream, and consumers of a group, are looked at
// one by one.
const maxNames = 1 << 14

// pel returns the PEL of a consumer, nil where there are too many of them.
func (s *streamSizer) pel(name []byte) *idTree {
	t, ok := s.consumers[string(name)]
	if !ok && len(s.consumers) < maxNames {
		t = &idTree{}
		s.consumers[string(name)] = t
	}
	return t
}

// counted adds a tree with keys: what MEMORY USAGE reckons for it, and what it
// takes.
//
//	Redis and Valkey 8.0   16 for each key and 244 for each node
//	later                  its blocks
//
// A tree that has lost its last key keeps a node for a key as long as the server
// runs.
func (s *streamSizer) counted(t *idTree, used bool) {
	keys := t.keys
	nodes, bytes := t.finish()
	if keys == 0 && used && s.z.o.State == Settled {
		bytes = usable(4 + 16 + 4 + 8)
	}
	if s.z.l.buckets() {
		s.v.add(bytes.plus(usable(32)))
		return
	}
	s.v.data.add(bytes.plus(usable(raxHeader)))
	if s.z.l.gen == kvobj {
		s.v.usage.add(bytes.plus(usable(raxHeader)))
		return
	}
	s.v.usage.addAll(16*keys + 244*nodes)
}

// uncounted adds a tree of names, which MEMORY USAGE leaves out.
func (s *streamSizer) uncounted(names []string) {
	slices.Sort(names)
	_, bytes := treeOfNames(slices.Compact(names))
	head := int64(raxHeader)
	if s.z.l.buckets() {
		head = 32
	}
	s.v.data.add(bytes.plus(usable(head)))
	if s.z.l.gen == kvobj {
		s.v.usage.add(bytes.plus(usable(head)))
	}
}

func (s *streamSizer) closeGroup() {
	if !s.open {
		return
	}
	l := s.z.l
	if l.gen == kvobj {
		s.v.add(usable(l.group).plus(usable(nackKV).times(s.pending)))
	} else {
		s.v.usage.addAll(l.group + nack*s.pending)
		s.v.data.add(usable(l.group).plus(usable(nack).times(s.pending)))
	}
	s.counted(&s.group, len(s.active) > 0)
	before := s.v
	for _, name := range s.names {
		n := int64(len(name))
		if l.gen == kvobj {
			s.v.usage.add(usable(l.consumer).plus(l.sdsCounted(n)))
		} else {
			s.v.usage.addAll(l.consumer + n)
		}
		s.v.data.add(usable(l.consumer).plus(sds(n)))
		s.counted(s.consumers[name], s.active[name])
	}
	if n := int64(len(s.names)); s.more > 0 && n > 0 { // those that are known stand for all
		s.z.out.Exact = false
		for a := range s.v.usage {
			s.v.usage[a] += (s.v.usage[a] - before.usage[a]) / n * s.more
			s.v.data[a] += (s.v.data[a] - before.data[a]) / n * s.more
		}
	}
	s.uncounted(s.names)
}

func (s *streamSizer) finish() value {
	if id, bytes, some := s.build.flush(); some {
		s.node(id, bytes)
	}
	s.closeGroup()
	switch {
	case s.z.o.State == Loaded || s.last == 0:
		s.settle(s.last)
	case s.z.l.gen == kvobj: // counts what is in use
		s.v.usage.addAll(s.last)
		s.v.data.add(usable(max(s.last, streamNode)))
	default:
		s.settle(max(s.last, streamNode))
	}
	s.counted(&s.tree, s.added)
	if len(s.groups) > 0 {
		s.uncounted(s.groups)
	}
	s.references()
	s.v.usage.addAll(s.z.l.stream)
	s.v.data.add(usable(s.z.l.stream))
	return s.v
}

// maxRefs is how many pending entries are looked at together.
const maxRefs = 1 << 18

// references adds what Redis 8.2 and later have to find the groups in which an
// entry is pending: a tree of the IDs, each with a list. MEMORY USAGE leaves the
// lists out.
func (s *streamSizer) references() {
	if len(s.refs) == 0 {
		if s.used && s.z.l.gen == kvobj && s.z.o.State == Settled {
			s.v.add(usable(raxHeader).plus(usable(4 + 16 + 4 + 8)))
		}
		return
	}
	slices.SortFunc(s.refs, func(a, b entry.StreamID) int {
		return cmp.Or(cmp.Compare(a.Ms, b.Ms), cmp.Compare(a.Seq, b.Seq))
	})
	var t idTree
	for _, id := range s.refs {
		t.add(id.Ms, id.Seq)
	}
	keys := t.keys
	_, bytes := t.finish()
	lists := usable(listHead).times(keys)
	if looked := int64(len(s.refs)); looked < s.nacks { // the first ones stand for all
		s.z.out.Exact = false
		for a := range bytes {
			bytes[a] = int64(float64(bytes[a]) * float64(s.nacks) / float64(looked))
			lists[a] = int64(float64(lists[a]) * float64(s.nacks) / float64(looked))
		}
	}
	s.v.add(bytes.plus(usable(raxHeader)))
	s.v.data.add(lists.plus(usable(listNode).times(s.nacks)))
}

// streamBuilder packs entries into nodes as XADD does: up to 100 in each, and
// until it has 4096 bytes.
type streamBuilder struct {
	first   entry.StreamID
	fields  [][]byte // of the first entry
	pack    packer
	entries int
}

const streamNodeEntries = 100

// add adds an entry. It returns the node before it, if that one is full.
func (b *streamBuilder) add(el *entry.StreamElem) (id entry.StreamID, bytes int64, full bool) {
	var more int64
	for _, f := range el.Fields {
		more += int64(len(f))
	}
	if b.entries >= streamNodeEntries || b.entries > 0 && b.pack.bytes+more >= streamNode {
		id, bytes, full = b.flush()
	}
	pairs := int64(len(el.Fields) / 2)
	if b.entries == 0 {
		// count | deleted | number of fields | field ... | 0
		b.pack.reset(false)
		b.first = el.ID
		b.fields = b.fields[:0]
		b.pack.number(1)
		b.pack.number(0)
		b.pack.number(pairs)
		for i := 0; i < len(el.Fields); i += 2 {
			b.fields = append(b.fields, slices.Clone(el.Fields[i]))
			b.pack.text(el.Fields[i])
		}
		b.pack.number(0)
	}
	b.entries++
	same := len(b.fields) == len(el.Fields)/2
	for i := 0; same && i < len(b.fields); i++ {
		same = string(b.fields[i]) == string(el.Fields[2*i])
	}
	// flags | ms | seq | [number of fields] | field or value ... | entries to the start
	b.pack.number(0)
	b.pack.number(int64(el.ID.Ms - b.first.Ms))
	b.pack.number(int64(el.ID.Seq - b.first.Seq))
	if !same {
		b.pack.number(pairs)
	}
	for i, f := range el.Fields {
		if i%2 == 1 || !same {
			b.pack.text(f)
		}
	}
	back := pairs + 3
	if !same {
		back += pairs + 1
	}
	b.pack.number(back)
	return id, bytes, full
}

// flush returns the node that has been built.
func (b *streamBuilder) flush() (id entry.StreamID, bytes int64, some bool) {
	if b.entries == 0 {
		return id, 0, false
	}
	// The count in the head may have become a number of two bytes.
	bytes = b.pack.bytes + listpackInteger(int64(b.entries)) - 1
	b.entries = 0
	return b.first, bytes, true
}
