package keyspace

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
)

// sorting is a SORT ... STORE. Without STORE nothing changes.
type sorting struct {
	by          []byte
	get         [][]byte
	off, count  int64
	desc, alpha bool
	store       []byte
	sorted      bool // false: BY names a pattern without *, no order is asked for
}

// cmdSort is SORT key [BY pattern] [LIMIT offset count] [GET pattern ...]
// [ASC|DESC] [ALPHA] [STORE destination].
func cmdSort(x *Executor, args [][]byte) error {
	o := sorting{count: -1, sorted: true}
	for i := 2; i < len(args); i++ {
		a, left := args[i], len(args)-i-1
		switch {
		case equalFold(a, "ASC"):
			o.desc = false
		case equalFold(a, "DESC"):
			o.desc = true
		case equalFold(a, "ALPHA"):
			o.alpha = true
		case equalFold(a, "LIMIT") && left >= 2:
			var err error
			if o.off, err = intArg(args[i+1]); err != nil {
				return err
			}
			if o.count, err = intArg(args[i+2]); err != nil {
				return err
			}
			i += 2
		case equalFold(a, "STORE") && left >= 1:
			o.store = args[i+1]
			i++
		case equalFold(a, "BY") && left >= 1:
			o.by = args[i+1]
			o.sorted = bytes.IndexByte(o.by, '*') >= 0
			i++
		case equalFold(a, "GET") && left >= 1:
			o.get = append(o.get, args[i+1])
			i++
		default:
			return errSyntax
		}
	}
	if o.store == nil {
		return nil
	}
	return x.sort(args[1], &o)
}

// sortElem is an element, and what it is sorted by.
type sortElem struct {
	text   []byte
	weight float64
	by     []byte // nil if there is nothing
}

func (x *Executor) sort(key []byte, o *sorting) error {
	r := x.lookup(key)
	var elems []sortElem
	if r.ok() {
		add := func(s []byte) bool {
			elems = append(elems, sortElem{text: bytes.Clone(s)})
			return true
		}
		switch r.typ() {
		case entry.List:
			r.items(add)
			if !o.sorted && o.desc && !x.ds.o.SignedZero { // backward since 7.0
				slices.Reverse(elems)
			}
		case entry.Set:
			r.members(add)
			if !o.sorted { // the order of a set is not to be known: servers sort it then
				o.sorted, o.alpha, o.by = true, true, nil
			}
		case entry.ZSet:
			if r.object() == nil { // as servers do, for good
				if _, err := r.enlarge(); err != nil {
					return err
				}
			}
			k := r.ranking()
			for _, s := range k.members(0, k.len()) {
				add(s.member)
			}
			if !o.sorted && o.desc {
				slices.Reverse(elems)
			}
		default:
			return errWrongType
		}
	}
	if o.sorted {
		if err := x.weigh(elems, o); err != nil {
			return err
		}
		slices.SortStableFunc(elems, func(a, b sortElem) int {
			c := compareSorted(a, b, o)
			if o.desc {
				return -c
			}
			return c
		})
	}
	if o.sorted && o.alpha && o.by != nil {
		for i := 1; i < len(elems); i++ {
			if a, b := elems[i-1], elems[i]; compareSorted(a, b, o) == 0 && !bytes.Equal(a.text, b.text) {
				return &UnsupportedError{Command: "SORT", Reason: "elements that sort alike stand in an order that is not known"}
			}
		}
	}
	// A start before the first is the first.
	from := min(max(o.off, 0), int64(len(elems)))
	end := int64(len(elems))
	if o.count >= 0 {
		end = from + min(o.count, end-from)
	}
	l := &list{}
	for _, e := range elems[from:end] {
		if len(o.get) == 0 {
			l.pushTail(e.text)
		}
		for _, pattern := range o.get {
			text, _ := x.followPattern(pattern, e.text)
			l.pushTail(text)
		}
	}
	dst := x.lookup(o.store)
	if l.n == 0 {
		if dst.ok() {
			dst.remove()
		}
		return nil
	}
	if err := dst.replace(entry.List, nil, entry.NoExpire); err != nil {
		return err
	}
	return dst.storeList(l)
}

// weigh finds out what each element is sorted by.
func (x *Executor) weigh(elems []sortElem, o *sorting) error {
	for i := range elems {
		e := &elems[i]
		e.by = e.text
		if o.by != nil {
			text, ok := x.followPattern(o.by, e.text)
			if !ok {
				e.by = nil
				continue
			}
			e.by = bytes.Clone(text)
		}
		if !o.alpha {
			f, ok := sortWeight(e.by)
			if !ok {
				return ReplyError("ERR One or more scores can't be converted into double")
			}
			e.weight = f
		}
	}
	return nil
}

// sortWeight reads a number as SORT does: space in front of it and what follows a
// zero byte are not looked at, and nothing is 0. Which numbers are too large or
// too small depends on the release: what one refuses, it does not log.
func sortWeight(b []byte) (float64, bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if len(b) == 0 {
		return 0, true
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	if f, ok := fpconv.ParseDouble(b); ok {
		return f, true
	}
	f, err := strconv.ParseFloat(string(b), 64)
	return f, errors.Is(err, strconv.ErrRange) || err == nil && f == 0
}

func compareSorted(a, b sortElem, o *sorting) int {
	c := 0
	switch {
	case !o.alpha:
		c = cmp.Compare(a.weight, b.weight)
	case o.by != nil:
		switch {
		case a.by == nil || b.by == nil:
			c = cmp.Compare(btoi(a.by != nil), btoi(b.by != nil))
		default:
			return bytes.Compare(a.by, b.by)
		}
		return c
	default:
		return bytes.Compare(a.text, b.text)
	}
	if c == 0 {
		return bytes.Compare(a.text, b.text)
	}
	return c
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// followPattern returns what a pattern of BY or GET leads to for an element:
// the string at the key with * replaced, the field behind "->", or for # the
// element itself.
func (x *Executor) followPattern(pattern, elem []byte) ([]byte, bool) {
	if len(pattern) == 1 && pattern[0] == '#' {
		return elem, true
	}
	star := bytes.IndexByte(pattern, '*')
	if star < 0 {
		return nil, false
	}
	after := pattern[star+1:]
	var field []byte
	if i := bytes.Index(after, []byte("->")); i >= 0 && i+2 < len(after) {
		after, field = after[:i], after[i+2:]
	}
	key := slices.Concat(pattern[:star], elem, after)
	r := x.lookup(key)
	switch {
	case !r.ok():
		return nil, false
	case field != nil:
		if r.typ() != entry.Hash {
			return nil, false
		}
		value, _, ok := r.field(field)
		return value, ok
	case r.typ() != entry.String:
		return nil, false
	}
	return r.value(), true
}

// items calls yield with each element of a list.
func (r *ref) items(yield func(s []byte) bool) {
	c := cursor{typ: entry.List}
	if l, ok := r.object().(*list); ok {
		c.chunks = l.used()
	} else {
		c.rest = r.value()
	}
	for c.Next() && yield(c.elem.Data) {
	}
}
