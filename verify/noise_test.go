package verify

import (
	"bytes"
	"context"
	"math/rand/v2"
	"testing"
)

func BenchmarkSalvageNoise(b *testing.B) {
	noise := make([]byte, 16<<20)
	var seed [32]byte
	rand.NewChaCha8(seed).Read(noise)
	file := append([]byte("REDIS0011\xfe\x00\xfb\x0a\x00\x00\x01k\x01v"), noise...)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		s, err := Salvage(context.Background(), bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			b.Fatal(err)
		}
		if s.Kept != 1 {
			b.Fatal(s.Kept)
		}
	}
}
