package rdb_test

// vectorSet is the ID of vector sets, with the type's version.
var vectorSet = hx("81 BD E7 2D A2 BB 1E B4 00")

// graphNode is what stands behind a vector that is alone: six numbers, the last
// of them the vector's range and length.
func graphNode(last string) []byte {
	return hx("02 06 | 02 01 | 02 80 01 00 00 00 | 02 00 | 02 20 | 02 00 | 02 " + last)
}

func moduleCases() []valueCase {
	return []valueCase{
		{name: "every item", magic: "REDIS0008", typ: 7,
			value: cat(num64(moduleID("ReJSON-RL", 3)), itemSint(-2), itemUint(1<<40), itemFloat(1.5), itemDouble(2.5), itemStr("{}"), 0),
			want: `module/module ReJSON-RL/3: "\x01\x81\xff\xff\xff\xff\xff\xff\xff\xfe\x02\x81\x00\x00\x01\x00\x00\x00\x00\x00` +
				`\x03\x00\x00\xc0?\x04\x00\x00\x00\x00\x00\x00\x04@\x05\x02{}\x00"`},
		{name: "nothing", magic: "REDIS0009", typ: 7, value: cat(num64(moduleID("A-_z09abc", 1023)), 0), want: `module/module A-_z09abc/1023: "\x00"`},
		{name: "vector set of a version to come", magic: "REDIS0012", typ: 7, value: cat(num64(moduleID("vectorset", 1)), itemUint(7), 0),
			want: `module/module vectorset/1: "\x02\a\x00"`},
		{name: "vector set with an unknown flag", magic: "REDIS0012", typ: 7,
			value: cat(vectorSet, itemUint(3), itemUint(0), itemUint(16<<8), itemUint(4), itemStr("?"), 0),
			want:  `module/module vectorset/0: "\x02\x03\x02\x00\x02P\x00\x02\x04\x05\x01?\x00"`},
		{name: "vector set with an unknown quantization", magic: "REDIS0012", typ: 7,
			value: cat(vectorSet, itemUint(3), itemUint(0), itemUint(16<<8|3), itemUint(0), 0),
			want:  `module/module vectorset/0: "\x02\x03\x02\x00\x02P\x03\x02\x00\x00"`},
		{name: "vector set of a dimension beyond reason", magic: "REDIS0012", typ: 7,
			value: cat(vectorSet, itemUint(1<<30), itemUint(1), itemUint(0), itemUint(0), itemStr("e"), itemStr(""), itemUint(0), 0),
			want:  `module/module vectorset/0: "\x02\x80@\x00\x00\x00\x02\x01\x02\x00\x02\x00\x05\x01e\x05\x00\x02\x00\x00"`},
	}
}

func vectorSetCases() []valueCase {
	f32 := hx("9A 99 19 3F CD CC 4C 3F 00 00 00 00") // 0.6 0.8 0
	return []valueCase{
		{name: "vector set", magic: "REDIS0012", typ: 7,
			value: cat(vectorSet, hx(`02 03 02 01 02 50 00 02 00 | 05 02 "e1" | 05 0C`), f32, graphNode("80 40 A0 00 00"), 0),
			want:  `module/module[1] vectorset/0 dim=3 none links=16 attributes=false: "e1"[3 4 0]`},
		{name: "vector set of int8", magic: "REDIS0012", typ: 7,
			value: cat(vectorSet, hx(`02 03 02 01 02 50 01 02 02 | 05 02 "e1" | 05 07 "{" 22 "a" 22 ":1}" | 05 03 5F 7F 00`), graphNode("81 3F 4C CC CD 40 A0 00 00"), 0),
			want:  `module/module[1] vectorset/0 dim=3 int8 links=16 attributes=true: "e1"[2.992126 4 0]"{\"a\":1}"`},
		{name: "vector set of bits", magic: "REDIS0013", typ: 7,
			value: cat(vectorSet, hx(`02 03 02 01 02 50 02 02 00 | 05 02 "e1" | 05 08 03 00 00 00 00 00 00 00`), graphNode("80 40 A0 00 00"), 0),
			want:  `module/module[1] vectorset/0 dim=3 binary links=16 attributes=false: "e1"[1 1 -1]`},
		{name: "vector set with a projection", magic: "REDIS0013", typ: 7,
			value: cat(vectorSet, hx(`02 02 02 01 02 50 00 02 01 | 02 03 | 05 18 00 00 80 3F 00*20 | 05 02 "e1" | 05 08 9A 99 19 3F CD CC 4C 3F`), graphNode("80 40 A0 00 00"), 0),
			want: `module/module[1] vectorset/0 dim=2 none links=16 attributes=false projection=2x3:0000803f` +
				`0000000000000000000000000000000000000000: "e1"[3 4]`},
		{name: "vector set of two linked nodes", magic: "REDIS0012", typ: 7,
			value: cat(vectorSet, hx(`02 03 02 02 02 50 00 02 02
				05 02 "e2" | 05 07 "{" 22 "a" 22 ":1}" | 05 0C`), f32, hx(`02 07 | 02 02 | 02 80 01 00 00 00 | 02 01 | 02 20 | 02 01 | 02 81 3F 80 00 00 00 00 00 00 | 02 80 3F 80 00 00
				05 02 "e1" | 05 00 | 05 0C`), f32, hx(`02 07 | 02 01 | 02 80 01 00 00 00 | 02 01 | 02 20 | 02 02 | 02 81 3F 80 00 00 00 00 00 00 | 02 80 40 A0 00 00
				00`)),
			want: `module/module[2] vectorset/0 dim=3 none links=16 attributes=true: "e2"[0.6 0.8 0]"{\"a\":1}" "e1"[3 4 0]""`},
		{name: "vector set that leaves its links to the default", magic: "REDIS0012", typ: 7,
			value: cat(vectorSet, hx(`02 03 02 00 02 00 02 00 00`)), want: `module/module[0] vectorset/0 dim=3 none links=16 attributes=false:`},
	}
}
