package zipmap

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzRoundTrip builds zipmaps of random pairs in random legal shapes.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint16(10))
	f.Add(uint64(2), uint16(253))
	f.Add(uint64(3), uint16(0))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		want := make([]pair, n%300)
		var body []byte
		for i := range want {
			var s shape
			want[i], s = randomPair(r)
			body = appendPair(body, want[i], s)
		}
		got, _, err := readAll(t, frame(body, len(want)))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// FuzzAgainstTwin gives arbitrary bytes to the Reader and to its simple twin:
// both must return the same pairs and the same verdict. The bytes are tried as a
// blob, and with a sound frame around them to get past Open.
func FuzzAgainstTwin(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 8 {
		var body []byte
		for range 4 {
			p, s := randomPair(r)
			body = appendPair(body, p, s)
		}
		f.Add(frame(body, 4), uint8(0))
		f.Add(body, uint8(4))
		f.Add(body, uint8(255))
	}
	f.Fuzz(func(t *testing.T, data []byte, count uint8) {
		compareWithTwin(t, data)
		compareWithTwin(t, frame(data, int(count)))
		compareWithTwin(t, frame(data, unknownCount))
	})
}

func compareWithTwin(t *testing.T, b []byte) {
	t.Helper()
	want, sound := twin(b)
	got, _, err := readAll(t, b)
	if !slices.Equal(got, want) {
		t.Fatalf("%x: got %q, twin %q (%v)", b, got, want, err)
	}
	if (err == nil) != sound {
		t.Fatalf("%x: got error %v, twin says sound: %v", b, err, sound)
	}
}

// Every byte of a zipmap with all shapes takes every value, and the zipmap is
// cut at every length.
func TestEveryByteAgainstTwin(t *testing.T) {
	var body []byte
	for _, s := range []shape{{}, {free: 3}, {longField: true}, {longValue: true, free: 1}, {longField: true, longValue: true}} {
		body = appendPair(body, pair{"field", "value"}, s)
		body = appendPair(body, pair{"", ""}, s)
	}
	b := frame(body, 10)
	for i := range b {
		old := b[i]
		for v := range 256 {
			b[i] = byte(v)
			compareWithTwin(t, b)
		}
		b[i] = old
	}
	for i := range body {
		compareWithTwin(t, frame(body[:i], 10))
		compareWithTwin(t, frame(body[:i], unknownCount))
		compareWithTwin(t, b[:i])
	}
}
