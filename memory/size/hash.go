package size

import "github.com/rdbtool/rdbtool/entry"

// maxEntry is the largest block that holds a field and its value.
const maxEntry = 128

// maxExpiries is how many expiries of fields are looked at one by one.
const maxExpiries = 1 << 12

// hash sizes a hash.
func (z *Sizer) hash(e *entry.Entry) (value, error) {
	b, err := z.open(e)
	if err != nil {
		return value{}, err
	}
	if b != nil {
		triples := e.RDBType == typeHashListpackTTL
		n := b.entries / 2
		if triples {
			n = b.entries / 3
		}
		if z.keeps(n, z.limits.HashEntries) && (!triples || z.l.packedTTL > 0) {
			z.out.Elements, z.out.Encoding = n, z.packedName()
			v := z.packed(b.bytes)
			if triples {
				v, z.out.Encoding = z.packedTTL(v), "listpackex"
			}
			return v, nil
		}
	}
	return z.plainHash(e)
}

// packedTTL adds the header of a packed hash with field expiries.
func (z *Sizer) packedTTL(v value) value {
	h := usable(z.l.packedTTL)
	v.data.add(h)
	if z.l.gen == kvobj {
		h = all(z.l.packedTTL)
	}
	v.usage.add(h)
	return v
}

// plainHash sizes a hash by its fields.
func (z *Sizer) plainHash(e *entry.Entry) (value, error) {
	z.out.Content, z.out.Elements, z.out.Largest = 0, 0, 0
	z.pack.reset(z.packsZiplists())
	z.expiries = z.expiries[:0]
	h := plainHash{first: -1, most: z.limits.HashEntries}
	texts := z.packsPlain(e)
	var sum, data Bytes
	var withTTL int64
	for z.next(e.Value) {
		el := &z.elem
		ttl := el.expireAt != entry.NoExpire
		if ttl {
			withTTL++
			if len(z.expiries) < maxExpiries && z.l.gen == valkey9 {
				z.expiries = append(z.expiries, el.expireAt)
			}
		}
		z.field(el, ttl, &sum, &data)
		if h.first < 0 && (el.dataLen > z.limits.HashValue || el.valueLen > z.limits.HashValue) {
			h.first = z.out.Elements - 1
		}
		if z.out.Elements > near*h.most {
			continue
		}
		z.packField(el, texts)
	}
	if err := e.Value.Err(); err != nil {
		return value{}, err
	}
	h.n, h.ttl = z.out.Elements, withTTL > 0 || e.RDBType == typeHashTTL
	if h.n <= near*h.most && z.pack.longest <= near*z.limits.HashValue && (withTTL == 0 || z.l.packedTTL > 0) {
		p := z.packed(z.pack.bytes)
		if h.ttl {
			p = z.packed(z.pack.bytes + 2*(h.n-withTTL) + 10*withTTL) // 0 or a time behind each value
			p = z.packedTTL(p)
		}
		if texts && h.n <= h.most && h.first < 0 && !(h.ttl && z.l.gen == valkey9) {
			if z.out.Encoding = z.packedName(); h.ttl {
				z.out.Encoding = "listpackex"
			}
			return p, nil
		}
		z.out.Packed = p.usage
	}
	z.out.Encoding = "hashtable"
	return z.hashTable(&h, withTTL, sum, data), nil
}

// The type of plain hashes with field expiries.
const typeHashTTL = 24

// packField adds a field and its value to z.pack.
func (z *Sizer) packField(el *element, texts bool) {
	if !texts || el.data == nil {
		z.pack.length(el.dataLen)
	} else {
		z.pack.text(el.data)
	}
	if !texts || el.value == nil {
		z.pack.length(el.valueLen)
	} else {
		z.pack.text(el.value)
	}
}

// field adds what the field and its value count for to sum, and what they take to
// data. data is left alone where the two are the same.
func (z *Sizer) field(el *element, ttl bool, sum, data *Bytes) {
	f, v := el.dataLen, el.valueLen
	switch z.l.gen {
	case kvobj:
		z.kvField(f, v, ttl, sum, data)
	case valkey81, valkey9:
		h, t := sdsHeader(f), int64(0)
		if ttl {
			h, t = max(h, 3), 8
		}
		if n := t + h + f + 1 + 3 + v + 1; n <= maxEntry {
			sum.add(usable(n))
			return
		}
		sum.add(usable(t + 8 + max(h, 3) + f + 1))
		sum.add(sds(v))
	case valkey8:
		sum.add(z.l.sdsCounted(f))
		sum.add(z.l.sdsCounted(v))
		data.add(sds(f))
		data.add(sds(v))
	default:
		if z.l.number >= 704 {
			sum.add(field(f, ttl))
		} else {
			sum.addSds(f)
		}
		sum.addSds(v)
	}
}

// kvField is a field of Redis 8.2 and later, with its value in the same block or
// by itself:
//
//	expiry 16, if there is one | field | header 3 | value | 0
//	expiry 16, if there is one | pointer 8 | field, its header 3 at least
func (z *Sizer) kvField(f, v int64, ttl bool, sum, data *Bytes) {
	h, t := sdsHeader(f), int64(0)
	if ttl {
		h, t = max(h, 3), 16
	}
	if n := t + h + f + 1 + 3 + v + 1; n <= maxEntry {
		sum.addAll(n)
		data.add(usable(n))
		return
	}
	n := t + 8 + max(h, 3) + f + 1
	sum.addAll(n)
	sum.add(z.l.sdsCounted(v))
	data.add(usable(n))
	data.add(sds(v))
}

// hashTable is a table of fields.
func (z *Sizer) hashTable(h *plainHash, withTTL int64, sum, data Bytes) value {
	if z.l.buckets() {
		buckets, meta := bucketsGrown(h.n), int64(0)
		if z.o.State == Loaded {
			buckets = h.buckets()
		}
		if z.l.gen == valkey9 {
			meta = 8
			z.addFieldIndex(withTTL, &sum)
		}
		return z.bucketValue(h.n, buckets, meta, sum)
	}
	d := dict{size: slotsFor(h.n), used: h.n}
	if z.o.State == Loaded {
		d = h.dict(z.l)
	}
	slots := d.slots()
	table := all(z.l.dict + 8*slots)
	blocks := usable(z.l.dict).plus(d.blocks()).plus(all(z.expiryIndex(withTTL)))
	if z.l.gen == kvobj {
		entries := mean16(d.chained())
		v := value{table.plus(sum).plus(all(dictEntry * h.n)), blocks.plus(data)}
		v.data.addMean(&entries)
		return v
	}
	if z.l.gen != valkey8 {
		data = sum
	}
	return value{
		average(table, sum.plus(all(dictEntry*h.n)), h.n),
		blocks.plus(data).plus(usable(dictEntry).times(h.n)),
	}
}

// expiryIndex returns what Redis 7.4 and later have to find the fields that
// expire, about: a list through up to 16 fields, or a tree of such lists.
// MEMORY USAGE leaves it out.
func (z *Sizer) expiryIndex(fields int64) int64 {
	switch {
	case fields == 0 || z.l.packedTTL == 0:
		return 0
	case fields <= 16:
		return 40
	}
	return 250 + fields*11/2
}

// addFieldIndex adds the index of fields that expire. Of very many the first ones
// stand for all.
func (z *Sizer) addFieldIndex(fields int64, sum *Bytes) {
	index := z.l.fieldIndex(z.expiries)
	if fields > maxExpiries {
		z.out.Exact = false
		for a := range index {
			index[a] = int64(float64(index[a]) * float64(fields) / maxExpiries)
		}
	}
	sum.add(index)
}
