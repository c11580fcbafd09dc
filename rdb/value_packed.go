package rdb

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/intset"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/internal/ziplist"
	"github.com/rdbtool/rdbtool/internal/zipmap"
)

// walker walks the entries of a listpack, ziplist or intset.
type walker struct {
	packing packing
	lp      listpack.Reader
	zl      ziplist.Reader
	is      intset.Reader
}

func (w *walker) open(p packing, raw []byte) (err error) {
	switch w.packing = p; p {
	case packListpack:
		w.lp, err = listpack.Open(raw)
	case packZiplist:
		w.zl, err = ziplist.Open(raw)
	case packIntset:
		w.is, err = intset.Open(raw)
	}
	return err
}

// next returns the next entry: its bytes, or nil and a number.
func (w *walker) next() (s []byte, num int64, ok bool) {
	switch w.packing {
	case packListpack:
		return w.lp.Next()
	case packZiplist:
		return w.zl.Next()
	default:
		num, ok = w.is.Next()
		return nil, num, ok
	}
}

func (w *walker) err() error {
	switch w.packing {
	case packListpack:
		return w.lp.Err()
	case packZiplist:
		return w.zl.Err()
	default:
		return nil
	}
}

func (w *walker) len() int {
	switch w.packing {
	case packListpack:
		return w.lp.Len()
	case packZiplist:
		return w.zl.Len()
	default:
		return w.is.Len()
	}
}

// index returns how many entries have been read.
func (w *walker) index() int {
	switch w.packing {
	case packListpack:
		return w.lp.Index()
	case packZiplist:
		return w.zl.Index()
	default:
		return w.is.Index()
	}
}

// digits is room for the text of integers.
type digits struct{ buf [3][20]byte }

// text returns an entry as bytes; slot keeps the texts of one element apart.
func (t *digits) text(s []byte, num int64, slot int) []byte {
	if s != nil {
		return s
	}
	return strconv.AppendInt(t.buf[slot][:0], num, 10)
}

// packedValue is the cursor of a collection in one compact blob.
type packedValue struct {
	cursor
	blob   walker
	zm     zipmap.Reader
	digits digits
	raw    []byte
	opened bool
}

var (
	_ entry.Blob = (*packedValue)(nil)

	errNoValue  = errors.New("ends with a field that has no value")
	errNoScore  = errors.New("ends with a member that has no score")
	errNoExpiry = errors.New("ends with a field that has no expiry")
)

func (v *packedValue) begin(d *decoder) error {
	v.start(d)
	v.raw, v.opened = nil, false
	d.e.Value = v
	return nil
}

// name of the blob's format, for error texts.
func (v *packedValue) name() string { return v.d.info.encoding.String() }

// load brings the blob into memory and opens it.
func (v *packedValue) load() bool {
	v.opened = true
	d := v.d
	d.blob = d.in.offset()
	err := d.parse(func(p *parser) {
		if d.info.layout == layBlobMin {
			p.u64() // the earliest expiry; each field has its own in the blob
		}
		v.raw = p.text()
	})
	if err != nil {
		v.err = err
		return false
	}
	if d.info.packing == packZipmap {
		v.blob.packing = packZipmap
		v.zm, err = zipmap.Open(v.raw)
	} else {
		err = v.blob.open(d.info.packing, v.raw)
	}
	if err != nil {
		return v.stop(v.name(), err)
	}
	return true
}

// Blob returns the unpacked blob and the number of entries it declares, nil
// where it is damaged: Next tells how.
func (v *packedValue) Blob() (raw []byte, n int) {
	if !v.opened {
		v.load()
	}
	switch {
	case v.err != nil:
		return nil, -1
	case v.blob.packing == packZipmap:
		return v.raw, v.zm.Len()
	}
	return v.raw, v.blob.len()
}

func (v *packedValue) Next() bool {
	if v.err != nil || !v.opened && !v.load() {
		return false
	}
	e := &v.elem
	if v.blob.packing == packZipmap {
		field, value, ok := v.zm.Next()
		if !ok {
			return v.finish(v.zm.Err())
		}
		e.Data, e.Value = field, value
		v.index++
		return true
	}
	s, num, ok := v.blob.next()
	if !ok {
		return v.finish(v.blob.err())
	}
	e.Data = v.digits.text(s, num, 0)
	switch v.d.e.Type {
	case entry.ZSet:
		if s, num, ok = v.blob.next(); !ok {
			return v.missing(errNoScore)
		}
		if s == nil {
			e.Score = float64(num)
		} else {
			score, err := rdbwire.ParseScore(s)
			if err != nil {
				return v.stopIn(v.blob.index()-1, err)
			}
			e.Score = score
		}
	case entry.Hash:
		if s, num, ok = v.blob.next(); !ok {
			return v.missing(errNoValue)
		}
		e.Value = v.digits.text(s, num, 1)
		if v.d.info.triples {
			return v.expiry()
		}
	}
	v.index++
	return true
}

// expiry reads the third entry of a field: when it expires, 0 for never.
func (v *packedValue) expiry() bool {
	s, num, ok := v.blob.next()
	if !ok {
		return v.missing(errNoExpiry)
	}
	if s != nil || num < 0 {
		return v.stopIn(v.blob.index()-1, fmt.Errorf("expiry of the field is %q", v.digits.text(s, num, 2)))
	}
	if v.elem.ExpireAt = num; num == 0 {
		v.elem.ExpireAt = entry.NoExpire
	}
	v.index++
	return true
}

// missing ends the value inside an element.
func (v *packedValue) missing(what error) bool {
	if err := v.blob.err(); err != nil {
		return v.stopIn(v.blob.index(), err)
	}
	return v.stopIn(v.blob.index(), what)
}

// stopIn ends the value with damage at an entry of the blob.
func (v *packedValue) stopIn(i int, err error) bool {
	v.err = v.d.fault(v.name(), int64(i), err)
	return false
}

func (v *packedValue) finish(err error) bool {
	switch {
	case err == nil:
		return v.end()
	case v.blob.packing == packZipmap:
		v.err = v.d.fault(v.name(), int64(v.zm.Index()), err)
		return false
	}
	return v.stopIn(v.blob.index(), err)
}

// quicklistValue is the cursor of a list of nodes, each of them a blob of
// items or, large, an item by itself.
type quicklistValue struct {
	cursor
	blob   walker
	digits digits
	nodes  uint64 // left
	node   int64
	inNode bool
	parts  fragments
}

// The containers of a node.
const (
	nodePlain  = 1
	nodePacked = 2
)

func (v *quicklistValue) begin(d *decoder) error {
	v.start(d)
	v.inNode, v.parts.active, v.node = false, false, -1
	d.e.Value = v
	var n uint64
	err := d.parse(func(p *parser) { n = p.length() })
	v.nodes = n
	return err
}

func (v *quicklistValue) Next() bool {
	if v.err != nil {
		return false
	}
	if v.parts.active {
		return v.part()
	}
	for {
		if v.inNode {
			if s, num, ok := v.blob.next(); ok {
				v.elem.Data = v.digits.text(s, num, 0)
				v.index++
				return true
			}
			if err := v.blob.err(); err != nil {
				v.err = v.d.fault(v.name(), int64(v.blob.index()), err)
				return false
			}
			v.inNode = false
		}
		if v.nodes == 0 {
			return v.end()
		}
		if v.openNode() {
			return v.err == nil
		}
	}
}

func (v *quicklistValue) name() string {
	blob := "listpack"
	if v.d.info.packing == packZiplist {
		blob = "ziplist"
	}
	return fmt.Sprintf("quicklist node %d %s", v.node, blob)
}

// openNode reads the next node. It returns true if the node itself is the next
// element, or damaged.
func (v *quicklistValue) openNode() bool {
	d := v.d
	v.nodes--
	v.node++
	container := uint64(nodePacked)
	if d.info.layout == layQuicklist2 {
		if v.err = d.parse(func(p *parser) { container = p.length() }); v.err != nil {
			return true
		}
		if container != nodePlain && container != nodePacked {
			v.stop("quicklist", fmt.Errorf("node %d is of the unknown kind %d", v.node, container))
			return true
		}
	}
	texts := &d.items
	if d.blob = -1; container == nodePacked {
		texts, d.blob = &d.values, d.in.offset()
	}
	texts.reset()
	var s []byte
	for {
		var n int
		var missing uint64
		var err error
		if s, n, missing, err = texts.text(d.in.rest()); err == nil {
			d.in.pos += n
			break
		}
		if err == errFragments {
			if err = v.parts.begin(d); err == nil {
				v.index++
				v.part()
				return true
			}
		}
		if err = d.more(err, missing); err != nil {
			v.stop("quicklist", err)
			return true
		}
	}
	if container == nodePlain {
		v.elem.Data = s
		v.index++
		return true
	}
	if err := v.blob.open(d.info.packing, s); err != nil {
		v.stop(v.name(), err)
		return true
	}
	v.inNode = true
	return false
}

func (v *quicklistValue) part() bool {
	var err error
	if v.elem.Data, v.elem.More, err = v.parts.next(v.d); err != nil {
		return v.stop("quicklist", err)
	}
	return true
}
