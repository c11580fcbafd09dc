package size

import "github.com/rdbtool/rdbtool/entry"

// near is how many times over its limit a table may be to be considered for
// packing.
const near = 4

// set sizes a set.
func (z *Sizer) set(e *entry.Entry) (value, error) {
	b, err := z.open(e)
	if err != nil {
		return value{}, err
	}
	switch {
	case b == nil:
	case e.Encoding == entry.Intset && z.keeps(b.entries, z.limits.IntsetEntries):
		z.out.Elements, z.out.Encoding = b.entries, "intset"
		return z.packed(b.bytes), nil
	case e.Encoding != entry.Intset && z.l.number >= 702 && z.keeps(b.entries, z.limits.SetEntries):
		z.out.Elements, z.out.Encoding = b.entries, "listpack"
		return z.packed(b.bytes), nil
	}
	z.out.Content, z.out.Elements, z.out.Largest = 0, 0, 0
	z.pack.reset(false)
	var sum, alone Bytes
	ints, width := true, int64(2)
	firstText := int64(-1) // how many integers stand before the first member that is none
	for z.next(e.Value) {
		el := &z.elem
		if z.l.gen == kvobj || z.l.gen == valkey8 {
			sum.add(z.l.sdsCounted(el.dataLen))
			alone.addSds(el.dataLen)
		} else {
			sum.addSds(el.dataLen)
		}
		if z.out.Elements > near*z.limits.IntsetEntries {
			ints = false
			continue
		}
		n, isInt := integer(el.data)
		if isInt {
			width = max(width, intsetWidth(n))
			z.pack.number(n)
		} else {
			if ints {
				firstText = z.out.Elements - 1
			}
			ints = false
			z.pack.length(el.dataLen)
		}
	}
	if err := e.Value.Err(); err != nil {
		return value{}, err
	}
	if z.l.gen != kvobj && z.l.gen != valkey8 {
		alone = sum
	}
	n := z.out.Elements
	if ints && n <= near*z.limits.IntsetEntries {
		p := z.packed(intsetHead + width*n)
		if z.packsPlain(e) && n <= z.limits.IntsetEntries {
			z.out.Encoding = "intset"
			return p, nil
		}
		z.out.Packed = p.usage
	} else if z.l.number >= 702 && n <= near*z.limits.SetEntries && z.pack.longest <= near*z.limits.SetValue {
		p := z.packed(z.pack.bytes)
		if z.packsPlain(e) && n <= z.limits.SetEntries && z.pack.longest <= z.limits.SetValue {
			z.out.Encoding = "listpack"
			return p, nil
		}
		z.out.Packed = p.usage
	}
	z.out.Encoding = "hashtable"
	d := dict{size: slotsFor(n), used: n}
	if z.l.number < 702 && z.o.State == Loaded && n <= z.limits.IntsetEntries && firstText > 0 {
		// Loading begins with an intset and makes a table of it.
		d = dict{}
		d.expand(firstText)
		d.add(firstText)
		d.expand(n)
		d.add(n - firstText)
	}
	return z.setTable(d, sum, alone), nil
}

// setTable is a table of members whose strings count for sum and take alone.
func (z *Sizer) setTable(d dict, sum, alone Bytes) value {
	n := d.used
	if z.l.buckets() {
		return z.bucketValue(n, z.tableFor(n), 0, sum)
	}
	table := all(z.l.dict + 8*d.slots())
	blocks := usable(z.l.dict).plus(d.blocks())
	// A member that is alone in its slot lies in the slot itself.
	entries := mean16(d.chained())
	switch {
	case z.l.gen == valkey8:
		z.out.Exact = false
		usage := table.plus(sum)
		usage.addMean(&entries)
		data := blocks.plus(alone)
		data.addMean(&entries)
		return value{usage, data}
	case z.l.gen == kvobj:
		data := blocks.plus(alone)
		data.addMean(&entries)
		return value{table.plus(sum).plus(all(dictEntry * n)), data}
	}
	usage := average(table, sum.plus(all(dictEntry*n)), n)
	data := blocks.plus(alone)
	if z.l.number >= 702 {
		data.addMean(&entries)
	} else {
		data.add(usable(dictEntry).times(n))
	}
	return value{usage, data}
}

// mean16 is the mean of n blocks of 16 bytes.
func mean16(n float64) (mean [Allocators]float64) {
	for a, u := range usable(16) {
		mean[a] = n * float64(u)
	}
	return mean
}

// tableFor returns the buckets of a table of n entries that is not a hash's.
func (z *Sizer) tableFor(n int64) int64 {
	if z.o.State == Settled {
		return bucketsGrown(n)
	}
	return bucketsFor(n)
}

// tableBytes is the mean of a table of buckets with n entries.
func (l *layout) tableBytes(n, buckets, meta int64) int64 {
	return l.dict + meta + int64(bucketBytes*(float64(buckets)+childBuckets(n, buckets)))
}

// bucketValue is a table of Valkey and what it holds.
func (z *Sizer) bucketValue(n, buckets, meta int64, sum Bytes) value {
	z.out.Exact = z.out.Exact && (buckets <= 1 || n == 0)
	sum.addAll(z.l.tableBytes(n, buckets, meta))
	return value{sum, sum.plus(usable(z.l.dict + meta)).minus(all(z.l.dict + meta))}
}
