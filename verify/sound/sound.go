// Package sound holds values of RDB files against the rules that servers keep when they
// write them: each element once, in its order, with the counts and end marks that belong
// to it.
package sound

import (
	"errors"
	"fmt"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/ziplist"
	"github.com/rdbtool/rdbtool/verify/distinct"
)

// Checker looks into values, one after the other, for one goroutine at a time.
type Checker struct {
	found func(e *entry.Entry, f Fault)
	deep  bool
	limit int // of the fields that are told to stand twice

	e      *entry.Entry // whose value is being checked
	seeds  *distinct.Seeds
	seen   distinct.Set // elements of the value, deep
	elems  int64        // of the value, counted
	digits [20]byte     // of the element at hand
	last   lastMember
	lp     listpack.Reader
	zl     ziplist.Reader
	blob   entry.Encoding // of the blob at hand
	node   int64          // of a quicklist that the blob is, -1 if it is the value
	stream streamCheck
	graph  graph
	err    error // of a temporary file
}

// Fault is one way in which a value is none that a server wrote.
type Fault struct {
	Code      Code
	Construct string // the part of the value, "" for all of it
	Element   int64  // -1 for none
	Reason    string
	// More is how many alike there are beside it, that are not told one by one.
	More int64
}

// New returns a checker. Where it is not deep, it looks for what no reader can get along
// with only, and takes nothing into memory. limit is how many fields of a hash are told at
// the most to stand twice. What does not fit into memory goes to dir, "" for the system's
// place. found is told of each fault of a value.
func New(deep bool, limit int, dir string, found func(e *entry.Entry, f Fault)) *Checker {
	return &Checker{found: found, deep: deep, limit: limit, seeds: distinct.NewSeeds(), seen: distinct.Set{Dir: dir}}
}

// Check reads the value of e to its end. The error is that of the value's cursor, an
// *entry.CorruptError for instance, or that of a temporary file.
func (c *Checker) Check(e *entry.Entry) error {
	c.e, c.elems, c.err = e, 0, nil
	if c.deep {
		c.err = c.seen.Reset()
	}
	switch v := e.Value.(type) {
	case entry.Nodes:
		if e.Type == entry.Stream {
			c.checkStream(v)
		} else {
			c.checkNodes(v)
		}
	case entry.Blob:
		c.checkBlob(v)
	default:
		if e.Vectors != nil {
			c.checkVectors(v)
		} else {
			c.checkPlain(v)
		}
	}
	err := e.Value.Err()
	if err == nil && c.elems == 0 && c.emptyMatters() {
		c.find(EmptyKey, "", -1, "%s without elements", e.Type)
	}
	if c.seen.Spilled() {
		if err == nil && c.err == nil {
			c.err = c.seen.Finish(c.foundTwice)
		}
		c.err = errors.Join(c.err, c.seen.Close())
	}
	if c.err != nil {
		return c.err
	}
	return err
}

// named says what has a name, or a number, that must be there once: it is the low bits of
// the tags in seen, above which stands the element.
type named int64

const (
	element named = iota
	vectorNode
	group
	consumer
	namedBits = 2
)

// see returns the element before that has the same name in its space, -1 if there is none or
// it is known at the end only.
func (c *Checker) see(space uint64, name []byte, index int64, what named) (first int64) {
	first, err := c.seen.Add(c.seeds.Of(space, name, index<<namedBits|int64(what)))
	if err != nil {
		c.err = err
	}
	return first >> namedBits
}

// foundTwice is told at the end of two that have the same name.
func (c *Checker) foundTwice(first, later int64) {
	index := later >> namedBits
	switch named(later & (1<<namedBits - 1)) {
	case element:
		c.find(Duplicate, c.e.Type.String(), index, "is element %d once more", first>>namedBits)
	case vectorNode:
		c.find(VectorNode, "vector set", index, "the node has the number of that of element %d", first>>namedBits)
	case group:
		c.find(GroupTwice, "stream", -1, "group %d has the name of group %d", index, first>>namedBits)
	case consumer:
		c.find(ConsumerTwice, "consumer group", -1, "consumer %d has the name of consumer %d", index, first>>namedBits)
	}
}

// emptyMatters reports whether a value without elements is odd. An intset or
// zipmap without any has been reported for that.
func (c *Checker) emptyMatters() bool {
	switch c.e.Type {
	case entry.List, entry.Set, entry.ZSet, entry.Hash:
		return c.e.Encoding != entry.Intset && c.e.Encoding != entry.Zipmap
	}
	return false
}

// find reports that the value at hand breaks a rule.
func (c *Checker) find(code Code, construct string, element int64, format string, args ...any) {
	c.found(c.e, Fault{Code: code, Construct: construct, Element: element, Reason: fmt.Sprintf(format, args...)})
}

// once makes sure that an element has not come before in the value. name says
// what it is: a field, a member.
func (c *Checker) once(code Code, construct, name string, index int64, s []byte) {
	if !c.deep {
		return
	}
	if first := c.see(0, s, index, element); first >= 0 {
		if construct == "" {
			construct = c.construct()
		}
		c.find(code, construct, index, "%s %s is element %d once more", name, entry.Quoted(s), first)
	}
}

// checkPlain walks a value that stands in the file element by element.
func (c *Checker) checkPlain(v entry.Value) {
	e := c.e
	switch e.Type {
	case entry.ZSet:
		for v.Next() {
			el := v.Elem()
			if math.IsNaN(el.Score) {
				c.find(NaN, "zset", c.elems, "the score of %s is NaN", entry.Quoted(el.Data))
			}
			c.once(Duplicate, "zset", "member", c.elems, el.Data)
			c.elems++
		}
	case entry.Set:
		for v.Next() {
			if el := v.Elem(); !el.More && c.whole(el) {
				c.once(Duplicate, "set", "member", c.elems, el.Data)
			}
			c.elems++
		}
	case entry.Hash:
		c.checkPlainHash(v)
	default:
		for v.Next() {
			c.elems++
		}
	}
}

// whole reports whether an element is all of its string. The last part of a
// string in fragments is shorter than the string.
func (c *Checker) whole(el *entry.Elem) bool {
	return el.Total <= 0 || el.Total == int64(len(el.Data))
}

// A hash that holds no more, and nothing longer, becomes a listpack in a server
// that loads it, with its default settings.
const (
	packedFields = 512
	packedString = 64
)

func (c *Checker) checkPlainHash(v entry.Value) {
	code, soonest, long := Duplicate, int64(math.MaxInt64), c.e.Len > packedFields
	if !c.deep {
		for v.Next() {
			c.elems++
		}
		return
	}
	var twice []int64
	uncounted := int64(0) // that come twice beside these
	for v.Next() {
		el := v.Elem()
		long = long || len(el.Data) > packedString || len(el.Value) > packedString
		if el.ExpireAt != entry.NoExpire {
			soonest = min(soonest, el.ExpireAt)
		}
		if el.More {
			continue // the field comes again with the last part
		}
		first := c.see(0, el.Data, c.elems, element)
		switch {
		case first < 0:
		case len(twice) < 2*c.limit:
			twice = append(twice, first, c.elems)
		default:
			uncounted++
		}
		c.elems++
	}
	if v.Err() != nil {
		return
	}
	if !long {
		code = PackedDuplicate
	}
	for i := 0; i < len(twice); i += 2 {
		f := Fault{Code: code, Construct: "hash", Element: twice[i+1], Reason: fmt.Sprintf("the field is that of element %d once more", twice[i])}
		if i+2 == len(twice) {
			f.More = uncounted
		}
		c.found(c.e, f)
	}
	c.checkSoonest(v, soonest)
}

// checkSoonest holds the earliest expiry among the fields of a hash against the
// one that the record announces, from which the others count. Before a listpack
// (type 25) servers write one that was true once, so that is not held against it.
func (c *Checker) checkSoonest(v entry.Value, soonest int64) {
	s, ok := v.(entry.Soonest)
	if !ok {
		return
	}
	if said, ok := s.Soonest(); ok && soonest != math.MaxInt64 && said != soonest {
		c.find(FieldExpiryMin, "hash", -1, "the record says that its first field expires at %d ms, it does at %d ms", said, soonest)
	}
}
