package rdb_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
)

// largeCase is a record of more than 2 MiB, in the file or unpacked, which is
// read while its value is consumed.
type largeCase struct {
	name   string
	magic  string
	before []byte
	typ    byte
	value  []byte
	want   []string // the elements
}

func (c *largeCase) file() []byte {
	return file(c.magic, record(0, "first", str("v")), c.before, expireMs(5), record(c.typ, "k", c.value), record(0, "last", str("w")))
}

// words returns n bytes of text that packs to about a half; seed tells texts
// apart.
func words(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, 0, n+16)
	for len(b) < n {
		b = strconv.AppendInt(b, r.Int64N(1000), 36)
		b = append(b, " and so on "...)
	}
	return string(b[:n])
}

// many returns the elements 0 to n-1 as add makes them: their bytes, behind
// their number, and their texts.
func many(n int, add func(i int) (bytes []byte, want string)) (value []byte, want []string) {
	value = num(uint64(n))
	for i := range n {
		b, w := add(i)
		value, want = append(value, b...), append(want, w)
	}
	return value, want
}

const (
	half = 1 << 19 // twice the longest string that is not given in fragments
	huge = 3 << 20 // more than fits in a batch
)

// quoted is quote of a text.
func quoted(s string) string { return quote([]byte(s)) }

func largeCases() []largeCase {
	var list []largeCase
	add := func(name, magic string, typ byte, value []byte, want []string) {
		list = append(list, largeCase{name: name, magic: magic, typ: typ, value: value, want: want})
	}
	addString := func(name string, value []byte, s string) { add(name, "REDIS0009", 0, value, []string{quoted(s)}) }
	addString("string", str(words(1, huge)), words(1, huge))
	addString("packed string", strLZF(words(2, 2*huge)), words(2, 2*huge))
	addString("zeros", strLZF(strings.Repeat("\x00", huge)), strings.Repeat("\x00", huge))

	// Strings of some length come up now and then among short ones.
	item := func(i int) (b []byte, text string) {
		switch {
		case i == 3 || i == 500:
			text = words(uint64(i), half)
			return str(text), text
		case i == 4 || i == 501:
			text = words(uint64(i), half)
			return strLZF(text), text
		case i%7 == 0:
			return strInt32(int32(i)), strconv.Itoa(i)
		case i%11 == 0:
			text = strings.Repeat("packed", 20)
			return strLZF(text), text
		}
		text = fmt.Sprintf("text %d", i)
		return str(text), text
	}
	const n = 120000
	value, want := many(n, func(i int) ([]byte, string) {
		b, text := item(i)
		return b, quoted(text)
	})
	add("list", "REDIS0001", 1, value, want)
	add("set", "REDIS0009", 2, value, want)
	value, want = many(n, func(i int) ([]byte, string) {
		b, text := item(i)
		return cat(b, textDouble(strconv.Itoa(i))), quoted(text) + "=" + strconv.FormatFloat(float64(i), 'g', -1, 64)
	})
	add("zset of text scores", "REDIS0006", 3, value, want)
	value, want = many(n, func(i int) ([]byte, string) {
		b, text := item(i)
		return cat(b, dbl(float64(i)/4)), quoted(text) + "=" + strconv.FormatFloat(float64(i)/4, 'g', -1, 64)
	})
	add("zset", "REDIS0009", 5, value, want)

	field := func(i int) string { return fmt.Sprintf("field %d", i) }
	value, want = many(n, func(i int) ([]byte, string) {
		b, text := item(i)
		return cat(str(field(i)), b), quoted(field(i)) + "=" + quoted(text)
	})
	add("hash", "REDIS0009", 4, value, want)
	value, want = many(30, func(i int) ([]byte, string) {
		name := words(uint64(i), 1<<17)
		b, text := item(i)
		return cat(strLZF(name), b), quoted(name) + "=" + quoted(text)
	})
	add("hash of long fields", "REDIS0009", 4, value, want)
	value, want = many(n, func(i int) ([]byte, string) {
		b, text := item(i)
		if i%3 == 0 {
			return cat(0, str(field(i)), b), quoted(field(i)) + "=" + quoted(text)
		}
		return cat(num(uint64(i)), str(field(i)), b), fmt.Sprintf("%s=%s@%d", quoted(field(i)), quoted(text), 1000000+i-1)
	})
	add("hash of distances to the first expiry", "REDIS0012", 24, cat(ms8(1000000), value), want)
	value, want = many(n, func(i int) ([]byte, string) {
		b, text := item(i)
		return cat(num(uint64(i+1)), str(field(i)), b), fmt.Sprintf("%s=%s@%d", quoted(field(i)), quoted(text), i+1)
	})
	add("hash of expiries before", "REDIS0012", 22, value, want)
	value, want = many(n, func(i int) ([]byte, string) {
		b, text := item(i)
		if i%3 == 0 {
			return cat(str(field(i)), b, ms8(-1)), quoted(field(i)) + "=" + quoted(text)
		}
		return cat(str(field(i)), b, ms8(int64(i))), fmt.Sprintf("%s=%s@%d", quoted(field(i)), quoted(text), i)
	})
	add("hash of expiries behind", "VALKEY080", 22, value, want)

	list = append(list, largeBlobCases()...)
	list = append(list, largeQuicklistCases()...)
	list = append(list, largeStreamCases()...)
	list = append(list, largeModuleCases()...)
	list = append(list, largeUnprovenCases()...)
	return list
}

func largeBlobCases() []largeCase {
	var elems []any
	var items, pairs, scores, triples []string
	var texts, members []string
	var numbers []int64
	for i := range 120000 { // divides by 2 and by 3
		text := fmt.Sprintf("element %d", i)
		if i%3 == 2 {
			elems = append(elems, i*1000)
			text = strconv.Itoa(i * 1000)
		} else {
			elems = append(elems, text)
		}
		items = append(items, quoted(text))
		texts = append(texts, text)
	}
	for i := 0; i < len(items); i += 2 {
		pairs = append(pairs, items[i]+"="+items[i+1])
	}
	for i := 0; i < len(items); i += 3 {
		at := "@" + texts[i+2]
		triples = append(triples, items[i]+"="+items[i+1]+at)
	}
	var scored []any
	for i := range 120000 {
		scored = append(scored, fmt.Sprintf("a rather long member %d", i), i)
		scores = append(scores, fmt.Sprintf(`"a rather long member %d"=%s`, i, strconv.FormatFloat(float64(i), 'g', -1, 64)))
	}
	for i := range 200000 { // an intset of more than 2 MiB
		numbers = append(numbers, int64(i)<<33)
		members = append(members, fmt.Sprintf(`"%d"`, int64(i)<<33))
	}
	pad := strings.Repeat("p", half)
	return []largeCase{
		{name: "hash listpack", magic: "REDIS0011", typ: 16, value: blob(listpack(append([]any{pad, pad, pad, pad}, elems...)...)), want: append([]string{quoted(pad) + "=" + quoted(pad), quoted(pad) + "=" + quoted(pad)}, pairs...)},
		{name: "packed hash listpack", magic: "REDIS0011", typ: 16, value: strLZF(string(listpack(append(elems[:len(elems):len(elems)], elems...)...))), want: append(pairs[:len(pairs):len(pairs)], pairs...)},
		{name: "zset listpack", magic: "REDIS0011", typ: 17, value: blob(listpack(scored...)), want: scores},
		{name: "set listpack", magic: "VALKEY080", typ: 20, value: strLZF(string(listpack(append(elems[:len(elems):len(elems)], pad, pad)...))), want: append(items[:len(items):len(items)], quoted(pad), quoted(pad))},
		{name: "hash listpack with expiries", magic: "REDIS0012", typ: 25, value: cat(ms8(1), blob(listpack(append(elems[:len(elems):len(elems)], pad, pad, 7)...))), want: append(triples[:len(triples):len(triples)], quoted(pad)+"="+quoted(pad)+"@7")},
		{name: "list ziplist", magic: "REDIS0006", typ: 10, value: blob(ziplist(append(elems[:len(elems):len(elems)], pad, pad)...)), want: append(items[:len(items):len(items)], quoted(pad), quoted(pad))},
		{name: "hash ziplist", magic: "REDIS0006", typ: 13, value: blob(ziplist(append(elems[:len(elems):len(elems)], pad, pad)...)), want: append(pairs[:len(pairs):len(pairs)], quoted(pad)+"="+quoted(pad))},
		{name: "zset ziplist", magic: "REDIS0006", typ: 12, value: blob(ziplist(scored...)), want: scores},
		{name: "zipmap", magic: "REDIS0002", typ: 9, value: blob(zipmap(append(texts[:len(texts):len(texts)], pad, pad)...)), want: append(pairs[:len(pairs):len(pairs)], quoted(pad)+"="+quoted(pad))},
		{name: "intset", magic: "REDIS0009", typ: 11, value: blob(intset(8, numbers...)), want: members},
	}
}

func largeQuicklistCases() []largeCase {
	long := words(9, huge)
	node, want := []any{}, []string{}
	for i := range 1000 {
		node = append(node, fmt.Sprintf("item %d of a node", i))
		want = append(want, fmt.Sprintf(`"item %d of a node"`, i))
	}
	var old, packed []byte
	var all []string
	for range 200 {
		old = append(old, blob(ziplist(node...))...)
		packed = append(packed, cat(2, strLZF(string(listpack(node...))))...)
		all = append(all, want...)
	}
	mixed := cat(6,
		2, blob(listpack(node...)), 1, str(long), 1, strLZF(long+"!"), 2, strLZF(string(listpack(node...))), 1, str("short"),
		2, blob(listpack(words(10, half), "last")))
	mixedWant := append(want[:len(want):len(want)], quoted(long), quoted(long+"!"))
	mixedWant = append(append(mixedWant, want...), `"short"`, quoted(words(10, half)), `"last"`)
	return []largeCase{
		{name: "quicklist of ziplists", magic: "REDIS0007", typ: 14, value: cat(num(200), old), want: all},
		{name: "quicklist of packed listpacks", magic: "REDIS0010", typ: 18, value: cat(num(200), packed), want: all},
		{name: "quicklist with long plain nodes", magic: "REDIS0012", typ: 18, value: mixed, want: mixedWant},
	}
}

func largeStreamCases() []largeCase {
	var s stream
	var entries []string
	for i := range 3000 {
		at := uint64(1000 * (i + 1))
		elems := []any{100, 1, 2, "field", "other", 0}
		for k := range 101 {
			if k == 50 {
				elems = append(elems, 3, k, 0, "x", "y", 5)
				continue
			}
			elems = append(elems, 2, k, 0, fmt.Sprintf("value %d", k), k, 5)
			entries = append(entries, fmt.Sprintf("%d-0{field=value %d other=%d}", at+uint64(k), k, k))
		}
		n := cat(str(string(sid(at, 0))))
		if i%2 == 0 {
			n = cat(n, strLZF(string(listpack(elems...))))
		} else {
			n = cat(n, blob(listpack(elems...)))
		}
		s.nodes = append(s.nodes, n)
	}
	info := func(version, groups int) string {
		return fmt.Sprintf("info(v%d length=0 last=0-0 first=0-0 max-deleted=0-0 added=0 groups=%d)", version, groups)
	}
	var pel stream
	var pels []string
	g := group{name: "g", consumers: make([]consumer, 3)}
	for i := range 100000 {
		id := entry.StreamID{Ms: uint64(i), Seq: 1}
		owner := i % 4
		g.pending = append(g.pending, pending(id.Ms, id.Seq, int64(i), 1))
		text := fmt.Sprintf(`"c%d"`, owner)
		if owner == 3 {
			g.nacked = append(g.nacked, id)
			text = "nacked"
		} else {
			g.consumers[owner].owns = append(g.consumers[owner].owns, id)
		}
		pels = append(pels, fmt.Sprintf(`pending(%s %s at=%d times=1)`, id, text, i))
	}
	owners := ""
	for i := range g.consumers {
		c := &g.consumers[i]
		c.name = fmt.Sprintf("c%d", i)
		owners += fmt.Sprintf(` consumer("c%d" seen=0 active=0 pending=25000)`, i)
	}
	pel.groups, pel.duration, pel.maxSize = []group{g, {name: "second"}}, 1, 1
	pel5 := append([]string{info(5, 2), `group("g" last=0-0 read=0 pending=100000 consumers=3)`}, pels...)
	pel5 = append(pel5, strings.TrimSpace(owners), `group("second" last=0-0 read=0 pending=0 consumers=0)`, "idmp(1s max=1 producers=0 added=0 duplicates=0)")

	// Names of consumers are whole, however long they are.
	named := stream{groups: []group{{name: words(11, half), consumers: []consumer{{words(12, huge), 1, 2, nil}}}}}
	names := []string{info(3, 1), `group(` + quoted(words(11, half)) + ` last=0-0 read=0 pending=0 consumers=1)`, `consumer(` + quoted(words(12, huge)) + ` seen=1 active=2 pending=0)`}

	idmp := stream{duration: 1, maxSize: 1}
	iids := []string{info(4, 0), `producer("p")`}
	p := cat(str("p"), num(200000))
	for i := range 200000 {
		p = append(p, cat(str(fmt.Sprintf("iid %d", i)), numID(1, uint64(i)))...)
		iids = append(iids, fmt.Sprintf(`iid("iid %d"=1-%d)`, i, i))
	}
	idmp.producers = [][]byte{p}
	iids = append(iids, "idmp(1s max=1 producers=1 added=0 duplicates=0)")
	return []largeCase{
		{name: "stream", magic: "REDIS0011", typ: 21, value: s.value(3), want: append(entries, info(3, 0))},
		{name: "stream with a long PEL", magic: "REDIS0014", typ: 27, value: pel.value(5), want: pel5},
		{name: "stream with long names", magic: "REDIS0011", typ: 21, value: named.value(3), want: names},
		{name: "stream with many iids", magic: "REDIS0013", typ: 26, value: idmp.value(4), want: iids},
	}
}

func largeModuleCases() []largeCase {
	id := num64(moduleID("ReJSON-RL", 3))
	long := cat(itemStr(words(20, huge)), 0)
	packed := cat(itemUint(1), 5, strLZF(words(21, 2*huge)), itemStr("end"), 0)
	var short []byte
	for i := range 200000 {
		short = append(short, cat(itemStr(fmt.Sprintf("item %d", i)), itemSint(int64(-i)), itemDouble(0.5))...)
	}
	short = append(short, 0)
	var set, f32 []byte
	f32 = make([]byte, 4*256)
	for i := 3; i < len(f32); i += 4 {
		f32[i-1], f32[i] = 0x80, 0x3F // 1
	}
	comps := "[" + strings.TrimSpace(strings.Repeat("5 ", 256)) + "]"
	var elems []string
	for i := range 3000 {
		set = append(set, cat(itemStr(fmt.Sprintf("element %d", i)), itemStr(""), itemStr(string(f32)), graphNode("80 40 A0 00 00"))...)
		elems = append(elems, fmt.Sprintf(`"element %d"%s""`, i, comps))
	}
	set = cat(vectorSet, itemUint(256), itemUint(3000), itemUint(16<<8), itemUint(2), set, 0)
	attrs := cat(vectorSet, itemUint(0), itemUint(1), itemUint(16<<8), itemUint(2), itemStr("e"), itemStr(words(22, huge)), itemStr(""), graphNode("00"), 0)
	return []largeCase{
		{name: "module value", magic: "REDIS0011", typ: 7, value: cat(id, long), want: []string{quote(long)}},
		{name: "packed module value", magic: "REDIS0011", typ: 7, value: cat(id, packed), want: []string{quote(packed)}},
		{name: "module value of short items", magic: "REDIS0011", typ: 7, value: cat(id, short), want: []string{quote(short)}},
		{name: "vector set", magic: "REDIS0012", typ: 7, value: set, want: elems},
		{name: "vector set with a long attribute", magic: "REDIS0012", typ: 7, value: attrs, want: []string{`"e"[]` + quoted(words(22, huge))}},
	}
}

func largeUnprovenCases() []largeCase {
	text := func(i int) string {
		if i == 2 || i == 700 {
			return words(uint64(i), half)
		}
		return fmt.Sprintf("value number %d", i)
	}
	const n = 100000
	array, arrayWant := many(n, func(i int) ([]byte, string) {
		switch i % 5 {
		case 0:
			return cat(num(uint64(i)), 1, ms8(int64(-i))), fmt.Sprintf(`%d="%d"`, i, -i)
		case 1:
			return cat(num(uint64(i)), 2, dbl(0.5)), fmt.Sprintf(`%d="0.5"`, i)
		}
		return cat(num(uint64(i)), 0, str(text(i))), fmt.Sprintf(`%d=%s`, i, quoted(text(i)))
	})
	// The count stands before the flag, the elements behind it.
	array = cat(array[:5], num(1), num(math.MaxUint64-2), array[5:])

	paths := num(3)
	var pathsWant []string
	for i, path := range []string{words(30, half), "short", words(31, half)} {
		paths = append(paths, cat(str(path), num(30000))...)
		for k := range 30000 {
			paths = append(paths, cat(str(fmt.Sprintf("field %d", k)), str(text(k*(i+1))))...)
			pathsWant = append(pathsWant, fmt.Sprintf(`%s."field %d"=%s`, quoted(path), k, quoted(text(k*(i+1)))))
		}
	}

	var names []string
	var values, want []string
	var elems []any
	for i := range 60000 {
		names = append(names, fmt.Sprintf("name %d", i))
		values = append(values, text(i))
		elems = append(elems, text(i))
		want = append(want, quoted(names[i])+"="+quoted(values[i]))
	}
	registry := template(7, names...)
	packed := blob(listpack(append([]any{7}, elems...)...))
	plain := cat(1, num(uint64(len(names))), strs(names...))
	cron := cat(str(words(40, half)), ms8(1), ms8(2), 1, str(words(41, huge)), 0)
	return []largeCase{
		{name: "array", magic: "REDIS0014", typ: 28, value: array, want: arrayWant},
		{name: "path hash", magic: "VALKEY081", typ: 23, value: paths, want: pathsWant},
		{name: "template 29", magic: "REDIS0015", typ: 29, value: cat(plain, packed), want: want},
		{name: "template 30", magic: "REDIS0015", before: registry, typ: 30, value: packed, want: want},
		{name: "template 31", magic: "REDIS0015", typ: 31, value: cat(plain, strs(values...)), want: want},
		{name: "template 32", magic: "REDIS0015", before: registry, typ: 32, value: cat(7, strs(values...)), want: want},
		{name: "cron", magic: "REDIS0009", typ: 64, value: cron, want: []string{
			quoted(words(40, half)) + " start=1 interval=2 keys=[\"" + words(41, huge) + "\"] args=[]"}},
	}
}
