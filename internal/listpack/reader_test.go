package listpack

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
	// Blobs that servers wrote.
	tests := []struct {
		name, blob string
		want       []element
	}{
		{"list of integers at the limits", "1B 00 00 00 07 00 | 00 01 | 7F 01 | C0 80 02 | DF FF 02 | CF FF 02 | D0 00 02 | F1 00 10 03 | FF",
			[]element{num(0), num(127), num(128), num(-1), num(4095), num(-4096), num(4096)}},
		{"set", "0C 00 00 00 02 00 | 81 61 02 | 01 01 | FF", []element{str("a"), num(1)}},
		{"hash", "12 00 00 00 04 00 | 81 66 02 | 81 76 02 | 81 6E 02 | 01 01 | FF",
			[]element{str("f"), str("v"), str("n"), num(1)}},
		{"sorted set", "14 00 00 00 04 00 | 81 61 02 | 01 01 | 81 62 02 | 83 32 2E 35 04 | FF",
			[]element{str("a"), num(1), str("b"), str("2.5")}},
		{"list node", "13 00 00 00 03 00 | 81 61 02 | 01 01 | 85 68 65 6C 6C 6F 06 | FF",
			[]element{str("a"), num(1), str("hello")}},
		{"hash with field deadlines", `2F 00 00 00 09 00 | 81 66 02 81 76 02 F4 00 38 D3 60 BA 01 00 00 09 |
			81 6B 02 81 78 02 F4 F4 39 D3 60 BA 01 00 00 09 | 81 67 02 81 77 02 00 01 | FF`,
			[]element{str("f"), str("v"), num(0x01BA60D33800), str("k"), str("x"), num(0x01BA60D339F4), str("g"), str("w"), num(0)}},
		{"stream node", `41 00 00 00 19 00 | 02 01 01 01 02 01 81 61 02 81 62 02 00 01 |
			02 01 00 01 00 01 01 01 81 78 02 05 01 | 03 01 00 01 01 01 02 01 81 79 02 05 01 |
			00 01 05 01 DF FF 02 01 01 81 63 02 82 7A 7A 03 06 01 | FF`,
			[]element{num(2), num(1), num(2), str("a"), str("b"), num(0),
				num(2), num(0), num(0), num(1), str("x"), num(5),
				num(3), num(0), num(1), num(2), str("y"), num(5),
				num(0), num(5), num(-1), num(1), str("c"), str("zz"), num(6)}},
		{"template hash", "0D 00 00 00 03 00 | 00 01 | 01 01 | 02 01 | FF", []element{num(0), num(1), num(2)}},
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
			if again := write(t, nil, tt.want...); !bytes.Equal(again, fromHex(t, tt.blob)) {
				t.Errorf("Writer makes %x of it", again)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	text := func(n int) string { return strings.Repeat("x", n) }
	tests := []struct {
		name, head string // hex up to the content of a string
		want       element
	}{
		{"7-bit, smallest", "00", num(0)},
		{"7-bit, largest", "7F", num(127)},
		{"13-bit, smallest", "D0 00", num(-4096)},
		{"13-bit, largest", "CF FF", num(4095)},
		{"13-bit, longer than needed", "C0 05", num(5)},
		{"16-bit, smallest", "F1 00 80", num(-32768)},
		{"16-bit, largest", "F1 FF 7F", num(32767)},
		{"24-bit, smallest", "F2 00 00 80", num(-8388608)},
		{"24-bit, largest", "F2 FF FF 7F", num(8388607)},
		{"24-bit, minus one", "F2 FF FF FF", num(-1)},
		{"32-bit, smallest", "F3 00 00 00 80", num(-2147483648)},
		{"32-bit, largest", "F3 FF FF FF 7F", num(2147483647)},
		{"64-bit, smallest", "F4 00 00 00 00 00 00 00 80", num(-9223372036854775808)},
		{"64-bit, largest", "F4 FF FF FF FF FF FF FF 7F", num(9223372036854775807)},
		{"64-bit, longer than needed", "F4 01 00 00 00 00 00 00 00", num(1)},
		{"6-bit length, empty", "80", str("")},
		{"6-bit length, largest", "BF", str(text(63))},
		{"12-bit length, empty", "E0 00", str("")},
		{"12-bit length, one byte of backlen", "E0 7D", str(text(125))},
		{"12-bit length, two bytes of backlen", "E0 7E", str(text(126))},
		{"12-bit length, low byte 00", "E1 00", str(text(256))},
		{"12-bit length, largest", "EF FF", str(text(4095))},
		{"32-bit length, empty", "F0 00 00 00 00", str("")},
		{"32-bit length, one byte of backlen", "F0 7A 00 00 00", str(text(122))},
		{"32-bit length, two bytes of backlen", "F0 7B 00 00 00", str(text(123))},
		{"32-bit length, last with two bytes of backlen", "F0 F9 3F 00 00", str(text(16377))},
		{"32-bit length, first with three bytes of backlen", "F0 FA 3F 00 00", str(text(16378))},
		{"32-bit length, size 2^14", "F0 FB 3F 00 00", str(text(16379))},
		{"32-bit length, last with three bytes of backlen", "F0 F9 FF 1F 00", str(text(2097145))},
		{"32-bit length, first with four bytes of backlen", "F0 FA FF 1F 00", str(text(2097146))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := append(fromHex(t, tt.head), tt.want.str...)
			body = appendTestBacklen(body, len(body))
			// Alone, and between neighbours.
			if got, _, err := readAll(t, frame(body, 1)); err != nil || !slices.Equal(got, []element{tt.want}) {
				t.Fatalf("got %.60v, %v", got, err)
			}
			one := []byte{0x01, 0x01}
			want := []element{num(1), tt.want, num(1)}
			if got, _, err := readAll(t, frame(slices.Concat(one, body, one), 3)); err != nil || !slices.Equal(got, want) {
				t.Fatalf("between neighbours: got %.60v, %v", got, err)
			}
		})
	}
}

func TestDamage(t *testing.T) {
	x126 := strings.Repeat("78", 126)
	tests := []struct {
		name, blob string
		elements   int // read before the damage; -1: Open refuses
		want       string
	}{
		{"empty blob", "", -1, "size 0 is below the 7 bytes of an empty listpack"},
		{"no room for the end mark", "06 00 00 00 00 00", -1, "size 6 is below the 7 bytes of an empty listpack"},
		{"header says less", "08 00 00 00 01 00 | 01 01 | FF", -1, "header says 8 bytes, blob has 9"},
		{"header says more", "0A 00 00 00 01 00 | 01 01 | FF", -1, "header says 10 bytes, blob has 9"},
		{"header says 4 GiB", "FF FF FF FF 01 00 | 01 01 | FF", -1, "header says 4294967295 bytes, blob has 9"},
		{"no end mark", "09 00 00 00 01 00 | 01 01 | 00", -1, "last byte 0x00 is not the end mark 0xff"},

		{"encoding F5", "0B 00 00 00 02 00 | 01 01 | F5 01 | FF", 1, "unknown encoding byte 0xf5"},
		{"encoding FE", "09 00 00 00 01 00 | FE 01 | FF", 0, "unknown encoding byte 0xfe"},
		{"end mark too early", "0B 00 00 00 02 00 | 01 01 | FF 01 | FF", 1, "end mark 0xff before the end of the blob"},
		{"two end marks", "0A 00 00 00 01 00 | 01 01 | FF | FF", 1, "end mark 0xff before the end of the blob"},

		{"13-bit integer cut", "08 00 00 00 01 00 | C0 | FF", 0, "encoding 0xc0 of 2 bytes exceeds the 1 bytes left"},
		{"16-bit integer cut", "09 00 00 00 01 00 | F1 00 | FF", 0, "encoding 0xf1 of 3 bytes exceeds the 2 bytes left"},
		{"24-bit integer cut", "0A 00 00 00 01 00 | F2 00 00 | FF", 0, "encoding 0xf2 of 4 bytes exceeds the 3 bytes left"},
		{"32-bit integer cut", "0B 00 00 00 01 00 | F3 00 00 00 | FF", 0, "encoding 0xf3 of 5 bytes exceeds the 4 bytes left"},
		{"64-bit integer cut", "0F 00 00 00 01 00 | F4 00 00 00 00 00 00 00 | FF", 0, "encoding 0xf4 of 9 bytes exceeds the 8 bytes left"},
		{"12-bit length cut", "08 00 00 00 01 00 | E0 | FF", 0, "encoding 0xe0 of 2 bytes exceeds the 1 bytes left"},
		{"32-bit length cut", "0B 00 00 00 01 00 | F0 00 00 00 | FF", 0, "encoding 0xf0 of 5 bytes exceeds the 4 bytes left"},

		{"6-bit length too long", "0A 00 00 00 01 00 | 83 61 02 | FF", 0, "length 3 exceeds the 2 bytes left"},
		{"12-bit length too long", "0B 00 00 00 01 00 | E1 00 61 02 | FF", 0, "length 256 exceeds the 2 bytes left"},
		{"32-bit length too long", "0E 00 00 00 01 00 | F0 FF FF FF FF 61 02 | FF", 0, "length 4294967295 exceeds the 2 bytes left"},
		{"string over the end mark", "09 00 00 00 01 00 | 82 61 | FF", 0, "length 2 exceeds the 1 bytes left"},

		{"backlen missing", "08 00 00 00 01 00 | 05 | FF", 0, "backlen of 1 bytes exceeds the 0 bytes left"},
		{"backlen missing after an empty string", "08 00 00 00 01 00 | 80 | FF", 0, "backlen of 1 bytes exceeds the 0 bytes left"},
		{"backlen missing after an integer", "0E 00 00 00 02 00 | 01 01 | F3 01 02 03 04 | FF", 1, "backlen of 1 bytes exceeds the 0 bytes left"},
		{"backlen of two bytes cut", "88 00 00 00 01 00 | E0 7E " + x126 + " 01 | FF", 0, "backlen of 2 bytes exceeds the 1 bytes left"},
		{"backlen too small", "0A 00 00 00 01 00 | 81 61 01 | FF", 0, "backlen is 0x01, a size of 2 needs 0x02"},
		{"backlen too large", "0A 00 00 00 01 00 | C0 80 03 | FF", 0, "backlen is 0x03, a size of 2 needs 0x02"},
		{"backlen zero", "09 00 00 00 01 00 | 01 00 | FF", 0, "backlen is 0x00, a size of 1 needs 0x01"},
		{"backlen with the mark of a further byte", "09 00 00 00 01 00 | 01 81 | FF", 0, "backlen is 0x81, a size of 1 needs 0x01"},
		{"backlen of one byte where two are needed", "88 00 00 00 01 00 | E0 7E " + x126 + " 7F | FF", 0, "backlen of 2 bytes exceeds the 1 bytes left"},
		{"backlen of two bytes where one is enough", "0A 00 00 00 01 00 | 01 00 81 | FF", 0, "backlen is 0x00, a size of 1 needs 0x01"},
		{"backlen in the wrong order", "89 00 00 00 01 00 | E0 7E " + x126 + " 80 01 | FF", 0, "backlen is 0x8001, a size of 128 needs 0x0180"},
		{"backlen without the mark", "89 00 00 00 01 00 | E0 7E " + x126 + " 01 00 | FF", 0, "backlen is 0x0100, a size of 128 needs 0x0180"},

		{"header counts one less", "0B 00 00 00 01 00 | 01 01 | 02 01 | FF", 2, "header says 1 elements, list has 2"},
		{"header counts one more", "0B 00 00 00 03 00 | 01 01 | 02 01 | FF", 2, "header says 3 elements, list has 2"},
		{"header counts none", "09 00 00 00 00 00 | 01 01 | FF", 1, "header says 0 elements, list has 1"},
		{"header counts 65534", "09 00 00 00 FE FF | 01 01 | FF", 1, "header says 65534 elements, list has 1"},
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
	var body []byte
	for i := range 70000 {
		body = appendElement(body, num(int64(i)), formShortest)
	}
	tests := []struct {
		name  string
		blob  []byte
		len   int
		found int
	}{
		{"empty", build(), 0, 0},
		{"unknown, few elements", frame([]byte{1, 1, 2, 1}, 65535), -1, 2},
		{"unknown, no elements", frame(nil, 65535), -1, 0},
		{"unknown, more than the field holds", frame(body, 70000), -1, 70000},
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
	for _, f := range []form{form6, form12, form32} {
		r, err := Open(frame(appendElement(nil, str(""), f), 1))
		if err != nil {
			t.Fatal(err)
		}
		if s, _, ok := r.Next(); !ok || s == nil || len(s) != 0 {
			t.Errorf("form %d: got %v, %v", f, s, ok)
		}
	}
}

func TestBacklenLimits(t *testing.T) {
	tests := []struct {
		size int
		want string
	}{
		{1, "01"}, {127, "7F"}, {128, "01 80"}, {16382, "7F FE"},
		{16383, "00 FF FF"}, {16384, "01 80 80"}, {2097150, "7F FF FE"},
		{2097151, "00 FF FF FF"}, {2097152, "01 80 80 80"}, {268435454, "7F FF FF FE"},
		{268435455, "00 FF FF FF FF"}, {268435456, "01 80 80 80 80"}, {2147483647, "07 FF FF FF FF"},
	}
	for _, tt := range tests {
		if got := appendBacklen(nil, tt.size); !bytes.Equal(got, fromHex(t, tt.want)) {
			t.Errorf("size %d: got % x, want %s", tt.size, got, tt.want)
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
	b := build(num(1), num(-1), num(1<<40), str("x"), str(strings.Repeat("y", 300)), str(strings.Repeat("z", 5000)))
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
