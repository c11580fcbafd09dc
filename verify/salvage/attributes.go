package salvage

import "github.com/rdbtool/rdbtool/rdb"

// attrs are the kinds of attributes that stand before keys.
type attrs uint8

const (
	expiry attrs = 1 << iota
	expirySeconds
	idle
	freq
	otherAttr
	attrKinds = iota
)

// attrsOf returns which attributes b, the bytes before a type, holds. Servers
// write the expiry first, and of the others one at the most.
func attrsOf(b []byte) (a attrs) {
	for len(b) > 0 {
		n := len(b)
		switch b[0] {
		case opExpireMs:
			a, n = a|expiry, 9
		case opExpire:
			a, n = a|expirySeconds, 5
		case opIdle:
			a |= idle
		case opFreq:
			a, n = a|freq, 2
		default:
			a |= otherAttr
		}
		b = b[min(n, len(b)):]
	}
	return a
}

// maxAttrs is how many bytes of attributes are looked at.
const maxAttrs = 64

// attrsAt returns the kinds of attributes that r has.
func attrsAt(p *rdb.Prober, r *rdb.Record) attrs {
	return attrsOf(p.Bytes(r.Offset, int(min(r.Bare-r.Offset, maxAttrs))))
}

// written reports whether keys of the file have such attributes, as far as is known:
// of few keys nothing is. Servers write an idle time, or a frequency, with each key or
// with none: one that few have is what is left of a value. An expiry is a key's own,
// unless all says that one must have been seen too.
func (e *evidence) written(a attrs, all bool) bool {
	if e.keys < fewLearnt {
		return true
	}
	if a&expiry != 0 && a&expirySeconds != 0 {
		return false
	}
	for i, n := range e.attrs {
		switch of := attrs(1) << i; {
		case a&of == 0, of == expiry && !all:
		case of == expiry && n > 0, of == expirySeconds && n > 1:
		case of == expiry || of == expirySeconds:
			return false
		case n*rareAttr < e.keys:
			return false
		}
	}
	return true
}

// rareAttr is how many keys there are for one with an attribute that no key has.
const rareAttr = 16
