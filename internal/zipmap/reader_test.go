package zipmap

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
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "|", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// readAll walks b to the end, once as Next does and once without its fast
// path, which must not make a difference.
func readAll(t testing.TB, b []byte) ([]pair, Reader, error) {
	t.Helper()
	ps, r, err := walk(t, b, (*Reader).Next)
	slowPs, slowR, slowErr := walk(t, b, (*Reader).slow)
	if !slices.Equal(ps, slowPs) || r.Pos() != slowR.Pos() || fmt.Sprint(err) != fmt.Sprint(slowErr) {
		t.Fatalf("%x: Next: %v, %v; slow: %v, %v", b, ps, err, slowPs, slowErr)
	}
	return ps, r, err
}

// walk calls next on b to the end and checks what holds for every walk.
func walk(t testing.TB, b []byte, next func(r *Reader) (field, value []byte, ok bool)) ([]pair, Reader, error) {
	t.Helper()
	r, err := Open(b)
	if err != nil {
		return nil, r, err
	}
	var ps []pair
	pos := r.Pos()
	for {
		field, value, ok := next(&r)
		if !ok {
			if field != nil || value != nil {
				t.Fatalf("failed Next returned %q, %q", field, value)
			}
			break
		}
		if r.Err() != nil {
			t.Fatalf("Err before the end: %v", r.Err())
		}
		if r.Pos() < pos+3 || r.Pos() > len(b)-1 {
			t.Fatalf("pair %d: position went from %d to %d in a blob of %d", r.Index()-1, pos, r.Pos(), len(b))
		}
		for _, s := range [][]byte{field, value} {
			if s == nil || cap(s) != len(s) {
				t.Fatalf("string of %d bytes has capacity %d, is nil: %v", len(s), cap(s), s == nil)
			}
			checkBorrowed(t, b[pos:r.Pos()], s)
		}
		ps = append(ps, pair{string(field), string(value)})
		pos = r.Pos()
		if r.Index() != len(ps) {
			t.Fatalf("Index is %d after %d pairs", r.Index(), len(ps))
		}
	}
	err = r.Err()
	if err == nil && r.Pos() != len(b)-1 {
		t.Fatalf("clean end at offset %d of %d", r.Pos(), len(b))
	}
	for range 2 {
		if f, v, ok := next(&r); ok || f != nil || v != nil || r.Err() != err || r.Index() != len(ps) {
			t.Fatalf("after the end: %v, %v, index %d", ok, r.Err(), r.Index())
		}
	}
	return ps, r, err
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
				t.Fatalf("string of %d bytes reaches beyond its pair", len(s))
			}
			return
		}
	}
	t.Fatal("string is not part of its pair")
}

func TestSound(t *testing.T) {
	long := strings.Repeat("x", 254)
	tests := []struct {
		name string
		blob []byte
		len  int
		want []pair
	}{
		{"written by Redis 2.4", fromHex(t, "01 | 01 66 | 01 00 76 | FF"), 1, []pair{{"f", "v"}}},
		{"empty", fromHex(t, "00 | FF"), 0, nil},
		{"empty, count unknown", fromHex(t, "FE | FF"), -1, nil},
		{"empty field and value", fromHex(t, "01 | 00 | 00 00 | FF"), 1, []pair{{"", ""}}},
		{"count unknown, FE", fromHex(t, "FE | 01 66 | 01 00 76 | FF"), -1, []pair{{"f", "v"}}},
		{"count unknown, FF", fromHex(t, "FF | 01 66 | 01 00 76 | FF"), -1, []pair{{"f", "v"}}},
		{"free bytes", fromHex(t, "02 | 01 66 | 01 03 76 FF FE FD | 01 67 | 00 01 00 | FF"), 2, []pair{{"f", "v"}, {"g", ""}}},
		{"long lengths of small strings", fromHex(t, "01 | FE 01 00 00 00 66 | FE 02 00 00 00 00 76 77 | FF"), 1, []pair{{"f", "vw"}}},
		{"longest short lengths", build(pair{long[:253], long[:253]}), 1, []pair{{long[:253], long[:253]}}},
		{"shortest long lengths", build(pair{long, long}, pair{"f", "v"}), 2, []pair{{long, long}, {"f", "v"}}},
		{"255 free bytes", frame(appendPair(nil, pair{"f", "v"}, shape{free: 255}), 1), 1, []pair{{"f", "v"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, r, err := readAll(t, tt.blob)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Fatalf("got %v, %v; want %v", got, err, tt.want)
			}
			if r.Len() != tt.len {
				t.Errorf("Len is %d, want %d", r.Len(), tt.len)
			}
		})
	}
}

func TestCount(t *testing.T) {
	for _, n := range []int{252, 253, 254, 255, 256, 1000} {
		want := make([]pair, n)
		for i := range want {
			want[i] = pair{"field", strings.Repeat("v", i%7)}
		}
		got, r, err := readAll(t, build(want...))
		wantLen := n
		if n >= 254 {
			wantLen = -1
		}
		if err != nil || !slices.Equal(got, want) || r.Len() != wantLen {
			t.Errorf("%d pairs: got %d, Len %d, %v", n, len(got), r.Len(), err)
		}
	}
}

func TestDamage(t *testing.T) {
	tests := []struct {
		name, blob string
		pairs      int // read before the damage; -1: Open refuses
		want       string
	}{
		{"empty blob", "", -1, "size 0 is below the 2 bytes of an empty zipmap"},
		{"no room for the end mark", "FF", -1, "size 1 is below the 2 bytes of an empty zipmap"},
		{"no end mark", "01 | 01 66 | 01 00 76 | 00", -1, "last byte 0x00 is not the end mark 0xff"},
		{"end mark too early", "01 | 01 66 | 01 00 76 | FF 00 | FF", 1, "end mark 0xff before the end of the blob"},
		{"two end marks", "01 | 01 66 | 01 00 76 | FF | FF", 1, "end mark 0xff before the end of the blob"},

		{"field too long", "01 | 05 66 | 01 00 76 | FF", 0, "field length 5 exceeds the 4 bytes left"},
		{"field far too long", "01 | FE FF FF FF FF 66 | 01 00 76 | FF", 0, "field length 4294967295 exceeds the 4 bytes left"},
		{"field length cut", "01 | FE 01 00 | FF", 0, "field length of 5 bytes exceeds the 3 bytes left"},
		{"value length missing", "01 | 01 66 | FF", 0, "value length is missing"},
		{"value length is FF", "01 | 01 66 | FF 00 76 | FF", 0, "value length byte 0xff is not a length"},
		{"value length cut", "01 | 01 66 | FE 01 00 | FF", 0, "value length of 5 bytes exceeds the 3 bytes left"},
		{"value too long", "01 | 01 66 | 02 00 76 | FF", 0, "value length 2 exceeds the 1 bytes left"},
		{"value far too long", "01 | 01 66 | FE FF FF FF FF 00 76 | FF", 0, "value length 4294967295 exceeds the 1 bytes left"},
		{"count of free bytes missing", "01 | 01 66 | 00 | FF", 0, "count of free bytes is missing"},
		{"count of free bytes missing, long form", "01 | 01 66 | FE 00 00 00 00 | FF", 0, "count of free bytes is missing"},
		{"too many free bytes", "01 | 01 66 | 01 03 76 00 00 | FF", 0, "3 free bytes exceed the 2 bytes left"},
		{"free bytes reach the end mark", "01 | 01 66 | 01 01 76 | FF", 0, "1 free bytes exceed the 0 bytes left"},
		{"second pair", "02 | 01 66 | 01 00 76 | 01 67 | 09 00 77 | FF", 1, "value length 9 exceeds the 1 bytes left"},

		{"header counts one less", "00 | 01 66 | 01 00 76 | FF", 1, "header says 0 pairs, zipmap has 1"},
		{"header counts one more", "02 | 01 66 | 01 00 76 | FF", 1, "header says 2 pairs, zipmap has 1"},
		{"header counts 253", "FD | 01 66 | 01 00 76 | FF", 1, "header says 253 pairs, zipmap has 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := fromHex(t, tt.blob)
			if tt.pairs < 0 {
				if _, err := Open(b); err == nil || err.Error() != tt.want {
					t.Fatalf("Open: %v, want %s", err, tt.want)
				}
				return
			}
			got, _, err := readAll(t, b)
			if err == nil || err.Error() != tt.want {
				t.Errorf("Err: %v, want %s", err, tt.want)
			}
			if len(got) != tt.pairs {
				t.Errorf("%d pairs before the damage, want %d", len(got), tt.pairs)
			}
		})
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
	b := build(pair{"a", "1"}, pair{"b", "2"}, pair{"c", "3"})
	before := bytes.Clone(b)
	r, err := Open(b)
	if err != nil {
		t.Fatal(err)
	}
	r.Next()
	c := r
	r.Next()
	if f, _, ok := c.Next(); !ok || string(f) != "b" {
		t.Errorf("copy returned %q, %v", f, ok)
	}
	if f, _, ok := r.Next(); !ok || string(f) != "c" {
		t.Errorf("original returned %q, %v", f, ok)
	}
	if !bytes.Equal(b, before) {
		t.Error("the blob was written to")
	}
}

func TestNoAllocation(t *testing.T) {
	b := build(pair{"f", "v"}, pair{strings.Repeat("x", 300), strings.Repeat("y", 300)})
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
