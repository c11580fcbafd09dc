package crc64

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestLocate(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + rnd.IntN(3000)
		msg := make([]byte, n)
		for i := range msg {
			msg[i] = byte(rnd.Uint32())
		}
		span := 1 + rnd.IntN(4)
		k := min(1+rnd.IntN(span), n)
		from := rnd.IntN(n - k + 1)
		want := make([]byte, k)
		for i := range want {
			want[i] = byte(rnd.Uint32())
		}
		want[0] |= 1
		want[k-1] |= 0x80
		changed := bytes.Clone(msg)
		for i := range want {
			changed[from+i] ^= want[i]
		}
		at, change, ok := Locate(Update(0, msg)^Update(0, changed), int64(n), span)
		if !ok || at != int64(from) || !bytes.Equal(change, want) {
			t.Fatalf("%d bytes, change %x at %d: found %x at %d, %v", n, want, from, change, at, ok)
		}
	}
}

// What no few bytes explain is not located.
func TestLocateNothing(t *testing.T) {
	if _, _, ok := Locate(0, 100, 2); ok {
		t.Error("found a change where there is none")
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		if at, change, ok := Locate(rnd.Uint64(), 10000, 2); ok {
			t.Errorf("a change %x at %d for a random syndrome", change, at)
		}
	}
}

func BenchmarkLocate(b *testing.B) {
	b.SetBytes(1 << 20)
	for b.Loop() {
		Locate(0x123456789abcdef, 1<<20, 2)
	}
}
