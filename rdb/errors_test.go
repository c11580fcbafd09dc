package rdb_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

func isTooLarge(err error) bool { return errors.Is(err, entry.ErrTooLarge) }

// errorCase is a file that cannot be read to its end, and what is said of it.
type errorCase struct {
	name string
	in   []byte
	want string
	is   error // what else the error must be
}

// value9 is a file whose only key has that type and value. The key stands at
// offset 9, its value at offset 12.
func value9(typ byte, value ...any) []byte {
	return unsealed("REDIS0012", record(typ, "k", cat(value...)))
}

func errorCases() []errorCase {
	good := file("REDIS0011", selectDB(3), record(0, "k", str("v")))
	longKey := strings.Repeat("long ", 20)
	return []errorCase{
		// The end of the file.
		{"cut in an opcode", good[:10], "offset 0xa: the file ends inside a record", entry.ErrTruncated},
		{"cut between records", good[:11], "offset 0xb: the file ends without an end mark", entry.ErrTruncated},
		{"cut in a value", good[:15], `offset 0xf: db 3 key "k": the file ends inside a record`, entry.ErrTruncated},
		{"cut in the footer", good[:len(good)-1], "offset 0x18: footer: the file ends inside a record", entry.ErrTruncated},
		{"cut in an aux field", cat("REDIS0011", 0xFA, str("name"))[:14], "offset 0xe: the file ends inside a record", entry.ErrTruncated},

		// Checksums.
		{"checksum", cat(good[:15], "w", good[16:]), "offset 0x11: footer: checksum mismatch: stored 761fe0d45c40100b, computed fff67f292ffdcf62", entry.ErrChecksum},

		// Opcodes.
		{"unknown opcode", unsealed("REDIS0009", hx("FE 00 C8 00")), "offset 0xb: byte 0xc8 (200) is no opcode or type of a REDIS0009 file: not supported", entry.ErrUnsupported},
		{"type 6", unsealed("REDIS0008", hx("06 01 6B")), "offset 0x9: module value of a Redis 4.0 release candidate (type 6): not supported", entry.ErrUnsupported},
		{"type of the other family", unsealed("VALKEY080", hx("18 01 6B")), "offset 0x9: byte 0x18 (24) is no opcode or type of a VALKEY080 file, it is one of REDIS files: not supported", entry.ErrUnsupported},
		{"database", unsealed("REDIS0009", selectDB(1<<31)), "offset 0x9: database number 2147483648", nil},
		{"length of no form", unsealed("REDIS0009", hx("FE 82")), "offset 0x9: byte 0x82 starts no length", nil},
		{"string instead of a length", unsealed("REDIS0009", hx("FE C0 01")), "offset 0x9: a length is due, byte 0xc0 starts a special string", nil},
		{"module aux", unsealed("REDIS0009", cat(0xF7, num(1), 3, 1, 0)), "offset 0x9: module aux begins with opcode 3, 2 is due", nil},
		{"classes of key metadata", unsealed("REDIS0013", hx("F3 08")), "offset 0x9: 8 classes of key metadata, 7 at most are possible", nil},

		// Strings.
		{"private compression", value9(0, hx("C4 00")), `offset 0xc: db 0 key "k": string compressed in the private form 0xc4 of Redis Enterprise: not supported`, entry.ErrUnsupported},
		{"string of no form", value9(0, hx("C5")), `offset 0xc: db 0 key "k": byte 0xc5 starts no string`, nil},
		{"long key", unsealed("REDIS0009", record(0, longKey, hx("C5"))), `offset 0x70: db 0 key "` + longKey[:64] + `"...: byte 0xc5 starts no string`, nil},
		{"binary key", unsealed("REDIS0009", record(0, "a\"\n\xff", hx("C5"))), `offset 0xf: db 0 key "a\"\n\xff": byte 0xc5 starts no string`, nil},
		{"lzf too short", value9(0, hx("C3 02 05 00 61")), `offset 0xc: db 0 key "k": string: lzf: output is shorter than declared: 1 of 5 bytes`, nil},
		{"lzf too long", value9(0, hx("C3 03 01 01 61 61")), `offset 0xc: db 0 key "k": string: lzf: token at packed byte 0: output is longer than declared`, nil},
		{"lzf before the beginning", value9(0, hx("C3 04 08 00 61 20 05 00")), `offset 0xc: db 0 key "k": string: lzf: token at packed byte 2: match starts before the output`, nil},

		// Collections, element by element.
		{"score", value9(3, 2, str("a"), textDouble("1"), str("b"), textDouble("1x")), `offset 0x11: db 0 key "k": zset element 1: score "1x": no number`, nil},
		{"lzf in a hash", value9(4, 2, str("f"), str("v"), str("g"), hx("C3 02 05 00 61")), `offset 0x11: db 0 key "k": hash element 1: lzf: output is shorter than declared: 1 of 5 bytes`, nil},

		// Blobs.
		{"listpack size", value9(16, blob(cat(listpack("f", "v"), "x"))), `offset 0xc: db 0 key "k": listpack: header says 13 bytes, blob has 14`, nil},
		{"listpack entry", value9(16, blob(hx("0D 00 00 00 02 00 81 66 02 93 76 02 FF"))), `listpack element 1: length 19 exceeds the 2 bytes left`, nil},
		{"odd listpack", value9(16, blob(listpack("f", "v", "g"))), `offset 0xc: db 0 key "k": listpack element 3: ends with a field that has no value`, nil},
		{"listpack without a score", value9(17, blob(listpack("a"))), `listpack element 1: ends with a member that has no score`, nil},
		{"listpack without an expiry", value9(23, blob(listpack("f", "v"))), `listpack element 2: ends with a field that has no expiry`, nil},
		{"listpack count", value9(20, blob(hx("0A 00 00 00 02 00 81 66 02 FF"))), `listpack element 1: header says 2 elements, list has 1`, nil},
		{"listpack score", value9(17, blob(listpack("a", "x"))), `listpack element 1: score "x": no number`, nil},
		{"listpack expiry", value9(25, ms8(0), blob(listpack("f", "v", "soon"))), `listpack element 2: expiry of the field is "soon"`, nil},
		{"negative listpack expiry", value9(25, ms8(0), blob(listpack("f", "v", -5))), `listpack element 2: expiry of the field is "-5"`, nil},
		{"ziplist tail", value9(10, blob(hx("0E 00 00 00 0B 00 00 00 01 00 00 01 61 FF"))), `ziplist element 1: tail offset 11 is not the offset 10 of the last element`, nil},
		{"zipmap", value9(9, blob(hx("01 09 61 FF"))), `zipmap element 0: field length 9 exceeds the 1 bytes left`, nil},
		{"intset width", value9(11, blob(hx("03 00 00 00 01 00 00 00 01 02 03"))), `intset: width 3 is not 2, 4 or 8`, nil},
		{"quicklist node", value9(18, 2, 1, str("a"), 3, str("b")), `db 0 key "k": quicklist: node 1 is of the unknown kind 3`, nil},
		{"quicklist listpack", value9(18, 2, 1, str("a"), 2, str("b")), `db 0 key "k": quicklist node 1 listpack: size 1 is below the 7 bytes of an empty listpack`, nil},
		{"quicklist listpack entry", value9(18, 1, 2, blob(hx("0D 00 00 00 02 00 81 66 02 93 76 02 FF"))), `db 0 key "k": quicklist node 0 listpack element 1: length 19 exceeds the 2 bytes left`, nil},
		{"empty node", value9(14, 1, str("")), `db 0 key "k": quicklist node 0 ziplist: size 0 is below the 11 bytes of an empty ziplist`, nil},

		// Streams.
		{"key of a stream node", value9(21, 1, str("short"), blob(listpack()), repeat(9, []byte{0})), `db 0 key "k": key of a stream node has 5 bytes, not 16`, nil},
		{"flags of a stream entry", value9(15, 1, node(1, 1, 1, 0, 0, 0, 4, 0, 0, 0, 4), 1, 1, 1, 0), `db 0 key "k": stream listpack element 0: stream entry with unknown flags 0x4`, nil},
		{"parts of a stream entry", value9(15, 1, node(1, 1, 2, 0, 1, "a", 0, 2, 0, 0, "v", 4, 2, 0, 1, "v", 5), 1, 1, 1, 0), `stream listpack element 1: stream entry 1-2 says it has 5 parts, it has 4`, nil},
		{"stream node that goes on", value9(15, 1, node(1, 1, 0, 0, 0, 0, 7), 1, 1, 1, 0), `stream listpack element 0: the listpack goes on after the entries that the node declares`, nil},
		{"stream node that ends", value9(15, 1, node(1, 1, 2, 0, 0, 0), 1, 1, 1, 0), `stream listpack element 0: the listpack ends inside a stream entry`, nil},
		{"text where a number is due", value9(15, 1, node(1, 1, "x"), 1, 1, 1, 0), `stream listpack element 0: an integer is due, found the string "x"`, nil},
		{"PEL of a consumer", value9(15, stream{groups: []group{{name: "g", consumers: []consumer{{"c", 1, 1, []entry.StreamID{{Ms: 5, Seq: 6}}}}}}}.value(1)),
			`consumer group: consumer "c" claims entry 5-6, which is not pending in the group`, nil},
		{"two owners", value9(15, stream{groups: []group{{name: "g", pending: [][]byte{pending(5, 6, 1, 1)}, consumers: []consumer{{"c", 1, 1, []entry.StreamID{{Ms: 5, Seq: 6}}}, {"d", 1, 1, []entry.StreamID{{Ms: 5, Seq: 6}}}}}}}.value(1)),
			`consumer group: entry 5-6 has two owners, the second is consumer "d"`, nil},

		// Modules.
		{"module opcode", value9(7, num(1), 6), `db 0 key "k": module opcode 6 is unknown`, nil},
		{"vector of another length", value9(7, vectorSet, itemUint(3), itemUint(1), itemUint(16<<8), itemUint(0), itemStr("e"), itemStr("abc"), graphNode("00"), 0),
			`db 0 key "k": vector of 3 components has 3 bytes, not 12`, nil},
		{"vector set that goes on", value9(7, vectorSet, itemUint(3), itemUint(0), itemUint(16<<8), itemUint(0), itemUint(1), 0), `db 0 key "k": unsigned integer where end is due`, nil},
		{"vector set that ends", value9(7, vectorSet, itemUint(3), itemUint(1), itemUint(16<<8), itemUint(0), 0), `db 0 key "k": end where a string is due`, nil},
		{"projection", value9(7, vectorSet, itemUint(3), itemUint(0), itemUint(16<<8), itemUint(1), itemUint(2), itemStr("abc"), 0), `db 0 key "k": projection of 2 x 3 has 3 bytes`, nil},
	}
}

// TestErrors compares error texts: with want as a whole if it begins with the
// offset, else from the place on that it names.
func TestErrors(t *testing.T) {
	for _, c := range errorCases() {
		t.Run(c.name, func(t *testing.T) {
			var first string
			for _, m := range modes() {
				out := m.read(bytes.NewReader(c.in), rdb.Options{Name: "dump.rdb"}, everything)
				if out.err == nil {
					t.Fatalf("%s: no error", m.name)
				}
				text, ok := strings.CutPrefix(out.err.Error(), "dump.rdb: ")
				if first == "" {
					if first = text; !ok || !strings.Contains(text, c.want) || strings.HasPrefix(c.want, "offset") && !strings.HasPrefix(text, c.want) {
						t.Errorf("%s:\n got %s\nwant %s", m.name, out.err, c.want)
					}
				}
				if text != first {
					t.Errorf("%s: another text than the reader: %s", m.name, text)
				}
				var corrupt *entry.CorruptError
				unsupported := errors.Is(out.err, entry.ErrUnsupported)
				if errors.As(out.err, &corrupt) == unsupported || unsupported != (c.is == entry.ErrUnsupported) {
					t.Errorf("%s: neither damage nor unsupported, or the wrong of the two: %#v", m.name, out.err)
				}
				if c.is != nil && !errors.Is(out.err, c.is) {
					t.Errorf("%s: %v is not %v", m.name, out.err, c.is)
				}
			}
		})
	}
}

// TestUnknownBytes: whatever stands where an opcode or a type is due is known
// or stops the reader with its offset.
func TestUnknownBytes(t *testing.T) {
	known := map[string]string{ // beside the types below and the opcodes from 244
		"REDIS0015": "\x00\x01\x02\x03\x04\x05\x07\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20\x40\x6b\x79\xf2\xf3",
		"VALKEY081": "\x00\x01\x02\x03\x04\x05\x07\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\xf2\xf3",
	}
	for magic, known := range known {
		for b := range 256 {
			in := unsealed(magic, aux("a", "b"), []byte{byte(b)})
			_, err := entries(in, rdb.Options{})
			unknown := b < 244 && strings.IndexByte(known, byte(b)) < 0
			if err == nil {
				if unknown {
					t.Errorf("%s: byte 0x%02x is taken", magic, b)
				}
				continue
			}
			text := err.Error()
			said := strings.Contains(text, "is no opcode or type") || strings.Contains(text, "(type 6)")
			if said != unknown || unknown && (!errors.Is(err, entry.ErrUnsupported) || !strings.HasPrefix(text, "offset 0xe: ")) {
				t.Errorf("%s: byte 0x%02x: %v", magic, b, err)
			}
		}
	}
}

// TestDragonfly: the writer gives the types from 30 on other meanings, and says
// who it is before.
func TestDragonfly(t *testing.T) {
	for typ := byte(30); typ <= 64; typ++ {
		if typ > 37 && typ != 64 {
			continue
		}
		in := unsealed("REDIS0009", aux("df-ver", "v1.20"), record(0, "k", str("v")), record(typ, "k", str("{}")))
		lines, err := entries(in, rdb.Options{})
		if len(lines) != 1 || !errors.Is(err, entry.ErrUnsupported) {
			t.Errorf("type %d: %q, %v", typ, lines, err)
		}
	}
}

// TestSurprises: what layouts known from development sources do not expect is
// unsupported, not damaged, unless the file just ends.
func TestSurprises(t *testing.T) {
	packed := blob(listpack(7, 1))
	for name, c := range map[string]struct {
		magic string
		body  []byte
	}{
		"array, flag":                 {"REDIS0014", record(28, "k", hx("01 02 00 00 00"))},
		"array, tag":                  {"REDIS0014", record(28, "k", hx("01 00 00 04 00"))},
		"array, empty":                {"REDIS0014", record(28, "k", hx("00 00"))},
		"array, index":                {"REDIS0014", record(28, "k", hx("01 00 81 FF*8 00 00"))},
		"array, special index":        {"REDIS0014", record(28, "k", hx("01 00 C0 00 00"))},
		"array, long short string":    {"REDIS0014", record(28, "k", cat(1, 0, 0, 3, str("12345678")))},
		"template, form":              {"REDIS0015", record(31, "k", hx("02 01 01 61 01 62"))},
		"template, no listpack":       {"REDIS0015", record(29, "k", cat(0, str("x"), packed))},
		"template, few values":        {"REDIS0015", record(29, "k", cat(1, 2, strs("a", "b"), packed))},
		"template, many values":       {"REDIS0015", record(29, "k", cat(1, 1, strs("a"), blob(listpack(7, 1, 2))))},
		"template, no number":         {"REDIS0015", record(29, "k", cat(1, 1, strs("a"), blob(listpack("x", 1))))},
		"template, no values":         {"REDIS0015", record(29, "k", cat(1, 1, strs("a"), blob(listpack())))},
		"template, unknown, packed":   {"REDIS0015", record(30, "k", packed)},
		"template, unknown, plain":    {"REDIS0015", record(32, "k", cat(7, str("v")))},
		"template record, no fields":  {"REDIS0015", hx("F2 01 00")},
		"template record, twice":      {"REDIS0015", cat(template(1, "a"), template(1, "b"))},
		"template record, no length":  {"REDIS0015", hx("F2 82 01 01 61")},
		"template record, no string":  {"REDIS0015", hx("F2 01 01 C5")},
		"path hash, no fields":        {"VALKEY081", record(23, "k", cat(1, str("p"), 0))},
		"path hash, no length":        {"VALKEY081", record(23, "k", cat(1, str("p"), hx("C0 01")))},
		"path hash, no string":        {"VALKEY081", record(23, "k", cat(1, hx("C9"), 1))},
		"cron, no string":             {"REDIS0009", record(64, "k", hx("C9"))},
		"cron, no length":             {"REDIS0009", record(64, "k", cat(str(""), ms8(0), ms8(0), 0xBF))},
		"stream 5, NACK of no entry":  {"REDIS0014", record(27, "k", stream{groups: []group{{nacked: []entry.StreamID{{Ms: 1}}}}}.value(5))},
		"stream 5, listpack":          {"REDIS0014", record(27, "k", cat(1, str(string(sid(1, 1))), str("x"), repeat(14, []byte{0})))},
		"update, no array":            {"VALKEY081", cat(0xF2, "PING\r\n")},
		"update, no bulk string":      {"VALKEY081", cat(0xF2, "*1\r\n:1\r\n")},
		"update, length":              {"VALKEY081", cat(0xF2, "*1\r\n$x\r\n")},
		"update, no line feed":        {"VALKEY081", cat(0xF2, "*1\r\r$1\r\na\r\n")},
		"update, argument's line end": {"VALKEY081", cat(0xF2, "*1\r\n$1\r\nabc")},
	} {
		before := record(0, "first", str("v"))
		for _, m := range modes() {
			out := m.read(bytes.NewReader(file(c.magic, before, c.body)), rdb.Options{}, everything)
			if len(out.lines) == 0 || !strings.Contains(out.lines[0], `"first"`) {
				t.Errorf("%s, %s: the entry before is lost: %q", name, m.name, out.lines)
			}
			if !errors.Is(out.err, entry.ErrUnsupported) {
				t.Errorf("%s, %s: not unsupported: %v", name, m.name, out.err)
			}
		}
	}
	for _, c := range valueCases() {
		if c.typ < 27 && !(c.magic[0] == 'V' && c.typ == 23) {
			continue
		}
		b := file(c.magic, c.before, record(c.typ, "k", c.value))
		b = b[:len(b)-8-2] // no footer, no EOF, no last byte
		if out := read(b, rdb.Options{}); !errors.Is(out.err, entry.ErrTruncated) || errors.Is(out.err, entry.ErrUnsupported) {
			t.Errorf("%s, cut: %v", c.name, out.err)
		}
	}
}

// TestSourceErrors: a source that fails is not a damaged file. Its error comes
// as it is, behind all records that were read before it.
func TestSourceErrors(t *testing.T) {
	broken := errors.New("the disk is broken")
	records := [][]byte{record(0, "k", str("v")), record(0, "k", str("w")), record(4, "h", cat(2, strs("f", "v", "g", "w")))}
	b := file("REDIS0009", records...)
	whole := func(at int) (n int) { // records in the first bytes of b
		for at -= 9; n < len(records) && at >= len(records[n]); n++ {
			at -= len(records[n])
		}
		return n
	}
	for at := 0; at < len(b); at++ {
		for name, src := range map[string]func() io.Reader{
			"error": func() io.Reader { return io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(broken)) },
			"with data": func() io.Reader {
				return iotest.DataErrReader(io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(broken)))
			},
			"cut": func() io.Reader {
				return io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(io.ErrUnexpectedEOF))
			},
		} {
			want := broken
			if name == "cut" {
				want = io.ErrUnexpectedEOF
			}
			for _, m := range modes() {
				out := m.read(src(), rdb.Options{}, everything)
				var corrupt *entry.CorruptError
				if !errors.Is(out.err, want) || errors.As(out.err, &corrupt) || errors.Is(out.err, entry.ErrTruncated) || errors.Is(out.err, entry.ErrUnsupported) {
					t.Errorf("%s, %s, at %d: %v", m.name, name, at, out.err)
				}
				if len(out.lines) != whole(at) {
					t.Errorf("%s, %s, at %d: %d records before the error, not %d", m.name, name, at, len(out.lines), whole(at))
				}
			}
		}
	}
	for _, m := range modes() {
		out := m.read(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(b))), rdb.Options{}, everything)
		if !errors.Is(out.err, iotest.ErrTimeout) {
			t.Errorf("%s: timeout: %v", m.name, out.err)
		}
		out = m.read(nothing{}, rdb.Options{}, everything)
		if !errors.Is(out.err, io.ErrNoProgress) {
			t.Errorf("%s: a source that gives nothing: %v", m.name, out.err)
		}
	}
}

// nothing is a source that never gives anything.
type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

// TestSourceErrorsInLargeRecords: the same while a large value is consumed, and
// inside a compressed stream.
func TestSourceErrorsInLargeRecords(t *testing.T) {
	broken := errors.New("the disk is broken")
	files := map[string][]byte{
		"compressed": compressed(t, file("VALKEY081", record(0, "k", str(words(1, huge))))),
	}
	for _, c := range largeCases() {
		value, _ := c.build()
		files[c.name] = c.file(value)
	}
	for name, b := range files {
		for _, at := range []int{len(b) / 2, len(b) - 30} {
			for _, fragments := range []bool{false, true} {
				for _, m := range modes() {
					if m.name != "reader" && m.name != "process-2" {
						continue
					}
					src := io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(broken))
					out := m.read(src, rdb.Options{Fragments: fragments}, func(*entry.Entry) int { return 2 })
					var corrupt *entry.CorruptError
					if !errors.Is(out.err, broken) || errors.As(out.err, &corrupt) {
						t.Errorf("%s, %s, at %d of %d: %v", m.name, name, at, len(b), out.err)
					}
				}
			}
		}
	}
}

// TestErrorsStay: after an error, always the same error.
func TestErrorsStay(t *testing.T) {
	for _, c := range errorCases() {
		r := rdb.NewReader(bytes.NewReader(c.in), nil)
		var first error
		for first == nil {
			e, err := r.Next()
			if err != nil {
				first = err
				break
			}
			for e.Value.Next() {
			}
			if err := e.Value.Err(); err != nil && (e.Value.Next() || e.Value.Err() != err) {
				t.Errorf("%s: the value goes on after %v: %v", c.name, err, e.Value.Err())
			}
		}
		for range 3 {
			if e, err := r.Next(); e != nil || err != first {
				t.Errorf("%s: after %v: %v, %v", c.name, first, e, err)
			}
		}
		for e, err := range r.Entries() {
			if e != nil || err != first {
				t.Errorf("%s: in a loop after %v: %v, %v", c.name, first, e, err)
			}
		}
	}
}

// TestKeyMetaTwice: servers refuse a second block of metadata before a key. To
// drop one of the two without a word would lose data.
func TestKeyMetaTwice(t *testing.T) {
	first, second := hx("F3 01 19 F5 C4 28 02 01 00"), hx("F3 01 08 1D B7 69 02 02 00")
	lines, err := entries(file("REDIS0013", first, second, record(0, "k", str("v"))), rdb.Options{})
	if err == nil && (!strings.Contains(lines[0], "KMT1") || !strings.Contains(lines[0], "abcd")) {
		t.Errorf("metadata is lost without an error: %q", lines)
	}
}
