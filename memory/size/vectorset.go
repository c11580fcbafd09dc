package size

import "github.com/rdbtool/rdbtool/entry"

const (
	vectorNode   = 312 // a node of the search graph, without its layers
	vectorLayer  = 24
	vectorSample = 20 // elements whose names and attributes stand for all
	vectorTree   = 40 // what an element takes in the tree of names, about
)

// vectorSet sizes a vector set. MEMORY USAGE itself is an estimate, from the mean
// number of layers and the first elements of the set; it can be computed, while
// what the set takes cannot.
//
//	set | n x ( node 312, vector, 4/3 layers of 24, links of the layers, name, attribute, 16 in the tree of names )
func (z *Sizer) vectorSet(e *entry.Entry) (value, error) {
	z.out.Encoding = "raw"
	var n int64
	var names, attributes sample
	for e.Value.Next() {
		el := e.Value.Elem()
		n++
		size := int64(len(el.Data))
		z.out.Content += size
		z.out.Largest = max(z.out.Largest, size)
		names.add(moduleString(size), z.o.State)
		a := int64(0)
		if el.Vector != nil {
			a = int64(len(el.Vector.Attributes))
			z.out.Content += a
		}
		if a > 0 {
			attributes.add(moduleString(a), z.o.State)
		} else {
			attributes.pass(z.o.State)
		}
	}
	if err := e.Value.Err(); err != nil {
		return value{}, err
	}
	z.out.Elements = n
	info := e.Vectors
	vector := int64(info.Dim)
	switch info.Quantization {
	case entry.QuantNone:
		vector *= 4
	case entry.QuantBinary:
		vector = roundUp(vector, 64) / 8
	}
	z.out.Content += vector*n + int64(len(info.Projection))
	links := int64(info.Links)
	base := int64(1768)
	if z.l.gen == kvobj {
		base = 1784
	}
	base += int64(len(info.Projection))
	usage := all(base + n*(vectorNode+vector+8*2*links+16) + vectorLayer*n*4/3 + 8*links*n/3)
	usage.add(names.mean(Bytes{}).times(n))
	usage.add(attributes.mean(all(64)).times(attributes.n))

	node := usable(vectorNode + vectorLayer).plus(usable(vector)).plus(usable(8 * 2 * links)).plus(usable(16))
	data := all(base + n*vectorTree).plus(node.times(n)).plus(usable(8*links + vectorLayer).times(n / 3))
	return value{usage, data.plus(names.all).plus(attributes.all)}, nil
}

// moduleString is a string that a module holds: an object with the string in it
// or, if it is long, beside it.
func moduleString(n int64) Bytes {
	if n <= maxEmbedded {
		return usable(object + 3 + n + 1)
	}
	return sds(n).plus(all(object))
}

// sample is the sizes of some elements that stand for those of all: the first
// ones in the server's order, which is that of the file and, once the file has
// been loaded, the reverse.
type sample struct {
	n    int64 // of all elements that have one
	all  Bytes
	seen int64 // elements
	some [vectorSample]Bytes
	has  [vectorSample]bool
}

func (s *sample) add(b Bytes, state State) {
	s.n++
	s.all.Add(&b)
	s.put(b, true, state)
}

// pass is add for an element that has none.
func (s *sample) pass(state State) { s.put(Bytes{}, false, state) }

func (s *sample) put(b Bytes, has bool, state State) {
	if state == Loaded || s.seen < vectorSample {
		s.some[s.seen%vectorSample], s.has[s.seen%vectorSample] = b, has
	}
	s.seen++
}

// mean returns the mean of the sample, cut to whole bytes, or what a server takes
// for it where the sample has none.
func (s *sample) mean(none Bytes) Bytes {
	var sum Bytes
	var n int64
	for i, has := range s.has {
		if has {
			sum.Add(&s.some[i])
			n++
		}
	}
	if n == 0 {
		return none
	}
	for a := range sum {
		sum[a] /= n
	}
	return sum
}
