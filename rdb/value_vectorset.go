package rdb

import (
	"encoding/binary"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// vectorSetValue is the cursor of a vector set:
//
//	UINT dim, UINT count, UINT config, UINT flags
//	[UINT input dim, STRING matrix]                   (flag 1)
//	count x ( STRING name, [STRING attributes], STRING vector, UINT n, n x UINT )   (attributes: flag 2)
//	EOF
//
// The numbers behind a vector are its node in the search graph. The last one
// holds two float32: the range of an int8 vector and the vector's length.
type vectorSetValue struct {
	cursor
	left   uint64
	vector entry.Vector
}

const (
	vsetProjection = 1
	vsetAttributes = 2
	defaultLinks   = 16
	// maxVectorDim is more than any vector has; a set with more is left opaque.
	maxVectorDim = 1 << 20
)

// itemUint reads an item that must be an unsigned integer.
func (p *parser) itemUint() uint64 {
	if it := p.item(rdbwire.ItemUint); p.err == nil {
		return it.Uint
	}
	return 0
}

// itemText reads an item that must be a string.
func (p *parser) itemText() []byte {
	if p.err != nil {
		return nil
	}
	if op := p.length(); p.err == nil && op != uint64(rdbwire.ItemString) {
		p.fail(wrong(ErrVectorSet, "%s where a string is due", rdbwire.ItemKind(min(op, math.MaxUint8))))
	}
	return p.text()
}

func (p *parser) item(kind rdbwire.ItemKind) (it rdbwire.Item) {
	if p.err != nil {
		return it
	}
	it, n, err := rdbwire.ModuleItem(p.b[p.n:])
	switch {
	case err != nil:
		p.fail(err)
	case it.Kind != kind:
		p.fail(wrong(ErrVectorSet, "%s where %s is due", it.Kind, kind))
	default:
		p.n += n
	}
	return it
}

// vectorHead reads the numbers at the start of a set. known is false where they
// say that it holds more than is known here.
func (p *parser) vectorHead() (dim, count, config, flags uint64, known bool) {
	dim, count, config, flags = p.itemUint(), p.itemUint(), p.itemUint(), p.itemUint()
	known = flags&^(vsetProjection|vsetAttributes) == 0 && config&0xff <= uint64(entry.QuantBinary) && dim <= maxVectorDim
	return dim, count, config, flags, known
}

// knownVectors reports whether the items of a module value are a vector set
// that is decoded, not handed on as it stands.
func knownVectors(items []byte) bool {
	p := parser{b: items}
	_, _, _, _, known := p.vectorHead()
	return known || p.err != nil
}

// begin reads the head of the set. ok is false, and nothing consumed, where
// the set says that it holds more than is known here.
func (v *vectorSetValue) begin(d *decoder) (ok bool, err error) {
	v.start(d)
	info := &d.vectors
	var flags uint64
	err = d.parse(func(p *parser) {
		start := p.n
		var dim, count, config uint64
		var known bool
		if dim, count, config, flags, known = p.vectorHead(); !known {
			if p.err == nil {
				flags, p.n = math.MaxUint64, start
			}
			return
		}
		*info = entry.VectorSet{
			Dim: int(dim), Quantization: entry.Quantization(config & 0xff), Links: int(config >> 8 & 0xffff),
			HasAttributes: flags&vsetAttributes != 0,
		}
		if info.Links == 0 {
			info.Links = defaultLinks
		}
		v.left = count
		if flags&vsetProjection != 0 {
			in := p.itemUint()
			matrix := p.itemText()
			if p.err == nil && (in > math.MaxInt32 || uint64(len(matrix)) != in*dim*4) {
				p.fail(wrong(ErrVectorSet, "projection of %d x %d has %d bytes", in, dim, len(matrix)))
			}
			info.InputDim, info.Projection = int(in), append([]byte{}, matrix...)
		}
	})
	if err != nil || flags == math.MaxUint64 {
		return false, err
	}
	v.elem.Vector = &v.vector
	d.e.Value, d.e.Len, d.e.Vectors = v, int64(min(v.left, math.MaxInt64)), info
	return true, nil
}

func (v *vectorSetValue) Next() bool {
	d := v.d
	if v.err != nil || v.ended {
		return false
	}
	if v.left == 0 {
		if err := d.parse(func(p *parser) { p.item(rdbwire.ItemEOF) }); err != nil {
			v.err = err
			return false
		}
		return v.end()
	}
	info := &d.vectors
	err := d.parse(func(p *parser) {
		v.elem.Data = p.itemText()
		v.vector.Attributes = nil
		if info.HasAttributes {
			v.vector.Attributes = p.itemText()
		}
		start := p.n
		raw, last := p.vector(info)
		if p.err == nil {
			v.vector.Raw = p.b[start:p.n:p.n]
			v.scale(raw, last)
		}
	})
	if err != nil {
		v.err = err
		return false
	}
	v.left--
	v.index++
	return true
}

// vector reads a vector and the numbers behind it, of which it returns the
// last.
func (p *parser) vector(info *entry.VectorSet) (raw []byte, last uint64) {
	raw = p.itemText()
	for n := p.itemUint(); n > 0 && p.err == nil; n-- {
		last = p.itemUint()
	}
	want := info.Dim * 4
	switch info.Quantization {
	case entry.QuantInt8:
		want = info.Dim
	case entry.QuantBinary:
		want = (info.Dim + 63) / 64 * 8
	}
	if p.err == nil && len(raw) != want {
		p.fail(wrong(ErrVectorSet, "vector of %d components has %d bytes, not %d", info.Dim, len(raw), want))
	}
	return raw, last
}

// scale turns a stored vector back into the one that was added.
func (v *vectorSetValue) scale(raw []byte, last uint64) {
	info := &v.d.vectors
	out := v.vector.Components[:0]
	length, spread := math.Float32frombits(uint32(last)), math.Float32frombits(uint32(last>>32))
	for i := range info.Dim {
		var x float32
		switch info.Quantization {
		case entry.QuantNone:
			x = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])) * length
		case entry.QuantInt8:
			x = float32(int8(raw[i])) / 127 * spread * length
		case entry.QuantBinary:
			if x = -1; raw[i/8]>>(i%8)&1 == 1 {
				x = 1
			}
		}
		out = append(out, x)
	}
	v.vector.Components = out
}
