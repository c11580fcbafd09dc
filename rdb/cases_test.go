package rdb_test

import (
	"strings"
)

// valueCase is a record of key "k" and what it means. The cases together hold
// every type number that the reader knows, in every form that its strings and
// blobs may take.
type valueCase struct {
	name   string
	magic  string
	before []byte // what must stand in the file first
	typ    byte
	value  []byte
	want   string // the line of the key, without `db0 "k" `
}

func (c *valueCase) file() []byte { return file(c.magic, c.before, record(c.typ, "k", c.value)) }

func valueCases() []valueCase {
	var list []valueCase
	for _, more := range [][]valueCase{
		stringCases(), listCases(), setCases(), zsetCases(), hashCases(), expiringHashCases(),
		streamCases(), moduleCases(), vectorSetCases(), arrayCases(), templateCases(), otherCases(),
	} {
		list = append(list, more...)
	}
	return list
}

func stringCases() []valueCase {
	a60 := strings.Repeat("a", 60)
	return []valueCase{
		{name: "raw", magic: "REDIS0001", typ: 0, value: hx("05 68 65 6C 6C 6F"), want: `string/raw[1]: "hello"`},
		{name: "digits kept as text", magic: "REDIS0006", typ: 0, value: hx(`0B "12345678901"`), want: `string/raw[1]: "12345678901"`},
		{name: "empty", magic: "REDIS0009", typ: 0, value: hx("00"), want: `string/raw[1]: ""`},
		{name: "int8", magic: "REDIS0009", typ: 0, value: hx("C0 FF"), want: `string/int[1]: "-1"`},
		{name: "int16", magic: "REDIS0009", typ: 0, value: hx("C1 80 00"), want: `string/int[1]: "128"`},
		{name: "int32", magic: "REDIS0009", typ: 0, value: hx("C2 40 E2 01 00"), want: `string/int[1]: "123456"`},
		{name: "least int8", magic: "REDIS0009", typ: 0, value: strInt8(-128), want: `string/int[1]: "-128"`},
		{name: "least int16", magic: "REDIS0009", typ: 0, value: strInt16(-32768), want: `string/int[1]: "-32768"`},
		{name: "least int32", magic: "REDIS0009", typ: 0, value: strInt32(-2147483648), want: `string/int[1]: "-2147483648"`},
		{name: "lzf", magic: "REDIS0009", typ: 0, value: hx("C3 09 3C 01 61 61 E0 2F 00 01 61 61"), want: `string/lzf[1]: "` + a60 + `"`},
		{name: "lzf with a short match", magic: "REDIS0009", typ: 0, value: hx(`C3 08 08 02 "abc" 40 02 00 "x"`), want: `string/lzf[1]: "abcabcax"`},
		{name: "length of 14 bits", magic: "REDIS0009", typ: 0, value: hx("40 40 62*64"), want: `string/raw[1]: "` + strings.Repeat("b", 64) + `"`},
		{name: "length of 32 bits", magic: "REDIS0009", typ: 0, value: cat(num32(2), "hi"), want: `string/raw[1]: "hi"`},
		{name: "length of 64 bits", magic: "REDIS0009", typ: 0, value: cat(num64(2), "hi"), want: `string/raw[1]: "hi"`},
		{name: "any bytes", magic: "VALKEY080", typ: 0, value: hx("03 FF 00 0A"), want: `string/raw[1]: "\xff\x00\n"`},
	}
}

func listCases() []valueCase {
	lp := hx("13 00 00 00 03 00 | 81 61 02 | 01 01 | 85 68 65 6C 6C 6F 06 | FF")
	zl := hx("17 00 00 00 0F 00 00 00 03 00 | 00 01 61 | 03 F2 | 02 05 68 65 6C 6C 6F | FF")
	want := ` "a" "1" "hello"`
	return []valueCase{
		{name: "linked list", magic: "REDIS0001", typ: 1, value: cat(3, str("a"), strInt8(1), str("hello")), want: `list/linkedlist[3]:` + want},
		{name: "ziplist", magic: "REDIS0006", typ: 10, value: blob(zl), want: `list/ziplist:` + want},
		{name: "ziplist with every number", magic: "REDIS0006", typ: 10,
			value: blob(ziplist(0, 12, 13, -128, 32767, -32768, 1<<23-1, -1<<23, 1<<31-1, -1<<31, int64(1<<62), int64(-1<<63))),
			want:  `list/ziplist: "0" "12" "13" "-128" "32767" "-32768" "8388607" "-8388608" "2147483647" "-2147483648" "4611686018427387904" "-9223372036854775808"`},
		{name: "ziplist of 2.4", magic: "REDIS0002", typ: 10, value: blob(hx("0F 00 00 00 0A 00 00 00 01 00 | 00 C0 01 00 | FF")), want: `list/ziplist: "1"`},
		{name: "quicklist", magic: "REDIS0007", typ: 14, value: cat(2, blob(zl), blob(ziplist("b"))), want: `list/quicklist:` + want + ` "b"`},
		{name: "quicklist with an empty node", magic: "REDIS0009", typ: 14, value: cat(2, blob(ziplist()), blob(ziplist("b"))), want: `list/quicklist: "b"`},
		{name: "packed node", magic: "REDIS0010", typ: 18, value: cat(1, 2, blob(lp)), want: `list/quicklist:` + want},
		{name: "plain node", magic: "REDIS0012", typ: 18, value: cat(3, 2, blob(listpack("x")), 1, str("plain"), 1, strInt8(7)), want: `list/quicklist: "x" "plain" "7"`},
		{name: "compressed node", magic: "REDIS0012", typ: 18, value: cat(1, 2, strLZF(string(listpack(strings.Repeat("z", 60))))),
			want: `list/quicklist: "` + strings.Repeat("z", 60) + `"`},
		{name: "listpack with every number", magic: "VALKEY080", typ: 18,
			value: cat(1, 2, blob(listpack(0, 127, 128, -1, 4095, -4096, 4096, -32769, 1<<23, int64(1<<31), int64(-1<<63)))),
			want:  `list/quicklist: "0" "127" "128" "-1" "4095" "-4096" "4096" "-32769" "8388608" "2147483648" "-9223372036854775808"`},
	}
}

func setCases() []valueCase {
	return []valueCase{
		{name: "hash table", magic: "REDIS0001", typ: 2, value: hx("02 C0 01 01 61"), want: `set/hashtable[2]: "1" "a"`},
		{name: "intset", magic: "REDIS0002", typ: 11, value: hx("10 04 00 00 00 02 00 00 00 01 00 00 00 70 11 01 00"), want: `set/intset: "1" "70000"`},
		{name: "intset of 16 bits", magic: "REDIS0009", typ: 11, value: blob(hx("02 00 00 00 03 00 00 00 FD FF 01 00 02 00")), want: `set/intset: "-3" "1" "2"`},
		{name: "intset of 64 bits", magic: "VALKEY080", typ: 11, value: blob(intset(8, -1<<63, 0, 1<<62)), want: `set/intset: "-9223372036854775808" "0" "4611686018427387904"`},
		{name: "listpack", magic: "REDIS0011", typ: 20, value: hx("0C 0C 00 00 00 02 00 81 61 02 01 01 FF"), want: `set/listpack: "a" "1"`},
	}
}

func zsetCases() []valueCase {
	return []valueCase{
		{name: "text scores", magic: "REDIS0001", typ: 3, value: hx("03 01 62 03 32 2E 35 01 63 FE 01 61 01 31"), want: `zset/skiplist[3]: "b"=2.5 "c"=+Inf "a"=1`},
		{name: "special text scores", magic: "REDIS0006", typ: 3, value: cat(3, str("a"), 255, str("b"), 253, str("c"), textDouble("-0.10000000000000001")), want: `zset/skiplist[3]: "a"=-Inf "b"=NaN "c"=-0.1`},
		{name: "binary scores", magic: "REDIS0008", typ: 5,
			value: hx("03 01 63 00 00 00 00 00 00 F0 7F 01 62 00 00 00 00 00 00 04 40 01 61 00 00 00 00 00 00 F0 3F"),
			want:  `zset/skiplist[3]: "c"=+Inf "b"=2.5 "a"=1`},
		{name: "negative zero", magic: "REDIS0009", typ: 5, value: cat(2, strInt8(1), hx("00*7 80"), str("m"), dbl(5e-324)), want: `zset/skiplist[2]: "1"=-0 "m"=5e-324`},
		{name: "ziplist", magic: "REDIS0002", typ: 12,
			value: hx("18 18 00 00 00 12 00 00 00 04 00 | 00 01 61 | 03 F2 | 02 01 62 | 03 03 32 2E 35 | FF"), want: `zset/ziplist: "a"=1 "b"=2.5`},
		{name: "listpack", magic: "REDIS0010", typ: 17,
			value: hx("14 14 00 00 00 04 00 | 81 61 02 | 01 01 | 81 62 02 | 83 32 2E 35 04 | FF"), want: `zset/listpack: "a"=1 "b"=2.5`},
		{name: "listpack with text scores", magic: "REDIS0012", typ: 17,
			value: blob(listpack("a", "-inf", 5, "9.9999999999999995e-08", "c", "12345678901234567000", "d", "inf")),
			want:  `zset/listpack: "a"=-Inf "5"=1e-07 "c"=1.2345678901234567e+19 "d"=+Inf`},
	}
}

func hashCases() []valueCase {
	return []valueCase{
		{name: "hash table", magic: "REDIS0001", typ: 4, value: hx("01 01 66 01 76"), want: `hash/hashtable[1]: "f"="v"`},
		{name: "hash table of every string form", magic: "REDIS0008", typ: 4,
			value: cat(3, strInt8(-5), strLZF(strings.Repeat("v", 40)), strLZF(strings.Repeat("f", 40)), strInt32(70000), str(""), str("")),
			want:  `hash/hashtable[3]: "-5"="` + strings.Repeat("v", 40) + `" "` + strings.Repeat("f", 40) + `"="70000" ""=""`},
		{name: "zipmap", magic: "REDIS0002", typ: 9, value: hx("07 01 01 66 01 00 76 FF"), want: `hash/zipmap: "f"="v"`},
		{name: "zipmap with free bytes", magic: "REDIS0002", typ: 9, value: blob(hx(`02 | 01 "a" 02 03 "xy" FF FE 00 | FE 01 00 00 00 "b" 00 00 | FF`)), want: `hash/zipmap: "a"="xy" "b"=""`},
		{name: "ziplist", magic: "REDIS0006", typ: 13,
			value: hx("16 16 00 00 00 13 00 00 00 04 00 | 00 01 66 | 03 01 76 | 03 01 6E | 03 F2 | FF"), want: `hash/ziplist: "f"="v" "n"="1"`},
		{name: "listpack", magic: "REDIS0010", typ: 16,
			value: hx("12 12 00 00 00 04 00 | 81 66 02 | 81 76 02 | 81 6E 02 | 01 01 | FF"), want: `hash/listpack: "f"="v" "n"="1"`},
		{name: "listpack, both integers", magic: "REDIS0011", typ: 16, value: blob(listpack(-1, 100000, 2, "")), want: `hash/listpack: "-1"="100000" "2"=""`},
	}
}

func expiringHashCases() []valueCase {
	return []valueCase{
		{name: "redis 22", magic: "REDIS0012", typ: 22, value: cat(2, num64(1900000000000), strs("f", "v"), 0, strs("g", "w")),
			want: `hash/hashtable[2]: "f"="v"@1900000000000 "g"="w"`},
		{name: "redis 23", magic: "REDIS0012", typ: 23, value: blob(listpack("f", "v", int64(1900000000000), "g", 1, 0)),
			want: `hash/listpack: "f"="v"@1900000000000 "g"="1"`},
		{name: "valkey 22", magic: "VALKEY080", typ: 22,
			value: hx("03 | 01 66 01 76 00 38 D3 60 BA 01 00 00 | 01 67 01 77 FF FF FF FF FF FF FF FF | 01 6B 01 78 F4 39 D3 60 BA 01 00 00"),
			want:  `hash/hashtable[3]: "f"="v"@1900000000000 "g"="w" "k"="x"@1900000000500`},
		{name: "redis 24", magic: "REDIS0012", typ: 24,
			value: hx("00 38 D3 60 BA 01 00 00 | 03 | 41 F5 01 6B 01 78 | 01 01 66 01 76 | 00 01 67 01 77"),
			want:  `hash/hashtable[3]: "k"="x"@1900000000500 "f"="v"@1900000000000 "g"="w"`},
		{name: "redis 25", magic: "REDIS0012", typ: 25,
			value: hx(`00 38 D3 60 BA 01 00 00 | 2F 2F 00 00 00 09 00 | 81 66 02 81 76 02 F4 00 38 D3 60 BA 01 00 00 09 | 81 6B 02 81 78 02
				F4 F4 39 D3 60 BA 01 00 00 09 | 81 67 02 81 77 02 00 01 | FF`),
			want: `hash/listpack: "f"="v"@1900000000000 "k"="x"@1900000000500 "g"="w"`},
		{name: "redis 25 without expiries", magic: "REDIS0013", typ: 25, value: cat(ms8(0), blob(listpack("f", 1, 0))), want: `hash/listpack: "f"="1"`},
	}
}

func arrayCases() []valueCase {
	return []valueCase{
		{name: "array", magic: "REDIS0014", typ: 28,
			value: cat(4, 0, 0, 0, str("text"), 5, 1, ms8(-7), num64(1<<40), 2, dbl(2), num64(1<<64-2), 3, str("short")),
			want:  `array/sliced-array[4]: 0="text" 5="-7" 1099511627776="2.0" 18446744073709551614="short"`},
		{name: "array with a cursor", magic: "REDIS0014", typ: 28, value: cat(2, 1, 9, 8, 2, dbl(1e300), 9, 2, dbl(0.5)),
			want: `array/sliced-array[2] cursor=9: 8="1e+300" 9="0.5"`},
	}
}

func templateCases() []valueCase {
	names := template(5, "field1", "field2")
	want := `: "field1"="1" "field2"="2"`
	packed, array := `hash/template-listpack[2]`+want, `hash/template-array[2]`+want
	return []valueCase{
		{name: "29, packed names", magic: "REDIS0015", typ: 29,
			value: hx(`00 17 <17 00 00 00 02 00 86 "field1" 07 86 "field2" 07 FF> 0D <0D 00 00 00 03 00 | 00 01 | 01 01 | 02 01 | FF>`), want: packed},
		{name: "29, plain names", magic: "REDIS0015", typ: 29, value: cat(1, 2, strs("field1", "field2"), blob(listpack(9, 1, 2))), want: packed},
		{name: "30", magic: "REDIS0015", before: names, typ: 30, value: hx("0D <0D 00 00 00 03 00 | 05 01 | 01 01 | 02 01 | FF>"), want: packed},
		{name: "31, plain names", magic: "REDIS0015", typ: 31, value: hx("01 02 06 66 69 65 6C 64 31 06 66 69 65 6C 64 32 C0 01 C0 02"), want: array},
		{name: "31, packed names", magic: "REDIS0015", typ: 31, value: cat(0, blob(listpack(77, "field1")), str("v"), str("w")),
			want: `hash/template-array[2]: "77"="v" "field1"="w"`},
		{name: "32", magic: "REDIS0015", before: names, typ: 32, value: hx("05 C0 01 C0 02"), want: array},
		{name: "32 among templates", magic: "REDIS0015", before: cat(template(0, "a"), names, template(1<<40, "b", "c")), typ: 32,
			value: cat(num64(1<<40), strs("x", "y")), want: `hash/template-array[2]: "b"="x" "c"="y"`},
	}
}

func otherCases() []valueCase {
	return []valueCase{
		{name: "path hash", magic: "VALKEY081", typ: 23, value: cat(2, str("a/b"), 2, strs("f", "v", "g", "w"), str("c"), 1, str("h"), strInt8(3)),
			want: `path-hash/hashtable: "a/b"."f"="v" "a/b"."g"="w" "c"."h"="3"`},
		{name: "empty path hash", magic: "VALKEY081", typ: 23, value: hx("00"), want: `path-hash/hashtable:`},
		{name: "cron", magic: "REDIS0009", typ: 64, value: cat(str("return 1"), ms8(1900000000000), ms8(60000), 2, strs("k1", "k2"), 1, str("a1")),
			want: `cron/unknown[1]: "return 1" start=1900000000000 interval=60000 keys=["k1" "k2"] args=["a1"]`},
	}
}
