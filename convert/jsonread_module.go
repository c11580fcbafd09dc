package convert

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

// beginModule reads a module value up to its data.
func (v *jsonValue) beginModule() error {
	r := v.r
	if err := r.in.Open('{'); err != nil {
		return err
	}
	var module string
	var version uint64
	v.vset = entry.VectorSet{}
	for {
		more, err := r.in.More('}')
		if err != nil {
			return err
		}
		if !more {
			return wrong("a module value without data")
		}
		if r.name, err = r.in.AppendName(r.name[:0]); err != nil {
			return err
		}
		switch string(r.name) {
		case "name":
			r.text, err = r.in.AppendString(r.text[:0])
			module = string(r.text)
		case "version":
			version, err = r.uint(1023)
		case "data", "elements":
			if module == "" {
				return wrong("%s stand before the name of the module: members must come in the order in which dump writes them", r.name)
			}
			id, ok := entry.NewModuleID(module, int(version))
			if !ok {
				return wrong("%q is no name of a module", module)
			}
			r.e.Module = id
			if string(r.name) == "elements" {
				return v.beginVectors()
			}
			v.step = v.single(func() error {
				if err := v.text(); err != nil {
					return err
				}
				return r.rest()
			})
			return nil
		default:
			err = v.vectorSet(string(r.name))
		}
		if err != nil {
			return err
		}
	}
}

// vectorSet reads a member that says something about a vector set as a whole.
func (v *jsonValue) vectorSet(name string) (err error) {
	r := v.r
	number := func(to *int, most uint64) error {
		n, err := r.uint(most)
		*to = int(n)
		return err
	}
	switch name {
	case "dimension":
		err = number(&v.vset.Dim, math.MaxInt32)
	case "links":
		err = number(&v.vset.Links, math.MaxUint16)
	case "input_dimension":
		err = number(&v.vset.InputDim, math.MaxInt32)
	case "projection":
		v.vset.Projection, err = r.bytes([]byte{})
	case "quantisation":
		if r.text, err = r.in.AppendString(r.text[:0]); err != nil {
			return err
		}
		for q := entry.QuantNone; q <= entry.QuantBinary; q++ {
			if q.String() == string(r.text) {
				v.vset.Quantization = q
				return nil
			}
		}
		return wrong("unknown quantisation %q", r.text[:min(len(r.text), 64)])
	default:
		err = r.in.Skip()
	}
	return err
}

// beginVectors reads the first element of a vector set, which shows whether
// elements have attributes.
func (v *jsonValue) beginVectors() error {
	v.elem.Vector = &v.vector
	v.r.e.Vectors = &v.vset
	if err := v.r.in.Open('['); err != nil {
		return err
	}
	first, err := v.vectorElem()
	if err != nil {
		return err
	}
	v.vset.HasAttributes = v.vector.Attributes != nil
	v.parsed = true
	v.step = func() (bool, error) {
		if v.parsed {
			v.parsed = false
			return first, nil
		}
		return v.vectorElem()
	}
	return nil
}

func (v *jsonValue) vectorElem() (bool, error) {
	r := v.r
	more, err := r.in.More(']')
	if err != nil {
		return false, err
	}
	if !more {
		return false, r.rest()
	}
	v.vector.Components, v.vector.Raw = v.vector.Components[:0], nil
	var attributes []byte
	err = r.each(func(name string) (_ bool, err error) {
		switch name {
		case "name":
			err = v.text()
		case "vector":
			err = r.list(func() error {
				f, err := r.double()
				v.vector.Components = append(v.vector.Components, float32(f))
				return err
			})
		case "attributes":
			attributes, err = r.bytes(append(v.value[:0], []byte{}...))
			if attributes == nil {
				attributes = []byte{}
			}
			v.value = attributes
		case "data":
			v.path, err = r.bytes(v.path[:0])
			v.vector.Raw = v.path
		default:
			return false, nil
		}
		return true, err
	})
	v.vector.Attributes = attributes
	if err == nil && len(v.vector.Raw) == 0 {
		err = wrong("an element of a vector set without its data: the graph cannot be built anew")
	}
	return true, err
}
