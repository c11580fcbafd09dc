package lzf

import (
	"bytes"
	"strings"
	"testing"
)

func TestCompressAlways(t *testing.T) {
	lit := func(n int) string { // n literals that do not repeat, as one run
		s := []byte{byte(n - 1)}
		for i := range n {
			s = append(s, byte(i))
		}
		return string(s)
	}
	distinct := make([]byte, 65)
	for i := range distinct {
		distinct[i] = byte(i)
	}
	for _, c := range []struct {
		name, text, want string
	}{
		{"empty", "", ""},
		{"one byte", "x", "\x00x"},
		{"too short to save four", "aaaaa", "\x04aaaaa"},
		{"as Compress does", strings.Repeat("a", 60), "\x00a\xE0\x32\x00"},
		{"31 literals", string(distinct[:31]), lit(31)},
		{"a full run", string(distinct[:32]), lit(32)},
		{"one more", string(distinct[:33]), lit(32) + "\x00\x20"},
	} {
		got := new(Compressor).CompressAlways([]byte("head"), []byte(c.text))
		if string(got) != "head"+c.want {
			t.Errorf("%s: %q, want head and %q", c.name, got, c.want)
		}
	}
	for _, n := range []int{1, 31, 32, 33, 63, 64, 65, 1000, 100_000} {
		text := randomBytes(n, uint64(n))
		packed := new(Compressor).CompressAlways(nil, text)
		if want := n + (n+31)/32; len(packed) != want {
			t.Errorf("%d random bytes packed to %d, want %d", n, len(packed), want)
		}
		checkBlock(t, text, packed)
	}
}

// A Compressor and a buffer in use pack to the same bytes, without allocating.
func TestCompressAlwaysReuse(t *testing.T) {
	var c Compressor
	texts := [][]byte{randomBytes(5000, 1), jsonText(5000, 2), []byte("short"), nil}
	buf := make([]byte, 0, 16<<10)
	if n := testing.AllocsPerRun(10, func() {
		for _, text := range texts {
			buf = c.CompressAlways(buf[:0], text)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	for i, text := range texts {
		if got, want := c.CompressAlways(buf[:0], text), new(Compressor).CompressAlways(nil, text); !bytes.Equal(got, want) {
			t.Errorf("text %d packed in another way", i)
		}
	}
}

func FuzzCompressAlways(f *testing.F) {
	f.Add([]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), uint8(0))
	f.Add(jsonText(400, 1), uint8(30))
	f.Add(randomBytes(100, 2), uint8(0))
	f.Add([]byte{}, uint8(0))
	var used Compressor
	f.Fuzz(func(t *testing.T, unit []byte, repeat uint8) {
		text := bytes.Repeat(unit, 1+int(repeat))
		got := used.CompressAlways([]byte("head"), text)
		packed, found := bytes.CutPrefix(got, []byte("head"))
		if !found {
			t.Fatalf("dst was not kept: %.20q", got)
		}
		if most := len(text) + (len(text)+maxLiterals-1)/maxLiterals; len(packed) > most {
			t.Fatalf("%d bytes packed to %d, more than %d", len(text), len(packed), most)
		}
		if shorter, ok := used.Compress(nil, text); ok && !bytes.Equal(packed, shorter) {
			t.Fatal("packs in another way than Compress where that pays")
		}
		checkBlock(t, text, packed)
	})
}

// checkBlock fails unless packed unpacks to text, by the twin and by Append.
func checkBlock(t *testing.T, text, packed []byte) {
	t.Helper()
	if back, err := appendTwin(nil, packed, len(text)); err != nil || !bytes.Equal(back, text) {
		t.Fatalf("twin: equal %t, error %v", bytes.Equal(back, text), err)
	}
	if back, err := Append(nil, packed, len(text)); err != nil || !bytes.Equal(back, text) {
		t.Fatalf("Append: equal %t, error %v", bytes.Equal(back, text), err)
	}
}

func BenchmarkCompressAlways(b *testing.B) {
	for _, c := range []struct {
		name string
		text []byte
	}{
		{"json", jsonText(1<<20, 10)},
		{"json short", jsonText(400, 11)},
		{"random", randomBytes(1<<20, 12)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var comp Compressor
			var buf []byte
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				buf = comp.CompressAlways(buf[:0], c.text)
			}
		})
	}
}
