package rdb

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

func (x *Encoder) encodeString() {
	v := x.e.Value
	var s []byte
	if v.Next() {
		s = x.whole(v)
	}
	v.Next()
	x.fail(v.Err())
	x.prefix(typeString)
	switch x.e.Encoding {
	case entry.Raw:
		x.out = rdbwire.AppendPlain(x.out, s)
	case entry.LZF:
		x.packed = x.packer.CompressAlways(x.packed[:0], s)
		x.out = rdbwire.AppendLZFHead(x.out, uint64(len(x.packed)), uint64(len(s)))
		x.out = append(x.out, x.packed...)
	case entry.Int:
		x.out = rdbwire.AppendText(x.out, s)
	default:
		x.text(s)
	}
	x.spill()
}
