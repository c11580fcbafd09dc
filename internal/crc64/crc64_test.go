package crc64

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"
)

// twinTable is the register's step over one byte, bit by bit from the
// definition.
var twinTable = func() (t [256]uint64) {
	for b := range t {
		crc := uint64(b)
		for range 8 {
			if crc&1 != 0 {
				crc = crc>>1 ^ 0x95AC9329AC4BC9B5
			} else {
				crc >>= 1
			}
		}
		t[b] = crc
	}
	return t
}()

// updateTwin is the plain routine that every method is compared with.
func updateTwin(crc uint64, p []byte) uint64 {
	for _, b := range p {
		crc = twinTable[byte(crc)^b] ^ crc>>8
	}
	return crc
}

// method is one way to compute what Update promises.
type method struct {
	name string
	f    func(crc uint64, p []byte) uint64
}

func methods() []method {
	return append([]method{
		{"Update", Update},
		{"tables", updateTables},
		{"slicing", updateSlicing},
	}, archMethods()...)
}

func randomBytes(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(r.Uint32())
	}
	return p
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKnownValues(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		want uint64
	}{
		{"nothing", nil, 0},
		{"check value", []byte("123456789"), 0xE9C6D914C4B8D9CA},
		{"zeros are not seen from a start of 0", make([]byte, 100), 0},
		{"the lowest coefficient alone is x^64", []byte{0x80}, poly},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := updateTwin(0, c.data); got != c.want {
				t.Fatalf("twin: %016X, want %016X", got, c.want)
			}
			for _, m := range methods() {
				if got := m.f(0, c.data); got != c.want {
					t.Errorf("%s: %016X, want %016X", m.name, got, c.want)
				}
			}
		})
	}
}

// TestShortLengths covers each length around the block sizes of every method,
// at each alignment, from a start that is not 0.
func TestShortLengths(t *testing.T) {
	data := randomBytes(300, 2)
	for at := range 17 {
		for n := range 201 {
			p := data[at : at+n]
			start := uint64(0x0123456789ABCDEF) * uint64(n)
			want := updateTwin(start, p)
			for _, m := range methods() {
				if got := m.f(start, p); got != want {
					t.Fatalf("%s: offset %d, length %d: %016X, want %016X", m.name, at, n, got, want)
				}
			}
		}
	}
}

// TestStreamBoundaries covers lengths around the three interleaved streams.
func TestStreamBoundaries(t *testing.T) {
	data := randomBytes(6*streamLen+64, 3)
	for _, blocks := range []int{1, 2, 3, 4, 6} {
		for _, d := range []int{-9, -8, -1, 0, 1, 7, 8, 17} {
			p := data[3 : 3+blocks*streamLen+d]
			want := updateTwin(42, p)
			for _, m := range methods() {
				if got := m.f(42, p); got != want {
					t.Errorf("%s: length %d: %016X, want %016X", m.name, len(p), got, want)
				}
			}
		}
	}
}

func TestSplitAndCombine(t *testing.T) {
	data := randomBytes(1000, 4)
	want := updateTwin(0, data)
	for cut := range len(data) + 1 {
		a, b := data[:cut], data[cut:]
		for _, m := range methods() {
			if got := m.f(m.f(0, a), b); got != want {
				t.Fatalf("%s: cut at %d: %016X, want %016X", m.name, cut, got, want)
			}
		}
		if got := Combine(Update(0, a), Update(0, b), int64(len(b))); got != want {
			t.Fatalf("Combine: cut at %d: %016X, want %016X", cut, got, want)
		}
	}
}

// TestCombineLong joins parts longer than memory: the powers must agree with
// each other up to the largest length.
func TestCombineLong(t *testing.T) {
	a := Update(0, []byte("head"))
	for i := range 62 {
		n := int64(1) << i
		whole := Combine(a, 0, 2*n)
		if got := Combine(Combine(a, 0, n), 0, n); got != whole {
			t.Errorf("2 x %d zero bytes: %016X, want %016X", n, got, whole)
		}
		if got := Combine(Combine(a, 0, n-1), 0, n+1); got != whole {
			t.Errorf("%d + %d zero bytes: %016X, want %016X", n-1, n+1, got, whole)
		}
	}
	if got, want := Combine(a, 0, 1<<20), updateTwin(a, make([]byte, 1<<20)); got != want {
		t.Errorf("1 MiB of zeros: %016X, want %016X", got, want)
	}
}

// TestWholeFile sums an RDB file with no keys and a DUMP payload, and finds
// the checksum that a server put at their end.
func TestWholeFile(t *testing.T) {
	for _, c := range []struct{ name, hex string }{
		{"Redis 7.0 file without keys", "524544495330303130" +
			"fa0972656469732d76657206372e302e3135" + "fa0a72656469732d62697473c040" +
			"fa056374696d65c21dcd026b" + "fa08757365642d6d656dc2385f0d00" +
			"fa08616f662d62617365c001" + "ff" + "1ded8676ec708b21"},
		{"Valkey 9.1 file without keys", "56414c4b4559303830" +
			"fa0a76616c6b65792d76657205392e312e32" + "fa0a72656469732d62697473c040" +
			"fa056374696d65c23ccd026b" + "fa08757365642d6d656dc2a8120e00" +
			"fa08616f662d62617365c001" + "ff" + "9da825519814f313"},
		{"Redis 8.6 DUMP of a stream", "1a01" + "1000000000000003e80000000000000001" +
			"1c1c0000000a00" + "0101000101018161020001" + "02010001000101010401" + "ff" +
			"0143e80143e80100000100" + "40644064000000" + "0d00" + "8e373e80427ac636"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := unhex(t, c.hex)
			body, footer := file[:len(file)-8], file[len(file)-8:]
			if got, want := Update(0, body), binary.LittleEndian.Uint64(footer); got != want {
				t.Errorf("%016X, want %016X", got, want)
			}
		})
	}
}

// FuzzUpdate repeats a short input, which reaches the interleaved streams
// without making the fuzzer carry 24 KiB.
func FuzzUpdate(f *testing.F) {
	f.Add(uint64(0), []byte("123456789"), uint8(0), uint16(4), uint8(0))
	f.Add(uint64(1), randomBytes(200, 5), uint8(0), uint16(67), uint8(3))
	f.Add(^uint64(0), randomBytes(199, 6), uint8(255), uint16(streamLen), uint8(1))
	f.Fuzz(func(t *testing.T, start uint64, unit []byte, repeat uint8, cut uint16, shift uint8) {
		if len(unit) > 256 {
			t.Skip("long inputs are slow and add nothing")
		}
		p := bytes.Repeat(unit, 1+int(repeat))
		k := min(int(cut), len(p))
		want := updateTwin(start, p)
		shifted := append(make([]byte, shift%64), p...)[shift%64:]
		for _, m := range methods() {
			if got := m.f(start, shifted); got != want {
				t.Fatalf("%s: %016X, want %016X", m.name, got, want)
			}
			if got := m.f(m.f(start, p[:k]), p[k:]); got != want {
				t.Fatalf("%s: cut at %d: %016X, want %016X", m.name, k, got, want)
			}
		}
		if got := Combine(Update(start, p[:k]), Update(0, p[k:]), int64(len(p)-k)); got != want {
			t.Fatalf("Combine: cut at %d: %016X, want %016X", k, got, want)
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	for _, m := range methods() {
		for _, n := range []int{64, 4 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", m.name, n), func(b *testing.B) {
				p := randomBytes(n, 7)
				b.SetBytes(int64(n))
				b.ReportAllocs()
				var crc uint64
				for b.Loop() {
					crc = m.f(crc, p)
				}
			})
		}
	}
}

func BenchmarkCombine(b *testing.B) {
	b.ReportAllocs()
	var crc uint64
	for b.Loop() {
		crc = Combine(crc, 1, 256<<10+77)
	}
}
