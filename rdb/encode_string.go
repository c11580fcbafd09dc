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
	switch enc := x.e.Encoding; {
	case enc == entry.Raw:
		x.out = rdbwire.AppendPlain(x.out, s)
	case enc == entry.LZF && len(s) > 0:
		x.packed = x.packer.CompressAlways(x.packed[:0], s)
		x.out = rdbwire.AppendLZFHead(x.out, uint64(len(x.packed)), uint64(len(s)))
		x.out = append(x.out, x.packed...)
	case enc == entry.Int:
		x.out = rdbwire.AppendText(x.out, s)
	default:
		x.text(s)
	}
	x.spill()
}
