package keyspace

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// A packed sorted set is what servers keep in a listpack, a large one what they
// keep in a skiplist, and with the same limits: whether a zero keeps its sign
// depends on it.
const (
	maxPackedScores = 128
	maxPackedMember = 64
)

// scored is a member of a sorted set.
type scored struct {
	member []byte
	score  float64
}

// compareScored puts members in the order of a sorted set.
func compareScored(a, b scored) int {
	if a.score != b.score {
		return cmp.Compare(a.score, b.score)
	}
	return bytes.Compare(a.member, b.member)
}

// sortedSet is a large sorted set: member to score (8 bytes). Its order is made
// when a command first asks for it.
type sortedSet struct {
	dict
	order *order
}

func (z *sortedSet) clone() (any, error) {
	d, err := z.dict.clone()
	if err != nil {
		return nil, err
	}
	return &sortedSet{dict: *d.(*dict)}, nil
}

func scoreOf(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

func putScore(b []byte, f float64) { binary.LittleEndian.PutUint64(b, math.Float64bits(f)) }

// set sets the score of a member.
func (z *sortedSet) set(member []byte, score float64) error {
	at := z.find(member)
	if at < 0 {
		at, err := z.insert(0, member, entry.NoExpire, 8)
		if err != nil {
			return err
		}
		putScore(z.block(at).value(), score)
		if z.order != nil {
			z.order.insert(z.slots[at].h)
		}
		return nil
	}
	h := z.slots[at].h
	if z.order != nil {
		z.order.remove(h)
	}
	putScore(z.block(at).value(), score)
	if z.order != nil {
		z.order.insert(h)
	}
	return nil
}

// take removes a member.
func (z *sortedSet) take(member []byte) bool {
	at := z.find(member)
	if at < 0 {
		return false
	}
	if z.order != nil {
		z.order.remove(z.slots[at].h)
	}
	z.remove(at)
	return true
}

// nextScored returns the member at the start of packed ones.
func nextScored(b []byte) (s scored, rest []byte) {
	s.score = scoreOf(b)
	s.member, rest = nextItem(b[8:])
	return s, rest
}

// packedScore returns a score as a packed sorted set keeps it: a listpack loses
// the sign of a zero, the ziplists before Redis 7.0 do not.
func (d *dict) packedScore(f float64) float64 {
	if d.signedZero {
		return f
	}
	return f + 0 // -0 + 0 is 0
}

// findScored returns where a packed member begins and ends, and how many stand
// before it.
func findScored(b, member []byte) (start, end, n int, ok bool) {
	for rest := b; len(rest) > 0; n++ {
		start = len(b) - len(rest)
		var s scored
		if s, rest = nextScored(rest); bytes.Equal(s.member, member) {
			return start, len(b) - len(rest), n, true
		}
	}
	return 0, 0, n, false
}

// score returns the score of a member. r must exist.
func (r *ref) score(member []byte) (float64, bool) {
	if z, ok := r.object().(*sortedSet); ok {
		at := z.find(member)
		if at < 0 {
			return 0, false
		}
		return scoreOf(z.block(at).value()), true
	}
	b := r.value()
	start, _, _, ok := findScored(b, member)
	if !ok {
		return 0, false
	}
	return scoreOf(b[start:]), true
}

// setScore sets the score of a member of a sorted set, which exists but may be
// empty.
func (r *ref) setScore(member []byte, score float64) error {
	return r.setScores(member, score, r.d.packedScore(score))
}

// setScores is setScore with the score that a packed sorted set keeps.
func (r *ref) setScores(member []byte, score, packed float64) error {
	z, large := r.object().(*sortedSet)
	if !large {
		b := r.value()
		start, _, n, ok := findScored(b, member)
		if ok {
			putScore(b[start:], packed)
			return nil
		}
		if n < maxPackedScores && len(member) <= maxPackedMember {
			size := itemSize(member)
			room, err := r.d.splice(r.at, len(b), 0, 8+size)
			if err == nil {
				putScore(room, packed)
				putItem(room[8:], member)
			}
			return err
		}
		var err error
		if z, err = r.enlarge(); err != nil {
			return err
		}
	}
	return z.set(member, score)
}

// enlarge makes a packed sorted set a large one.
func (r *ref) enlarge() (*sortedSet, error) {
	z := &sortedSet{}
	for rest := r.value(); len(rest) > 0; {
		var s scored
		s, rest = nextScored(rest)
		if err := z.set(s.member, s.score); err != nil {
			return nil, err
		}
	}
	return z, r.d.setObject(r.at, z)
}

// enlargeFor makes a sorted set a large one if the server does so before it adds
// those pairs.
func (x *Executor) enlargeFor(r *ref, pairs [][]byte) error {
	early := x.ds.o.EarlyLarge && len(pairs)/2 > maxPackedScores
	if x.ds.o.EarlyLong {
		for i := 1; i < len(pairs) && !early; i += 2 {
			early = len(pairs[i]) > maxPackedMember
		}
	}
	if !early || r.object() != nil {
		return nil
	}
	_, err := r.enlarge()
	return err
}

// removeScore takes a member out. The key goes with the last one: r is void
// then, and gone is true.
func (r *ref) removeScore(member []byte) (gone bool, err error) {
	if z, ok := r.object().(*sortedSet); ok {
		if z.take(member); z.n == 0 {
			r.remove()
		}
		return z.n == 0, nil
	}
	b := r.value()
	start, end, _, ok := findScored(b, member)
	if !ok {
		return false, nil
	}
	if end-start == len(b) {
		r.remove()
		return true, nil
	}
	_, err = r.d.splice(r.at, start, end-start, 0)
	return false, err
}

// scores calls yield with each member, in no order.
func (r *ref) scores(yield func(s scored) bool) {
	if z, ok := r.object().(*sortedSet); ok {
		z.each(func(b block) bool { return yield(scored{b.key(), scoreOf(b.value())}) })
		return
	}
	for rest := r.value(); len(rest) > 0; {
		var s scored
		if s, rest = nextScored(rest); !yield(s) {
			return
		}
	}
}

func (r *ref) scoreCount() (n int) {
	if z, ok := r.object().(*sortedSet); ok {
		return z.n
	}
	for rest := r.value(); len(rest) > 0; n++ {
		_, rest = nextScored(rest)
	}
	return n
}

// takeScores makes r a sorted set of the members of z, which it keeps.
func (r *ref) takeScores(z *sortedSet) error {
	if z.n == 0 {
		if r.ok() {
			r.remove()
		}
		return nil
	}
	longest := 0
	var packed []byte
	z.each(func(b block) bool {
		longest = max(longest, len(b.key()))
		return true
	})
	if err := r.replace(entry.ZSet, nil, entry.NoExpire); err != nil {
		return err
	}
	if z.n > maxPackedScores || longest > maxPackedMember {
		return r.d.setObject(r.at, z)
	}
	z.each(func(b block) bool {
		packed = binary.LittleEndian.AppendUint64(packed, math.Float64bits(r.d.packedScore(scoreOf(b.value()))))
		packed = appendItem(packed, b.key())
		return true
	})
	return r.d.setValue(r.at, packed)
}

// ranking is a sorted set in its order.
type ranking struct {
	list  []scored // of a packed one
	order *order
}

// ranking returns the members of a sorted set in order. They are borrowed until
// the data set changes.
func (r *ref) ranking() ranking {
	if z, ok := r.object().(*sortedSet); ok {
		if z.order == nil {
			z.order = newOrder(&z.dict)
		}
		return ranking{order: z.order}
	}
	var list []scored
	r.scores(func(s scored) bool {
		list = append(list, s)
		return true
	})
	slices.SortFunc(list, compareScored)
	return ranking{list: list}
}

func (k *ranking) len() int {
	if k.order != nil {
		return k.order.n
	}
	return len(k.list)
}

// at returns the member of a rank.
func (k *ranking) at(rank int) scored {
	if k.order != nil {
		return k.order.scored(k.order.handles(rank, rank+1)[0])
	}
	return k.list[rank]
}

// search returns the rank of the first member for which reached holds; it must
// hold for all that follow.
func (k *ranking) search(reached func(s scored) bool) int {
	if k.order != nil {
		return k.order.search(reached)
	}
	i, _ := slices.BinarySearchFunc(k.list, 0, func(s scored, _ int) int {
		if reached(s) {
			return 1
		}
		return -1
	})
	return i
}

// members returns copies of the members from rank to before end, and their
// scores.
func (k *ranking) members(from, end int) []scored {
	all := make([]scored, 0, max(end-from, 0))
	if k.order != nil {
		for _, h := range k.order.handles(from, end) {
			s := k.order.scored(h)
			all = append(all, scored{bytes.Clone(s.member), s.score})
		}
		return all
	}
	for i := from; i < end; i++ {
		s := k.list[i]
		all = append(all, scored{bytes.Clone(s.member), s.score})
	}
	return all
}
