package rdb_test

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

// fullStream has something of everything that a stream may hold; what the
// version of the record does not know is left out.
func fullStream() stream {
	return stream{
		nodes: [][]byte{
			node(1000, 1,
				2, 1, 2, "a", "b", 0, // two live entries, one deleted; the fields of most
				2, 0, 0, 1, "x", 5, // 1000-1, fields as above
				3, 0, 1, 1, "y", 5, // 1000-2, likewise, deleted
				0, 5, -1, 1, "c", "zz", 6, // 1005-0, a field of its own
			),
			node(2000, 0, 1, 0, 0, 0, 0, 0, 7, 2, "k", 5, 6, "n", 8), // 2000-7, two fields, one named by an integer
		},
		length: 3, last: entry.StreamID{Ms: 2000, Seq: 7}, first: entry.StreamID{Ms: 1000, Seq: 1},
		maxDel: entry.StreamID{Ms: 1000, Seq: 2}, added: 4,
		groups: []group{
			{
				name: "g", last: entry.StreamID{Ms: 2000, Seq: 7}, read: math.MaxUint64,
				pending: [][]byte{pending(1000, 1, 111, 1), pending(1005, 0, 222, 3), pending(2000, 7, 0, 2)},
				consumers: []consumer{
					{"c1", 11, 12, []entry.StreamID{{Ms: 1005, Seq: 0}}},
					{"idle", 13, -1, nil},
					{"c2", 14, 15, []entry.StreamID{{Ms: 1000, Seq: 1}}},
				},
				nacked: []entry.StreamID{{Ms: 2000, Seq: 7}},
			},
			{name: "empty", read: 2},
		},
		duration: 100, maxSize: 50,
		producers: [][]byte{
			cat(str("p1"), 2, str("i1"), numID(1000, 1), str("i2"), numID(2000, 7)),
			cat(str("p2"), 0),
		},
		iids: 9, dups: 4,
	}
}

// Of fullStream, as each version holds it.
const (
	fullEntries = `1000-1{a=1 b=x} 1005-0{c=zz} 2000-7{k=5 6=n} `
	fullInfo2   = `length=3 last=2000-7 first=1000-1 max-deleted=1000-2 added=4 groups=2)`
	fullPEL     = `pending(1000-1 "c2" at=111 times=1) pending(1005-0 "c1" at=222 times=3) `
	fullIDMP    = ` producer("p1") iid("i1"=1000-1) iid("i2"=2000-7) producer("p2") idmp(100s max=50 producers=2 added=9 duplicates=4)`
	fullActive  = `consumer("c1" seen=11 active=12 pending=1) consumer("idle" seen=13 active=-1 pending=0) consumer("c2" seen=14 active=15 pending=1)`
	fullSeen    = `consumer("c1" seen=11 active=-1 pending=1) consumer("idle" seen=13 active=-1 pending=0) consumer("c2" seen=14 active=-1 pending=1)`
	fullGroup   = ` group("g" last=2000-7 read=-1 pending=3 consumers=3) `
	fullEmpty   = ` group("empty" last=0-0 read=2 pending=0 consumers=0)`
	nobodys     = `pending(2000-7 nobody at=0 times=2) `
	nacked      = `pending(2000-7 nacked at=0 times=2) `
)

func streamCases() []valueCase {
	full := fullStream()
	return []valueCase{
		{name: "stream 1", magic: "REDIS0009", typ: 15, value: full.value(1),
			want: `stream/stream: ` + fullEntries + `info(v1 length=3 last=2000-7 first=0-0 max-deleted=0-0 added=0 groups=2)` +
				fullGroup + fullPEL + nobodys + fullSeen + ` group("empty" last=0-0 read=-1 pending=0 consumers=0)`},
		{name: "stream 2", magic: "REDIS0010", typ: 19, value: full.value(2),
			want: `stream/stream: ` + fullEntries + `info(v2 ` + fullInfo2 + fullGroup + fullPEL + nobodys + fullSeen + fullEmpty},
		{name: "stream 3", magic: "REDIS0011", typ: 21, value: full.value(3),
			want: `stream/stream: ` + fullEntries + `info(v3 ` + fullInfo2 + fullGroup + fullPEL + nobodys + fullActive + fullEmpty},
		{name: "stream 4", magic: "REDIS0013", typ: 26, value: full.value(4),
			want: `stream/stream: ` + fullEntries + `info(v4 ` + fullInfo2 + fullGroup + fullPEL + nobodys + fullActive + fullEmpty + fullIDMP},
		{name: "stream 5", magic: "REDIS0014", typ: 27, value: full.value(5),
			want: `stream/stream: ` + fullEntries + `info(v5 ` + fullInfo2 + fullGroup + fullPEL + nacked + fullActive + fullEmpty + fullIDMP},

		{name: "stream 3 as 8.0.6 wrote it", magic: "REDIS0012", typ: 21,
			value: hx(`01 10 00*6 03 E8 00*7 01 | 40 41 | 41 00 00 00 19 00
				02 01 01 01 02 01 81 61 02 81 62 02 00 01 | 02 01 00 01 00 01 01 01 81 78 02 05 01 | 03 01 00 01 01 01 02 01 81 79 02 05 01
				00 01 05 01 DF FF 02 01 01 81 63 02 82 7A 7A 03 06 01 FF
				02 | 43 ED 00 | 43 E8 01 | 43 E8 02 | 03
				01 | 01 67 | 43 E8 01 | 81 FF*8
				01 | 00*6 03 E8 00*7 01 | 00 38 D3 60 BA 01 00 00 | 01
				01 | 01 63 | 01 38 D3 60 BA 01 00 00 | 02 38 D3 60 BA 01 00 00 | 01 | 00*6 03 E8 00*7 01`),
			want: `stream/stream: 1000-1{a=1 b=x} 1005-0{c=zz} info(v3 length=2 last=1005-0 first=1000-1 max-deleted=1000-2 added=3 groups=1) ` +
				`group("g" last=1000-1 read=-1 pending=1 consumers=1) pending(1000-1 "c" at=1900000000000 times=1) ` +
				`consumer("c" seen=1900000000001 active=1900000000002 pending=1)`},
		{name: "stream 4 as 8.6.3 wrote it", magic: "REDIS0013", typ: 26,
			value: hx(`01 | 10 00*6 03 E8 00*7 01 | 1C <1C 00 00 00 0A 00 | 01 01 00 01 01 01 81 61 02 00 01 | 02 01 00 01 00 01 01 01 04 01 | FF>
				01 | 43 E8 01 | 43 E8 01 | 00 00 | 01 | 00 | 40 64 | 40 64 | 00 | 00 | 00`),
			want: `stream/stream: 1000-1{a=1} info(v4 length=1 last=1000-1 first=1000-1 max-deleted=0-0 added=1 groups=0) idmp(100s max=100 producers=0 added=0 duplicates=0)`},
		{name: "stream 4 with producers", magic: "REDIS0013", typ: 26,
			value: cat(hx(`01 10 <00 00 01 A2 02 F6 F8 EB 00*8>`), blob(listpack(2, 0, 1, "f", 0, 2, 0, 0, "v", 4, 2, 0, 1, "v", 4)),
				hx(`02 | 81 00 00 01 A2 02 F6 F8 EB 01 | 81 00 00 01 A2 02 F6 F8 EB 00 | 00 00 | 02 | 00
				40 64 | 40 64
				02
				  02 70 31 | 01 | 02 69 31 | 81 00 00 01 A2 02 F6 F8 EB 00
				  02 70 32 | 01 | 10 6E 95 72 9E E7 27 F0 81 4A ED FF BA 55 73 00 79 | 81 00 00 01 A2 02 F6 F8 EB 01
				02 | 01`)),
			want: `stream/stream: 1795346069739-0{f=v} 1795346069739-1{f=v} info(v4 length=2 last=1795346069739-1 first=1795346069739-0 max-deleted=0-0 added=2 groups=0) ` +
				`producer("p1") iid("i1"=1795346069739-0) producer("p2") iid("n\x95r\x9e\xe7'\xf0\x81J\xed\xff\xbaUs\x00y"=1795346069739-1) ` +
				`idmp(100s max=100 producers=2 added=2 duplicates=1)`},
		{name: "stream 4 after XCFGSET", magic: "REDIS0013", typ: 26,
			value: hx(`00 | 00 | 00 00 | 00 00 | 00 00 | 00 | 00 | 01 | 40 64 | 00 | 02 | 01`),
			want:  `stream/stream: info(v4 length=0 last=0-0 first=0-0 max-deleted=0-0 added=0 groups=0) idmp(1s max=100 producers=0 added=2 duplicates=1)`},
		{name: "stream without entries", magic: "REDIS0011", typ: 21,
			value: stream{last: entry.StreamID{Ms: 5, Seq: 6}, maxDel: entry.StreamID{Ms: 5, Seq: 6}, added: 7}.value(3),
			want:  `stream/stream: info(v3 length=0 last=5-6 first=0-0 max-deleted=5-6 added=7 groups=0)`},
		{name: "stream with two nacked entries", magic: "REDIS0014", typ: 27,
			value: stream{duration: 100, maxSize: 100, groups: []group{{
				name: "g", pending: [][]byte{pending(1, 1, 0, math.MaxInt64), pending(1, 2, 0, 1), pending(1, 3, 9, 1)},
				consumers: []consumer{{"c", 1, 1, []entry.StreamID{{Ms: 1, Seq: 3}}}},
				nacked:    []entry.StreamID{{Ms: 1, Seq: 2}, {Ms: 1, Seq: 1}},
			}}}.value(5),
			want: `stream/stream: info(v5 length=0 last=0-0 first=0-0 max-deleted=0-0 added=0 groups=1) group("g" last=0-0 read=0 pending=3 consumers=1) ` +
				`pending(1-1 nacked at=0 times=9223372036854775807) pending(1-2 nacked at=0 times=1) pending(1-3 "c" at=9 times=1) ` +
				`consumer("c" seen=1 active=1 pending=1) idmp(100s max=100 producers=0 added=0 duplicates=0)`},
		{name: "PEL out of order", magic: "REDIS0011", typ: 21,
			value: stream{groups: []group{{
				name: "g", pending: [][]byte{pending(3, 0, 1, 1), pending(1, 0, 2, 1), pending(2, 0, 3, 1)},
				consumers: []consumer{{"a", 1, 1, []entry.StreamID{{Ms: 1, Seq: 0}, {Ms: 3, Seq: 0}}}, {"b", 1, 1, []entry.StreamID{{Ms: 2, Seq: 0}}}},
			}}}.value(3),
			want: `stream/stream: info(v3 length=0 last=0-0 first=0-0 max-deleted=0-0 added=0 groups=1) group("g" last=0-0 read=0 pending=3 consumers=2) ` +
				`pending(3-0 "a" at=1 times=1) pending(1-0 "a" at=2 times=1) pending(2-0 "b" at=3 times=1) ` +
				`consumer("a" seen=1 active=1 pending=2) consumer("b" seen=1 active=1 pending=1)`},
	}
}
