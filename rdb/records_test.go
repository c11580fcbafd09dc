package rdb_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/rdb"
)

// recordCase is the part of a file between magic and EOF, and its records. The
// records for the magic is left out.
type recordCase struct {
	name  string
	magic string
	body  []byte
	want  []string
}

func (c *recordCase) file() []byte { return file(c.magic, c.body) }

func recordCases() []recordCase {
	kv := record(0, "k", str("v"))
	const kvLine = `db0 "k" string/raw[1]: "v"`
	return []recordCase{
		// What whole files look like.
		{"empty", "REDIS0011", nil, nil},
		{"2.4", "REDIS0002", hx(`FE 00 | 00 01 6B 01 76 | FE 03 | FD 00 B3 3F 71 00 02 65 78 C0 01`),
			[]string{"selectdb [0]", kvLine, "selectdb [3]", `db3 "ex" string/int[1] expire=1900000000000: "1"`}},
		{"2.6", "REDIS0006", hx(`FE 00 | 00 01 6B 01 76 | FE 03 | FC 7B 38 D3 60 BA 01 00 00 | 00 02 65 78 C0 01`),
			[]string{"selectdb [0]", kvLine, "selectdb [3]", `db3 "ex" string/int[1] expire=1900000000123: "1"`}},
		{"5.0 with an lfu policy", "REDIS0009", hx(`FE 00 | FB 01 00 | F9 00 | 00 01 6B 01 76`),
			[]string{"selectdb [0]", "resizedb [1 0]", `db0 "k" string/raw[1] freq=0: "v"`}},
		{"7.0 with a function", "REDIS0010", cat(hx(`FA 08 "aof-base" C0 00 | F5 40 4F`), "#!lua name=lib1\n", strings.Repeat("-", 63)),
			[]string{`aux "aof-base" ="0"`, `function ="#!lua name=lib1\n` + strings.Repeat("-", 63) + `"`}},
		{"7.4 of a cluster", "REDIS0012", hx(`FE 00 | FB 02 01 | F4 53 C5 01 01 | FC 00 38 D3 60 BA 01 00 00 00 03 62 61 72 C0 01 | F4 6F 96 01 00 | 00 03 66 6F 6F C0 01`),
			[]string{"selectdb [0]", "resizedb [2 1]", "slot_info [5061 1 1]", `db0 "bar" string/int[1] expire=1900000000000: "1"`, "slot_info [12182 1 0]", `db0 "foo" string/int[1]: "1"`}},
		{"8.1 of a valkey cluster", "REDIS0011", cat(hx(`FE 00 | FA 09 "slot-info" 08 "5061,1,1"`), kv),
			[]string{"selectdb [0]", `aux "slot-info" ="5061,1,1"`, kvLine}},
		{"9.1 of valkey", "VALKEY080", cat(hx(`FA 0A "valkey-ver" 05 "9.1.2" | FA 0A "redis-bits" C0 40 | FA 09 "slot-info" 0B "12182,2,0,1"`), kv),
			[]string{`aux "valkey-ver" ="9.1.2"`, `aux "redis-bits" ="64"`, `aux "slot-info" ="12182,2,0,1"`, kvLine}},
		{"8.6 of a cluster", "REDIS0013", hx(`FA 08 "aof-base" C0 00 | FA 10 "cluster-asm-task" 00 | FE 00 | FB 01 00 | F4 6F 96 01 00 | 00 03 66 6F 6F C0 01`),
			[]string{`aux "aof-base" ="0"`, `aux "cluster-asm-task" =""`, "selectdb [0]", "resizedb [1 0]", "slot_info [12182 1 0]", `db0 "foo" string/int[1]: "1"`}},

		// Opcodes one by one.
		{"107 and 121", "REDIS0009", cat(107, num(1<<20), 121, num(77), kv, record(0, "k", str("v"))), []string{kvLine, kvLine}},
		{"242, redis", "REDIS0015", cat(template(0, "field1", "field2"), hx(`FE 00 | FB 01 00 | 1E 02 6B 31 0D <0D 00 00 00 03 00 | 00 01 | 01 01 | 02 01 | FF>`)),
			[]string{`hash_template [0] ["field1" "field2"]`, "selectdb [0]", "resizedb [1 0]", `db0 "k1" hash/template-listpack[2]: "field1"="1" "field2"="2"`}},
		{"242, valkey", "VALKEY081", cat(0xF2, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n", kv),
			[]string{`update ="*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n"`, kvLine}},
		{"243, redis", "REDIS0013", hx(`FE 00 | FB 01 01 | FC 00 D8 C3 2C BB 03 00 00
				F3 02 | 19 F5 C4 28 | 05 05 68 65 6C 6C 6F | 02 01 | 03 00 00 C0 3F | 00 | 08 1D B7 69 | 01 81 FF*8 | 00
				00 01 6B 01 76`),
			[]string{"selectdb [0]", "resizedb [1 1]", `db0 "k" string/raw[1] expire=4102444800000 ` +
				`keymeta=KMT1/3/1:050568656c6c6f0201030000c03f00 keymeta=abcd/1/0:0181ffffffffffffffff00: "v"`}},
		{"243, redis, no class", "REDIS0013", cat(hx("F3 00"), kv), []string{kvLine}},
		{"243, valkey", "VALKEY080", cat(0xF3, str(strings.Repeat("j", 40)), 2, num(0), num(100), num(16383), num(16383), kv),
			[]string{`slot_import "` + strings.Repeat("j", 40) + `" [0 100 16383 16383]`, kvLine}},
		{"244", "VALKEY080", cat(0xF4, num(16383), num(0), num(0)), []string{"slot_info [16383 0 0]"}},
		{"245", "REDIS0010", cat(0xF5, strLZF(strings.Repeat("x", 50))), []string{`function ="` + strings.Repeat("x", 50) + `"`}},
		{"246", "REDIS0010", cat(0xF6, strs("lib", "LUA"), 1, strs("what it does", "code")), []string{`function "lib" engine="LUA" desc="what it does" ="code"`}},
		{"246 without a description", "REDIS0010", cat(0xF6, strs("lib", "LUA"), 0, str("code")), []string{`function "lib" engine="LUA" ="code"`}},
		{"247", "REDIS0009", cat(0xF7, num64(moduleID("scdtype00", 1)), 2, 1, itemUint(5), itemStr("x"), 0, kv, 0xF7, num64(moduleID("ft_index0", 27)), 2, 2, 0),
			[]string{`module_aux scdtype00/1 [1] ="\x02\x05\x05\x01x\x00"`, kvLine, `module_aux ft_index0/27 [2] ="\x00"`}},
		{"248", "REDIS0009", cat(0xF8, num(100000), kv, kv), []string{`db0 "k" string/raw[1] idle=100000: "v"`, kvLine}},
		{"249", "REDIS0009", cat(0xF9, 255, kv, kv), []string{`db0 "k" string/raw[1] freq=255: "v"`, kvLine}},
		{"250", "REDIS0007", cat(aux("ctime", "1"), 0xFA, strInt8(1), strLZF(strings.Repeat("y", 30))),
			[]string{`aux "ctime" ="1"`, `aux "1" ="` + strings.Repeat("y", 30) + `"`}},
		{"251", "REDIS0007", resizeDB(1<<32, 5), []string{"resizedb [4294967296 5]"}},
		{"252", "REDIS0003", cat(expireMs(-5), kv), []string{`db0 "k" string/raw[1] expire=-5: "v"`}},
		{"253", "REDIS0001", cat(hx("FD FF FF FF 7F"), kv, hx("FD 00 00 00 80"), kv),
			[]string{`db0 "k" string/raw[1] expire=2147483647000: "v"`, `db0 "k" string/raw[1] expire=-2147483648000: "v"`}},
		{"254", "REDIS0001", cat(selectDB(1<<31-1), kv, selectDB(0), selectDB(16), kv),
			[]string{"selectdb [2147483647]", `db2147483647 "k" string/raw[1]: "v"`, "selectdb [0]", "selectdb [16]", `db16 "k" string/raw[1]: "v"`}},

		// What readers must put up with.
		{"attributes in any order", "REDIS0013", cat(0xF9, 3, hx("F3 00"), 0xF8, 9, 107, 1, expireMs(7), kv), []string{`db0 "k" string/raw[1] expire=7 idle=9 freq=3: "v"`}},
		{"the last of two expiries", "REDIS0009", cat(expireMs(7), hx("FD 01 00 00 00"), kv), []string{`db0 "k" string/raw[1] expire=1000: "v"`}},
		{"aux between attribute and key", "REDIS0009", cat(expireMs(7), aux("mvcc-tstamp", "1"), kv, kv),
			[]string{`aux "mvcc-tstamp" ="1"`, `db0 "k" string/raw[1] expire=7: "v"`, kvLine}},
		{"database between attribute and key", "REDIS0009", cat(expireMs(7), selectDB(2), kv), []string{"selectdb [2]", `db2 "k" string/raw[1] expire=7: "v"`}},
		{"attribute of no key", "REDIS0009", cat(kv, expireMs(7)), []string{kvLine}},
		{"lua at the end", "REDIS0009", cat(kv, aux("lua", "return 1"), aux("lua", "return 2")), []string{kvLine, `aux "lua" ="return 1"`, `aux "lua" ="return 2"`}},
		{"keydb", "REDIS0009", cat(aux("mvcc-tstamp", "170000"), kv, aux("keydb-subexpire-key", "m"), aux("keydb-subexpire-when", "5")),
			[]string{`aux "mvcc-tstamp" ="170000"`, kvLine, `aux "keydb-subexpire-key" ="m"`, `aux "keydb-subexpire-when" ="5"`}},
		{"keys of every form", "REDIS0009", cat(0, strInt8(-7), str("a"), 0, strLZF(strings.Repeat("q", 30)), str("b"), 0, str(""), str("c")),
			[]string{`db0 "-7" string/raw[1]: "a"`, `db0 "` + strings.Repeat("q", 30) + `" string/raw[1]: "b"`, `db0 "" string/raw[1]: "c"`}},
		{"type newer than the version", "REDIS0006", record(26, "k", fullStream().value(4)),
			[]string{`db0 "k" stream/stream: ` + fullEntries + `info(v4 ` + fullInfo2 + fullGroup + fullPEL + nobodys + fullActive + fullEmpty + fullIDMP}},
	}
}

func TestRecords(t *testing.T) {
	for _, c := range recordCases() {
		t.Run(c.name, func(t *testing.T) {
			b := c.file()
			got, err := entries(b, rdb.Options{Meta: true})
			if err != nil {
				t.Fatal(err)
			}
			header := "header " + map[bool]string{true: `"REDIS"`, false: `"VALKEY"`}[c.magic[0] == 'R']
			if len(got) == 0 || !strings.HasPrefix(got[0], header) {
				t.Fatalf("no %s first: %q", header, got)
			}
			if got = got[1:]; !slices.Equal(got, c.want) {
				t.Errorf("with meta\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
			keys := slices.DeleteFunc(slices.Clone(c.want), func(s string) bool { return !strings.HasPrefix(s, "db") })
			if got, err := entries(b, rdb.Options{}); err != nil || !slices.Equal(got, keys) {
				t.Errorf("keys alone\n got %s %v\nwant %s", strings.Join(got, "\n     "), err, strings.Join(keys, "\n     "))
			}
		})
	}
}

// TestFilesOfServers reads whole files as servers wrote them, with the
// checksums that these computed.
func TestFilesOfServers(t *testing.T) {
	for name, b := range map[string][]byte{
		"2.4": hx(`52 45 44 49 53 30 30 30 32 | FE 00 | 00 01 6B 01 76 | FE 03 | FD 00 B3 3F 71 00 02 65 78 C0 01 | FF`),
		"2.6": hx(`"REDIS0006" | FE 00 | 00 01 6B 01 76 | FE 03 | FC 7B 38 D3 60 BA 01 00 00 | 00 02 65 78 C0 01 | FF | 0B 44 8B 8C 39 92 4A BF`),
	} {
		got, err := entries(b, rdb.Options{})
		if err != nil || len(got) != 2 || got[0] != `db0 "k" string/raw[1]: "v"` || !strings.HasPrefix(got[1], `db3 "ex" string/int[1] expire=1900000000`) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}
