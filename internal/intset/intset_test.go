package intset

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
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

// build returns an intset of members of width bytes.
func build(width int, members ...int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(width))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(members)))
	for _, m := range members {
		for i := range width {
			b = append(b, byte(m>>(8*i)))
		}
	}
	return b
}

// twin reads an intset in the plainest way.
func twin(b []byte) (members []int64, sound bool) {
	if len(b) < 8 {
		return nil, false
	}
	width, count := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	switch width {
	case 2, 4, 8:
	default:
		return nil, false
	}
	rest := b[8:]
	for len(rest) >= int(width) {
		switch width {
		case 2:
			members = append(members, int64(int16(binary.LittleEndian.Uint16(rest))))
		case 4:
			members = append(members, int64(int32(binary.LittleEndian.Uint32(rest))))
		case 8:
			members = append(members, int64(binary.LittleEndian.Uint64(rest)))
		}
		rest = rest[width:]
	}
	if len(rest) != 0 || uint64(len(members)) != uint64(count) {
		return nil, false
	}
	return members, true
}

// readAll walks b to the end and checks what holds for every walk.
func readAll(t testing.TB, b []byte) ([]int64, error) {
	t.Helper()
	r, err := Open(b)
	if err != nil {
		return nil, err
	}
	var members []int64
	for {
		if r.Index() != len(members) || r.Pos() < headerSize || r.Pos() > len(b) {
			t.Fatalf("Index %d, Pos %d after %d members", r.Index(), r.Pos(), len(members))
		}
		num, ok := r.Next()
		if !ok {
			break
		}
		members = append(members, num)
	}
	if r.Len() != len(members) || r.Pos() != len(b) {
		t.Fatalf("end at offset %d of %d after %d members, Len %d", r.Pos(), len(b), len(members), r.Len())
	}
	if num, ok := r.Next(); ok || num != 0 || r.Index() != len(members) {
		t.Fatalf("Next after the end: %d, %v", num, ok)
	}
	return members, nil
}

func TestSound(t *testing.T) {
	tests := []struct {
		name, blob string
		want       []int64
	}{
		{"width 2, from a server", "02 00 00 00 03 00 00 00 | FD FF 01 00 02 00", []int64{-3, 1, 2}},
		{"width 4, from a server", "04 00 00 00 02 00 00 00 | 01 00 00 00 70 11 01 00", []int64{1, 70000}},
		{"width 8", "08 00 00 00 02 00 00 00 | FF FF FF FF FF FF FF FF | 00 00 00 00 01 00 00 00", []int64{-1, 1 << 32}},
		{"width 2, limits", "02 00 00 00 02 00 00 00 | 00 80 FF 7F", []int64{math.MinInt16, math.MaxInt16}},
		{"width 4, limits", "04 00 00 00 02 00 00 00 | 00 00 00 80 FF FF FF 7F", []int64{math.MinInt32, math.MaxInt32}},
		{"width 8, limits", "08 00 00 00 02 00 00 00 | 00 00 00 00 00 00 00 80 FF FF FF FF FF FF FF 7F", []int64{math.MinInt64, math.MaxInt64}},
		{"wider than needed", "08 00 00 00 01 00 00 00 | 01 00 00 00 00 00 00 00", []int64{1}},
		{"one member", "02 00 00 00 01 00 00 00 | 07 00", []int64{7}},
		{"descending", "02 00 00 00 02 00 00 00 | 02 00 01 00", []int64{2, 1}},
		{"empty, width 2", "02 00 00 00 00 00 00 00", nil},
		{"empty, width 8", "08 00 00 00 00 00 00 00", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := readAll(t, fromHex(t, tt.blob)); err != nil || !slices.Equal(got, tt.want) {
				t.Fatalf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestDamage(t *testing.T) {
	tests := []struct{ name, blob, want string }{
		{"empty blob", "", "size 0 is below the 8 bytes of an empty intset"},
		{"header cut", "02 00 00 00 00 00 00", "size 7 is below the 8 bytes of an empty intset"},
		{"width 0", "00 00 00 00 00 00 00 00", "width 0 is not 2, 4 or 8"},
		{"width 1", "01 00 00 00 01 00 00 00 | 01", "width 1 is not 2, 4 or 8"},
		{"width 3", "03 00 00 00 01 00 00 00 | 01 00 00", "width 3 is not 2, 4 or 8"},
		{"width 16", "10 00 00 00 00 00 00 00", "width 16 is not 2, 4 or 8"},
		{"width in big endian", "00 00 00 02 01 00 00 00 | 01 00", "width 33554432 is not 2, 4 or 8"},
		{"one member too few", "02 00 00 00 02 00 00 00 | 01 00", "2 members of 2 bytes do not fill the 2 bytes after the header"},
		{"one member too many", "02 00 00 00 01 00 00 00 | 01 00 02 00", "1 members of 2 bytes do not fill the 4 bytes after the header"},
		{"half a member", "04 00 00 00 01 00 00 00 | 01 00", "1 members of 4 bytes do not fill the 2 bytes after the header"},
		{"product is 0 modulo 2^32", "08 00 00 00 00 00 00 20", "536870912 members of 8 bytes do not fill the 0 bytes after the header"},
		{"product is 2 modulo 2^32", "02 00 00 00 01 00 00 80 | 01 00", "2147483649 members of 2 bytes do not fill the 2 bytes after the header"},
		{"largest count", "08 00 00 00 FF FF FF FF | 01 00 00 00 00 00 00 00", "4294967295 members of 8 bytes do not fill the 8 bytes after the header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Open(fromHex(t, tt.blob))
			if err == nil || err.Error() != tt.want {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if _, ok := r.Next(); ok {
				t.Error("the Reader of a failed Open returned a member")
			}
		})
	}
}

func TestZeroReader(t *testing.T) {
	var r Reader
	if _, ok := r.Next(); ok || r.Len() != 0 || r.Index() != 0 || r.Pos() != 0 {
		t.Errorf("zero Reader: %v, Len %d, Index %d, Pos %d", ok, r.Len(), r.Index(), r.Pos())
	}
}

// A copy walks on its own, walking changes no byte, and nothing is allocated.
func TestCopyAndBlobUnchanged(t *testing.T) {
	b := build(4, 1, 2, 3)
	before := bytes.Clone(b)
	n := testing.AllocsPerRun(10, func() {
		r, err := Open(b)
		if err != nil {
			t.Fatal(err)
		}
		r.Next()
		c := r
		r.Next()
		if v, ok := c.Next(); !ok || v != 2 {
			t.Errorf("copy returned %d, %v", v, ok)
		}
		if v, ok := r.Next(); !ok || v != 3 {
			t.Errorf("original returned %d, %v", v, ok)
		}
	})
	if n != 0 {
		t.Errorf("%v allocations a walk", n)
	}
	if !bytes.Equal(b, before) {
		t.Error("the blob was written to")
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint8(0), uint16(10))
	f.Add(uint64(2), uint8(1), uint16(512))
	f.Add(uint64(3), uint8(2), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, w uint8, n uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		width := 2 << (w % 3)
		want := make([]int64, n%1000)
		for i := range want {
			want[i] = int64(r.Uint64()) >> (64 - 8*width + r.IntN(8*width))
		}
		got, err := readAll(t, build(width, want...))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, %v; want %v", got, err, want)
		}
	})
}

// FuzzAgainstTwin gives arbitrary bytes to the Reader and to its simple twin, as
// a blob and behind a sound header.
func FuzzAgainstTwin(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x01\x00\x00\x00\x01\x00"), uint8(0))
	f.Add([]byte("\x01\x00\x00\x00\x70\x11\x01\x00"), uint8(1))
	f.Add([]byte("\x01\x00\x00\x00\x70\x11\x01\x80"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, w uint8) {
		compareWithTwin(t, data)
		width := uint32(2) << (w % 3)
		b := binary.LittleEndian.AppendUint32(nil, width)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(data))/width)
		compareWithTwin(t, append(b, data...))
	})
}

func compareWithTwin(t *testing.T, b []byte) {
	t.Helper()
	want, sound := twin(b)
	got, err := readAll(t, b)
	if (err == nil) != sound || !slices.Equal(got, want) {
		t.Fatalf("%x: got %v, %v; twin %v, %v", b, got, err, want, sound)
	}
}

// benchSum keeps the work of the benchmark alive.
var benchSum int64

func BenchmarkNext(b *testing.B) {
	for _, width := range []int{2, 4, 8} {
		members := make([]int64, 1000)
		for i := range members {
			members[i] = int64(i-500) << (8*width - 16)
		}
		blob := build(width, members...)
		b.Run("width-"+string(rune('0'+width)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(blob)))
			var sum int64
			n := 0
			for b.Loop() {
				r, err := Open(blob)
				if err != nil {
					b.Fatal(err)
				}
				for {
					v, ok := r.Next()
					if !ok {
						break
					}
					sum += v
				}
				n += r.Len()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/member")
			benchSum = sum
		})
	}
}
