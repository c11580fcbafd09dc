package lzf

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
)

// streamAll feeds packed to a stream in pieces, as a reader does that keeps
// what was not used, and spoils borrowed output before each next call.
func streamAll(packed []byte, n int64, piece, slack int) ([]byte, error) {
	return feed(NewStream(n), packed, piece, slack)
}

func feed(s *Stream, packed []byte, piece, slack int) (all []byte, err error) {
	var pending []byte
	for {
		out, used, err := s.Next(withSlack(pending, slack))
		if err != nil {
			return all, err
		}
		if (used == 0) != (len(out) == 0) {
			return all, fmt.Errorf("%d bytes from %d packed", len(out), used)
		}
		all = append(all, out...)
		pending = pending[used:]
		if used > 0 {
			continue
		}
		if len(pending) >= MaxToken {
			return all, fmt.Errorf("%d bytes of input were not enough", len(pending))
		}
		if len(packed) == 0 {
			return all, s.Finish()
		}
		k := min(piece, len(packed))
		pending = append(pending, packed[:k]...)
		packed = packed[k:]
	}
}

func TestStream(t *testing.T) {
	for _, c := range []struct {
		name string
		text []byte
	}{
		{"short", []byte("abcabcabcabcabcabcabcabc")},
		{"json below a chunk", jsonText(200_000, 1)},
		{"json of several chunks", jsonText(2*streamChunk+12345, 2)},
		{"all equal", bytes.Repeat([]byte{'a'}, 2*streamChunk+1)},
		{"period of the largest offset", bytes.Repeat(randomBytes(maxOffset, 3), 40)},
	} {
		t.Run(c.name, func(t *testing.T) {
			packed := pack(t, c.text)
			for _, piece := range []int{1, 2, 3, MaxToken, 1000, 64 << 10, 1 << 30} {
				got, err := streamAll(packed, int64(len(c.text)), piece, 0)
				if err != nil || !bytes.Equal(got, c.text) {
					t.Errorf("pieces of %d: %d of %d bytes, equal %t, error %v",
						piece, len(got), len(c.text), bytes.Equal(got, c.text), err)
				}
			}
		})
	}
}

func TestStreamEmpty(t *testing.T) {
	s := NewStream(0)
	if out, used, err := s.Next(nil); len(out) != 0 || used != 0 || err != nil {
		t.Errorf("no input: %q, %d, %v", out, used, err)
	}
	if err := s.Finish(); err != nil {
		t.Errorf("nothing of nothing: %v", err)
	}
	if _, _, err := s.Next([]byte{0, 'a'}); !errors.Is(err, ErrTooLong) {
		t.Errorf("a byte too much: %v", err)
	}
}

// TestStreamDamage gives the output before the damage, then the same error for
// ever, whatever the size of the pieces.
func TestStreamDamage(t *testing.T) {
	for _, c := range []struct {
		name, packed string
		n            int64
		before       string
		text         string
	}{
		{"cut literals", "00 61 02 62 63", 4, "a", "token at packed byte 2: input ends inside the token"},
		{"cut match", "00 61 E0 00", 10, "a", "token at packed byte 2: input ends inside the token"},
		{"offset", "01 61 62 20 02", 5, "ab", "token at packed byte 3: match starts before the output"},
		{"too long", "01 61 62 20 01", 4, "ab", "token at packed byte 3: output is longer than declared"},
		{"bytes after the end", "00 61 00 62", 1, "a", "token at packed byte 2: output is longer than declared"},
		{"too short", "01 61 62", 3, "ab", "output is shorter than declared: 2 of 3 bytes"},
		{"no input", "", 3, "", "output is shorter than declared: 0 of 3 bytes"},
		{"negative length", "00 61", -1, "", "declared length is not possible: -1 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, piece := range []int{1, 2, 3, 100} {
				s := NewStream(c.n)
				got, err := feed(s, unhex(t, c.packed), piece, 0)
				if string(got) != c.before || err == nil || err.Error() != c.text {
					t.Fatalf("pieces of %d: %q, %v, want %q, %s", piece, got, err, c.before, c.text)
				}
				if _, used, again := s.Next([]byte{0, 'z'}); used != 0 || again != err {
					t.Errorf("Next after the error used %d: %v", used, again)
				}
				if again := s.Finish(); again != err {
					t.Errorf("Finish after the error: %v", again)
				}
			}
		})
	}
}

// TestStreamUnfinished ends while a whole token is left over: the damage found
// with it must not be lost.
func TestStreamUnfinished(t *testing.T) {
	s := NewStream(1)
	out, used, err := s.Next([]byte{0, 'a', 0, 'b'})
	if string(out) != "a" || used != 2 || err != nil {
		t.Fatalf("%q, %d, %v", out, used, err)
	}
	if err := s.Finish(); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v, want %v", err, ErrTooLong)
	}
}

// TestStreamHistory damages an offset in a later chunk, where what precedes
// the kept history is no longer there: 8192 bytes must be, in any chunk.
func TestStreamHistory(t *testing.T) {
	text := append(jsonText(3*streamChunk, 8), randomBytes(maxOffset, 9)...)
	packed := pack(t, text)
	w := tokenWriter{out: make([]byte, 3)}
	w.match(maxOffset, maxMatch)
	packed = append(packed, w.out...)
	text = append(text, text[len(text)-maxOffset:][:maxMatch]...)
	got, err := streamAll(packed, int64(len(text)), 5000, 0)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("equal %t, error %v", bytes.Equal(got, text), err)
	}
}

func TestStreamReset(t *testing.T) {
	s := NewStream(5)
	if _, err := feed(s, unhex(t, "01 61 62 3F FF"), 10, 0); !errors.Is(err, ErrOffset) {
		t.Fatalf("first block: %v", err)
	}
	buf := &s.buf[0]
	text := jsonText(300_000, 10)
	s.Reset(int64(len(text)))
	got, err := feed(s, pack(t, text), 4096, 0)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("second block: equal %t, error %v", bytes.Equal(got, text), err)
	}
	if &s.buf[0] != buf {
		t.Error("the buffer was not kept")
	}
	s.Reset(3)
	if _, err := feed(s, unhex(t, "20 00"), 10, 0); !errors.Is(err, ErrOffset) {
		t.Errorf("third block reached into the second: %v", err)
	}
}

// TestStreamMemory bounds what a call gives and what a stream holds.
func TestStreamMemory(t *testing.T) {
	text := make([]byte, 10*streamChunk)
	packed := pack(t, text)
	s := NewStream(int64(len(text)))
	var total int
	for len(packed) > 0 {
		out, used, err := s.Next(packed)
		if err != nil {
			t.Fatal(err)
		}
		if len(out) > streamWindow || cap(out) != len(out) || cap(s.buf) > 300<<10 {
			t.Fatalf("output of %d bytes with capacity %d, buffer of %d", len(out), cap(out), cap(s.buf))
		}
		total += len(out)
		packed = packed[used:]
	}
	if err := s.Finish(); err != nil || total != len(text) {
		t.Errorf("%d of %d bytes, error %v", total, len(text), err)
	}
}

func BenchmarkStream(b *testing.B) {
	text := jsonText(4<<20, 11)
	packed := withSlack(pack(b, text), inSlack)
	s := NewStream(0)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.Reset(int64(len(text)))
		for rest := packed; len(rest) > 0; {
			_, used, err := s.Next(rest[:min(len(rest), 256<<10)])
			if err != nil {
				b.Fatal(err)
			}
			rest = rest[used:]
		}
		if err := s.Finish(); err != nil {
			b.Fatal(err)
		}
	}
}
