package rdb

import (
	"github.com/rdbtool/rdbtool/entry"
)

// What stands behind the groups since version 4: which messages of which
// producers are remembered.
//
//	len duration (s), len most iids of a producer
//	len n, n x ( str producer, len m, m x ( str iid, ID ) )
//	len iids added, len iids recognised again

func (v *streamValue) beginIDMP() {
	v.idmp = entry.IDMP{}
	v.err = v.d.parse(func(p *parser) {
		v.idmp.DurationSeconds, v.idmp.MaxSize, v.idmp.Producers = p.length(), p.length(), p.length()
	})
	v.phase, v.left = inProducers, v.idmp.Producers
}

func (v *streamValue) producer() bool {
	var n uint64
	v.err = v.d.parse(func(p *parser) {
		v.name = append(v.name[:0], p.text()...)
		n = p.length()
	})
	v.out.Kind, v.out.Name = entry.StreamProducer, v.name
	v.phase, v.producers, v.left = inIIDs, v.left, n
	return v.err == nil
}

func (v *streamValue) iid() bool {
	v.err = v.d.parse(func(p *parser) { v.out.Name, v.out.ID = p.text(), p.id() })
	v.out.Kind = entry.StreamIID
	return v.err == nil
}

func (v *streamValue) counters() bool {
	v.err = v.d.parse(func(p *parser) { v.idmp.Added, v.idmp.Duplicates = p.length(), p.length() })
	v.out.Kind, v.out.IDMP, v.phase = entry.StreamIDMP, v.idmp, atEnd
	return v.err == nil
}
