package rdb

import (
	"encoding/binary"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// tailBuilder builds what stands behind a stream's metadata, for one version of
// the record: the groups and the state of idempotent production. See
// streamGroup for the layout.
type tailBuilder struct {
	version int
	info    entry.Info // as the source has it
	out     []byte
	lost    map[LossKind]int64
	twice   string // a consumer that comes twice in its group

	groups uint64
	body   []byte // all finished groups
	group  openGroup
	idmp   openIDMP
}

// written is the place of a consumer that has been written.
const written = -1

// openGroup is the group being built.
type openGroup struct {
	active    bool
	head      []byte // name, last ID, entries read
	pel       []byte
	pending   uint64
	ids       []ownedID
	nacked    []byte
	nacks     uint64
	owners    map[string]int32
	consumers []byte
	count     uint64
	sorted    bool // ids are in buckets by owner
	starts    []int32
	order     []entry.StreamID
}

type ownedID struct {
	id    entry.StreamID
	owner int32
}

// openIDMP is the state of idempotent production being built.
type openIDMP struct {
	seen      bool
	body      []byte // finished producers
	producers uint64
	name      []byte
	open      bool
	iids      []byte
	count     uint64
	state     entry.IDMP
}

func (t *tailBuilder) reset(version int, info entry.Info) {
	t.version, t.info, t.groups, t.twice = version, info, 0, ""
	t.out, t.body = t.out[:0], t.body[:0]
	t.group.active = false
	t.idmp = openIDMP{body: t.idmp.body[:0], iids: t.idmp.iids[:0], name: t.idmp.name[:0]}
	clear(t.lost)
	if t.lost == nil {
		t.lost = map[LossKind]int64{}
	}
	if version < 2 && info.Version >= 2 && (info.MaxDeletedID != entry.StreamID{} || info.EntriesAdded != info.Length) {
		t.lost[LostStreamInfo] = 1
	}
}

func (t *tailBuilder) add(s *entry.StreamElem) {
	switch s.Kind {
	case entry.StreamGroup:
		t.finishGroup()
		t.beginGroup(&s.Group)
	case entry.StreamPending:
		t.pending(s)
	case entry.StreamConsumer:
		t.consumer(&s.Consumer)
	case entry.StreamProducer:
		t.idmp.finishProducer()
		t.idmp.open, t.idmp.name = true, append(t.idmp.name[:0], s.Name...)
	case entry.StreamIID:
		t.idmp.iids = appendID(rdbwire.AppendText(t.idmp.iids, s.Name), s.ID)
		t.idmp.count++
	case entry.StreamIDMP:
		t.idmp.finishProducer()
		t.idmp.seen, t.idmp.state = true, s.IDMP
	}
}

func (t *tailBuilder) beginGroup(g *entry.Group) {
	o := &t.group
	*o = openGroup{
		active: true, head: o.head[:0], pel: o.pel[:0], ids: o.ids[:0], nacked: o.nacked[:0], consumers: o.consumers[:0],
		starts: o.starts, order: o.order, owners: o.owners,
	}
	if o.owners == nil {
		o.owners = map[string]int32{}
	}
	clear(o.owners)
	o.head = appendID(rdbwire.AppendText(o.head, g.Name), g.LastID)
	if t.version >= 2 {
		o.head = rdbwire.AppendLength(o.head, uint64(g.EntriesRead))
	} else if t.info.Version >= 2 && g.EntriesRead != t.info.EstimateRead(g.LastID) {
		t.lost[LostStreamInfo] = 1
	}
}

func (t *tailBuilder) pending(s *entry.StreamElem) {
	o := &t.group
	p := &s.Pending
	if p.Nacked {
		if t.version < 5 {
			t.lost[LostNacked]++
			return
		}
		o.nacked = appendRawID(o.nacked, s.ID)
		o.nacks++
	}
	o.pending++
	o.pel = appendRawID(o.pel, s.ID)
	o.pel = binary.LittleEndian.AppendUint64(o.pel, uint64(p.DeliveredAt))
	o.pel = rdbwire.AppendLength(o.pel, p.Deliveries)
	if p.Consumer == nil {
		return
	}
	owner, ok := o.owners[string(p.Consumer)]
	if !ok {
		owner = int32(len(o.owners))
		o.owners[string(p.Consumer)] = owner
	}
	o.ids = append(o.ids, ownedID{s.ID, owner})
}

// bucket sorts the pending IDs by owner and leaves their order otherwise.
func (o *openGroup) bucket() {
	o.sorted = true
	o.starts = append(o.starts[:0], make([]int32, len(o.owners)+1)...)
	for i := range o.ids {
		o.starts[o.ids[i].owner+1]++
	}
	for i := 1; i < len(o.starts); i++ {
		o.starts[i] += o.starts[i-1]
	}
	o.order = append(o.order[:0], make([]entry.StreamID, len(o.ids))...)
	next := append([]int32{}, o.starts...)
	for _, p := range o.ids {
		o.order[next[p.owner]] = p.id
		next[p.owner]++
	}
}

func (t *tailBuilder) consumer(c *entry.Consumer) {
	o := &t.group
	if !o.sorted {
		o.bucket()
	}
	o.count++
	o.consumers = rdbwire.AppendText(o.consumers, c.Name)
	o.consumers = binary.LittleEndian.AppendUint64(o.consumers, uint64(c.SeenAt))
	if t.version >= 3 {
		o.consumers = binary.LittleEndian.AppendUint64(o.consumers, uint64(c.ActiveAt))
	} else if t.info.Version >= 3 && c.ActiveAt != c.SeenAt {
		t.lost[LostActiveTime]++
	}
	var ids []entry.StreamID
	switch owner, ok := o.owners[string(c.Name)]; {
	case ok && owner == written:
		t.twice = string(c.Name)
	case ok:
		ids = o.order[o.starts[owner]:o.starts[owner+1]]
	}
	o.owners[string(c.Name)] = written
	o.consumers = rdbwire.AppendLength(o.consumers, uint64(len(ids)))
	for _, id := range ids {
		o.consumers = appendRawID(o.consumers, id)
	}
}

func (t *tailBuilder) finishGroup() {
	o := &t.group
	if !o.active {
		return
	}
	o.active = false
	t.groups++
	b := append(t.body, o.head...)
	b = append(rdbwire.AppendLength(b, o.pending), o.pel...)
	b = append(rdbwire.AppendLength(b, o.count), o.consumers...)
	if t.version >= 5 {
		b = append(rdbwire.AppendLength(b, o.nacks), o.nacked...)
	}
	t.body = b
}

func (p *openIDMP) finishProducer() {
	if !p.open {
		return
	}
	p.open = false
	p.producers++
	p.body = rdbwire.AppendLength(rdbwire.AppendText(p.body, p.name), p.count)
	p.body = append(p.body, p.iids...)
	p.iids, p.count = p.iids[:0], 0
}

// finish puts all of it together.
func (t *tailBuilder) finish() {
	t.finishGroup()
	t.out = append(rdbwire.AppendLength(t.out, t.groups), t.body...)
	p := &t.idmp
	if t.version < 4 {
		if s := &p.state; p.seen && (p.producers > 0 || *s != entry.DefaultIDMP) {
			t.lost[LostProducers] = int64(max(p.producers, 1))
		}
		return
	}
	if !p.seen {
		p.state = entry.DefaultIDMP
	}
	b := rdbwire.AppendLength(t.out, p.state.DurationSeconds)
	b = rdbwire.AppendLength(b, p.state.MaxSize)
	b = append(rdbwire.AppendLength(b, p.producers), p.body...)
	b = rdbwire.AppendLength(b, p.state.Added)
	t.out = rdbwire.AppendLength(b, p.state.Duplicates)
}
