package sound

import (
	"bytes"
	"math"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/intset"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/internal/ziplist"
	"github.com/rdbtool/rdbtool/internal/zipmap"
)

// packed is a walk over the entries of a listpack or a ziplist.
type packed interface {
	Next() (str []byte, num int64, ok bool)
	Index() int
	Err() error
}

// checkBlob checks a collection in one blob.
func (c *Checker) checkBlob(v entry.Blob) {
	raw, _ := v.Blob()
	if raw == nil {
		v.Next() // tells what is wrong
		return
	}
	switch c.e.Encoding {
	case entry.Intset:
		c.checkIntset(raw)
	case entry.Zipmap:
		c.checkZipmap(raw)
	default:
		c.node = -1
		c.checkPacked(c.e.Encoding, raw, c.parts())
	}
}

// parts returns how many entries of a blob are one element.
func (c *Checker) parts() int {
	switch c.e.Type {
	case entry.ZSet:
		return 2
	case entry.Hash:
		if _, ok := c.e.Value.(entry.Soonest); ok && c.e.RDBType >= typeHashPackedPreGA {
			return 3
		}
		return 2
	}
	return 1
}

// typeHashPackedPreGA is the first RDB type of hashes that are packed with the
// expiries of their fields.
const typeHashPackedPreGA = 23

// construct names the blob at hand.
func (c *Checker) construct() string {
	if c.node >= 0 {
		return "quicklist node " + strconv.FormatInt(c.node, 10) + " " + c.blob.String()
	}
	return c.blob.String()
}

// findIn reports that an entry of the blob at hand breaks a rule.
func (c *Checker) findIn(code Code, element int64, format string, args ...any) {
	c.find(code, c.construct(), element, format, args...)
}

// checkPacked walks a listpack or a ziplist of elements of that many entries.
func (c *Checker) checkPacked(encoding entry.Encoding, raw []byte, parts int) {
	var err error
	c.blob = encoding
	if encoding == entry.Ziplist {
		if c.zl, err = ziplist.Open(raw); err != nil {
			c.findIn(ZiplistFrame, -1, "%v", err)
			return
		}
		if c.deep || c.means() {
			c.elements(&c.zl, parts, ZiplistPairs)
		}
		for ok := true; ok; {
			_, _, ok = c.zl.Next()
		}
		c.ended(&c.zl, parts, ZiplistEntry, ZiplistPairs)
		return
	}
	if c.lp, err = listpack.Open(raw); err != nil {
		c.findIn(ListpackFrame, -1, "%v", err)
		return
	}
	if c.deep || c.means() {
		c.elements(&c.lp, parts, PackedDuplicate)
	}
	for ok := true; ok; {
		_, _, ok = c.lp.Next()
	}
	c.ended(&c.lp, parts, ListpackEntry, Pairs)
}

// means reports whether an entry of the value can be wrong by its meaning, so
// that a reader cannot give the element: a score, an expiry.
func (c *Checker) means() bool { return c.e.Type == entry.ZSet || c.parts() == 3 }

// ended judges a walk that has come to its end: whether it was clean, and after
// a whole element.
func (c *Checker) ended(r packed, parts int, entryCode, pairsCode Code) {
	n := r.Index()
	c.elems += int64((n + parts - 1) / parts)
	if err := r.Err(); err != nil {
		c.findIn(entryCode, int64(n), "%v", err)
	} else if n%parts != 0 {
		c.findIn(pairsCode, int64(n), "%d entries, and an element has %d", n, parts)
	}
}

// lastMember is the member of a sorted set before the current one.
type lastMember struct {
	score float64
	name  []byte
	any   bool
}

// elements walks the entries of a blob and holds their elements to the rules
// of the value's type. twice is the code for one that has come before.
func (c *Checker) elements(r packed, parts int, twice Code) {
	last := int64(0) // expiry of the field before
	c.last.any = false
	for {
		s, num, ok := r.Next()
		if !ok {
			break
		}
		index := int64(r.Index() - 1)
		s = c.text(s, num)
		switch c.e.Type {
		case entry.Set:
			c.once(twice, "", "member", index, s)
		case entry.ZSet:
			c.once(twice, "", "member", index, s)
			score, num, ok := r.Next()
			if ok {
				c.member(index, s, score, num)
			}
		case entry.Hash:
			c.once(twice, "", "field", index, s)
			if _, _, ok := r.Next(); !ok || parts < 3 {
				break
			}
			text, at, ok := r.Next()
			switch {
			case !ok:
			case text != nil || at < 0:
				c.findIn(FieldExpiry, index+2, "expiry of the field is %s", entry.Quoted(c.text(text, at)))
			case c.deep && at >= 1<<48:
				c.findIn(PackedExpiry, index+2, "the field expires at %d ms", at)
			case c.deep:
				// Those that expire come first, the soonest at the front.
				if at > 0 && at < last {
					c.findIn(FieldExpiryOrder, index+2, "a field that expires at %d ms stands behind one that does later, or never", at)
				}
				if last = at; at == 0 {
					last = math.MaxInt64
				}
			}
		}
	}
}

// text returns an entry as bytes.
func (c *Checker) text(s []byte, num int64) []byte {
	if s != nil {
		return s
	}
	return strconv.AppendInt(c.digits[:0], num, 10)
}

// member checks the score of a member and its place behind the one before.
func (c *Checker) member(index int64, name, text []byte, num int64) {
	score := float64(num)
	if text != nil {
		var err error
		if score, err = rdbwire.ParseScore(text); err != nil {
			c.findIn(Score, index+1, "%v", err)
			return
		}
	}
	if !c.deep {
		return
	}
	if math.IsNaN(score) {
		c.findIn(PackedNaN, index+1, "the score of %s is NaN", entry.Quoted(name))
		return
	}
	l := &c.last
	if l.any && (score < l.score || score == l.score && bytes.Compare(name, l.name) < 0) {
		c.findIn(ZSetOrder, index, "%s with score %v stands behind %s with score %v", entry.Quoted(name), score, entry.Quoted(l.name), l.score)
	}
	l.score, l.name, l.any = score, append(l.name[:0], name...), true
}

func (c *Checker) checkIntset(raw []byte) {
	r, err := intset.Open(raw)
	if err != nil {
		c.find(IntsetFrame, "intset", -1, "%v", err)
		return
	}
	if c.elems = int64(r.Len()); c.elems == 0 {
		c.find(IntsetFrame, "intset", -1, "no members")
	}
	if !c.deep {
		return
	}
	last, any := int64(0), false
	for {
		num, ok := r.Next()
		if !ok {
			return
		}
		if any && num <= last {
			c.find(IntsetOrder, "intset", int64(r.Index()-1), "%d behind %d", num, last)
		}
		last, any = num, true
	}
}

func (c *Checker) checkZipmap(raw []byte) {
	r, err := zipmap.Open(raw)
	if err != nil {
		c.find(Zipmap, "zipmap", -1, "%v", err)
		return
	}
	for {
		field, _, ok := r.Next()
		if !ok {
			break
		}
		c.once(Zipmap, "zipmap", "field", c.elems, field)
		c.elems++
	}
	if err := r.Err(); err != nil {
		c.find(Zipmap, "zipmap", int64(r.Index()), "%v", err)
	} else if c.elems == 0 {
		c.find(Zipmap, "zipmap", -1, "no fields")
	}
}

// checkNodes checks a list of nodes.
func (c *Checker) checkNodes(v entry.Nodes) {
	encoding := entry.Listpack
	if c.e.RDBType == typeQuicklist {
		encoding = entry.Ziplist
	}
	for v.NextNode() {
		n := v.Node()
		switch c.node = n.Index; {
		case n.Plain:
			c.elems++
		case len(n.Raw) == 0:
			c.find(NodeEmpty, "quicklist", n.Index, "the node has no bytes")
		default:
			c.checkPacked(encoding, n.Raw, 1)
		}
	}
}

// typeQuicklist is the RDB type of lists of ziplists.
const typeQuicklist = 14
