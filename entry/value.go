package entry

import (
	"bytes"
	"iter"
)

// Value is a forward cursor over the elements of a value.
//
// What one element is depends on the type:
//
//	string     one element: Data
//	list, set  Data
//	zset       Data (member), Score
//	hash       Data (field), Value, ExpireAt
//	stream     Stream: entries, then metadata, groups, pending entries, consumers
//	module     Data: the serialized value as it stands, in one or more parts
//	vector set Data (name), Vector
//	array      Index, Data
//	path hash  Path, Data (field), Value
//	cron       Cron
type Value interface {
	// Next moves to the next element. It returns false at the end and at an
	// error; Err tells which.
	Next() bool
	// Elem returns the current element. It and its bytes are borrowed until
	// the next call of Next.
	Elem() *Elem
	// Err returns what stopped Next, nil at a clean end.
	Err() error
}

// Blob is a value that the file holds as one compact block: an intset,
// listpack, ziplist or zipmap.
type Blob interface {
	Value
	// Blob returns the block, unpacked, and the number of entries that it
	// declares (-1 if it does not say). It may be called before Next only and
	// leaves the cursor where it is. The bytes are borrowed like an element.
	Blob() (raw []byte, n int)
}

// Nodes is a list or a stream that the file holds in packed nodes.
type Nodes interface {
	Value
	// NextNode moves to the next node instead of the next element and reports
	// whether there is one; what is left of the current node is passed over. At
	// an error it returns false, as Next does. Behind the last node Next gives
	// what follows, such as the groups of a stream.
	NextNode() bool
	// Node returns the current node. It is borrowed until the next call of
	// NextNode or Next.
	Node() *Node
}

// Node is a packed node of a value.
type Node struct {
	Index int64    // in the value, from 0
	Raw   []byte   // the blob, unpacked but not looked at; nil if Plain
	Plain bool     // a list item by itself, in no blob
	ID    StreamID // of a stream's node: what the IDs of its entries count from
}

// Soonest is a hash that announces when the first of its fields expires.
type Soonest interface {
	Value
	// Soonest returns what is announced, in Unix ms, 0 for never. ok is false
	// where the file has no such number. It is known once an element, or the
	// blob, has been read.
	Soonest() (ms int64, ok bool)
}

// Rewinder is a value that may be read more than once.
type Rewinder interface {
	Value
	// Rewind puts the cursor back to its start. It reports false, and does
	// nothing, where that is not possible.
	Rewind() bool
}

// Distinct is a value no member or field of which comes twice: its source has
// made sure of that.
type Distinct interface {
	Value
	Distinct()
}

// Elem is one element of a value: see Value for the fields that a type uses.
type Elem struct {
	Data     []byte
	Value    []byte
	Score    float64
	ExpireAt int64 // of a hash field: Unix ms, NoExpire if none

	// More says that this element is a part only: of Value where the type is
	// a hash, else of Data. The elements that follow bring the rest, the last
	// of them with More false. Only a source that was asked for fragments
	// gives parts. Total is then the size of the whole string, -1 if the source
	// cannot tell.
	More  bool
	Total int64

	Index  uint64 // of an array element
	Path   []byte // of a path hash
	Stream *StreamElem
	Vector *Vector
	Cron   *CronJob
}

// Clone returns a copy of e that shares no bytes with its source.
func (e *Elem) Clone() *Elem {
	c := *e
	c.Data, c.Value, c.Path = bytes.Clone(e.Data), bytes.Clone(e.Value), bytes.Clone(e.Path)
	if e.Stream != nil {
		c.Stream = e.Stream.Clone()
	}
	if e.Vector != nil {
		v := *e.Vector
		v.Components = append([]float32(nil), v.Components...)
		v.Attributes, v.Raw = bytes.Clone(v.Attributes), bytes.Clone(v.Raw)
		c.Vector = &v
	}
	if e.Cron != nil {
		j := *e.Cron
		j.Script, j.Keys, j.Args = bytes.Clone(j.Script), cloneAll(j.Keys), cloneAll(j.Args)
		c.Cron = &j
	}
	return &c
}

func cloneAll(in [][]byte) [][]byte {
	out := make([][]byte, len(in))
	for i := range in {
		out[i] = bytes.Clone(in[i])
	}
	return out
}

// Elems adapts a cursor to a range loop. An error ends the loop as its last
// pair, with a nil element.
func Elems(v Value) iter.Seq2[*Elem, error] {
	return func(yield func(*Elem, error) bool) {
		for v.Next() {
			if !yield(v.Elem(), nil) {
				return
			}
		}
		if err := v.Err(); err != nil {
			yield(nil, err)
		}
	}
}

// Quantization is how a vector set stores its components.
type Quantization uint8

// The quantizations, by the number that the file holds.
const (
	QuantNone Quantization = iota // float32
	QuantInt8
	QuantBinary
)

func (q Quantization) String() string {
	switch q {
	case QuantNone:
		return "none"
	case QuantInt8:
		return "int8"
	case QuantBinary:
		return "binary"
	}
	return "unknown"
}

// VectorSet is what a vector set says about itself before its elements.
type VectorSet struct {
	Dim           int // of the stored vectors
	Quantization  Quantization
	Links         int    // links a node aims at on each layer (M)
	HasAttributes bool   // elements carry an attribute, perhaps an empty one
	InputDim      int    // before the projection, 0 without one
	Projection    []byte // Dim x InputDim float32 LE, nil without one; borrowed
}

// Vector is the vector part of one element of a vector set.
type Vector struct {
	// Components are scaled back to the length of the vector that was added.
	// Binary quantization keeps only the signs: they are 1 and -1.
	Components []float32
	Attributes []byte // JSON text, empty if none
	Raw        []byte // vector and graph node as the file holds them
}

// ArrayInfo is what an array says about itself before its elements.
type ArrayInfo struct {
	HasCursor bool
	Cursor    uint64 // index of the element inserted last
}

// CronJob is the value of KeyDB's cron type.
type CronJob struct {
	Script     []byte
	StartAt    int64 // Unix ms
	IntervalMs int64
	Keys, Args [][]byte
}
