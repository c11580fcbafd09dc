package aof

import (
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// streamState is what is known of the stream being written.
type streamState struct {
	ids       []entry.StreamID // of the entries, ascending
	many      bool             // there are more entries than ids holds
	info      entry.Info
	group     []byte
	producer  []byte
	records   []byte // the commands for remembered iids
	recorded  uint64
	consumers int64
	missing   int64 // pending entries that commands cannot bring back
	inexact   bool  // of idempotent production
	lost      map[rdb.LossKind]int64
}

// maxIDs is how many IDs are held to look them up: 16 MB.
const maxIDs = 1 << 20

func (s *streamState) reset() {
	*s = streamState{ids: s.ids[:0], group: s.group[:0], producer: s.producer[:0], records: s.records[:0], lost: map[rdb.LossKind]int64{}}
}

// has reports whether the entry is in the stream, as far as is known.
func (s *streamState) has(id entry.StreamID) bool {
	_, ok := slices.BinarySearchFunc(s.ids, id, func(a, b entry.StreamID) int {
		switch {
		case a.Less(b):
			return -1
		case b.Less(a):
			return 1
		}
		return 0
	})
	return ok || s.many && s.ids[len(s.ids)-1].Less(id)
}

// rebuildStream writes a stream as commands. It reports whether they leave
// something out that a RESTORE could say.
func (x *Encoder) rebuildStream() (lacking bool) {
	s := &x.stream
	s.reset()
	v := x.e.Value
	for v.Next() && x.err == nil {
		x.streamElem(v.Elem().Stream)
		x.spill()
	}
	x.fail(v.Err())
	return s.missing > 0 || s.inexact
}

// streamLosses tells what the commands of a stream leave out.
func (x *Encoder) streamLosses() {
	s := &x.stream
	s.lost[rdb.LostPending] = s.missing
	if s.inexact {
		s.lost[rdb.LostProducers] = 1
	}
	s.lost[rdb.LostSeenTime] = s.consumers
	for what := range rdb.NumLosses {
		x.lose(what, s.lost[what])
	}
}

func (x *Encoder) streamElem(e *entry.StreamElem) {
	s := &x.stream
	key := x.e.Key
	var id [41]byte
	switch e.Kind {
	case entry.StreamEntry:
		x.out = AppendArg(AppendHead(x.out, 3+len(e.Fields), "XADD"), key)
		x.out = AppendArg(x.out, e.ID.AppendTo(id[:0]))
		for _, f := range e.Fields {
			x.out = AppendArg(x.out, f)
		}
		if len(s.ids) < maxIDs {
			s.ids = append(s.ids, e.ID)
		} else {
			s.many = true
		}
	case entry.StreamInfo:
		x.streamInfo(&e.Info)
	case entry.StreamGroup:
		x.streamGroup(&e.Group)
	case entry.StreamPending:
		x.streamPending(e)
	case entry.StreamConsumer:
		s.consumers++
		switch {
		case e.Consumer.Pending > 0:
		case x.o.Target.AtLeast(6, 2):
			x.out = AppendCommand(x.out, "XGROUP", []byte("CREATECONSUMER"), key, s.group, e.Consumer.Name)
		default:
			s.lost[rdb.LostConsumer]++
		}
	case entry.StreamProducer:
		s.producer = append(s.producer[:0], e.Name...)
	case entry.StreamIID:
		s.records = AppendCommand(s.records, "XIDMPRECORD", key, s.producer, e.Name, e.ID.AppendTo(id[:0]))
		s.recorded++
		s.inexact = s.inexact || !s.has(e.ID)
	case entry.StreamIDMP:
		x.streamIDMP(&e.IDMP)
	}
}

// streamInfo writes the metadata. A stream without entries is made by one that
// goes at once.
func (x *Encoder) streamInfo(info *entry.Info) {
	s := &x.stream
	s.info = *info
	key := x.e.Key
	var id [41]byte
	if len(s.ids) == 0 {
		x.out = AppendCommand(x.out, "XADD", key, []byte("MAXLEN"), []byte("0"), []byte("0-1"), []byte("x"), []byte("y"))
	}
	full := info.Version >= 2 && x.o.Target.AtLeast(7, 0)
	argc := 3
	if full {
		argc = 7
	} else if info.Version >= 2 && (info.MaxDeletedID != entry.StreamID{} || info.EntriesAdded != info.Length) {
		s.lost[rdb.LostStreamInfo] = 1
	}
	x.out = AppendArg(AppendHead(x.out, argc, "XSETID"), key)
	x.out = AppendArg(x.out, info.LastID.AppendTo(id[:0]))
	if full {
		x.out = appendInt(appendWord(x.out, "ENTRIESADDED"), int64(info.EntriesAdded))
		x.out = AppendArg(appendWord(x.out, "MAXDELETEDID"), info.MaxDeletedID.AppendTo(id[:0]))
	}
}

func (x *Encoder) streamGroup(g *entry.Group) {
	s := &x.stream
	s.group = append(s.group[:0], g.Name...)
	full := s.info.Version >= 2 && x.o.Target.AtLeast(7, 0)
	argc := 5
	if full {
		argc = 7
	} else if s.info.Version >= 2 && g.EntriesRead != s.info.EstimateRead(g.LastID) {
		s.lost[rdb.LostStreamInfo] = 1
	}
	var id [41]byte
	x.out = AppendArg(appendWord(AppendHead(x.out, argc, "XGROUP"), "CREATE"), x.e.Key)
	x.out = AppendArg(AppendArg(x.out, g.Name), g.LastID.AppendTo(id[:0]))
	if full {
		x.out = appendInt(appendWord(x.out, "ENTRIESREAD"), g.EntriesRead)
	}
}

// streamPending writes a pending entry. One whose entry is gone, or that nobody
// owns, cannot be claimed.
func (x *Encoder) streamPending(e *entry.StreamElem) {
	s := &x.stream
	p := &e.Pending
	if p.Consumer == nil || !s.has(e.ID) {
		s.missing++
		return
	}
	var id [41]byte
	x.out = AppendArg(AppendArg(AppendHead(x.out, 12, "XCLAIM"), x.e.Key), s.group)
	x.out = appendWord(AppendArg(x.out, p.Consumer), "0")
	x.out = AppendArg(x.out, e.ID.AppendTo(id[:0]))
	x.out = appendInt(appendWord(x.out, "TIME"), p.DeliveredAt)
	x.out = appendInt(appendWord(x.out, "RETRYCOUNT"), int64(p.Deliveries))
	x.out = appendWord(appendWord(x.out, "JUSTID"), "FORCE")
}

// streamIDMP writes the state of idempotent production. To set it forgets all
// iids, so they come behind it.
func (x *Encoder) streamIDMP(m *entry.IDMP) {
	s := &x.stream
	if x.o.Target.StreamVersion() < 4 {
		s.inexact = false
		if s.recorded > 0 || *m != entry.DefaultIDMP {
			s.lost[rdb.LostProducers] = int64(max(m.Producers, 1))
		}
		return
	}
	if m.DurationSeconds != entry.DefaultIDMP.DurationSeconds || m.MaxSize != entry.DefaultIDMP.MaxSize {
		x.out = AppendArg(AppendHead(x.out, 6, "XCFGSET"), x.e.Key)
		x.out = appendInt(appendWord(x.out, "IDMP-DURATION"), int64(m.DurationSeconds))
		x.out = appendInt(appendWord(x.out, "IDMP-MAXSIZE"), int64(m.MaxSize))
	}
	x.out = append(x.out, s.records...)
	s.inexact = s.inexact || m.Added != s.recorded || m.Duplicates > 0
}
