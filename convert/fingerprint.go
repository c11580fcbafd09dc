package convert

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"math"
	"math/bits"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/entry/filter"
)

// Fingerprint tells apart data sets within one process, with all that servers
// keep of keys and functions: unlike a digest also groups, deadlines to the
// millisecond, and modules. The order of keys, and of members where servers
// have none, does not matter.
type Fingerprint struct {
	Sum       uint64
	Keys      int64
	Functions int64
}

// prints computes fingerprints.
type prints struct {
	seed  maphash.Seed
	h     maphash.Hash
	buf   []byte
	total Fingerprint
}

// Prover compares data sets by their fingerprints.
type Prover struct{ seed maphash.Seed }

// NewProver returns a Prover. Fingerprints of different Provers tell nothing.
func NewProver() *Prover { return &Prover{maphash.MakeSeed()} }

// Fingerprint returns that of the entries of a source that pass a filter.
func (p *Prover) Fingerprint(ctx context.Context, src Source, f *filter.Filter, jobs int) (all Fingerprint, err error) {
	err = each(ctx, src, f, jobs, func() *prints {
		r := &prints{seed: p.seed}
		r.h.SetSeed(p.seed)
		return r
	}, (*prints).add, func(r *prints) {
		all.Sum += r.total.Sum
		all.Keys += r.total.Keys
		all.Functions += r.total.Functions
		r.total = Fingerprint{}
	})
	return all, err
}

func (p *prints) of(b []byte) uint64 { return maphash.Bytes(p.seed, b) }

// then joins a number to a sum, in a way that the order matters.
func then(sum, v uint64) uint64 {
	hi, lo := bits.Mul64(sum^0x9e3779b97f4a7c15, 0xd1342543de82ef95)
	return bits.RotateLeft64(hi^lo, 17) + v*0x2545f4914f6cdd1d
}

func (p *prints) add(e *entry.Entry) error {
	if m := e.Meta; m != nil {
		if m.Kind == entry.MetaFunction {
			p.total.Functions++
			p.total.Sum += then(1, p.of(m.Value))
		}
		return nil
	}
	sum := then(p.of(e.Key), uint64(e.DB)<<8|uint64(e.Type))
	sum = then(sum, uint64(e.ExpireAt))
	switch e.Type {
	case entry.String, entry.List, entry.Set, entry.ZSet, entry.Hash:
		sum = then(sum, p.elems(e))
	default:
		sum = then(sum, uint64(e.Module))
		for e.Value.Next() {
			m := e.Value.Elem()
			if s := m.Stream; s != nil && s.Kind == entry.StreamIDMP && s.IDMP == entry.DefaultIDMP {
				continue // servers before Redis 8.6, and commands, do not say it
			}
			sum = then(sum, p.rare(m))
		}
	}
	p.total.Keys++
	p.total.Sum += sum
	return e.Value.Err()
}

// elems returns the sum of the elements of the types that all servers have.
func (p *prints) elems(e *entry.Entry) (sum uint64) {
	v := e.Value
	parts := false // of a string have been written to p.h
	for v.Next() {
		m := v.Elem()
		part := m.Data
		if e.Type == entry.Hash {
			part = m.Value
		}
		if m.More {
			p.h.Write(part)
			parts = true
			continue
		}
		one := uint64(0)
		if parts {
			p.h.Write(part)
			one = p.h.Sum64() // what maphash.Bytes gives for the whole
			p.h.Reset()
			parts = false
		} else {
			one = p.of(part)
		}
		switch e.Type {
		case entry.Set:
			sum += then(2, one)
		case entry.ZSet:
			sum += then(one, math.Float64bits(m.Score+0)) // compact forms do not keep the sign of a zero
		case entry.Hash:
			sum += then(then(p.of(m.Data), one), uint64(m.ExpireAt))
		default:
			sum = then(sum, one)
		}
	}
	return sum
}

// rare returns the sum of an element of the other types.
func (p *prints) rare(m *entry.Elem) uint64 {
	p.buf = p.buf[:0]
	p.text(m.Data, m.Value, m.Path)
	p.number(m.Index)
	if v := m.Vector; v != nil {
		p.text(v.Raw, v.Attributes)
	}
	if c := m.Cron; c != nil {
		p.text(c.Script)
		p.text(c.Keys...)
		p.text(c.Args...)
		p.number(uint64(c.StartAt), uint64(c.IntervalMs))
	}
	if s := m.Stream; s != nil {
		p.stream(s)
	}
	return p.of(p.buf)
}

func (p *prints) stream(s *entry.StreamElem) {
	p.number(uint64(s.Kind))
	switch s.Kind {
	case entry.StreamEntry:
		p.number(s.ID.Ms, s.ID.Seq)
		p.text(s.Fields...)
	case entry.StreamInfo:
		i := &s.Info // older versions say less of it
		p.number(i.Length, i.LastID.Ms, i.LastID.Seq)
	case entry.StreamGroup:
		p.number(s.Group.LastID.Ms, s.Group.LastID.Seq, uint64(s.Group.Pending), uint64(s.Group.Consumers))
		p.text(s.Group.Name)
	case entry.StreamPending:
		p.number(s.ID.Ms, s.ID.Seq, uint64(s.Pending.DeliveredAt), s.Pending.Deliveries)
		p.text(s.Pending.Consumer)
	case entry.StreamConsumer:
		p.text(s.Consumer.Name)
		p.number(uint64(s.Consumer.Pending))
	case entry.StreamProducer:
		p.text(s.Name)
	case entry.StreamIID:
		p.text(s.Name)
		p.number(s.ID.Ms, s.ID.Seq)
	case entry.StreamIDMP:
		p.number(s.IDMP.DurationSeconds, s.IDMP.MaxSize, s.IDMP.Added, s.IDMP.Duplicates)
	}
}

func (p *prints) text(all ...[]byte) {
	for _, b := range all {
		p.buf = append(binary.AppendUvarint(p.buf, uint64(len(b))), b...)
	}
}

func (p *prints) number(all ...uint64) {
	for _, n := range all {
		p.buf = binary.LittleEndian.AppendUint64(p.buf, n)
	}
}
