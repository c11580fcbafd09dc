package jsonstr

import (
	"bytes"
	"os"
	"syscall"
	"testing"
	"unicode/utf8"
)

// guarded returns memory with pages before and behind it whose touch ends the test with a fault.
func guarded(t *testing.T, pages int) []byte {
	t.Helper()
	page := os.Getpagesize()
	all, err := syscall.Mmap(-1, 0, (pages+2)*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { syscall.Munmap(all) })
	for _, edge := range [][]byte{all[:page], all[(pages+1)*page:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Skip(err)
		}
	}
	return all[page : (pages+1)*page]
}

// The assembly must neither read outside its input nor write outside its room, not even what it then ignores.
func TestMemoryBounds(t *testing.T) {
	in, out := guarded(t, 1), guarded(t, 1)
	for _, text := range []string{`a\"b`, "\n\x00.", "plain ascii ", "한글 text", "\xff"} {
		for n := 1; n <= 100; n++ {
			s := bytes.Repeat([]byte(text), n)[:n]
			for _, at := range []int{0, len(in) - n} {
				src := in[at : at+n : at+n]
				copy(src, s)
				for _, high := range []bool{false, true} {
					room := worst*n + slack
					if simd {
						room = 2*n + slack
					}
					dst := out[len(out)-room:]
					read, wrote := escape(dst, src, high)
					want := twinEscaped(nil, s[:read])
					if !bytes.Equal(dst[:wrote], want) {
						t.Fatalf("escape(%q) = %q, want %q", s, dst[:wrote], want)
					}
				}
				if got := valid(src); got != utf8.Valid(s) {
					t.Fatalf("valid(%q) = %v", s, got)
				}
				size := (n + 2) / 3 * 4
				got := encode64(out[len(out)-size:][:0], src)
				if want := Base64.Append(nil, s); !bytes.Equal(got, want[len(`"base64:`):len(want)-1]) {
					t.Fatalf("encode64(%q) = %q", s, got)
				}
			}
		}
	}
}
