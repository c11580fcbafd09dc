package lzf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func TestCompress(t *testing.T) {
	period := randomBytes(maxOffset, 1)
	far := randomBytes(maxOffset+1, 2)
	for _, c := range []struct {
		name string
		text []byte
		max  int // packed bytes allowed, 0 if it must not be packed
	}{
		{"empty", nil, 0},
		{"too short to save four", []byte("aaaaa"), 0},
		{"60 times a", bytes.Repeat([]byte{'a'}, 60), 10},
		{"saves exactly four", append([]byte("ab"), "abababa"...), 5},
		{"nothing repeats", []byte("abcdefghijklmnopqrstuvwxyz0123456789"), 0},
		{"random", randomBytes(100_000, 3), 0},
		{"random, then text", append(randomBytes(50_000, 4), jsonText(50_000, 5)...), 84_000},
		{"text", jsonText(100_000, 6), 60_000},
		{"zeros", make([]byte, 1<<20), 1<<20/88 + 10},
		{"repeats at the largest offset", append(period, period...), 9000},
		{"repeats one farther", append(far, far...), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := new(Compressor).Compress([]byte("head"), c.text)
			packed, found := bytes.CutPrefix(got, []byte("head"))
			if !found {
				t.Fatalf("dst was not kept: %.20q", got)
			}
			if !ok {
				if c.max != 0 || len(packed) != 0 {
					t.Fatalf("not packed, %d bytes left", len(packed))
				}
				return
			}
			if len(packed) > c.max || len(packed) > len(c.text)-minSaving {
				t.Errorf("%d bytes packed to %d, want at most %d", len(c.text), len(packed), c.max)
			}
			back, err := appendTwin(nil, packed, len(c.text))
			if err != nil || !bytes.Equal(back, c.text) {
				t.Errorf("round trip: equal %t, error %v", bytes.Equal(back, c.text), err)
			}
		})
	}
}

// TestCompressIndependent checks that a string packs to the same bytes
// whatever the Compressor has seen before.
func TestCompressIndependent(t *testing.T) {
	var used Compressor
	for i := range 300 {
		text := jsonText(20+i*13, uint64(i%7))
		want, wantOK := new(Compressor).Compress(nil, text)
		got, ok := used.Compress(nil, text)
		if ok != wantOK || !bytes.Equal(got, want) {
			t.Fatalf("string %d packed in another way", i)
		}
	}
	// Positions run out now and then; the next string starts over.
	text := jsonText(3000, 9)
	want := pack(t, text)
	for _, next := range []uint32{0, 1<<32 - 1, 1<<32 - 5000, 1<<32 - 3000 - maxOffset - 1, 1<<32 - 20_000} {
		used.next = next
		for range 5 {
			if got, ok := used.Compress(nil, text); !ok || !bytes.Equal(got, want) {
				t.Fatalf("packed in another way after position %d", next)
			}
		}
	}
}

// TestCompressSegments packs in segments so small that every border is hit.
func TestCompressSegments(t *testing.T) {
	text := []byte(strings.Repeat("abcdefgh", 200))
	for _, segment := range []int{1, 3, 4, 17, 100, 1599, 1600, 1601} {
		var c Compressor
		packed, ok := c.compress(nil, text, segment)
		if !ok {
			if segment > 16 {
				t.Errorf("segments of %d were not packed", segment)
			}
			continue
		}
		if back, err := appendTwin(nil, packed, len(text)); err != nil || !bytes.Equal(back, text) {
			t.Errorf("segments of %d: equal %t, error %v", segment, bytes.Equal(back, text), err)
		}
	}
}

func FuzzCompress(f *testing.F) {
	f.Add([]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), uint8(0), uint16(0))
	f.Add(jsonText(400, 1), uint8(30), uint16(100))
	f.Add(randomBytes(100, 2), uint8(255), uint16(7))
	var used Compressor
	f.Fuzz(func(t *testing.T, unit []byte, repeat uint8, segment uint16) {
		text := bytes.Repeat(unit, 1+int(repeat))
		packed, ok := new(Compressor).Compress(nil, text)
		if again, okAgain := used.Compress(nil, text); ok != okAgain || !bytes.Equal(again, packed) {
			t.Fatal("a used Compressor packs in another way")
		}
		if ok {
			checkRoundTrip(t, text, packed)
		} else if len(packed) != 0 {
			t.Fatalf("not packed, %d bytes left", len(packed))
		}
		if packed, ok := used.compress(nil, text, 1+int(segment)); ok {
			checkRoundTrip(t, text, packed)
		}
	})
}

func checkRoundTrip(t *testing.T, text, packed []byte) {
	t.Helper()
	if len(packed) > len(text)-minSaving {
		t.Fatalf("%d bytes packed to %d", len(text), len(packed))
	}
	checkBlock(t, text, packed)
}

func BenchmarkCompress(b *testing.B) {
	for _, c := range []struct {
		name string
		text []byte
	}{
		{"json", jsonText(1<<20, 10)},
		{"json short", jsonText(400, 11)},
		{"random", randomBytes(1<<20, 12)},
		{"zeros", make([]byte, 1<<20)},
	} {
		b.Run(c.name, func(b *testing.B) {
			var comp Compressor
			buf := make([]byte, 0, len(c.text))
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			var packed []byte
			for b.Loop() {
				packed, _ = comp.Compress(buf, c.text)
			}
			b.ReportMetric(float64(len(packed))/float64(len(c.text)), "ratio")
		})
	}
}

func ExampleCompressor() {
	var c Compressor
	packed, ok := c.Compress(nil, bytes.Repeat([]byte{'a'}, 60))
	fmt.Printf("% X %t\n", packed, ok)
	// Output: 00 61 E0 32 00 true
}
