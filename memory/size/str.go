package size

import "github.com/rdbtool/rdbtool/entry"

const (
	maxEmbedded = 44 // bytes of a string that lies in the object, Redis and Valkey 8.0
	sharedInts  = 10000
)

// str sizes a string.
func (z *Sizer) str(e *entry.Entry) error {
	if !z.next(e.Value) {
		if err := e.Value.Err(); err != nil {
			return err
		}
	}
	n := z.elem.dataLen
	z.out.Elements = 1
	number, isInt := integer(z.elem.data)
	k := z.object()
	switch {
	case isInt:
		z.out.Encoding = "int"
		z.out.Usage, z.out.Data = k.usage, k.data
		if number >= 0 && number < sharedInts && !z.o.NoSharedInts && (z.l.gen == classic || z.l.gen == valkey8) {
			z.out.Data = z.out.Data.minus(usable(object))
		}
		return z.rest(e)
	case z.l.gen == classic || z.l.gen == valkey8:
		z.classicString(k, n)
	default:
		z.embeddedString(k, n)
	}
	return z.rest(e)
}

// rest reads a value to its end, where damage may show.
func (z *Sizer) rest(e *entry.Entry) error {
	for e.Value.Next() {
	}
	return e.Value.Err()
}

func (z *Sizer) classicString(k value, n int64) {
	if n > maxEmbedded {
		z.out.Encoding = "raw"
		counted := z.l.sdsCounted(n)
		if z.o.State == Settled { // a value that came from a client has the header for its block
			counted = sds(n)
		}
		z.out.Usage, z.out.Data = k.usage.plus(counted), k.data.plus(sds(n))
		return
	}
	// object 16 | string header 3 | bytes | 0
	z.out.Encoding = "embstr"
	b := usable(object + 3 + n + 1)
	z.out.Data = k.data.minus(usable(object)).plus(b)
	if z.l.number < 700 {
		b = all(object + n + 2)
	}
	z.out.Usage = k.usage.minus(all(object)).plus(b)
}

// embeddedString sizes a string of a server that puts keys and short strings into
// one block. The block is made without an expiry, and made anew where it has no
// room for one.
//
//	Valkey 8.1   object 16 | 1 | key | header 3 | bytes | 0      if about 64 bytes are enough
//	Valkey 9     flags 8   | 1 | key | header 3 | bytes | 0      if about 128 bytes are
//	Redis 8.2    as Valkey 8.1
func (z *Sizer) embeddedString(k value, n int64) {
	key := sdsRequest(z.key)
	text := 3 + n + 1
	var b Bytes
	var embedded [Allocators]bool
	for a := range b {
		var test, block, limit int64
		switch z.l.gen {
		case valkey9:
			test, block, limit = 8+1+key+text, 8+1+key+max(text, 8), 128
		default:
			test, block, limit = object+z.key+3+text, object+1+key+text, 64
		}
		if n > 255 || test > limit {
			continue
		}
		u := Allocator(a).usable(block)
		switch {
		case z.l.gen == kvobj && z.ttl: // whatever that comes to
			b[a], embedded[a] = Allocator(a).usable(block+8), true
		case !z.ttl || u >= block+8:
			b[a], embedded[a] = u, true
		case test+8 <= limit:
			b[a], embedded[a] = Allocator(a).usable(block+8), true
		}
	}
	z.out.Encoding = "raw"
	if embedded[z.o.Allocator] {
		z.out.Encoding = "embstr"
	}
	alone, counted := sds(n), z.l.sdsCounted(n)
	for a := range b {
		if embedded[a] {
			z.out.Usage[a], z.out.Data[a] = b[a], b[a]-object
			continue
		}
		z.out.Usage[a], z.out.Data[a] = k.usage[a]+counted[a], k.data[a]+alone[a]
	}
}
