package ziplist

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzRoundTrip builds lists of random elements in random legal forms.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint16(10))
	f.Add(uint64(2), uint16(128))
	f.Add(uint64(3), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		want := make([]element, n%300)
		var bl builder
		for i := range want {
			want[i] = randomElement(r)
			fs := want[i].forms()
			bl.add(want[i], fs[r.IntN(len(fs))], r.IntN(8) == 0)
		}
		got, _, err := readAll(t, bl.blob())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// FuzzAgainstTwin gives arbitrary bytes to the Reader and to its simple twin:
// both must return the same elements and the same verdict. The bytes are tried
// as a blob, and with a sound frame around them to get past Open.
func FuzzAgainstTwin(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 8 {
		es := make([]element, 5)
		for i := range es {
			es[i] = randomElement(r)
		}
		b := build(es...)
		last := binary.LittleEndian.Uint16(b[4:]) - headerSize
		f.Add(b, uint16(0), uint16(0))
		f.Add(b[headerSize:len(b)-1], last, uint16(5))
		f.Add(b[headerSize:len(b)-1], last, uint16(unknownCount))
	}
	f.Fuzz(func(t *testing.T, data []byte, last, count uint16) {
		compareWithTwin(t, data)
		compareWithTwin(t, frame(data, int(last), int(count)))
		compareWithTwin(t, frame(data, int(last), unknownCount))
	})
}

func compareWithTwin(t *testing.T, b []byte) {
	t.Helper()
	want, sound := twin(b)
	got, _, err := readAll(t, b)
	if !slices.Equal(got, want) {
		t.Fatalf("%x: got %v, twin %v (%v)", b, got, want, err)
	}
	if (err == nil) != sound {
		t.Fatalf("%x: got error %v, twin says sound: %v", b, err, sound)
	}
}

// Every byte of a list with all forms takes every value, and the list is cut at
// every length.
func TestEveryByteAgainstTwin(t *testing.T) {
	var bl builder
	for _, e := range []element{num(5), num(-77), num(4096), str(""), str("0123456789012345678901234567890123456789012345678901234567890123456789")} {
		for i, f := range e.forms() {
			bl.add(e, f, i%2 == 1)
		}
	}
	b := bl.blob()
	for i := range b {
		old := b[i]
		for v := range 256 {
			b[i] = byte(v)
			compareWithTwin(t, b)
		}
		b[i] = old
	}
	last := len(bl.body) - bl.prev
	for i := range bl.body {
		compareWithTwin(t, frame(bl.body[:i], min(i, last), bl.n))
		compareWithTwin(t, frame(bl.body[:i], min(i, last), unknownCount))
		compareWithTwin(t, b[:i])
	}
}
