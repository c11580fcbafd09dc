package keyspace

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
)

const (
	errVector       = ReplyError("ERR invalid vector specification")
	errVectorOption = ReplyError("ERR invalid option after element")
	errVectorEF     = ReplyError("ERR invalid EF")
	errVectorM      = ReplyError("ERR invalid M")
	errVectorQuant  = ReplyError("ERR asked quantization mismatch with existing vector set")
	errVectorLinks  = ReplyError("ERR asked M value mismatch with existing vector set")
	errNoProjection = ReplyError("ERR cannot add projection to existing set without projection")
)

const (
	defaultLinks = 16
	maxWidth     = 1000000 // the largest EF
	maxDim       = 1 << 16 // of vectors that are given
)

// vectorSet finds a vector set, nil if there is no key.
func (x *Executor) vectorSet(key []byte) (ref, *vectorSet, error) {
	r, err := x.typed(key, entry.Module)
	if err != nil || !r.ok() {
		return r, nil, err
	}
	switch o := r.object().(type) {
	case *vectorSet:
		return r, o, nil
	case *opaque:
		if o.head.Module.Name() == vectorModule {
			return r, nil, &UnsupportedError{Command: string(x.name), Reason: "the vector set holds more than is known"}
		}
	}
	return r, nil, errWrongType
}

// vaddOptions are those of VADD.
type vaddOptions struct {
	reduce     uint32 // dimension of the projection, 0 for none
	quant      entry.Quantization
	links      int
	attributes []byte
	setAttr    bool
}

// cmdVAdd is VADD key [REDUCE dim] (FP32 vector | VALUES n x ...) element [CAS]
// [NOQUANT | Q8 | BIN] [EF n] [SETATTR attributes] [M links].
func cmdVAdd(x *Executor, args [][]byte) error {
	o := vaddOptions{quant: entry.QuantInt8, links: defaultLinks}
	v, rest, err := o.vector(args[2:])
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return errArity(string(x.name))
	}
	name := rest[0]
	if err := o.parse(rest[1:]); err != nil {
		return err
	}
	r, s, err := x.vectorSet(args[1])
	if err != nil {
		return err
	}
	if s != nil {
		err = o.check(s, len(v))
	} else {
		s, err = o.create(x, &r, len(v))
	}
	if err != nil {
		return err
	}
	if s.info.Projection != nil {
		v = project(s.info.Projection, v, s.info.Dim)
	}
	if n := s.find(name); n >= 0 {
		s.setVector(n, v)
		if o.setAttr {
			return s.setAttributes(n, o.attributes)
		}
		return nil
	}
	// Empty attributes of a new element are there until the set is loaded.
	s.unpack()
	if err := s.insert(name, o.attributes, o.setAttr); err != nil {
		return err
	}
	s.setVector(len(s.at)-1, v)
	return nil
}

// vector reads [REDUCE dim] and a vector, and returns what follows. Redis 8.0
// takes a projection to more dimensions too, which later ones do not.
func (o *vaddOptions) vector(args [][]byte) (v []float32, rest [][]byte, err error) {
	if equalFold(args[0], "REDUCE") {
		n, ok := parseInt(args[1])
		if !ok || n <= 0 {
			return nil, nil, errVector
		}
		o.reduce = uint32(n)
		args = args[2:]
	}
	if len(args) < 2 {
		return nil, nil, errVector
	}
	switch {
	case equalFold(args[0], "FP32"):
		b := args[1]
		if len(b)%4 != 0 || len(b) == 0 || len(b)/4 > maxDim {
			return nil, nil, errVector
		}
		v = make([]float32, 0, len(b)/4)
		for ; len(b) > 0; b = b[4:] {
			v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
		return v, args[2:], nil
	case equalFold(args[0], "VALUES"):
		n, ok := parseInt(args[1])
		if !ok || n < 1 || n > maxDim || int64(len(args)-2) < n {
			return nil, nil, errVector
		}
		v = make([]float32, 0, n)
		for _, a := range args[2 : 2+n] {
			f, ok := fpconv.ParseDouble(a)
			if !ok {
				return nil, nil, errVector
			}
			v = append(v, float32(f))
		}
		return v, args[2+n:], nil
	}
	return nil, nil, errVector
}

// parse reads the options behind the element.
func (o *vaddOptions) parse(rest [][]byte) error {
	for ; len(rest) > 0; rest = rest[1:] {
		switch a := rest[0]; {
		case equalFold(a, "CAS"): // it tells how to go about it
		case equalFold(a, "NOQUANT"):
			o.quant = entry.QuantNone
		case equalFold(a, "Q8"):
			o.quant = entry.QuantInt8
		case equalFold(a, "BIN"):
			o.quant = entry.QuantBinary
		case len(rest) == 1:
			return errVectorOption
		case equalFold(a, "EF"):
			if n, ok := parseInt(rest[1]); !ok || n <= 0 || n > maxWidth {
				return errVectorEF
			}
			rest = rest[1:]
		case equalFold(a, "M"):
			n, ok := parseInt(rest[1])
			if !ok || n < minLinks || n > maxLinks {
				return errVectorM
			}
			o.links = int(n)
			rest = rest[1:]
		case equalFold(a, "SETATTR"):
			o.attributes, o.setAttr = rest[1], true
			rest = rest[1:]
		default:
			return errVectorOption
		}
	}
	return nil
}

// create makes the set of a key that is not there.
func (o *vaddOptions) create(x *Executor, r *ref, dim int) (*vectorSet, error) {
	info := entry.VectorSet{Dim: dim, Quantization: o.quant, Links: o.links}
	if o.reduce > 0 {
		if 4*uint64(o.reduce)*uint64(dim) > maxMatrix {
			return nil, &UnsupportedError{Command: string(x.name), Reason: "the projection is too large"}
		}
		info.Dim, info.InputDim, info.Projection = int(o.reduce), dim, newProjection(dim, int(o.reduce))
	}
	s := newVectorSet(info)
	if err := r.create(entry.Module, entry.NoExpire); err != nil {
		return nil, err
	}
	return s, r.d.setObject(r.at, s)
}

// check reports whether a vector of that dimension may be added to s.
func (o *vaddOptions) check(s *vectorSet, dim int) error {
	mismatch := fmt.Sprintf("ERR Vector dimension mismatch - got %d but set has %d", dim, s.info.Dim)
	projected := s.info.Projection != nil
	switch {
	case s.info.Quantization != o.quant:
		return errVectorQuant
	case min(s.info.Links, maxLinks) != o.links:
		return errVectorLinks
	case !projected && s.info.Dim != dim, projected && uint32(s.info.Dim) != o.reduce:
		return ReplyError(mismatch)
	case o.reduce > 0 && !projected:
		return errNoProjection
	case projected && dim != s.info.InputDim:
		return ReplyError(fmt.Sprintf("ERR Input dimension mismatch for projection - got %d but projection expects %d", dim, s.info.InputDim))
	}
	return nil
}

// cmdVRem is VREM key element.
func cmdVRem(x *Executor, args [][]byte) error {
	r, s, err := x.vectorSet(args[1])
	if err != nil || s == nil {
		return err
	}
	n := s.find(args[2])
	if n < 0 {
		return nil
	}
	if len(s.at) == 1 {
		r.remove()
		return nil
	}
	s.remove(n)
	return nil
}

// cmdVSetAttr is VSETATTR key element attributes.
func cmdVSetAttr(x *Executor, args [][]byte) error {
	_, s, err := x.vectorSet(args[1])
	if err != nil || s == nil {
		return err
	}
	if n := s.find(args[2]); n >= 0 {
		return s.setAttributes(n, args[3])
	}
	return nil
}
