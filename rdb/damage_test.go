package rdb_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// maxDamagedMemory is what reading any damaged file may allocate in all.
const maxDamagedMemory = 64 << 20

// damagedFiles are small files to damage: of every type and opcode, and a
// replication stream. Of each type it takes the first case; for streams that is
// the fullest.
func damagedFiles() map[string][]byte {
	files := map[string][]byte{
		"replication stream": replicated(file("REDIS0012", record(0, "k", str("v")))),
		"several keys":       file("REDIS0009", aux("redis-ver", "6.2.16"), selectDB(0), record(0, "a", str("1")), selectDB(9), expireMs(5), record(0, "b", str("2"))),
		"lzf":                file("REDIS0009", record(0, "k", hx("C3 09 3C 01 61 61 E0 2F 00 01 61 61"))),
		"int":                file("REDIS0009", record(0, "k", strInt16(500))),
		"vector set":         file("REDIS0012", record(7, "k", vectorSetCases()[1].value)),
	}
	for _, c := range valueCases() {
		name := fmt.Sprintf("%s type %d", c.magic[:5], c.typ)
		if _, ok := files[name]; !ok {
			files[name] = c.file()
		}
	}
	for _, c := range recordCases() {
		if c.name[0] == '2' && c.name[1] != '.' {
			files["opcode "+c.name] = c.file()
		}
	}
	return files
}

// stride is the distance of the places to damage: all, but for a short test.
func stride() int {
	if testing.Short() {
		return 7
	}
	return 1
}

// readDamaged reads b and fails the test if that takes too much memory. It
// ends the test binary if it takes forever.
func readDamaged(t *testing.T, label func() string, m mode, b []byte, o rdb.Options) (out outcome) {
	t.Helper()
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	bounded(label, func() { out = m.read(bytes.NewReader(b), o, everything) })
	metrics.Read(sample)
	if used := sample[0].Value.Uint64() - before; used > maxDamagedMemory {
		t.Errorf("%s: %d bytes allocated", label(), used)
	}
	return out
}

// checkDamage fails the test if what came of a damaged file is neither an error
// about the file nor, where no checksum could tell, data.
func checkDamage(t *testing.T, label func() string, out outcome) {
	t.Helper()
	var corrupt *entry.CorruptError
	var unsupported *entry.UnsupportedError
	switch {
	case out.err == nil && out.trailer.Checked():
		t.Errorf("%s: read without an error, and the checksum holds", label())
	case out.err != nil && !errors.As(out.err, &corrupt) && !errors.As(out.err, &unsupported):
		t.Errorf("%s: %v", label(), out.err)
	}
}

// TestPrefixes cuts files at every length: what stands before the cut is read,
// then the end is reported.
func TestPrefixes(t *testing.T) {
	for name, b := range damagedFiles() {
		for _, o := range []rdb.Options{{Meta: true}, {Meta: true, Fragments: true, Size: int64(len(b))}} {
			good := read(b, o)
			if good.err != nil {
				t.Fatalf("%s: %v", name, good.err)
			}
			for n := 0; n < len(b); n += stride() {
				for _, m := range modes()[:4] {
					label := func() string { return fmt.Sprintf("%s, %s, first %d of %d bytes", name, m.name, n, len(b)) }
					out := readDamaged(t, label, m, b[:n], o)
					if !errors.Is(out.err, entry.ErrTruncated) && (n > 8 || errors.Is(out.err, entry.ErrUnsupported)) {
						t.Errorf("%s: %v", label(), out.err)
					}
					checkDamage(t, label, out)
					if n := len(out.lines); n > len(good.lines) || !slices.Equal(out.lines, good.lines[:n]) {
						t.Errorf("%s: %q", label(), out.lines)
					}
				}
			}
		}
	}
}

// TestFlippedBits: with a checksum in the file, no flipped bit goes unnoticed.
func TestFlippedBits(t *testing.T) {
	for name, good := range damagedFiles() {
		b := bytes.Clone(good)
		if out := read(b, rdb.Options{}); !out.trailer.Checked() {
			continue
		}
		for i := 0; i < len(b); i += stride() {
			for bit := range 8 {
				b[i] = good[i] ^ 1<<bit
				m := modes()[i%4]
				label := func() string { return fmt.Sprintf("%s, %s, bit %d of byte %d", name, m.name, bit, i) }
				out := readDamaged(t, label, m, b, rdb.Options{Meta: i%3 == 0})
				checkDamage(t, label, out)
				if out.err == nil && out.trailer.CheckRest("", out.rest) == nil {
					t.Errorf("%s: read to the last byte without an error", label())
				}
			}
			b[i] = good[i]
		}
	}
}

// TestDamagedWithoutChecksum puts other bytes and hostile lengths, or nothing,
// in place of each byte of files that no checksum protects.
func TestDamagedWithoutChecksum(t *testing.T) {
	splices := [][]byte{
		{}, {0x00}, {0xFF}, {0x80}, {0x3F}, hx("80 FF FF FF FF"), hx("80 00 20 00 01"), hx("81 FF*8"), hx("81 7F FF*7"), hx("81 00*4 FF*4"),
		hx("C3 81 FF*8 81 FF*8"), hx("C3 04 81 7F FF*7"), hx("C3 04 80 7F FF FF FF"), hx("C3 80 7F FF FF FF 80 7F FF FF FF"),
	}
	list := modes()
	for name, good := range damagedFiles() {
		if string(good[:5]) == "$EOF:" {
			continue
		}
		if magic := string(good[:9]); magic >= "REDIS0005" {
			good = unseal(good)
		}
		for at := 9; at < len(good); at += stride() {
			for k, s := range splices {
				b := cat(good[:at], s, good[at+1:])
				m := list[(at+k)%4]
				label := func() string { return fmt.Sprintf("%s, %s, % x at byte %d", name, m.name, s, at) }
				o := rdb.Options{Meta: true, Fragments: k%2 == 0}
				if at%2 == 0 {
					o.Size = int64(len(b))
				}
				checkDamage(t, label, readDamaged(t, label, m, b, o))
			}
		}
	}
}

// TestDamagedEnvelope: a flipped bit in a compressed stream is found, or was
// where it says nothing of the data.
func TestDamagedEnvelope(t *testing.T) {
	good := compressed(t, file("VALKEY081", record(0, "k", str("v")), record(0, "l", str(strings.Repeat("abc", 30)))))
	want := read(good, rdb.Options{})
	b := bytes.Clone(good)
	for i := range b {
		for bit := range 8 {
			b[i] = good[i] ^ 1<<bit
			label := func() string { return fmt.Sprintf("bit %d of byte %d", bit, i) }
			out := readDamaged(t, label, modes()[0], b, rdb.Options{})
			if out.err == nil && slices.Equal(out.lines, want.lines) {
				continue
			}
			checkDamage(t, label, out)
		}
		b[i] = good[i]
	}
	for n := range b {
		label := func() string { return fmt.Sprintf("first %d of %d bytes", n, len(b)) }
		out := readDamaged(t, label, modes()[0], b[:n], rdb.Options{})
		if out.err == nil && slices.Equal(out.lines, want.lines) {
			continue
		}
		checkDamage(t, label, out)
	}
}

// TestDamagedLarge cuts and damages large records, of which some elements have
// been given when the damage is met.
func TestDamagedLarge(t *testing.T) {
	for _, c := range largeCases() {
		value, _ := c.build()
		good := unseal(c.file(value))
		if c.magic < "REDIS0005" {
			good = c.file(value)
		}
		for i, at := range []int{60, len(good) / 3, len(good) - 100} {
			flipped := bytes.Clone(good)
			copy(flipped[at:], hx("81 FF*8 C3 FF*5"))
			for j, b := range [][]byte{good[:at], flipped} {
				m := modes()[i]
				label := func() string { return fmt.Sprintf("%s, %s, at byte %d (%d)", c.name, m.name, at, j) }
				var out outcome
				bounded(label, func() {
					out = m.read(bytes.NewReader(b), rdb.Options{Fragments: i%2 == 0}, func(e *entry.Entry) int { return 5 })
				})
				checkDamage(t, label, out)
				if j == 0 && !errors.Is(out.err, entry.ErrTruncated) {
					t.Errorf("%s: %v", label(), out.err)
				}
			}
		}
	}
}

// TestManyRecordsOfAKind: what a record costs does not grow with the records
// before it.
func TestManyRecordsOfAKind(t *testing.T) {
	for name, c := range map[string]struct {
		magic string
		rec   func(i int) []byte
	}{
		"templates":  {"REDIS0015", func(i int) []byte { return template(uint64(i), "f") }},
		"aux":        {"REDIS0009", func(int) []byte { return aux("n", "v") }},
		"databases":  {"REDIS0009", func(i int) []byte { return selectDB(uint64(i)) }},
		"keymeta":    {"REDIS0013", func(int) []byte { return cat(hx("F3 01 00*5"), record(0, "k", str("v"))) }},
		"functions":  {"REDIS0010", func(int) []byte { return cat(0xF5, str("x")) }},
		"moduleaux":  {"REDIS0010", func(int) []byte { return hx("F7 01 02 01 00") }},
		"attributes": {"REDIS0009", func(i int) []byte { return expireMs(int64(i)) }},
		"slots":      {"REDIS0012", func(int) []byte { return hx("F4 01 01 01") }},
	} {
		var body []byte
		for i := range 5000 {
			body = append(body, c.rec(i)...)
		}
		out := readDamaged(t, func() string { return name }, modes()[0], file(c.magic, body), rdb.Options{})
		if out.err != nil {
			t.Errorf("%s: %v", name, out.err)
		}
	}
}
