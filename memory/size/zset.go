package size

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
)

// zset sizes a sorted set.
func (z *Sizer) zset(e *entry.Entry) (value, error) {
	b, err := z.open(e)
	if err != nil {
		return value{}, err
	}
	if b != nil && z.keeps(b.entries/2, z.limits.ZSetEntries) {
		z.out.Elements, z.out.Encoding = b.entries/2, z.packedName()
		return z.packed(b.bytes), nil
	}
	z.out.Content, z.out.Elements, z.out.Largest = 0, 0, 0
	z.pack.reset(z.packsZiplists())
	var sum Bytes
	var mean [Allocators]float64
	members := z.l.gen == classic || z.l.gen == valkey8 || z.l.gen == valkey81
	for z.next(e.Value) {
		el := &z.elem
		for a, m := range z.meanNode(el.dataLen) {
			mean[a] += m
		}
		if members {
			sum.add(z.l.sdsCounted(el.dataLen))
		}
		if z.out.Elements <= near*z.limits.ZSetEntries {
			if el.data == nil {
				z.pack.length(el.dataLen)
			} else {
				z.pack.text(el.data)
			}
			z.score(el.score)
		}
	}
	if err := e.Value.Err(); err != nil {
		return value{}, err
	}
	n := z.out.Elements
	if n <= near*z.limits.ZSetEntries && z.pack.longest <= near*z.limits.ZSetValue {
		p := z.packed(z.pack.bytes)
		if z.packsPlain(e) && n <= z.limits.ZSetEntries && z.pack.longest <= z.limits.ZSetValue {
			z.out.Encoding = z.packedName()
			return p, nil
		}
		z.out.Packed = p.usage
	}
	z.out.Encoding, z.out.Exact = "skiplist", false
	sum.add(z.l.skiplistHead())
	if z.l.buckets() {
		// The mean of the nodes and that of the buckets add up before a byte is
		// cut off.
		table := float64(bucketBytes) * (float64(z.tableFor(n)) + childBuckets(n, z.tableFor(n)))
		for a := range mean {
			mean[a] += table
		}
		sum.addAll(z.l.dict)
		sum.addMean(&mean)
		v := value{sum, sum.plus(usable(z.l.dict)).minus(all(z.l.dict))}
		if z.l.gen == valkey9 {
			v.data.add(usable(32 + 31*16).minus(all(32 + 31*16)))
		}
		return v, nil
	}
	slots := slotsFor(n)
	sum.addMean(&mean)
	v := value{sum, sum}
	v.usage.addAll(z.l.dict + 8*slots + dictEntry*n)
	v.data.add(usable(z.l.dict).plus(usable(8 * slots)))
	if z.l.gen == kvobj {
		entries := mean16(chained(slots, n))
		v.data.addMean(&entries)
	} else {
		v.data.add(usable(dictEntry).times(n))
	}
	return v, nil
}

// score adds a score to z.pack, as the number that it is or as text.
func (z *Sizer) score(s float64) {
	if s == math.Trunc(s) && math.Abs(s) < 1<<62 && !(s == 0 && math.Signbit(s)) {
		z.pack.number(int64(s))
		return
	}
	var buf [40]byte
	text := buf[:0]
	if z.l.number < 702 {
		text = fpconv.AppendDouble17(text, s)
	} else {
		text = fpconv.AppendDouble(text, s)
	}
	z.pack.entry(stringEntry(int64(len(text)), z.pack.ziplist))
}
