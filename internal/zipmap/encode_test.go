package zipmap

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// write builds a zipmap of the pairs behind dst.
func write(t testing.TB, dst []byte, ps ...pair) []byte {
	t.Helper()
	before := bytes.Clone(dst)
	var w Writer
	w.Reset(dst)
	for _, p := range ps {
		w.AppendPair([]byte(p.field), []byte(p.value))
	}
	b, found := bytes.CutPrefix(w.Finish(), before)
	if !found {
		t.Fatal("dst was not kept")
	}
	return b
}

func TestWriter(t *testing.T) {
	long := strings.Repeat("x", 254)
	for _, tt := range []struct {
		name string
		want []byte
		ps   []pair
	}{
		{"as Redis 2.4 writes it", fromHex(t, "01 | 01 66 | 01 00 76 | FF"), []pair{{"f", "v"}}},
		{"empty", fromHex(t, "00 | FF"), nil},
		{"empty field and value", fromHex(t, "01 | 00 | 00 00 | FF"), []pair{{"", ""}}},
		{"two", fromHex(t, "02 | 01 66 | 01 00 76 | 01 67 | 02 00 31 32 | FF"), []pair{{"f", "v"}, {"g", "12"}}},
		{
			"longest short lengths",
			slices.Concat(fromHex(t, "01 | FD"), []byte(long[:253]), fromHex(t, "FD 00"), []byte(long[:253]), fromHex(t, "FF")),
			[]pair{{long[:253], long[:253]}},
		},
		{
			"shortest long lengths",
			slices.Concat(fromHex(t, "01 | FE FE 00 00 00"), []byte(long), fromHex(t, "FE FE 00 00 00 00"), []byte(long), fromHex(t, "FF")),
			[]pair{{long, long}},
		},
	} {
		if got := write(t, []byte("head"), tt.ps...); !bytes.Equal(got, tt.want) {
			t.Errorf("%s: %x, want %x", tt.name, got, tt.want)
		}
	}
}

// The header counts as far as it can.
func TestWriterCount(t *testing.T) {
	for _, n := range []int{1, 252, 253, 254, 255, 256, 1000} {
		b := write(t, nil, make([]pair, n)...)
		if int(b[0]) != min(n, 254) {
			t.Errorf("%d pairs: count %d", n, b[0])
		}
		if ps, _, err := readAll(t, b); err != nil || len(ps) != n {
			t.Errorf("%d pairs: %d read, %v", n, len(ps), err)
		}
	}
}

// A Writer is used again and again: nothing of the zipmap before is left, and
// room once made is enough.
func TestWriterReuse(t *testing.T) {
	var w Writer
	w.Reset([]byte("head"))
	w.AppendPair([]byte("f"), []byte("v"))
	w.Reset(w.Finish())
	w.AppendPair([]byte("g"), []byte("w"))
	if got, want := w.Finish(), slices.Concat([]byte("head"), build(pair{"f", "v"}), build(pair{"g", "w"})); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
	buf, long := make([]byte, 0, 1<<12), bytes.Repeat([]byte("x"), 1000)
	if n := testing.AllocsPerRun(10, func() {
		w.Reset(buf)
		w.AppendPair(long[:5], long)
		w.AppendPair(long, nil)
		buf = w.Finish()[:0]
	}); n != 0 {
		t.Errorf("%v allocations a zipmap", n)
	}
}

// FuzzWriter holds zipmaps of random pairs and one given pair against the twin
// and the Reader.
func FuzzWriter(f *testing.F) {
	f.Add(uint64(1), uint16(10), "field", "value")
	f.Add(uint64(2), uint16(253), "", strings.Repeat("x", 254))
	f.Add(uint64(3), uint16(0), strings.Repeat("x", 253), "\xFF")
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, field, value string) {
		r := rand.New(rand.NewPCG(seed, 0))
		want := make([]pair, n%300)
		for i := range want {
			want[i], _ = randomPair(r)
		}
		want = append(want, pair{field, value}, pair{value, field})
		got := write(t, []byte("head"), want...)
		if !bytes.Equal(got, build(want...)) {
			t.Fatalf("%x, the twin makes %x", got, build(want...))
		}
		if ps, _, err := readAll(t, got); err != nil || !slices.Equal(ps, want) {
			t.Fatalf("read back %q, %v; want %q", ps, err, want)
		}
	})
}

func BenchmarkWriter(b *testing.B) {
	fields := make([][]byte, 64)
	size := 0
	value := bytes.Repeat([]byte("v"), 20)
	for i := range fields {
		fields[i] = fmt.Appendf(nil, "field%d", i)
		size += len(fields[i]) + len(value)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	buf := make([]byte, 0, 1<<14)
	var w Writer
	for b.Loop() {
		w.Reset(buf)
		for i, f := range fields {
			w.AppendPair(f, value[:i%len(value)])
		}
		buf = w.Finish()[:0]
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(fields)), "ns/pair")
}
