package memory

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/internal/slot"
	"github.com/rdbtool/rdbtool/memory/pattern"
	"github.com/rdbtool/rdbtool/memory/size"
)

// table is a Table while keys come in.
type table struct {
	by     *Grouping
	set    *pattern.Set // of groups by name
	groups []group      // by number
	// codes are the numbers of the groups of what is not grouped by name, and
	// order what they are listed by if not by bytes.
	codes map[code]int
	found []code
	ids   []uint32 // of the keys of a batch
	final []int    // group by id
}

// code is a value that keys are grouped by.
type code struct {
	n     int
	text  string
	alloc size.Allocator // where the value depends on it
}

func newTable(g *Grouping, o *Options) *table {
	t := &table{by: g, codes: map[code]int{}}
	switch g.By {
	case "pattern":
		t.set = pattern.NewSet(o.MaxPatterns)
	case "prefix", "custom":
		t.set = pattern.NewExactSet(o.MaxPatterns)
	}
	return t
}

// begin makes the table ready for the keys of a batch.
func (t *table) begin(n *names) {
	t.ids, t.final = n.ids, t.set.Add(n.all, n.ids, t.fold)
	for _, g := range t.final {
		t.room(g)
	}
}

func (t *table) room(g int) {
	if g >= len(t.groups) {
		t.groups = append(t.groups, make([]group, g+1-len(t.groups))...)
	}
}

// fold moves the figures of a group.
func (t *table) fold(from, into int) {
	t.room(max(from, into))
	t.groups[into].join(&t.groups[from])
	t.groups[from] = group{}
}

// add counts a key, the nth of its batch.
func (t *table) add(k *record, key []byte, nth, life int, now int64, squares bool) {
	if t.set != nil {
		t.groups[t.final[t.ids[nth]]].add(k, key, life, squares)
		return
	}
	if t.by.By != "size" {
		t.group(t.code(k, key, now)).add(k, key, life, squares)
		return
	}
	for a := range k.usage {
		t.group(code{n: sizeBin(k.usage[a]), alloc: size.Allocator(a)}).add(k, key, life, squares)
	}
}

func (t *table) group(c code) *group {
	i, ok := t.codes[c]
	if !ok {
		i = len(t.groups)
		t.codes[c] = i
		t.found = append(t.found, c)
		t.groups = append(t.groups, group{})
	}
	return &t.groups[i]
}

func (t *table) code(k *record, key []byte, now int64) code {
	switch t.by.By {
	case "db":
		return code{n: k.db}
	case "encoding":
		return code{text: k.encoding}
	case "ttl":
		return code{n: ttlBinOf(k.expireAt, now)}
	case "slot":
		return code{n: int(k.slot)}
	case "idle":
		return code{n: span(idleBounds, k.idle)}
	case "freq":
		return code{n: span(freqBounds, int64(k.freq))}
	}
	return code{text: k.typeName()}
}

// Where the groups by idle time, in seconds, and by access frequency begin.
var (
	idleBounds = []int64{0, 60, 3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400}
	freqBounds = []int64{0, 1, 5, 20, 100, 255}
)

// span returns the index of the span in which n lies, -1 before the first.
func span(bounds []int64, n int64) int {
	i := len(bounds) - 1
	for i >= 0 && n < bounds[i] {
		i--
	}
	return i
}

// name returns the name of a group.
func (t *table) name(c code) string {
	switch t.by.By {
	case "db", "slot":
		return strconv.Itoa(c.n)
	case "ttl":
		return ttlName(c.n)
	case "size":
		return "from " + human.Bytes(1<<c.n)
	case "idle":
		return spanName(idleBounds, c.n, seconds)
	case "freq":
		return spanName(freqBounds, c.n, func(n int64) string { return strconv.FormatInt(n, 10) })
	}
	return c.text
}

func spanName(bounds []int64, i int, text func(int64) string) string {
	switch {
	case i < 0:
		return "unknown"
	case i == len(bounds)-1:
		return "from " + text(bounds[i])
	}
	return text(bounds[i]) + " to " + text(bounds[i+1])
}

// seconds names a span of time.
func seconds(n int64) string {
	for _, u := range []struct {
		n    int64
		name string
	}{{86400, "d"}, {3600, "h"}, {60, "m"}} {
		if n >= u.n {
			return strconv.FormatInt(n/u.n, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "s"
}

func ttlName(i int) string {
	switch bounds := TTLBounds(); bounds[i] {
	case TTLNone:
		return "none"
	case TTLPast:
		return "expired"
	default:
		return spanName(bounds, i, seconds)
	}
}

// report returns the groups, largest first.
func (t *table) report(a size.Allocator, scale float64) Table {
	out := Table{By: t.by.By, Groups: []Group{}}
	if t.set != nil {
		t.set.Settle(t.fold)
		for _, i := range t.set.Groups() {
			t.room(i)
			g := t.groups[i].report(t.set.Name(i), a, scale)
			g.Folded = t.set.Folded(i)
			out.Groups = append(out.Groups, g)
		}
		out.Folded = t.set.Overflowed()
	}
	for i, c := range t.found {
		if t.by.By != "size" || c.alloc == a {
			out.Groups = append(out.Groups, t.groups[i].report(t.name(c), a, scale))
		}
	}
	out.sort()
	return out
}

func (t *Table) sort() {
	slices.SortFunc(t.Groups, func(x, y Group) int {
		return cmp.Or(cmp.Compare(y.Bytes, x.Bytes), cmp.Compare(x.Name, y.Name))
	})
}

// slotOf returns the slot of a key that has a hash tag, or of any if all are asked
// for, else -1.
func slotOf(key []byte, all bool) int16 {
	if _, has := slot.Tag(key); !has && !all {
		return -1
	}
	return int16(slot.Of(key))
}
