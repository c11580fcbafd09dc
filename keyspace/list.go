package keyspace

import (
	"bytes"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// maxPackedList is the bytes up to which a list stays in its block. Chunks of a
// large one have about that size too.
const maxPackedList = 4 << 10

// list is a large list: chunks of items, none of them empty.
type list struct {
	chunks []chunk // room in front of it is kept in spare
	spare  int     // chunks[:spare] are not in use
	n      int     // elements
}

type chunk struct {
	items []byte
	n     int
}

func (l *list) used() []chunk { return l.chunks[l.spare:] }

func (l *list) clone() (any, error) {
	c := &list{chunks: slices.Clone(l.used()), n: l.n}
	for i := range c.chunks {
		c.chunks[i].items = bytes.Clone(c.chunks[i].items)
	}
	return c, nil
}

func (l *list) pushTail(s []byte) {
	if u := l.used(); len(u) == 0 || len(u[len(u)-1].items)+itemSize(s) > maxPackedList {
		l.chunks = append(l.chunks, chunk{})
	}
	c := &l.chunks[len(l.chunks)-1]
	c.items = appendItem(c.items, s)
	c.n++
	l.n++
}

func (l *list) pushHead(s []byte) {
	size := itemSize(s)
	if u := l.used(); len(u) == 0 || len(u[0].items)+size > maxPackedList {
		if l.spare == 0 {
			l.spare = len(l.chunks)/2 + 1
			l.chunks = append(make([]chunk, l.spare), l.chunks...)
		}
		l.spare--
		l.chunks[l.spare] = chunk{}
	}
	c := &l.chunks[l.spare]
	n := len(c.items)
	c.items = slices.Grow(c.items, size)[:n+size]
	copy(c.items[size:], c.items[:n])
	putItem(c.items[:size], s)
	c.n++
	l.n++
}

// replaceChunk puts the items of c in the place of those of chunk i.
func (l *list) replaceChunk(i int, c chunk) {
	at := l.spare + i
	l.n += c.n - l.chunks[at].n
	switch {
	case c.n > 0:
		l.chunks[at] = c
	case i == 0:
		l.chunks[at] = chunk{}
		l.spare++
	default:
		l.chunks = slices.Delete(l.chunks, at, at+1)
	}
	if l.n == 0 {
		l.chunks, l.spare = nil, 0
	}
}

// split divides chunk i where it has become too large.
func (l *list) split(i int) {
	at := l.spare + i
	c := l.chunks[at]
	if len(c.items) <= 2*maxPackedList || c.n < 2 {
		return
	}
	var parts []chunk
	rest := c.items
	for len(rest) > 0 {
		start, n := rest, 0
		for len(rest) > 0 && (n == 0 || len(start)-len(rest) < maxPackedList) {
			_, rest = nextItem(rest)
			n++
		}
		parts = append(parts, chunk{bytes.Clone(start[:len(start)-len(rest)]), n})
	}
	l.chunks = slices.Replace(l.chunks, at, at+1, parts...)
}

// trim keeps the elements from start to before end.
func (l *list) trim(start, end int) {
	total := l.n
	for i := total; i > end; {
		u := l.used()
		k := len(u) - 1
		drop := min(i-end, u[k].n)
		l.replaceChunk(k, u[k].cut(0, u[k].n-drop))
		i -= drop
	}
	for start > 0 && l.n > 0 {
		c := l.used()[0]
		drop := min(start, c.n)
		l.replaceChunk(0, c.cut(drop, c.n))
		start -= drop
	}
}

// cut returns the items from start to before end. The bytes are shared.
func (c chunk) cut(start, end int) chunk {
	rest := c.items
	for range start {
		_, rest = nextItem(rest)
	}
	if end == c.n {
		return chunk{rest, end - start}
	}
	from := rest
	for range end - start {
		_, rest = nextItem(rest)
	}
	return chunk{from[:len(from)-len(rest)], end - start}
}

// locate returns the chunk that holds an element, and the element's index in
// it.
func (l *list) locate(index int) (i, in int) {
	u := l.used()
	if index > l.n/2 {
		left := l.n
		for i = len(u) - 1; ; i-- {
			if left -= u[i].n; index >= left {
				return i, index - left
			}
		}
	}
	for i = range u {
		if index < u[i].n {
			break
		}
		index -= u[i].n
	}
	return i, index
}

// at returns an element, borrowed until the list changes.
func (l *list) at(index int) []byte {
	i, in := l.locate(index)
	s, _ := nextItem(l.used()[i].cut(in, l.used()[i].n).items)
	return s
}

// set replaces an element.
func (l *list) set(index int, s []byte) {
	i, in := l.locate(index)
	c := l.used()[i]
	front, back := c.cut(0, in), c.cut(in+1, c.n)
	items := make([]byte, 0, len(front.items)+itemSize(s)+len(back.items))
	l.replaceChunk(i, chunk{append(appendItem(append(items, front.items...), s), back.items...), c.n})
	l.split(i)
}

// insert puts an element in front of the index.
func (l *list) insert(index int, s []byte) {
	if index == l.n {
		l.pushTail(s)
		return
	}
	i, in := l.locate(index)
	c := l.used()[i]
	front, back := c.cut(0, in), c.cut(in, c.n)
	items := make([]byte, 0, len(c.items)+itemSize(s))
	l.replaceChunk(i, chunk{append(appendItem(append(items, front.items...), s), back.items...), c.n + 1})
	l.split(i)
}

// find returns the index of the first element that equals s, -1 if there is
// none.
func (l *list) find(s []byte) int {
	index := 0
	for _, c := range l.used() {
		if _, _, n, ok := findItem(c.items, s, 1); ok {
			return index + n
		}
		index += c.n
	}
	return -1
}

// removeAll removes up to count elements that equal s, from the tail if so
// asked.
func (l *list) removeAll(s []byte, count int, fromTail bool) {
	for i := 0; i < len(l.used()) && count > 0; {
		k := i
		if fromTail {
			k = len(l.used()) - 1 - i
		}
		c := l.used()[k]
		match := 0
		for rest := c.items; len(rest) > 0; {
			var item []byte
			if item, rest = nextItem(rest); bytes.Equal(item, s) {
				match++
			}
		}
		if match == 0 {
			i++
			continue
		}
		skip := 0 // matches that stay, at the front
		drop := min(match, count)
		if fromTail {
			skip = match - drop
		}
		count -= drop
		kept := chunk{items: make([]byte, 0, len(c.items))}
		left := drop
		for rest := c.items; len(rest) > 0; {
			var item []byte
			item, rest = nextItem(rest)
			if left > 0 && bytes.Equal(item, s) {
				if skip == 0 {
					left--
					continue
				}
				skip--
			}
			kept.items = appendItem(kept.items, item)
			kept.n++
		}
		l.replaceChunk(k, kept)
		if kept.n > 0 {
			i++
		}
	}
}

// listOf returns the list at r, which exists, in a form that can be edited;
// store puts it back.
func (r *ref) listOf() *list {
	if l, ok := r.object().(*list); ok {
		return l
	}
	items := bytes.Clone(r.value())
	n := countItems(items)
	return &list{chunks: []chunk{{items, n}}, n: n}
}

// store puts back what listOf gave. An empty list is removed.
func (r *ref) storeList(l *list) error {
	u := l.used()
	switch {
	case l.n == 0:
		r.remove()
		return nil
	case r.object() != nil:
		return nil
	case len(u) == 1 && len(u[0].items) <= maxPackedList:
		return r.d.setValue(r.at, u[0].items)
	}
	return r.d.setObject(r.at, l)
}

// push adds elements to a list, one after the other.
func (r *ref) push(head bool, elems [][]byte) error {
	if !r.ok() {
		if err := r.create(entry.List, entry.NoExpire); err != nil {
			return err
		}
	}
	size := 0
	for _, s := range elems {
		size += itemSize(s)
	}
	l, large := r.object().(*list)
	if b := r.value(); !large && len(b)+size <= maxPackedList {
		at := len(b)
		if head {
			at = 0
		}
		room, err := r.d.splice(r.at, at, 0, size)
		if err != nil {
			return err
		}
		if head {
			for i := len(elems) - 1; i >= 0; i-- {
				room = putItem(room, elems[i])
			}
			return nil
		}
		for _, s := range elems {
			room = putItem(room, s)
		}
		return nil
	}
	if !large {
		if l = r.listOf(); l.n == 0 {
			l = &list{}
		}
	}
	for _, s := range elems {
		if head {
			l.pushHead(s)
		} else {
			l.pushTail(s)
		}
	}
	return r.storeList(l)
}

// pop removes an element from an end and appends it to dst.
func (r *ref) pop(dst []byte, head bool) ([]byte, error) {
	if l, ok := r.object().(*list); ok {
		at := 0
		if !head {
			at = l.n - 1
		}
		dst = append(dst, l.at(at)...)
		if head {
			l.trim(1, l.n)
		} else {
			l.trim(0, l.n-1)
		}
		return dst, r.storeList(l)
	}
	b := r.value()
	item, rest := nextItem(b)
	start, end := 0, len(b)-len(rest)
	if !head {
		for len(rest) > 0 {
			start = len(b) - len(rest)
			item, rest = nextItem(rest)
		}
		end = len(b)
	}
	dst = append(dst, item...)
	if end-start == len(b) {
		r.remove()
		return dst, nil
	}
	_, err := r.d.splice(r.at, start, end-start, 0)
	return dst, err
}
