package ziplist

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fromHex decodes hex text in which spaces and | only help the eye.
func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "|", "", "\n", "", "\t", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// readAll walks b to the end, once as Next does and once without its fast
// paths, which must not make a difference.
func readAll(t testing.TB, b []byte) ([]element, Reader, error) {
	t.Helper()
	es, r, err := walk(t, b, (*Reader).Next)
	slowEs, slowR, slowErr := walk(t, b, (*Reader).slow)
	if !slices.Equal(es, slowEs) || r.Pos() != slowR.Pos() || fmt.Sprint(err) != fmt.Sprint(slowErr) {
		t.Fatalf("%x: Next: %v, %v; slow: %v, %v", b, es, err, slowEs, slowErr)
	}
	return es, r, err
}

// walk calls next on b to the end and checks what holds for every walk.
func walk(t testing.TB, b []byte, next func(r *Reader) (str []byte, num int64, ok bool)) ([]element, Reader, error) {
	t.Helper()
	r, err := Open(b)
	if err != nil {
		return nil, r, err
	}
	var es []element
	pos := r.Pos()
	for {
		s, v, ok := next(&r)
		if !ok {
			if s != nil || v != 0 {
				t.Fatalf("failed Next returned %q, %d", s, v)
			}
			break
		}
		if r.Err() != nil {
			t.Fatalf("Err before the end: %v", r.Err())
		}
		if r.Pos() < pos+2 || r.Pos() > len(b)-1 {
			t.Fatalf("element %d: position went from %d to %d in a blob of %d", r.Index()-1, pos, r.Pos(), len(b))
		}
		if s == nil {
			es = append(es, num(v))
		} else {
			if v != 0 {
				t.Fatalf("string %q came with number %d", s, v)
			}
			if cap(s) != len(s) {
				t.Fatalf("string of %d bytes has capacity %d", len(s), cap(s))
			}
			checkBorrowed(t, b[pos:r.Pos()], s)
			es = append(es, str(string(s)))
		}
		pos = r.Pos()
		if r.Index() != len(es) {
			t.Fatalf("Index is %d after %d elements", r.Index(), len(es))
		}
	}
	err = r.Err()
	if err == nil && r.Pos() != len(b)-1 {
		t.Fatalf("clean end at offset %d of %d", r.Pos(), len(b))
	}
	for range 2 {
		if s, v, ok := next(&r); ok || s != nil || v != 0 || r.Err() != err || r.Index() != len(es) {
			t.Fatalf("after the end: %v, %v, index %d", ok, r.Err(), r.Index())
		}
	}
	return es, r, err
}

// checkBorrowed fails unless s lies in within; an empty s is always good.
func checkBorrowed(t testing.TB, within, s []byte) {
	t.Helper()
	if len(s) == 0 {
		return
	}
	for i := range within {
		if &within[i] == &s[0] {
			if i+len(s) > len(within) {
				t.Fatalf("string of %d bytes reaches beyond its element", len(s))
			}
			return
		}
	}
	t.Fatal("string is not part of its element")
}

func TestServerBytes(t *testing.T) {
	// Blobs that servers wrote, and whether a Writer needs fewer bytes.
	tests := []struct {
		name, blob string
		want       []element
		longer     bool
	}{
		{"list", "17 00 00 00 0F 00 00 00 03 00 | 00 01 61 | 03 F2 | 02 05 68 65 6C 6C 6F | FF",
			[]element{str("a"), num(1), str("hello")}, false},
		{"sorted set", "18 00 00 00 12 00 00 00 04 00 | 00 01 61 | 03 F2 | 02 01 62 | 03 03 32 2E 35 | FF",
			[]element{str("a"), num(1), str("b"), str("2.5")}, false},
		{"hash", "16 00 00 00 13 00 00 00 04 00 | 00 01 66 | 03 01 76 | 03 01 6E | 03 F2 | FF",
			[]element{str("f"), str("v"), str("n"), num(1)}, false},
		{"integer 1 of Redis 2.4", "0F 00 00 00 0A 00 00 00 01 00 | 00 C0 01 00 | FF", []element{num(1)}, true},
		{"empty", "0B 00 00 00 0A 00 00 00 00 00 | FF", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, r, err := readAll(t, fromHex(t, tt.blob))
			if err != nil || !slices.Equal(got, tt.want) {
				t.Fatalf("got %v, %v; want %v", got, err, tt.want)
			}
			if r.Len() != len(tt.want) {
				t.Errorf("Len is %d, want %d", r.Len(), len(tt.want))
			}
			again := write(t, nil, tt.want...)
			if same := bytes.Equal(again, fromHex(t, tt.blob)); same == tt.longer {
				t.Errorf("Writer makes %x of it", again)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	text := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct {
		name, head string // hex from the encoding byte up to the content of a string
		want       element
	}{
		{"immediate, smallest", "F1", num(0)},
		{"immediate, largest", "FD", num(12)},
		{"8-bit, smallest", "FE 80", num(-128)},
		{"8-bit, largest", "FE 7F", num(127)},
		{"8-bit, minus one", "FE FF", num(-1)},
		{"8-bit, longer than needed", "FE 05", num(5)},
		{"16-bit, smallest", "C0 00 80", num(-32768)},
		{"16-bit, largest", "C0 FF 7F", num(32767)},
		{"24-bit, smallest", "F0 00 00 80", num(-8388608)},
		{"24-bit, largest", "F0 FF FF 7F", num(8388607)},
		{"24-bit, minus one", "F0 FF FF FF", num(-1)},
		{"32-bit, smallest", "D0 00 00 00 80", num(-2147483648)},
		{"32-bit, largest", "D0 FF FF FF 7F", num(2147483647)},
		{"64-bit, smallest", "E0 00 00 00 00 00 00 00 80", num(-9223372036854775808)},
		{"64-bit, largest", "E0 FF FF FF FF FF FF FF 7F", num(9223372036854775807)},
		{"6-bit length, empty", "00", str("")},
		{"6-bit length, largest", "3F", str(text(63))},
		{"14-bit length, empty", "40 00", str("")},
		{"14-bit length, low byte 00", "41 00", str(text(256))},
		{"14-bit length, last before a long prevlen", "40 FA", str(text(250))},
		{"14-bit length, first before a long prevlen", "40 FB", str(text(251))},
		{"14-bit length, largest", "7F FF", str(text(16383))},
		{"32-bit length, empty", "80 00 00 00 00", str("")},
		{"32-bit length, big endian", "80 00 00 40 00", str(text(16384))},
		{"32-bit length, low bits of the encoding byte set", "BF 00 00 00 03", str(text(3))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := append(fromHex(t, tt.head), tt.want.str...)
			for _, long := range []bool{false, true} {
				// Alone, and between neighbours.
				var alone, among builder
				alone.addData(data, long)
				if got, _, err := readAll(t, alone.blob()); err != nil || !slices.Equal(got, []element{tt.want}) {
					t.Fatalf("long prevlen %v: got %.60v, %v", long, got, err)
				}
				among.add(num(1), formImmediate, long)
				among.addData(data, long)
				among.add(num(2), formImmediate, long)
				want := []element{num(1), tt.want, num(2)}
				if got, _, err := readAll(t, among.blob()); err != nil || !slices.Equal(got, want) {
					t.Fatalf("long prevlen %v: between neighbours: got %.60v, %v", long, got, err)
				}
			}
		})
	}
}

func TestDamage(t *testing.T) {
	x250 := strings.Repeat("78", 250)
	x251 := strings.Repeat("78", 251)
	x252 := strings.Repeat("78", 252)
	tests := []struct {
		name, blob string
		elements   int // read before the damage; -1: Open refuses
		want       string
	}{
		{"empty blob", "", -1, "size 0 is below the 11 bytes of an empty ziplist"},
		{"no room for the end mark", "0A 00 00 00 0A 00 00 00 00 00", -1, "size 10 is below the 11 bytes of an empty ziplist"},
		{"header says less", "0C 00 00 00 0A 00 00 00 01 00 | 00 F2 | FF", -1, "header says 12 bytes, blob has 13"},
		{"header says more", "0E 00 00 00 0A 00 00 00 01 00 | 00 F2 | FF", -1, "header says 14 bytes, blob has 13"},
		{"header says 4 GiB", "FF FF FF FF 0A 00 00 00 01 00 | 00 F2 | FF", -1, "header says 4294967295 bytes, blob has 13"},
		{"no end mark", "0D 00 00 00 0A 00 00 00 01 00 | 00 F2 | 00", -1, "last byte 0x00 is not the end mark 0xff"},
		{"tail in the header", "0D 00 00 00 09 00 00 00 01 00 | 00 F2 | FF", -1, "tail offset 9 is not between 10 and 12"},
		{"tail outside", "0D 00 00 00 0D 00 00 00 01 00 | 00 F2 | FF", -1, "tail offset 13 is not between 10 and 12"},
		{"tail far outside", "0D 00 00 00 FF FF FF FF 01 00 | 00 F2 | FF", -1, "tail offset 4294967295 is not between 10 and 12"},

		{"encoding C1", "0F 00 00 00 0C 00 00 00 02 00 | 00 F2 | 02 C1 | FF", 1, "unknown encoding byte 0xc1"},
		{"encoding EF", "0D 00 00 00 0A 00 00 00 01 00 | 00 EF | FF", 0, "unknown encoding byte 0xef"},
		{"encoding FF", "0D 00 00 00 0A 00 00 00 01 00 | 00 FF | FF", 0, "unknown encoding byte 0xff"},
		{"end mark too early", "0F 00 00 00 0C 00 00 00 02 00 | 00 F2 | FF F2 | FF", 1, "end mark 0xff before the end of the blob"},
		{"two end marks", "0E 00 00 00 0A 00 00 00 01 00 | 00 F2 | FF | FF", 1, "end mark 0xff before the end of the blob"},

		{"prevlen of the first element not zero", "0D 00 00 00 0A 00 00 00 01 00 | 01 F2 | FF", 0, "prevlen 1 is not the size 0 of the element before"},
		{"prevlen too small", "0F 00 00 00 0C 00 00 00 02 00 | 00 F2 | 01 F3 | FF", 1, "prevlen 1 is not the size 2 of the element before"},
		{"prevlen too large", "0F 00 00 00 0C 00 00 00 02 00 | 00 F2 | 03 F3 | FF", 1, "prevlen 3 is not the size 2 of the element before"},
		{"long prevlen wrong", "13 00 00 00 0C 00 00 00 02 00 | 00 F2 | FE 03 00 00 00 F3 | FF", 1, "prevlen 3 is not the size 2 of the element before"},
		{"long prevlen wrong in its high bytes", "13 00 00 00 0C 00 00 00 02 00 | 00 F2 | FE 02 00 00 01 F3 | FF", 1, "prevlen 16777218 is not the size 2 of the element before"},
		{"long prevlen cut", "10 00 00 00 0C 00 00 00 02 00 | 00 F2 | FE 02 00 | FF", 1, "prevlen of 5 bytes exceeds the 3 bytes left"},
		{"short prevlen where the long form is needed", "0B 01 00 00 08 01 00 00 02 00 | 00 40 FB " + x251 + " | FE F2 | FF", 1, "prevlen of 5 bytes exceeds the 2 bytes left"},
		{"FF as prevlen 255", "0C 01 00 00 09 01 00 00 02 00 | 00 40 FC " + x252 + " | FF F2 | FF", 1, "end mark 0xff before the end of the blob"},
		{"prevlen off by one before the long form", "0A 01 00 00 07 01 00 00 02 00 | 00 40 FA " + x250 + " | FC F2 | FF", 1, "prevlen 252 is not the size 253 of the element before"},

		{"encoding byte missing", "0C 00 00 00 0A 00 00 00 01 00 | 00 | FF", 0, "encoding byte is missing"},
		{"encoding byte missing after a long prevlen", "12 00 00 00 0C 00 00 00 02 00 | 00 F2 | FE 02 00 00 00 | FF", 1, "encoding byte is missing"},
		{"8-bit integer cut", "0D 00 00 00 0A 00 00 00 01 00 | 00 FE | FF", 0, "encoding 0xfe of 2 bytes exceeds the 1 bytes left"},
		{"16-bit integer cut", "0E 00 00 00 0A 00 00 00 01 00 | 00 C0 01 | FF", 0, "encoding 0xc0 of 3 bytes exceeds the 2 bytes left"},
		{"24-bit integer cut", "0F 00 00 00 0A 00 00 00 01 00 | 00 F0 01 02 | FF", 0, "encoding 0xf0 of 4 bytes exceeds the 3 bytes left"},
		{"32-bit integer cut", "10 00 00 00 0A 00 00 00 01 00 | 00 D0 01 02 03 | FF", 0, "encoding 0xd0 of 5 bytes exceeds the 4 bytes left"},
		{"64-bit integer cut", "14 00 00 00 0A 00 00 00 01 00 | 00 E0 01 02 03 04 05 06 07 | FF", 0, "encoding 0xe0 of 9 bytes exceeds the 8 bytes left"},
		{"14-bit length cut", "0D 00 00 00 0A 00 00 00 01 00 | 00 40 | FF", 0, "encoding 0x40 of 2 bytes exceeds the 1 bytes left"},
		{"32-bit length cut", "10 00 00 00 0A 00 00 00 01 00 | 00 80 00 00 00 | FF", 0, "encoding 0x80 of 5 bytes exceeds the 4 bytes left"},

		{"6-bit length too long", "0E 00 00 00 0A 00 00 00 01 00 | 00 02 61 | FF", 0, "length 2 exceeds the 1 bytes left"},
		{"14-bit length too long", "0F 00 00 00 0A 00 00 00 01 00 | 00 41 00 61 | FF", 0, "length 256 exceeds the 1 bytes left"},
		{"32-bit length too long", "12 00 00 00 0A 00 00 00 01 00 | 00 80 FF FF FF FF 61 | FF", 0, "length 4294967295 exceeds the 1 bytes left"},

		{"header counts one less", "0F 00 00 00 0C 00 00 00 01 00 | 00 F2 | 02 F3 | FF", 2, "header says 1 elements, list has 2"},
		{"header counts one more", "0F 00 00 00 0C 00 00 00 03 00 | 00 F2 | 02 F3 | FF", 2, "header says 3 elements, list has 2"},
		{"header counts 65534", "0D 00 00 00 0A 00 00 00 FE FF | 00 F2 | FF", 1, "header says 65534 elements, list has 1"},
		{"tail at the first of two", "0F 00 00 00 0A 00 00 00 02 00 | 00 F2 | 02 F3 | FF", 2, "tail offset 10 is not the offset 12 of the last element"},
		{"tail at the end mark", "0F 00 00 00 0E 00 00 00 02 00 | 00 F2 | 02 F3 | FF", 2, "tail offset 14 is not the offset 12 of the last element"},
		{"tail wrong, count unknown", "0F 00 00 00 0B 00 00 00 FF FF | 00 F2 | 02 F3 | FF", 2, "tail offset 11 is not the offset 12 of the last element"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := fromHex(t, tt.blob)
			if tt.elements < 0 {
				if _, err := Open(b); err == nil || err.Error() != tt.want {
					t.Fatalf("Open: %v, want %s", err, tt.want)
				}
				return
			}
			got, r, err := readAll(t, b)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Err: %v, want %s", err, tt.want)
			}
			if len(got) != tt.elements || r.Index() != tt.elements {
				t.Errorf("%d elements before the damage, want %d", len(got), tt.elements)
			}
		})
	}
}

func TestCount(t *testing.T) {
	var big builder
	for i := range 70000 {
		big.add(num(int64(i)), formI32, false)
	}
	tests := []struct {
		name  string
		blob  []byte
		len   int
		found int
	}{
		{"empty", build(), 0, 0},
		{"unknown, few elements", frame([]byte{0, 0xF2, 2, 0xF3}, 2, 65535), -1, 2},
		{"unknown, no elements", frame(nil, 0, 65535), -1, 0},
		{"unknown, more than the field holds", big.blob(), -1, 70000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, r, err := readAll(t, tt.blob)
			if err != nil || len(got) != tt.found || r.Len() != tt.len {
				t.Errorf("%d elements, Len %d, %v", len(got), r.Len(), err)
			}
		})
	}
}

func TestEmptyStringIsNotNil(t *testing.T) {
	for _, f := range []form{form6, form14, form32} {
		var bl builder
		bl.add(str(""), f, false)
		r, err := Open(bl.blob())
		if err != nil {
			t.Fatal(err)
		}
		if s, _, ok := r.Next(); !ok || s == nil || len(s) != 0 {
			t.Errorf("form %d: got %v, %v", f, s, ok)
		}
	}
}

func TestZeroReader(t *testing.T) {
	var r Reader
	if _, _, ok := r.Next(); ok || r.Err() != nil || r.Len() != 0 || r.Index() != 0 {
		t.Errorf("zero Reader: %v, %v", ok, r.Err())
	}
}

// A copy walks on its own, and walking changes no byte.
func TestCopyAndBlobUnchanged(t *testing.T) {
	b := build(num(1), str("two"), num(-3))
	before := bytes.Clone(b)
	r, err := Open(b)
	if err != nil {
		t.Fatal(err)
	}
	r.Next()
	c := r
	r.Next()
	if s, _, ok := c.Next(); !ok || string(s) != "two" {
		t.Errorf("copy returned %q, %v", s, ok)
	}
	if _, v, ok := r.Next(); !ok || v != -3 {
		t.Errorf("original returned %d, %v", v, ok)
	}
	if !bytes.Equal(b, before) {
		t.Error("the blob was written to")
	}
}

func TestNoAllocation(t *testing.T) {
	b := build(num(1), num(-1), num(1<<40), str("x"), str(strings.Repeat("y", 300)), str(strings.Repeat("z", 20000)))
	n := testing.AllocsPerRun(100, func() {
		r, _ := Open(b)
		for _, _, ok := r.Next(); ok; _, _, ok = r.Next() {
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a walk", n)
	}
}
