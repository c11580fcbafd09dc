package verify

import (
	"fmt"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/ziplist"
)

// checker looks into values, one after the other, for one goroutine at a time.
type checker struct {
	r    *Report // takes the findings
	deep bool
	file string

	e      *entry.Entry // whose value is being checked
	seen   distinct     // elements of the value, deep
	elems  int64        // of the value, counted
	digits [20]byte     // of the element at hand
	last   lastMember
	lp     listpack.Reader
	zl     ziplist.Reader
	blob   entry.Encoding // of the blob at hand
	node   int64          // of a quicklist that the blob is, -1 if it is the value
	stream streamCheck
	err    error // of a temporary file
}

func newChecker(file string, level Level) *checker {
	c := &checker{file: file, deep: level == Deep}
	c.seen.seeds = newSeeds()
	return c
}

// value checks the value of e. It reports false if reading has met damage,
// after which the batch has to recover.
func (c *checker) value(e *entry.Entry) bool {
	c.e, c.elems = e, 0
	if c.deep {
		if err := c.seen.reset(); err != nil {
			c.err = err
		}
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
		c.checkPlain(v)
	}
	if err := e.Value.Err(); err != nil {
		c.damage(err)
		return false
	}
	if c.elems == 0 && c.emptyMatters() {
		c.find(CodeEmptyKey, "", -1, "%s without elements", e.Type)
	}
	if c.deep && c.seen.parts != nil {
		c.err = c.seen.finish(func(first, later int64) {
			c.find(CodeDuplicate, e.Type.String(), later, "is element %d once more", first)
		})
	}
	return true
}

// emptyMatters reports whether a value without elements is odd. An intset or
// zipmap without any has been reported for that.
func (c *checker) emptyMatters() bool {
	switch c.e.Type {
	case entry.List, entry.Set, entry.ZSet, entry.Hash:
		return c.e.Encoding != entry.Intset && c.e.Encoding != entry.Zipmap
	}
	return false
}

// find reports that the value at hand breaks a rule.
func (c *checker) find(code Code, construct string, element int64, format string, args ...any) {
	rule, _ := RuleOf(code)
	c.r.Add(Finding{code, rule.Severity, c.place(construct, element), fmt.Sprintf(format, args...)})
}

func (c *checker) place(construct string, element int64) entry.Place {
	e := c.e
	return entry.Place{File: c.file, Offset: e.Offset, DB: e.DB, Key: keptKey(e.Key), Construct: construct, Element: element}
}

// damage reports what a reader says.
func (c *checker) damage(err error) {
	if f, ok := findingOf(err); ok {
		c.r.Add(f)
	} else {
		c.err = err
	}
}

// once makes sure that an element has not come before in the value. name says
// what it is: a field, a member.
func (c *checker) once(code Code, construct, name string, index int64, s []byte) {
	if !c.deep {
		return
	}
	first, err := c.seen.add(c.seen.seeds.of(0, s, index))
	if err != nil {
		c.err = err
	}
	if first >= 0 {
		if construct == "" {
			construct = c.construct()
		}
		c.find(code, construct, index, "%s %s is element %d once more", name, quoted(s), first)
	}
}

// quoted returns a string of a file for a message.
func quoted(s []byte) string {
	p := entry.Place{Key: s}
	return p.QuotedKey()
}

// checkPlain walks a value that stands in the file element by element.
func (c *checker) checkPlain(v entry.Value) {
	e := c.e
	switch e.Type {
	case entry.ZSet:
		for v.Next() {
			el := v.Elem()
			if math.IsNaN(el.Score) {
				c.find(CodeNaN, "zset", c.elems, "the score of %s is NaN", quoted(el.Data))
			}
			c.once(CodeDuplicate, "zset", "member", c.elems, el.Data)
			c.elems++
		}
	case entry.Set:
		for v.Next() {
			if el := v.Elem(); !el.More && c.whole(el) {
				c.once(CodeDuplicate, "set", "member", c.elems, el.Data)
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
func (c *checker) whole(el *entry.Elem) bool {
	return el.Total <= 0 || el.Total == int64(len(el.Data))
}

// A hash that holds no more, and nothing longer, becomes a listpack in a server
// that loads it, with its default settings.
const (
	packedFields = 512
	packedString = 64
)

func (c *checker) checkPlainHash(v entry.Value) {
	code, soonest, long := CodeDuplicate, int64(math.MaxInt64), c.e.Len > packedFields
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
		first, err := c.seen.add(c.seen.seeds.of(0, el.Data, c.elems))
		if err != nil {
			c.err = err
		}
		switch {
		case first < 0:
		case len(twice) < 2*c.r.limit:
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
		code = CodePackedDuplicate
	}
	for i := 0; i < len(twice); i += 2 {
		c.find(code, "hash", twice[i+1], "the field is that of element %d once more", twice[i])
	}
	c.r.more(code, uncounted)
	c.checkSoonest(v, soonest)
}

// checkSoonest holds the earliest expiry among the fields of a hash against the
// one that the record announces, from which the others count. Before a listpack
// (type 25) servers write one that was true once, so that is not held against it.
func (c *checker) checkSoonest(v entry.Value, soonest int64) {
	s, ok := v.(entry.Soonest)
	if !ok {
		return
	}
	if said, ok := s.Soonest(); ok && soonest != math.MaxInt64 && said != soonest {
		c.find(CodeFieldExpiryMin, "hash", -1, "the record says that its first field expires at %d ms, it does at %d ms", said, soonest)
	}
}
