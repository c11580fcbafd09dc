package memory

import (
	"cmp"
	"slices"

	"github.com/rdbtool/rdbtool/internal/slot"
	"github.com/rdbtool/rdbtool/memory/size"
)

// maxSlots is how many slots a report lists.
const maxSlots = 256

// slotTable counts the keys with a hash tag by cluster slot.
type slotTable map[int16]*taggedSlot

type taggedSlot struct {
	part
	tag  string // the one that has most of the slot's bytes, if one has more than half
	lead int64  // by how much it is ahead of the others
}

func (t *slotTable) add(r *record, key []byte) {
	tag, has := slot.Tag(key)
	if !has {
		return
	}
	if *t == nil {
		*t = slotTable{}
	}
	s := (*t)[r.slot]
	if s == nil {
		s = &taggedSlot{}
		(*t)[r.slot] = s
	}
	s.part.add(&r.usage)
	switch n := r.usage[0]; {
	case string(tag) == s.tag:
		s.lead += n
	case n > s.lead:
		s.tag, s.lead = keyName(tag), n-s.lead
	default:
		s.lead -= n
	}
}

func (t slotTable) report(a size.Allocator, scale float64) []Slot {
	var out []Slot
	for n, s := range t {
		out = append(out, Slot{int(n), s.tag, scaled(s.keys, scale), scaled(s.bytes[a], scale)})
	}
	return topSlots(out)
}

func topSlots(s []Slot) []Slot {
	slices.SortFunc(s, func(x, y Slot) int { return cmp.Or(cmp.Compare(y.Bytes, x.Bytes), cmp.Compare(x.Slot, y.Slot)) })
	return s[:min(len(s), maxSlots)]
}
