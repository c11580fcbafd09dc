package keyspace

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// vectorSet is a vector set. Its elements are numbered from 0 without gaps.
//
// As long as no vector has changed since it came from a snapshot, it keeps what
// the snapshot holds of each element, and gives out the same bytes. Else it is
// open: vectors stand one behind the other, and the links of the search graph,
// which servers expect to find in a snapshot, are made when the set is given
// out.
type vectorSet struct {
	module entry.ModuleID
	info   entry.VectorSet
	names  dict     // number (u32), and with attributes a 1 and their text
	at     []handle // of the names, by number

	attributes int  // elements that have some, perhaps empty ones
	changed    bool // since it was loaded

	packed []byte // vectors and nodes as loaded
	ends   []int  // where those of each element end

	open   bool
	kept   []byte    // vectors, if they are not float32
	floats []float32 // vectors, if they are
	scales []uint64  // two float32: the range of an int8 vector, the length
	graph  graph
}

// What the last number of a node holds.
func packScale(length, top float32) uint64 {
	return uint64(math.Float32bits(top))<<32 | uint64(math.Float32bits(length))
}

// vectorModule names the type of vector sets in a snapshot.
const vectorModule = "vectorset"

func newVectorSet(info entry.VectorSet) *vectorSet {
	id, _ := entry.NewModuleID(vectorModule, 0)
	s := &vectorSet{module: id, info: info, changed: true, open: true}
	s.graph.init(s)
	return s
}

var (
	errVectorTwice = errors.New("an element of a vector set appears twice")
	errVectorShape = errors.New("the data of an element is not that of a vector")
)

func loadVectorSet(e *entry.Entry) (*vectorSet, error) {
	s := &vectorSet{module: e.Module, info: *e.Vectors}
	if e.Vectors.Projection != nil {
		s.info.Projection = slices.Clone(e.Vectors.Projection)
	}
	corrupt := func(err error) error { return &entry.CorruptError{Place: placeOf(e), Err: err} }
	if in := uint64(s.info.InputDim); s.info.Dim < 0 || s.info.Dim > math.MaxInt32/4 || in > math.MaxInt32 ||
		s.info.Projection != nil && uint64(len(s.info.Projection)) != 4*in*uint64(s.info.Dim) {
		return nil, corrupt(errVectorShape)
	}
	for e.Value.Next() {
		m := e.Value.Elem()
		if s.names.find(m.Data) >= 0 {
			return nil, corrupt(errVectorTwice)
		}
		if m.Vector == nil || checkVector(m.Vector.Raw, keptSize(&s.info)) != nil {
			return nil, corrupt(errVectorShape)
		}
		if err := s.insert(m.Data, m.Vector.Attributes, len(m.Vector.Attributes) > 0); err != nil {
			return nil, err
		}
		s.packed = append(s.packed, m.Vector.Raw...)
		s.ends = append(s.ends, len(s.packed))
	}
	return s, e.Value.Err()
}

// find returns the number of an element, -1 if it is not there.
func (s *vectorSet) find(name []byte) int {
	i := s.names.find(name)
	if i < 0 {
		return -1
	}
	return int(binary.LittleEndian.Uint32(s.names.block(i).value()))
}

// name returns the block of an element in the names.
func (s *vectorSet) name(n int) block { return s.names.at(s.at[n]) }

// attributesOf returns the attributes of an element. has tells whether there are
// any: servers that loaded the set see no empty ones.
func (s *vectorSet) attributesOf(n int) (text []byte, has bool) {
	v := s.name(n).value()
	if len(v) == 4 {
		return nil, false
	}
	return v[5:], true
}

// insert adds a name, which must not be there, as the last number.
func (s *vectorSet) insert(name, attributes []byte, has bool) error {
	if int64(len(s.at)) >= maxNear {
		return ErrFull
	}
	room := 4
	if has {
		room += 1 + len(attributes)
		s.attributes++
	}
	i, err := s.names.insert(0, name, -1, room)
	if err != nil {
		return err
	}
	v := s.names.block(i).value()
	binary.LittleEndian.PutUint32(v, uint32(len(s.at)))
	if has {
		v[4] = 1
		copy(v[5:], attributes)
	}
	s.at = append(s.at, s.names.slots[i].h)
	return nil
}

// setAttributes changes those of an element; none if the text is empty.
func (s *vectorSet) setAttributes(n int, text []byte) error {
	i := s.names.find(s.name(n).key())
	if _, has := s.attributesOf(n); has {
		s.attributes--
	}
	var ins int
	if len(text) > 0 {
		ins = 1 + len(text)
		s.attributes++
	}
	room, err := s.names.splice(i, 4, len(s.name(n).value())-4, ins)
	if err != nil {
		return err
	}
	if ins > 0 {
		room[0] = 1
		copy(room[1:], text)
	}
	s.at[n] = s.names.slots[i].h
	s.changed = true
	s.tidy()
	return nil
}

// tidy gives back the space of names that are gone.
func (s *vectorSet) tidy() {
	if s.names.freed < minFreed || s.names.freed < (s.names.blocks+s.names.freed)*3/10 {
		return
	}
	s.names.compact()
	for _, slot := range s.names.slots {
		if slot.h != 0 {
			s.at[binary.LittleEndian.Uint32(block(s.names.at(slot.h)).value())] = slot.h
		}
	}
}

// setVector sets the vector of an element, or of the one after the last. It
// writes to v.
func (s *vectorSet) setVector(n int, v []float32) {
	s.unpack()
	length, top := normalize(v), float32(0)
	switch s.info.Quantization {
	case entry.QuantInt8:
		s.kept, top = overwrite(s.kept, n*keptSize(&s.info), v, appendInt8)
	case entry.QuantBinary:
		s.kept, _ = overwrite(s.kept, n*keptSize(&s.info), v, func(dst []byte, v []float32) ([]byte, float32) { return appendBits(dst, v), 0 })
	default:
		s.floats, _ = overwrite(s.floats, n*len(v), v, func(dst, v []float32) ([]float32, float32) { return append(dst, v...), 0 })
	}
	if scale := packScale(length, top); n < len(s.scales) {
		s.graph.remove(uint32(n))
		s.scales[n] = scale
	} else {
		s.scales = append(s.scales, scale)
		s.graph.grow()
	}
	s.changed = true
}

// overwrite has put append to all at a place, where it adds nothing but the
// vector that stands there.
func overwrite[T byte | float32](all []T, at int, v []float32, put func([]T, []float32) ([]T, float32)) ([]T, float32) {
	out, top := put(all[:at], v)
	return out[:max(len(out), len(all))], top
}

// remove takes out an element. The last one takes its number.
func (s *vectorSet) remove(n int) {
	s.unpack()
	if _, has := s.attributesOf(n); has {
		s.attributes--
	}
	last := len(s.at) - 1
	s.graph.remove(uint32(n))
	s.graph.move(uint32(last), uint32(n))
	s.names.remove(s.names.find(s.name(n).key()))
	if n != last {
		s.at[n] = s.at[last]
		binary.LittleEndian.PutUint32(s.name(n).value(), uint32(n))
	}
	s.at = s.at[:last]
	s.scales = moveLast(s.scales, n, 1)
	if s.info.Quantization == entry.QuantNone {
		s.floats = moveLast(s.floats, n, s.info.Dim)
	} else {
		s.kept = moveLast(s.kept, n, keptSize(&s.info))
	}
	s.changed = true
	s.tidy()
}

// moveLast makes the last run of size elements the one of number n.
func moveLast[T any](all []T, n, size int) []T {
	last := len(all) - size
	copy(all[n*size:(n+1)*size], all[last:])
	return all[:last]
}

// unpack opens a set that came from a snapshot, before one of its vectors
// changes.
func (s *vectorSet) unpack() {
	if s.open {
		return
	}
	s.open = true
	s.info.Links = min(s.info.Links, maxLinks)
	s.graph.init(s)
	s.scales = make([]uint64, 0, len(s.ends))
	nodes := make([][]byte, len(s.ends))
	for n := range s.ends {
		vector, node, _, _ := splitVector(s.raw(n))
		if s.info.Quantization == entry.QuantNone {
			for ; len(vector) >= 4; vector = vector[4:] {
				s.floats = append(s.floats, math.Float32frombits(binary.LittleEndian.Uint32(vector)))
			}
		} else {
			s.kept = append(s.kept, vector...)
		}
		s.scales = append(s.scales, lastNumber(node))
		s.graph.grow()
		nodes[n] = node
	}
	s.graph.load(nodes)
	s.packed, s.ends = nil, nil
}

// raw returns what was loaded of an element.
func (s *vectorSet) raw(n int) []byte {
	from := 0
	if n > 0 {
		from = s.ends[n-1]
	}
	return s.packed[from:s.ends[n]:s.ends[n]]
}

// appendVector appends the vector of an element as it is kept.
func (s *vectorSet) appendVector(dst []byte, n int) []byte {
	if !s.open {
		vector, _, _, _ := splitVector(s.raw(n))
		return append(dst, vector...)
	}
	if s.info.Quantization != entry.QuantNone {
		size := keptSize(&s.info)
		return append(dst, s.kept[n*size:(n+1)*size]...)
	}
	for _, x := range s.floats[n*s.info.Dim : (n+1)*s.info.Dim] {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(x))
	}
	return dst
}

func (s *vectorSet) clone() (any, error) {
	c := *s
	names, err := s.names.clone()
	if err != nil {
		return nil, err
	}
	c.names = *names.(*dict)
	c.at, c.ends, c.scales = slices.Clone(s.at), slices.Clone(s.ends), slices.Clone(s.scales)
	c.packed, c.kept, c.floats = slices.Clone(s.packed), slices.Clone(s.kept), slices.Clone(s.floats)
	c.graph = s.graph.clone(&c)
	return &c, nil
}

func (s *vectorSet) fill(e *entry.Entry) {
	info := s.info
	if s.changed {
		info.HasAttributes = s.attributes > 0
	}
	if s.open {
		s.graph.finish()
	}
	e.Module, e.Vectors, e.Len = s.module, &info, int64(len(s.at))
	e.Value = &vectorCursor{s: s}
}

// vectorCursor walks over the elements of a vector set by their numbers.
type vectorCursor struct {
	s      *vectorSet
	next   int
	elem   entry.Elem
	vector entry.Vector
	kept   []byte
}

func (c *vectorCursor) Err() error        { return nil }
func (c *vectorCursor) Elem() *entry.Elem { return &c.elem }

func (c *vectorCursor) Next() bool {
	s, n := c.s, c.next
	if n == len(s.at) {
		return false
	}
	c.next++
	text, _ := s.attributesOf(n)
	c.elem = entry.Elem{Data: s.name(n).key(), ExpireAt: entry.NoExpire, Vector: &c.vector}
	c.vector.Attributes = text
	var scale uint64
	if c.kept = s.appendVector(c.kept[:0], n); s.open {
		scale = s.scales[n]
		c.vector.Raw = s.graph.appendNode(rdbwire.AppendItemString(c.vector.Raw[:0], c.kept), uint32(n))
	} else {
		c.vector.Raw = s.raw(n)
		_, node, _, _ := splitVector(c.vector.Raw)
		scale = lastNumber(node)
	}
	c.vector.Components = appendComponents(c.vector.Components[:0], &s.info, c.kept, scale)
	return true
}

// digest joins how many elements and components the set has, and each element
// with its vector as it is kept.
func (s *vectorSet) digest(g *digest) {
	var all, one digest
	endOne := func() {
		all.xor(one[:])
		one = digest{}
	}
	one.mix(strconv.AppendInt(nil, int64(len(s.at)), 10))
	one.mix(strconv.AppendInt(nil, int64(s.info.Dim), 10))
	endOne()
	var vector []byte
	for n := range s.at {
		vector = s.appendVector(vector[:0], n)
		one.mix(vector)
		one.mix(s.name(n).key())
		if text, has := s.attributesOf(n); has {
			one.mix(text)
		}
		endOne()
	}
	g.xor(all[:])
}
