package rdb_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
)

// Large records of the richer types: see largeCase.

func largeStreamCases() []largeCase {
	info := func(version, groups int) string {
		return fmt.Sprintf("info(v%d length=0 last=0-0 first=0-0 max-deleted=0-0 added=0 groups=%d)", version, groups)
	}
	return []largeCase{
		{name: "stream", magic: "REDIS0011", typ: 21, build: func() ([]byte, []string) {
			s, want := manyNodes(700)
			return s.value(3), append(want, info(3, 0))
		}},
		{name: "stream with a long PEL", magic: "REDIS0014", typ: 27, build: func() ([]byte, []string) {
			const n = 60000
			g, want := longPEL(n)
			s := stream{groups: []group{g, {name: "second"}}, duration: 1, maxSize: 1}
			want = append([]string{info(5, 2), fmt.Sprintf(`group("g" last=0-0 read=0 pending=%d consumers=3)`, n)}, want...)
			return s.value(5), append(want, `group("second" last=0-0 read=0 pending=0 consumers=0)`, "idmp(1s max=1 producers=0 added=0 duplicates=0)")
		}},
		// Names are given whole, however long they are.
		{name: "stream with long names", magic: "REDIS0011", typ: 21, build: func() ([]byte, []string) {
			s := stream{groups: []group{{name: words(11, half), consumers: []consumer{{words(12, huge), 1, 2, nil}}}}}
			return s.value(3), []string{
				info(3, 1), `group(` + quoted(words(11, half)) + ` last=0-0 read=0 pending=0 consumers=1)`,
				`consumer(` + quoted(words(12, huge)) + ` seen=1 active=2 pending=0)`,
			}
		}},
		{name: "stream with many iids", magic: "REDIS0013", typ: 26, build: func() ([]byte, []string) {
			iids, want := many(25000, func(i int) ([]byte, string) {
				iid := "an iid that is longer than those of servers, so that there need not be many. Its number is " + strconv.Itoa(i)
				return cat(str(iid), numID(1, uint64(i))), fmt.Sprintf("iid(%q=1-%d)", iid, i)
			})
			want = append([]string{info(4, 0), `producer("p")`}, want...)
			s := stream{duration: 1, maxSize: 1, producers: [][]byte{cat(str("p"), iids)}}
			return s.value(4), append(want, "idmp(1s max=1 producers=1 added=0 duplicates=0)")
		}},
	}
}

// manyNodes returns a stream of n nodes, half of them packed, with a hundred
// entries each and a deleted one, and its entries.
func manyNodes(n int) (s stream, want []string) {
	for i := range n {
		at := uint64(1000 * (i + 1))
		elems := []any{100, 1, 2, "field", "other", 0}
		for k := range 101 {
			if k == 50 {
				elems = append(elems, 3, k, 0, "deleted", "value", 5)
				continue
			}
			value := "a value that stands in an entry of a stream, number " + strconv.Itoa(k)
			elems = append(elems, 2, k, 0, value, k, 5)
			want = append(want, fmt.Sprintf("%d-0{field=%s other=%d}", at+uint64(k), value, k))
		}
		lp := blob(listpack(elems...))
		if i%2 == 0 {
			lp = strLZF(string(listpack(elems...)))
		}
		s.nodes = append(s.nodes, cat(str(string(sid(at, 0))), lp))
	}
	return s, want
}

// longPEL returns a group of three consumers that share n pending entries with
// the NACK zone, and the elements for them.
func longPEL(n int) (g group, want []string) {
	g = group{name: "g", consumers: []consumer{{name: "c0"}, {name: "c1"}, {name: "c2"}}}
	for i := range n {
		id := entry.StreamID{Ms: uint64(i), Seq: 1}
		g.pending = append(g.pending, pending(id.Ms, id.Seq, int64(i), 1))
		owner := "nacked"
		if k := i % 4; k < 3 {
			owner = fmt.Sprintf(`"c%d"`, k)
			g.consumers[k].owns = append(g.consumers[k].owns, id)
		} else {
			g.nacked = append(g.nacked, id)
		}
		want = append(want, fmt.Sprintf(`pending(%s %s at=%d times=1)`, id, owner, i))
	}
	for _, c := range g.consumers {
		want = append(want, fmt.Sprintf(`consumer(%q seen=0 active=0 pending=%d)`, c.name, len(c.owns)))
	}
	return g, want
}

func largeModuleCases() []largeCase {
	opaque := func(name string, items func() []byte) largeCase {
		return largeCase{name: name, magic: "REDIS0011", typ: 7, build: func() ([]byte, []string) {
			b := items()
			return cat(num64(moduleID("ReJSON-RL", 3)), b), []string{quote(b)}
		}}
	}
	return []largeCase{
		opaque("module value", func() []byte { return cat(itemStr(words(20, huge)), 0) }),
		opaque("packed module value", func() []byte { return cat(itemUint(1), 5, strLZF(words(21, 2*huge)), itemStr("end"), 0) }),
		opaque("module value of short items", func() (b []byte) {
			for i := range 30000 {
				b = append(b, cat(itemStr("a text of some length in an item of a module value, number "+strconv.Itoa(i)), itemSint(int64(-i)), itemDouble(0.5))...)
			}
			return append(b, 0)
		}),
		{name: "vector set", magic: "REDIS0012", typ: 7, build: func() ([]byte, []string) {
			const n, dim = 3000, 256
			vector := itemStr(string(repeat(dim, hx("00 00 80 3F")))) // ones
			components := "[" + strings.TrimSpace(strings.Repeat("5 ", dim)) + "]"
			var want []string
			b := cat(vectorSet, itemUint(dim), itemUint(n), itemUint(16<<8), itemUint(2))
			for i := range n {
				b = append(b, cat(itemStr("element "+strconv.Itoa(i)), itemStr(""), vector, graphNode("80 40 A0 00 00"))...)
				want = append(want, fmt.Sprintf(`"element %d"%s""`, i, components))
			}
			return append(b, 0), want
		}},
		{name: "vector set with a long attribute", magic: "REDIS0012", typ: 7, build: func() ([]byte, []string) {
			attribute := words(22, huge)
			b := cat(vectorSet, itemUint(0), itemUint(1), itemUint(16<<8), itemUint(2), itemStr("e"), itemStr(attribute), itemStr(""), graphNode("00"), 0)
			return b, []string{`"e"[]` + quoted(attribute)}
		}},
	}
}

func largeUnprovenCases() []largeCase {
	text := func(i int) string {
		if i == 2 || i == 700 {
			return words(uint64(i), half)
		}
		return "a value of some length, so that the record is large though its elements are not many. Its number is " + strconv.Itoa(i)
	}
	const names = 15000
	name := func(i int) string { return "name " + strconv.Itoa(i) }
	fields := func() (plain []string, elems []any, want []string) {
		elems = []any{7} // the number of the template
		for i := range names {
			s := text(i)
			plain, elems, want = append(plain, s), append(elems, s), append(want, quoted(name(i))+"="+quoted(s))
		}
		return plain, elems, want
	}
	var list []string
	for i := range names {
		list = append(list, name(i))
	}
	registry, inRecord := template(7, list...), cat(1, num(names), strs(list...))
	packed := func(before []byte) func() ([]byte, []string) {
		return func() ([]byte, []string) {
			_, elems, want := fields()
			return cat(before, blob(listpack(elems...))), want
		}
	}
	array := func(before []byte) func() ([]byte, []string) {
		return func() ([]byte, []string) {
			plain, _, want := fields()
			return cat(before, strs(plain...)), want
		}
	}
	return []largeCase{
		{name: "array", magic: "REDIS0014", typ: 28, build: func() ([]byte, []string) {
			const n = 30000
			value, want := many(n, func(i int) ([]byte, string) {
				switch i % 5 {
				case 0:
					return cat(num(uint64(i)), 1, ms8(int64(-i))), fmt.Sprintf(`%d="%d"`, i, -i)
				case 1:
					return cat(num(uint64(i)), 2, dbl(0.5)), fmt.Sprintf(`%d="0.5"`, i)
				}
				return cat(num(uint64(i)), 0, str(text(i))), fmt.Sprintf(`%d=%s`, i, quoted(text(i)))
			})
			count := len(num(n)) // what says that a cursor follows stands behind it
			return cat(value[:count], num(1), num(math.MaxUint64-2), value[count:]), want
		}},
		{name: "path hash", magic: "VALKEY081", typ: 23, build: func() ([]byte, []string) {
			value := num(3)
			var want []string
			for _, p := range []struct {
				path string
				n    int
			}{{words(30, half), 9}, {"short", 15000}, {words(31, half), 9}} {
				path := quoted(p.path)
				fields, texts := many(p.n, func(i int) ([]byte, string) {
					return cat(str(name(i)), str(text(i))), path + "." + quoted(name(i)) + "=" + quoted(text(i))
				})
				value, want = cat(value, str(p.path), fields), append(want, texts...)
			}
			return value, want
		}},
		{name: "template 29", magic: "REDIS0015", typ: 29, build: packed(inRecord)},
		{name: "template 30", magic: "REDIS0015", before: registry, typ: 30, build: packed(nil)},
		{name: "template 31", magic: "REDIS0015", typ: 31, build: array(inRecord)},
		{name: "template 32", magic: "REDIS0015", before: registry, typ: 32, build: array(num(7))},
		{name: "cron", magic: "REDIS0009", typ: 64, build: func() ([]byte, []string) {
			script, key := words(40, half), words(41, huge)
			return cat(str(script), ms8(1), ms8(2), 1, str(key), 0), []string{fmt.Sprintf("%s start=1 interval=2 keys=[%q] args=[]", quoted(script), key)}
		}},
	}
}
