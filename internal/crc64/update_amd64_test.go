//go:build amd64 && !purego

package crc64

import "testing"

// archMethods gives the assembly, with the shortest input it takes.
func archMethods() []method {
	if !hasCLMUL {
		return nil
	}
	return []method{{"clmul", func(crc uint64, p []byte) uint64 {
		if len(p) < foldMin {
			return updateSlicing(crc, p)
		}
		return updateCLMUL(crc, p)
	}}}
}

// TestFoldFactors pins the computed factors, so that a mistake in computing
// them is told apart from one in the folding.
func TestFoldFactors(t *testing.T) {
	want := [4]uint64{
		0xaf86efb16d9ab4fb, 0xf49784a634f014e4,
		0xd9d7be7d505da32c, 0x381d0015c96f4444,
	}
	if foldFactors != want {
		t.Errorf("%#x, want %#x", foldFactors, want)
	}
}

// TestFoldKeepsChecksum folds inputs of each block count down to 16 bytes.
func TestFoldKeepsChecksum(t *testing.T) {
	if !hasCLMUL {
		t.Skip("this processor has no PCLMULQDQ")
	}
	for n := foldMin; n <= 1024; n += 16 {
		p := randomBytes(n, uint64(n))
		first, second := foldCLMUL(99, p, &foldFactors)
		if got, want := step8(step8(first)^second), updateTwin(99, p); got != want {
			t.Fatalf("length %d: %016X, want %016X", n, got, want)
		}
	}
}
