package aof

import (
	"bytes"
	"errors"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

func (x *Encoder) corrupt(text string) error {
	place := entry.Place{Offset: x.e.Offset, DB: x.e.DB, Key: append([]byte{}, x.e.Key...), Element: -1}
	return &entry.CorruptError{Place: place, Err: errors.New(text)}
}

// fields writes a hash. When its fields expire is said behind each HMSET, with
// Redis, or in a command of their own, with Valkey:
//
//	HPEXPIREAT key ms FIELDS n field ...
//	HSETEX key PXAT ms FIELDS n field value ...
func (x *Encoder) fields() {
	t := &x.o.Target
	x.collection("HMSET", 2)
	x.expiring = x.expiring[:0]
	apart := t.Valkey()
	keeps := func(at int64) bool { return t.KeepsFieldExpiry(at) && (apart || at <= maxFieldExpiry) }
	lost := int64(0)
	v := x.e.Value
	n := 0
	flush := func() {
		if n > 0 {
			x.end(n, 2)
			n = 0
		}
		x.expireFields(apart)
	}
	for v.Next() && x.err == nil {
		e := v.Elem()
		expires := e.ExpireAt != entry.NoExpire
		if e.More {
			flush()
			name := bytes.Clone(e.Data)
			x.out = AppendArg(AppendArg(AppendHead(x.out, 4, "HMSET"), x.e.Key), name)
			x.arg(v)
			// The expiry may stand behind the last part. HSETEX would want it
			// first; HMSET and then an expiry come to the same.
			if at := v.Elem().ExpireAt; at != entry.NoExpire && keeps(at) {
				x.out = x.expireField(x.out, at, name)
			} else if at != entry.NoExpire {
				lost++
			}
			continue
		}
		if expires && !keeps(e.ExpireAt) {
			lost, expires = lost+1, false
		}
		if expires {
			f := field{name: x.keep(e.Data), at: e.ExpireAt}
			if apart {
				f.value = x.keep(e.Value)
			}
			x.expiring = append(x.expiring, f)
		}
		if !expires || !apart {
			if n == 0 {
				x.begin()
			}
			x.out = AppendArg(AppendArg(x.out, e.Data), e.Value)
			n++
		}
		if n == maxItems || len(x.expiring) == maxItems || n > 0 && len(x.out)-x.start > flushSize || len(x.texts) > flushSize {
			flush()
		}
	}
	flush()
	x.lose(rdb.LostFieldExpiry, lost)
}

// maxFieldExpiry is the latest time that Redis takes in HPEXPIREAT, in the year
// 4199.
const maxFieldExpiry = 1<<46 - 1

// keep copies s until the next expireFields.
func (x *Encoder) keep(s []byte) []byte {
	start := len(x.texts)
	x.texts = append(x.texts, s...)
	return x.texts[start:len(x.texts):len(x.texts)]
}

// expireFields writes the expiries of the fields collected, those of one time
// together.
func (x *Encoder) expireFields(apart bool) {
	list := x.expiring
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].at == list[0].at {
			n++
		}
		if apart {
			x.out = AppendArg(AppendHead(x.out, 6+2*n, "HSETEX"), x.e.Key)
			x.out = appendInt(appendWord(x.out, "PXAT"), list[0].at)
		} else {
			x.out = AppendArg(AppendHead(x.out, 5+n, "HPEXPIREAT"), x.e.Key)
			x.out = appendInt(x.out, list[0].at)
		}
		x.out = appendInt(appendWord(x.out, "FIELDS"), int64(n))
		for _, f := range list[:n] {
			if x.out = AppendArg(x.out, f.name); apart {
				x.out = AppendArg(x.out, f.value)
			}
		}
		list = list[n:]
	}
	x.expiring, x.texts = x.expiring[:0], x.texts[:0]
	x.spill()
}

func (x *Encoder) expireField(dst []byte, at int64, name []byte) []byte {
	dst = appendInt(AppendArg(AppendHead(dst, 6, "HPEXPIREAT"), x.e.Key), at)
	return AppendArg(appendInt(appendWord(dst, "FIELDS"), 1), name)
}
