package rdb_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// largeCase is a record of more than 2 MiB, in the file or unpacked, which is
// read while its value is consumed. Between a few and many of its strings are
// longer than what is given whole where fragments are asked for.
type largeCase struct {
	name   string
	magic  string
	before []byte
	typ    byte
	build  func() (value []byte, want []string) // the value and its elements
}

func (c *largeCase) file(value []byte) []byte {
	return file(c.magic, record(0, "first", str("v")), c.before, expireMs(5), record(c.typ, "k", value), record(0, "last", str("w")))
}

func largeCases() []largeCase {
	var list []largeCase
	for _, more := range [][]largeCase{
		largeStringCases(), largePlainCases(), largeBlobCases(), largeQuicklistCases(), largeStreamCases(), largeModuleCases(), largeUnprovenCases(),
	} {
		for i, c := range more {
			if i%3 == 0 || !testing.Short() {
				list = append(list, c)
			}
		}
	}
	return list
}

const (
	half = 512 << 10 // twice the longest string that is not given in fragments
	huge = 3 << 20   // more than fits in a batch
)

// words returns n bytes of text that pack to about a half; seed tells texts
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

// quoted is quote of a text.
func quoted(s string) string { return quote([]byte(s)) }

func number(i int) string { return strconv.FormatFloat(float64(i), 'g', -1, 64) }

// many returns the elements 0 to n-1 as add makes them: their bytes, behind
// their number, and their texts.
func many(n int, add func(i int) (b []byte, want string)) (value []byte, want []string) {
	value = num(uint64(n))
	for i := range n {
		b, w := add(i)
		value, want = append(value, b...), append(want, w)
	}
	return value, want
}

func largeStringCases() []largeCase {
	one := func(name string, build func() ([]byte, string)) largeCase {
		return largeCase{name: name, magic: "REDIS0009", typ: 0, build: func() ([]byte, []string) {
			value, s := build()
			return value, []string{quoted(s)}
		}}
	}
	return []largeCase{
		one("string", func() ([]byte, string) { return str(words(1, huge)), words(1, huge) }),
		one("packed string", func() ([]byte, string) { return strLZF(words(2, 2*huge)), words(2, 2*huge) }),
		one("string packed well", func() ([]byte, string) { return strLZF(strings.Repeat("\x00", huge)), strings.Repeat("\x00", huge) }),
	}
}

// items makes the strings of plain collections: of every form, a few of them
// long.
func items() func(i int) (b []byte, text string) {
	const short = "a text that packs, packs, packs, packs"
	packed := strLZF(short)
	return func(i int) ([]byte, string) {
		switch {
		case i == 3 || i == 500:
			text := words(uint64(i), half)
			return str(text), quoted(text)
		case i == 4 || i == 501:
			text := words(uint64(i), half)
			return strLZF(text), quoted(text)
		case i%7 == 0:
			return strInt32(int32(i)), quoted(strconv.Itoa(i))
		case i%11 == 0:
			return packed, quoted(short)
		}
		text := "some text with the number " + strconv.Itoa(i)
		return str(text), quoted(text)
	}
}

func largePlainCases() []largeCase {
	plain := func(name, magic string, typ byte, n int, before []byte, element func(i int, b []byte, text string) ([]byte, string)) largeCase {
		return largeCase{name: name, magic: magic, typ: typ, build: func() ([]byte, []string) {
			item := items()
			value, want := many(n, func(i int) ([]byte, string) {
				b, text := item(i)
				return element(i, b, text)
			})
			return cat(before, value), want
		}}
	}
	field := func(i int) string { return "field " + strconv.Itoa(i) }
	same := func(_ int, b []byte, text string) ([]byte, string) { return b, text }
	const n = 70000
	return []largeCase{
		plain("list", "REDIS0001", 1, n, nil, same),
		plain("set", "REDIS0009", 2, n, nil, same),
		plain("zset of text scores", "REDIS0006", 3, n, nil, func(i int, b []byte, text string) ([]byte, string) {
			return cat(b, textDouble(strconv.Itoa(i))), text + "=" + number(i)
		}),
		plain("zset", "REDIS0009", 5, n, nil, func(i int, b []byte, text string) ([]byte, string) {
			return cat(b, dbl(float64(i))), text + "=" + number(i)
		}),
		plain("hash", "REDIS0009", 4, n, nil, func(i int, b []byte, text string) ([]byte, string) {
			return cat(str(field(i)), b), quoted(field(i)) + "=" + text
		}),
		plain("hash of long fields", "REDIS0009", 4, 30, nil, func(i int, b []byte, text string) ([]byte, string) {
			name := words(uint64(i), half)
			return cat(strLZF(name), b), quoted(name) + "=" + text
		}),
		plain("redis 22", "REDIS0012", 22, n, nil, func(i int, b []byte, text string) ([]byte, string) {
			return cat(num(uint64(i+1)), str(field(i)), b), fmt.Sprintf("%s=%s@%d", quoted(field(i)), text, i+1)
		}),
		plain("redis 24", "REDIS0012", 24, n, ms8(1000000), func(i int, b []byte, text string) ([]byte, string) {
			if i%3 == 0 {
				return cat(0, str(field(i)), b), quoted(field(i)) + "=" + text
			}
			return cat(num(uint64(i)), str(field(i)), b), fmt.Sprintf("%s=%s@%d", quoted(field(i)), text, 1000000+i-1)
		}),
		plain("valkey 22", "VALKEY080", 22, n, nil, func(i int, b []byte, text string) ([]byte, string) {
			if i%3 == 0 {
				return cat(str(field(i)), b, ms8(-1)), quoted(field(i)) + "=" + text
			}
			return cat(str(field(i)), b, ms8(int64(i))), fmt.Sprintf("%s=%s@%d", quoted(field(i)), text, i)
		}),
	}
}

func largeBlobCases() []largeCase {
	blobCase := func(name, magic string, typ byte, build func() ([]byte, []string)) largeCase {
		return largeCase{name: name, magic: magic, typ: typ, build: build}
	}
	pad := words(7, half)
	// elements are texts and integers, and two long ones at the end.
	elements := func(n int) (elems []any, texts []string) {
		for i := range n {
			if i%3 == 2 {
				elems, texts = append(elems, i*1000), append(texts, strconv.Itoa(i*1000))
				continue
			}
			text := "an element with the number " + strconv.Itoa(i)
			elems, texts = append(elems, text), append(texts, text)
		}
		return append(elems, pad, pad), append(texts, pad, pad)
	}
	singles := func(texts []string) (want []string) {
		for _, s := range texts {
			want = append(want, quoted(s))
		}
		return want
	}
	pairs := func(texts []string) (want []string) {
		for i := 0; i < len(texts); i += 2 {
			want = append(want, quoted(texts[i])+"="+quoted(texts[i+1]))
		}
		return want
	}
	scored := func() (elems []any, want []string) {
		for i := range 60000 {
			elems = append(elems, "a rather long member with the number "+strconv.Itoa(i), i)
			want = append(want, fmt.Sprintf(`"a rather long member with the number %d"=%s`, i, number(i)))
		}
		return elems, want
	}
	const n = 90000
	return []largeCase{
		blobCase("hash zipmap", "REDIS0002", 9, func() ([]byte, []string) {
			_, texts := elements(n)
			return blob(zipmap(texts...)), pairs(texts)
		}),
		blobCase("list ziplist", "REDIS0006", 10, func() ([]byte, []string) {
			elems, texts := elements(n)
			return blob(ziplist(elems...)), singles(texts)
		}),
		blobCase("intset", "REDIS0009", 11, func() (value []byte, want []string) {
			var members []int64
			for i := range int64(300000) {
				members, want = append(members, i<<33), append(want, fmt.Sprintf(`"%d"`, i<<33))
			}
			return blob(intset(8, members...)), want
		}),
		blobCase("zset ziplist", "REDIS0006", 12, func() ([]byte, []string) {
			elems, want := scored()
			return blob(ziplist(elems...)), want
		}),
		blobCase("hash ziplist", "REDIS0006", 13, func() ([]byte, []string) {
			elems, texts := elements(n)
			return blob(ziplist(elems...)), pairs(texts)
		}),
		blobCase("hash listpack", "REDIS0011", 16, func() ([]byte, []string) {
			elems, texts := elements(n)
			return blob(listpack(elems...)), pairs(texts)
		}),
		blobCase("packed hash listpack", "REDIS0011", 16, func() ([]byte, []string) {
			elems, texts := elements(n)
			return strLZF(string(listpack(elems...))), pairs(texts)
		}),
		blobCase("zset listpack", "REDIS0011", 17, func() ([]byte, []string) {
			elems, want := scored()
			return blob(listpack(elems...)), want
		}),
		blobCase("set listpack", "VALKEY080", 20, func() ([]byte, []string) {
			elems, texts := elements(n)
			return strLZF(string(listpack(elems...))), singles(texts)
		}),
		blobCase("redis 25", "REDIS0012", 25, func() (value []byte, want []string) {
			elems, texts := elements(n)
			elems, texts = append(elems, 7), append(texts, "7")
			for i := 0; i < len(texts); i += 3 {
				want = append(want, quoted(texts[i])+"="+quoted(texts[i+1])+"@"+texts[i+2])
			}
			return cat(ms8(1), blob(listpack(elems...))), want
		}),
	}
}

func largeQuicklistCases() []largeCase {
	node, want := []any{}, []string{}
	for i := range 500 {
		node = append(node, "an item of a node with the number "+strconv.Itoa(i))
		want = append(want, quoted("an item of a node with the number "+strconv.Itoa(i)))
	}
	nodes := func(b []byte) (value []byte, all []string) {
		const n = 200
		for range n {
			all = append(all, want...)
		}
		return cat(num(n), repeat(n, b)), all
	}
	return []largeCase{
		{name: "quicklist of ziplists", magic: "REDIS0007", typ: 14, build: func() ([]byte, []string) { return nodes(blob(ziplist(node...))) }},
		{name: "quicklist of packed listpacks", magic: "REDIS0010", typ: 18, build: func() ([]byte, []string) {
			return nodes(cat(2, strLZF(string(listpack(node...)))))
		}},
		{name: "quicklist with plain nodes", magic: "REDIS0012", typ: 18, build: func() (value []byte, all []string) {
			long := words(9, huge)
			value = cat(6,
				2, blob(listpack(node...)), 1, str(long), 1, strLZF(long+"!"), 2, strLZF(string(listpack(node...))), 1, str("short"),
				2, blob(listpack(words(10, half), "last")))
			all = append(all, want...)
			all = append(all, quoted(long), quoted(long+"!"))
			all = append(all, want...)
			return value, append(all, `"short"`, quoted(words(10, half)), `"last"`)
		}},
	}
}
