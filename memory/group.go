package memory

import "github.com/rdbtool/rdbtool/memory/size"

// part is a Part by allocator.
type part struct {
	keys  int64
	bytes size.Bytes
}

func (p *part) add(b *size.Bytes) {
	p.keys++
	p.bytes.Add(b)
}

func (p *part) join(q *part) {
	p.keys += q.keys
	p.bytes.Add(&q.bytes)
}

// group is a Group while keys come in: by allocator, as long as nobody knows which
// one it is.
type group struct {
	keys, elements, names, content, stored int64
	usage, data, exact                     size.Bytes
	life                                   [lives]part
	idle, freq                             *[4]part
	packable                               part
	compressible                           Part
	largest                                [size.Allocators]largestKey
	squares                                [size.Allocators]float64
}

// largestKey is a key, and where it stands among all keys: of several that are as
// large it is the first one, in whatever order groups are put together.
type largestKey struct {
	Key
	nth int64
}

// How long keys have to live.
const (
	lifeForever = iota
	lifePast
	lifeDay
	lifeWeek
	lifeLater
	lives
)

const (
	second = 1000
	day    = 24 * 3600 * second
)

func lifeOf(expireAt, now int64) int {
	switch {
	case expireAt < 0:
		return lifeForever
	case expireAt <= now:
		return lifePast
	case expireAt <= now+day:
		return lifeDay
	case expireAt <= now+7*day:
		return lifeWeek
	}
	return lifeLater
}

// warmth sorts a key by its idle time in seconds: 0 is hot, 3 cold.
func warmthOfIdle(seconds int64) int {
	switch {
	case seconds < 24*3600:
		return 0
	case seconds < 7*24*3600:
		return 1
	case seconds < 30*24*3600:
		return 2
	}
	return 3
}

// warmthOfFreq sorts a key by its access frequency.
func warmthOfFreq(f int16) int {
	switch {
	case f >= 20:
		return 0
	case f >= 5:
		return 1
	case f >= 1:
		return 2
	}
	return 3
}

// add counts a key.
func (g *group) add(r *record, key []byte, life int, squares bool) {
	g.keys++
	g.elements += r.elements
	g.names += int64(r.keyLen)
	g.content += r.content
	g.stored += r.stored
	g.usage.Add(&r.usage)
	g.data.Add(&r.data)
	if r.exact {
		g.exact.Add(&r.usage)
	}
	g.life[life].add(&r.usage)
	if r.idle >= 0 {
		access(&g.idle)[warmthOfIdle(r.idle)].add(&r.usage)
	}
	if r.freq >= 0 {
		access(&g.freq)[warmthOfFreq(r.freq)].add(&r.usage)
	}
	if r.packed[0] > 0 {
		var saved size.Bytes
		for a := range saved {
			saved[a] = max(0, r.usage[a]-r.packed[a])
		}
		g.packable.add(&saved)
	}
	if r.saved > 0 {
		g.compressible.Keys++
		g.compressible.Bytes += r.saved
	}
	for a := range g.largest {
		if r.usage[a] > g.largest[a].Bytes {
			g.largest[a] = largestKey{keyOf(r, key, size.Allocator(a)), r.nth}
		}
	}
	if squares {
		for a := range g.squares {
			g.squares[a] += float64(r.usage[a]) * float64(r.usage[a])
		}
	}
}

func access(p **[4]part) *[4]part {
	if *p == nil {
		*p = new([4]part)
	}
	return *p
}

// join takes in the keys of another group.
func (g *group) join(o *group) {
	g.keys += o.keys
	g.elements += o.elements
	g.names += o.names
	g.content += o.content
	g.stored += o.stored
	g.usage.Add(&o.usage)
	g.data.Add(&o.data)
	g.exact.Add(&o.exact)
	for i := range g.life {
		g.life[i].join(&o.life[i])
	}
	if o.idle != nil {
		for i := range o.idle {
			access(&g.idle)[i].join(&o.idle[i])
		}
	}
	if o.freq != nil {
		for i := range o.freq {
			access(&g.freq)[i].join(&o.freq[i])
		}
	}
	g.packable.join(&o.packable)
	g.compressible.Keys += o.compressible.Keys
	g.compressible.Bytes += o.compressible.Bytes
	for a := range g.largest {
		if x, y := &o.largest[a], &g.largest[a]; x.Bytes > y.Bytes || x.Bytes == y.Bytes && x.nth < y.nth {
			*y = *x
		}
		g.squares[a] += o.squares[a]
	}
}

// report returns the group with the figures of one allocator, for all keys where
// only every 1/scale-th has been looked at.
func (g *group) report(name string, a size.Allocator, scale float64) Group {
	n := func(v int64) int64 { return scaled(v, scale) }
	p := func(q *part) Part { return Part{n(q.keys), n(q.bytes[a])} }
	out := Group{
		Name: name, Keys: n(g.keys), Elements: n(g.elements), Bytes: n(g.usage[a]), Data: n(g.data[a]), Exact: n(g.exact[a]),
		Names: n(g.names), Content: n(g.content), Stored: n(g.stored),
		NoExpiry: p(&g.life[lifeForever]), Expired: p(&g.life[lifePast]), Day: p(&g.life[lifeDay]),
		Week: p(&g.life[lifeWeek]), Later: p(&g.life[lifeLater]),
		Packable: p(&g.packable), Compressible: Part{n(g.compressible.Keys), n(g.compressible.Bytes)},
		Largest: g.largest[a].Key,
	}
	if g.idle != nil {
		out.Idle = &Access{p(&g.idle[0]), p(&g.idle[1]), p(&g.idle[2]), p(&g.idle[3])}
	}
	if g.freq != nil {
		out.Freq = &Access{p(&g.freq[0]), p(&g.freq[1]), p(&g.freq[2]), p(&g.freq[3])}
	}
	if scale != 1 {
		out.Squares = g.squares[a]
	}
	return out
}

func scaled(n int64, scale float64) int64 {
	if scale == 1 {
		return n
	}
	return int64(float64(n)*scale + 0.5)
}
