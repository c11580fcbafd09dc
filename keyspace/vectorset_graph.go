package keyspace

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// graph is the search graph of a vector set, a hierarchical navigable small
// world: each element stands on layer 0, and a quarter of those of a layer on the
// next one too. On each layer it is linked to elements that are near. A link
// stands at both of its ends.
//
// The way that servers make links depends on chance, and cannot be repeated. What
// is made here follows the same rules as far as a server checks them: on layer 0
// an element has up to 2M links, above up to M.
type graph struct {
	s     *vectorSet
	m     int
	level []int8   // of the elements by number, notLinked if they are to be added
	base  []near   // rows of layer 0
	tall  []near   // rows of the other layers
	above []uint32 // where the rows of an element in tall begin
	free  [maxLevel + 1][]uint32
	todo  int  // elements that are to be added
	loose bool // elements may have been cut off
	entry int  // an element of the highest layer, -1 if there is none
	asked

	seen  []uint32 // rounds in which a search met the elements
	round uint32
	pool  []near
}

const (
	notLinked = -1
	maxLevel  = 15
	// maxLinks is the most that a server allows for M, and usedLinks the most of
	// them that are made here.
	maxLinks, usedLinks = 4096, 64
	minLinks            = 4
	// searchWidth is how many elements are kept in view while those near a new one
	// are looked for.
	searchWidth = 200
)

// near is a number of an element and how far away it is: the bits of a float32
// that is not negative, the number, and a bit for the search.
//
//	distance u32 | number u31 | looked at u1
type near uint64

const (
	maxNear       = 1 << 31
	lookedAt near = 1
)

func (x near) number() uint32     { return uint32(x) >> 1 }
func (x near) distance() uint32   { return uint32(x >> 32) }
func (x near) with(n uint32) near { return x>>32<<32 | near(n)<<1 }

// row is the links of an element on a layer, as many as the first one says.
type row []near

func (r row) links() []near { return r[1 : 1+r[0]] }
func (r row) full() bool    { return int(r[0]) == len(r)-1 }
func (r row) add(x near)    { r[0]++; r[r[0]] = x }
func (r row) cut(i int)     { r[1+i] = r[r[0]]; r[0]-- }
func (r row) find(n uint32) int {
	return slices.IndexFunc(r.links(), func(x near) bool { return x.number() == n })
}

// farthest returns which link is the longest, -1 if there are none.
func (r row) farthest() int {
	at := -1
	for i, x := range r.links() {
		if at < 0 || x.distance() > r[1+at].distance() {
			at = i
		}
	}
	return at
}

func (g *graph) init(s *vectorSet) {
	*g = graph{s: s, m: min(max(s.info.Links, minLinks), usedLinks), entry: -1}
}

// row returns the links of an element, which stands on that layer.
func (g *graph) row(n uint32, layer int) row {
	if layer == 0 {
		size := 2*g.m + 1
		return row(g.base[int(n)*size : (int(n)+1)*size])
	}
	size := g.m + 1
	at := int(g.above[n]) + (layer-1)*size
	return row(g.tall[at : at+size])
}

// grow makes room for one element more.
func (g *graph) grow() {
	g.level = append(g.level, notLinked)
	g.todo++
}

// levelOf returns the highest layer of an element. It follows from the name, and
// so is the same in each run.
func (g *graph) levelOf(n uint32) int {
	h := uint64(14695981039346656037)
	for _, c := range g.s.name(int(n)).key() {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>32) * 0x9e3779b97f4a7c15
	return min(bits.TrailingZeros64(h>>8|1<<55)/2, maxLevel)
}

// enter makes the rows of an element.
func (g *graph) enter(n uint32, level int) {
	if n := len(g.level) * (2*g.m + 1); len(g.base) < n {
		g.base = slices.Grow(g.base, n-len(g.base))[:n]
		g.above = slices.Grow(g.above, len(g.level)-len(g.above))[:len(g.level)]
		g.seen = slices.Grow(g.seen, len(g.level)-len(g.seen))[:len(g.level)]
	}
	g.level[n] = int8(level)
	g.todo--
	g.row(n, 0)[0] = 0
	if level == 0 {
		return
	}
	if k := len(g.free[level]); k > 0 {
		g.above[n], g.free[level] = g.free[level][k-1], g.free[level][:k-1]
	} else {
		g.above[n] = uint32(len(g.tall))
		g.tall = append(g.tall, make([]near, level*(g.m+1))...)
	}
	for layer := 1; layer <= level; layer++ {
		g.row(n, layer)[0] = 0
	}
}

// finish adds the elements that are not linked yet, and makes sure that each is
// found.
func (g *graph) finish() {
	if g.todo == 0 && !g.loose {
		return
	}
	for n := 0; g.todo > 0; n++ {
		if g.level[n] == notLinked {
			g.insert(uint32(n), g.levelOf(uint32(n)))
		}
	}
	for range 4 { // what makes room may cut off others
		if g.join() {
			break
		}
	}
	g.loose = false
}

// join links elements of layer 0 to which no way leads from the first one. It
// reports whether there were none.
func (g *graph) join() (whole bool) {
	if g.entry < 0 {
		return true
	}
	met := make([]bool, len(g.level))
	var next []uint32
	reach := func(n uint32) {
		met[n] = true
		for next = append(next[:0], n); len(next) > 0; {
			n, next = next[len(next)-1], next[:len(next)-1]
			for _, x := range g.row(n, 0).links() {
				if !met[x.number()] {
					met[x.number()] = true
					next = append(next, x.number())
				}
			}
		}
	}
	reach(uint32(g.entry))
	whole = true
	for n := range g.level {
		if met[n] {
			continue
		}
		whole = false
		g.ask(uint32(n))
		for _, x := range g.search(g.descend(0), 0) {
			if !met[x.number()] {
				continue // it has been cut off
			}
			for _, end := range []uint32{uint32(n), x.number()} {
				if r := g.row(end, 0); r.full() {
					g.untie(end, r.farthest(), 0)
				}
			}
			g.tie(uint32(n), x, 0)
			break
		}
		reach(uint32(n))
	}
	return whole
}

func (g *graph) insert(n uint32, level int) {
	g.enter(n, level)
	if g.entry < 0 {
		g.entry = int(n)
		return
	}
	g.ask(n)
	top := int(g.level[g.entry])
	from := g.descend(level)
	for layer := min(level, top); layer >= 0; layer-- {
		pool := g.search(from, layer)
		g.link(n, pool, layer)
		from = pool[0]
	}
	if level > top {
		g.entry = int(n)
	}
}

// descend returns an element near the one that is asked for, found above that
// layer.
func (g *graph) descend(layer int) near {
	best := g.from(uint32(g.entry))
	for l := int(g.level[g.entry]); l > layer; l-- {
		for again := true; again; {
			again = false
			for _, x := range g.row(best.number(), l).links() {
				if y := g.from(x.number()); y < best {
					best, again = y, true
				}
			}
		}
	}
	return best
}

// search returns elements near the one that is asked for on a layer, perhaps with
// that one, the nearest first.
func (g *graph) search(from near, layer int) []near {
	if g.round++; g.round == 0 {
		clear(g.seen)
		g.round = 1
	}
	g.seen[from.number()] = g.round
	pool := append(g.pool[:0], from)
	for i := 0; i < len(pool); {
		x := pool[i]
		if x&lookedAt != 0 {
			i++
			continue
		}
		pool[i] |= lookedAt
		for _, x := range g.row(x.number(), layer).links() {
			if g.seen[x.number()] == g.round {
				continue
			}
			g.seen[x.number()] = g.round
			y := g.from(x.number())
			if len(pool) == searchWidth {
				if y > pool[len(pool)-1] {
					continue
				}
				pool = pool[:len(pool)-1]
			}
			at, _ := slices.BinarySearch(pool, y)
			pool = slices.Insert(pool, at, y)
			i = min(i, at)
		}
	}
	for i := range pool {
		pool[i] &^= lookedAt
	}
	g.pool = pool
	return pool
}

// link links n to some of pool, which are the nearest first.
func (g *graph) link(n uint32, pool []near, layer int) {
	own := g.row(n, layer)
	for _, x := range pool {
		if int(own[0]) >= g.m {
			return
		}
		// One that is nearer to another neighbour is found by way of that one.
		if x.number() == n || own.find(x.number()) >= 0 || slices.ContainsFunc(own.links(), func(y near) bool {
			return g.between(x.number(), y.number()).distance() <= x.distance()
		}) {
			continue
		}
		if r := g.row(x.number(), layer); r.full() {
			i := r.farthest()
			y := r.links()[i]
			if y.distance() <= x.distance() || int(g.row(y.number(), layer)[0]) <= g.m/2 {
				continue
			}
			g.untie(x.number(), i, layer)
		}
		g.tie(n, x, layer)
	}
	for _, x := range pool {
		if int(own[0]) >= g.m {
			return
		}
		if x.number() != n && own.find(x.number()) < 0 && !g.row(x.number(), layer).full() {
			g.tie(n, x, layer)
		}
	}
	// With too few links it would not be found. A neighbour without room gives
	// up one of its own, whose other end gets n instead if it has few.
	few := g.m / 4
	if layer == 0 {
		few = g.m / 2
	}
	for _, x := range pool {
		if int(own[0]) >= few {
			return
		}
		if x.number() == n || own.find(x.number()) >= 0 {
			continue
		}
		if r := g.row(x.number(), layer); r.full() {
			y := g.untie(x.number(), r.farthest(), layer)
			if int(g.row(y, layer)[0]) < g.m/2 && own.find(y) < 0 {
				g.tie(n, g.between(n, y), layer)
			}
		}
		g.tie(n, x, layer)
	}
}

// tie links n and x. Both have room.
func (g *graph) tie(n uint32, x near, layer int) {
	g.row(n, layer).add(x)
	g.row(x.number(), layer).add(x.with(n))
}

// untie cuts a link of n and returns what was at its other end.
func (g *graph) untie(n uint32, i, layer int) uint32 {
	r := g.row(n, layer)
	other := r.links()[i].number()
	r.cut(i)
	r = g.row(other, layer)
	r.cut(r.find(n))
	return other
}

// remove takes an element out of the graph. It is one to be added then.
func (g *graph) remove(n uint32) {
	level := int(g.level[n])
	if level == notLinked {
		return
	}
	g.level[n] = notLinked
	g.todo++
	g.loose = true
	for layer := 0; layer <= level; layer++ {
		for _, x := range g.row(n, layer).links() {
			r := g.row(x.number(), layer)
			r.cut(r.find(n))
		}
	}
	if g.entry == int(n) {
		g.entry = -1
		for i, l := range g.level {
			if l != notLinked && (g.entry < 0 || l > g.level[g.entry]) {
				g.entry = i
			}
		}
	}
	for layer := 0; layer <= level; layer++ {
		g.reconnect(g.row(n, layer).links(), layer)
	}
	if level > 0 {
		g.free[level] = append(g.free[level], g.above[n])
	}
}

// reconnect links elements that have lost a neighbour to each other, and those
// with few links left to others.
func (g *graph) reconnect(lost []near, layer int) {
	done := make([]bool, len(lost))
	for i, x := range lost {
		if done[i] {
			continue
		}
		var best near
		at := -1
		for j := i + 1; j < len(lost); j++ {
			y := lost[j].number()
			if done[j] || g.row(x.number(), layer).find(y) >= 0 {
				continue
			}
			if d := g.between(x.number(), y); at < 0 || d < best {
				best, at = d, j
			}
		}
		if at >= 0 {
			g.tie(x.number(), best, layer)
			done[i], done[at] = true, true
		}
	}
	for _, x := range lost {
		if int(g.row(x.number(), layer)[0]) < g.m/2 {
			g.ask(x.number())
			g.link(x.number(), g.search(g.descend(layer), layer), layer)
		}
	}
}

// move gives the element of the last number another one, and forgets what had
// that, which is not linked.
func (g *graph) move(last, n uint32) {
	level := g.level[last]
	g.level = g.level[:last]
	g.todo--
	if last == n {
		return
	}
	if g.level[n] = level; level == notLinked {
		return
	}
	g.above[n] = g.above[last]
	copy(g.row(n, 0), g.row(last, 0))
	for layer := range int(level) + 1 {
		for _, x := range g.row(n, layer).links() {
			r := g.row(x.number(), layer)
			i := r.find(last)
			r[1+i] = r[1+i].with(n)
		}
	}
	if g.entry == int(last) {
		g.entry = int(n)
	}
}

func (g *graph) clone(s *vectorSet) graph {
	c := *g
	c.s = s
	c.level, c.base, c.tall, c.above = slices.Clone(g.level), slices.Clone(g.base), slices.Clone(g.tall), slices.Clone(g.above)
	for i := range c.free {
		c.free[i] = slices.Clone(g.free[i])
	}
	c.seen, c.pool, c.asked = slices.Clone(g.seen), nil, asked{}
	return c
}

// load takes over the nodes of a snapshot, as numbers after their count:
//
//	id, version<<24 | level, for each layer ( n, room, n x id, [longest] ), scale
//
// What of it makes no sense is left out.
func (g *graph) load(nodes [][]byte) {
	g.loose = true
	numbers := make(map[uint64]uint32, len(nodes))
	var above [maxLevel + 1]int // how many elements are that high
	for n, node := range nodes {
		id, node, err := nextNumber(node)
		v, _, err2 := nextNumber(node)
		level := v & 0xff
		if _, twice := numbers[id]; twice || err != nil || err2 != nil || v>>24 > 1 || level > maxLevel {
			continue
		}
		// Rows take memory: no file has many elements on high layers.
		if above[level]++; above[level] > len(nodes)>>level+64 {
			continue
		}
		numbers[id] = uint32(n)
		g.enter(uint32(n), int(level))
		if g.entry < 0 || g.level[n] > g.level[g.entry] {
			g.entry = n
		}
	}
	for n, node := range nodes {
		if g.level[n] != notLinked {
			g.loadLinks(uint32(n), node, numbers)
		}
	}
	lonely := func(n int) bool { return g.level[n] != notLinked && g.row(uint32(n), 0)[0] == 0 && len(nodes) > 1 }
	for n := range nodes {
		if n != g.entry && lonely(n) {
			g.remove(uint32(n))
		}
	}
	if g.entry >= 0 && lonely(g.entry) { // last, since another one has to be looked for
		g.remove(uint32(g.entry))
	}
}

// loadLinks takes over the links of an element to those with a higher number:
// the others stand there too.
func (g *graph) loadLinks(n uint32, node []byte, numbers map[uint64]uint32) {
	var err error
	next := func() (v uint64) {
		if err == nil {
			v, node, err = nextNumber(node)
		}
		return v
	}
	next()
	version := next() >> 24
	for layer := 0; layer <= int(g.level[n]) && err == nil; layer++ {
		count := next()
		next()
		own := g.row(n, layer)
		for ; count > 0 && err == nil; count-- {
			other, ok := numbers[next()]
			if err != nil || !ok || other <= n || int(g.level[other]) < layer || own.full() || g.row(other, layer).full() || own.find(other) >= 0 {
				continue
			}
			g.tie(n, g.between(n, other), layer)
		}
		if version > 0 {
			next()
		}
	}
}

// appendNode appends the numbers of an element's node and how many they are.
func (g *graph) appendNode(dst []byte, n uint32) []byte {
	level := int(g.level[n])
	count := 3
	for layer := range level + 1 {
		count += 3 + len(g.row(n, layer).links())
	}
	dst = rdbwire.AppendItemUint(dst, uint64(count))
	dst = rdbwire.AppendItemUint(dst, uint64(n)+1)
	dst = rdbwire.AppendItemUint(dst, 1<<24|uint64(level))
	for layer := range level + 1 {
		// Servers sort links by their ids when they load them, and count on the
		// place of the longest nevertheless.
		links := append(g.pool[:0], g.row(n, layer).links()...)
		slices.SortFunc(links, func(a, b near) int { return cmp.Compare(a.number(), b.number()) })
		room := g.s.info.Links
		if layer == 0 {
			room *= 2
		}
		dst = rdbwire.AppendItemUint(dst, uint64(len(links)))
		dst = rdbwire.AppendItemUint(dst, uint64(max(room, len(links))))
		longest := 0
		for i, x := range links {
			dst = rdbwire.AppendItemUint(dst, uint64(x.number())+1)
			if x.distance() > links[longest].distance() {
				longest = i
			}
		}
		worst := uint64(0)
		if len(links) > 0 {
			worst = uint64(links[longest].distance())<<32 | uint64(longest)
		}
		dst = rdbwire.AppendItemUint(dst, worst)
		g.pool = links
	}
	return rdbwire.AppendItemUint(dst, g.s.scales[n])
}
