package keyspace

import (
	"bytes"
	"maps"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// streamIDMP is the state of idempotent production: which messages of which
// producers are remembered. What is too old is forgotten by servers over time,
// never by a log, and so not here.
type streamIDMP struct {
	duration   int64 // seconds
	maxSize    int64 // iids of a producer
	added      uint64
	duplicates uint64
	producers  []*streamProducer // by name
}

type streamProducer struct {
	name  []byte
	iids  []streamIID // oldest first
	known map[string]entry.StreamID
}

type streamIID struct {
	iid string
	id  entry.StreamID
}

// idempotence returns the state, which it creates if there is none.
func (s *stream) idempotence() *streamIDMP {
	if s.idmp == nil {
		s.idmp = &streamIDMP{duration: int64(entry.DefaultIDMP.DurationSeconds), maxSize: int64(entry.DefaultIDMP.MaxSize)}
	}
	return s.idmp
}

func (m *streamIDMP) clone() *streamIDMP {
	if m == nil {
		return nil
	}
	c := *m
	c.producers = make([]*streamProducer, len(m.producers))
	for i, p := range m.producers {
		c.producers[i] = &streamProducer{bytes.Clone(p.name), slices.Clone(p.iids), maps.Clone(p.known)}
	}
	return &c
}

func (m *streamIDMP) find(producer []byte) (int, bool) {
	return slices.BinarySearchFunc(m.producers, producer, func(p *streamProducer, name []byte) int { return bytes.Compare(p.name, name) })
}

// has reports whether an iid of a producer is remembered.
func (m *streamIDMP) has(producer, iid []byte) bool {
	if m == nil {
		return false
	}
	_, ok := m.get(producer, iid)
	return ok
}

// get returns the entry that an iid stands for.
func (m *streamIDMP) get(producer, iid []byte) (id entry.StreamID, ok bool) {
	if i, found := m.find(producer); found {
		id, ok = m.producers[i].known[string(iid)]
	}
	return id, ok
}

// producer returns the producer of that name, which it creates if there is none.
func (m *streamIDMP) producer(name []byte) *streamProducer {
	i, ok := m.find(name)
	if !ok {
		p := &streamProducer{name: append(make([]byte, 0, len(name)), name...), known: map[string]entry.StreamID{}}
		m.producers = slices.Insert(m.producers, i, p)
	}
	return m.producers[i]
}

// add adds an iid that is not there yet.
func (p *streamProducer) add(iid []byte, id entry.StreamID) {
	p.iids = append(p.iids, streamIID{string(iid), id})
	p.known[p.iids[len(p.iids)-1].iid] = id
}

// remember adds an iid that is not there yet, and forgets the oldest one of the
// producer if there are too many.
func (s *stream) remember(producer, iid []byte, id entry.StreamID) {
	m := s.idempotence()
	p := m.producer(producer)
	p.add(iid, id)
	if m.added++; int64(len(p.iids)) > m.maxSize {
		delete(p.known, p.iids[0].iid)
		p.iids[0] = streamIID{}
		p.iids = p.iids[1:]
	}
}

const (
	errNoParameter  = ReplyError("ERR At least one parameter must be specified")
	errIDMPDuration = ReplyError("ERR IDMP-DURATION must be between 1 and 86400 seconds")
	errIDMPMaxSize  = ReplyError("ERR IDMP-MAXSIZE must be between 1 and 10000 entries")
	errEmptyName    = ReplyError("ERR producer ID must be non-empty")
	errEmptyIID     = ReplyError("ERR idempotent ID must be non-empty")
	errNoMessage    = ReplyError("ERR No such message in stream")
	errOtherIID     = ReplyError("ERR IID already exists for this producer with a different stream ID")
)

// cmdXCfgSet executes XCFGSET key [IDMP-DURATION s] [IDMP-MAXSIZE n]. All iids
// are forgotten when a value changes.
func cmdXCfgSet(x *Executor, args [][]byte) error {
	duration, maxSize := int64(-1), int64(-1)
	var err error
	for i := 2; i < len(args); i += 2 {
		switch {
		case i+1 < len(args) && equalFold(args[i], "IDMP-DURATION"):
			if duration, err = intArg(args[i+1]); err == nil && (duration < 1 || duration > 86400) {
				err = errIDMPDuration
			}
		case i+1 < len(args) && equalFold(args[i], "IDMP-MAXSIZE"):
			if maxSize, err = intArg(args[i+1]); err == nil && (maxSize < 1 || maxSize > 10000) {
				err = errIDMPMaxSize
			}
		default:
			err = errSyntax
		}
		if err != nil {
			return err
		}
	}
	if len(args) == 2 {
		return errNoParameter
	}
	s, err := x.stream(args[1])
	switch {
	case err != nil:
		return err
	case s == nil:
		return errNoKey
	}
	m := s.idempotence()
	if duration < 0 {
		duration = m.duration
	}
	if maxSize < 0 {
		maxSize = m.maxSize
	}
	if duration != m.duration || maxSize != m.maxSize {
		m.duration, m.maxSize, m.producers = duration, maxSize, nil
	}
	return nil
}

// cmdXIDMPRecord executes XIDMPRECORD key producer iid id.
func cmdXIDMPRecord(x *Executor, args [][]byte) error {
	s, err := x.stream(args[1])
	switch {
	case err != nil:
		return err
	case s == nil:
		return errNoKey
	}
	id, err := streamIDArg(args[4])
	switch {
	case err != nil:
		return err
	case len(args[2]) == 0:
		return errEmptyName
	case len(args[3]) == 0:
		return errEmptyIID
	}
	if !s.has(id) {
		return errNoMessage
	}
	if old, ok := s.idempotence().get(args[2], args[3]); ok {
		if old != id {
			return errOtherIID
		}
		return nil
	}
	s.remember(args[2], args[3], id)
	return nil
}
