package rdb

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

const (
	vectorSetName = "vectorset"
	maxRawVector  = 64 << 20 // above that of maxVectorDim components
)

// encodeModule writes a module value as it stands, after its ID. d is nil for
// what no RDB file has: it may be anything.
func (x *Encoder) encodeModule(d *decoder) {
	if x.e.Vectors != nil {
		x.encodeVectors(d)
		return
	}
	if d == nil {
		var items []byte
		if x.e.Value.Next() {
			items = x.whole(x.e.Value)
		}
		if x.fail(x.e.Value.Err()); x.err == nil && !moduleItems(items) {
			x.fail(x.corrupt("a module value is not made of module items"))
		}
		if x.e.Module.Name() == vectorSetName && x.e.Module.Version() == 0 && knownVectors(items) {
			x.fail(x.corrupt("a vector set without its elements"))
		}
		x.prefix(typeModule)
		x.out = append(rdbwire.AppendLength(x.out, uint64(x.e.Module)), items...)
		x.spill()
		return
	}
	x.prefix(typeModule)
	x.out = rdbwire.AppendLength(x.out, uint64(x.e.Module))
	v := x.e.Value
	for v.Next() && x.err == nil {
		x.out = append(x.out, v.Elem().Data...)
		x.spill()
	}
	x.fail(v.Err())
}

// encodeVectors writes a vector set: see vectorSetValue.
func (x *Encoder) encodeVectors(d *decoder) {
	defer x.elems.close()
	s := x.e.Vectors
	if in := uint64(s.InputDim); d == nil && (s.Dim > maxVectorDim || s.Projection != nil && (in > math.MaxInt32 || uint64(len(s.Projection)) != in*uint64(s.Dim)*4)) {
		x.fail(x.corrupt("a vector set of impossible dimensions"))
		return
	}
	var item []byte
	unpacked := arena{limit: maxRawVector}
	x.gather(func(e *entry.Elem) error {
		if d == nil {
			p := parser{b: e.Vector.Raw, arena: &unpacked}
			if p.vector(s); p.err != nil || p.n != len(p.b) {
				return x.corrupt("the data of an element is not that of a vector")
			}
		}
		item = rdbwire.AppendItemString(item[:0], e.Data)
		if s.HasAttributes {
			item = rdbwire.AppendItemString(item, e.Vector.Attributes)
		}
		return x.elems.add(append(item, e.Vector.Raw...), nil, 0)
	})
	x.prefix(typeModule)
	x.out = rdbwire.AppendLength(x.out, uint64(x.e.Module))
	flags := uint64(0)
	if s.Projection != nil {
		flags |= vsetProjection
	}
	if s.HasAttributes {
		flags |= vsetAttributes
	}
	for _, v := range []uint64{uint64(s.Dim), uint64(x.elems.n), uint64(s.Quantization) | uint64(s.Links)<<8, flags} {
		x.out = rdbwire.AppendItemUint(x.out, v)
	}
	if s.Projection != nil {
		x.out = rdbwire.AppendItemUint(x.out, uint64(s.InputDim))
		x.out = rdbwire.AppendItemString(x.out, s.Projection)
	}
	x.each(func(r *staged) { x.out = append(x.out, r.a...) })
	x.out = rdbwire.AppendItemEOF(x.out)
}

// encodeArray writes every element as a string: the server finds the shorter
// forms by itself.
func (x *Encoder) encodeArray() {
	defer x.elems.close()
	x.gather(func(e *entry.Elem) error { return x.elems.add(e.Data, nil, e.Index) })
	if x.err == nil && x.elems.n == 0 {
		x.fail(x.corrupt("an array without elements"))
	}
	x.full(typeArray)
	if a := x.e.Array; a != nil && a.HasCursor {
		x.out = rdbwire.AppendLength(append(x.out, 1), a.Cursor)
	} else {
		x.out = append(x.out, 0)
	}
	x.each(func(r *staged) {
		x.out = rdbwire.AppendLength(x.out, r.number)
		x.out = append(x.out, arrayText)
		x.text(r.a)
	})
}

// encodePathHash writes the fields path by path.
func (x *Encoder) encodePathHash() {
	defer x.elems.close()
	var path, fields []byte
	count := uint64(0)
	x.gather(func(e *entry.Elem) (err error) {
		if count > 0 && !bytes.Equal(path, e.Path) {
			err = x.elems.add(path, fields, count)
			fields, count = fields[:0], 0
		}
		path = append(path[:0], e.Path...)
		fields = x.appendText(x.appendText(fields, e.Data), e.Value)
		count++
		return err
	})
	if count > 0 {
		x.fail(x.elems.add(path, fields, count))
	}
	x.full(typePathHash)
	x.each(func(r *staged) {
		x.text(r.a)
		x.out = rdbwire.AppendLength(x.out, r.number)
		x.out = append(x.out, r.b...)
	})
}

func (x *Encoder) encodeCron() {
	v := x.e.Value
	x.prefix(typeCron)
	if v.Next() {
		j := v.Elem().Cron
		x.text(j.Script)
		x.out = binary.LittleEndian.AppendUint64(x.out, uint64(j.StartAt))
		x.out = binary.LittleEndian.AppendUint64(x.out, uint64(j.IntervalMs))
		for _, list := range [][][]byte{j.Keys, j.Args} {
			x.out = rdbwire.AppendLength(x.out, uint64(len(list)))
			for _, s := range list {
				x.text(s)
			}
		}
	}
	v.Next()
	x.fail(v.Err())
}

// classSpec is the inverse of what readKeyMeta decodes.
func classSpec(m *entry.KeyMeta) (spec uint32, ok bool) {
	if len(m.Class) != 4 || m.Version < 0 || m.Version > 31 || m.Flags > 7 {
		return 0, false
	}
	for i := range 4 {
		v := strings.IndexByte(classAlphabet, m.Class[i])
		if v < 0 {
			return 0, false
		}
		spec = spec<<6 | uint32(v)
	}
	return spec<<8 | uint32(m.Version)<<3 | uint32(m.Flags), true
}
