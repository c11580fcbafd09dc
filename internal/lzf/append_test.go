package lzf

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct{ name, packed, want string }{
		{"empty", "", ""},
		{"one literal", "00 61", "a"},
		{"server: 60 times a", "01 61 61 E0 2F 00 01 61 61", strings.Repeat("a", 60)},
		{"server: short and long match", "05 69 74 65 6D 3A 31 20 00 01 3A 70 E0 17 00 01 70 70", "item:1111:" + strings.Repeat("p", 35)},
		{"literals after literals", "00 61 01 62 63 00 64", "abcd"},
		{"32 literals", "1F" + strings.Repeat("78", 32), strings.Repeat("x", 32)},
		{"shortest match", "02 61 62 63 20 02", "abcabc"},
		{"longest short match", "00 61 C0 00", strings.Repeat("a", 9)},
		{"shortest long match", "00 61 E0 00 00", strings.Repeat("a", 10)},
		{"longest match", "00 61 E0 FF 00", strings.Repeat("a", 265)},
		{"match of its own output", "02 61 62 63 A0 02", "abcabcabca"},
		{"match after match", "01 61 62 20 01 20 04 00 21", "ababaaba!"},
	} {
		t.Run(c.name, func(t *testing.T) {
			packed := unhex(t, c.packed)
			for _, slack := range []int{0, 1, inSlack - 1, inSlack, 100} {
				got, err := Append([]byte("head:"), withSlack(packed, slack), len(c.want))
				if err != nil || string(got) != "head:"+c.want {
					t.Errorf("slack %d: %q, %v, want %q", slack, got, err, "head:"+c.want)
				}
			}
			if got, err := appendTwin(nil, packed, len(c.want)); err != nil || string(got) != c.want {
				t.Errorf("twin: %q, %v", got, err)
			}
		})
	}
}

func TestAppendDamage(t *testing.T) {
	long := strings.Repeat("00 61", 50) // keeps the damage inside the fast loop
	for _, c := range []struct {
		name, packed string
		n            int
		reason       error
		text         string
	}{
		{"literals cut", "02 61 62", 3, ErrTruncated, "token at packed byte 0: input ends inside the token"},
		{"literals missing", "00 61 00", 2, ErrTruncated, "token at packed byte 2: input ends inside the token"},
		{"match without offset", "00 61 20", 4, ErrTruncated, "token at packed byte 2: input ends inside the token"},
		{"long match without length", "00 61 E0", 10, ErrTruncated, "token at packed byte 2: input ends inside the token"},
		{"long match without offset", "00 61 E0 00", 10, ErrTruncated, "token at packed byte 2: input ends inside the token"},
		{"match first", "20 00", 3, ErrOffset, "token at packed byte 0: match starts before the output"},
		{"offset one too far", "00 61 20 01", 4, ErrOffset, "token at packed byte 2: match starts before the output"},
		{"largest offset", "00 61 3F FF", 4, ErrOffset, "token at packed byte 2: match starts before the output"},
		{"too many literals", "02 61 62 63", 2, ErrTooLong, "token at packed byte 0: output is longer than declared"},
		{"match too long", "00 61 20 00", 3, ErrTooLong, "token at packed byte 2: output is longer than declared"},
		{"bytes after the end", "00 61 00 62", 1, ErrTooLong, "token at packed byte 2: output is longer than declared"},
		{"something declared as nothing", "00 61", 0, ErrTooLong, "token at packed byte 0: output is longer than declared"},
		{"one byte missing", "01 61 62", 3, ErrTooShort, "output is shorter than declared: 2 of 3 bytes"},
		{"nothing declared as something", "", 1, ErrLength, "declared length is not possible: 1 bytes from 0 packed"},
		{"bomb", "00 61 E0 FF 00", 441, ErrLength, "declared length is not possible: 441 bytes from 5 packed"},
		{"largest length", "00 61 E0 FF 00", math.MaxInt, ErrLength, "declared length is not possible"},
		{"negative length", "00 61", -1, ErrLength, "declared length is not possible: -1 bytes from 2 packed"},
		{"late offset", long + "20 32" + long, 103, ErrOffset, "token at packed byte 100: match starts before the output"},
		{"late end", long + "20 31" + long, 53, ErrTooLong, "token at packed byte 102: output is longer than declared"},
		{"late cut", long + "1F" + long[:60], 82, ErrTruncated, "token at packed byte 100: input ends inside the token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			packed := unhex(t, c.packed)
			for _, slack := range []int{0, inSlack, 300} {
				dst := append(make([]byte, 0, 1000), "head"...)
				got, err := Append(dst, withSlack(packed, slack), c.n)
				if !errors.Is(err, c.reason) || !strings.HasPrefix(err.Error(), c.text) {
					t.Fatalf("slack %d: error %v, want %q", slack, err, c.text)
				}
				if string(got) != "head" {
					t.Errorf("slack %d: dst is %q after the error", slack, got)
				}
			}
		})
	}
}

// TestAppendCutAnywhere cuts a good block at each length: a cut must never
// pass for a shorter string.
func TestAppendCutAnywhere(t *testing.T) {
	text := jsonText(2000, 1)
	packed := pack(t, text)
	for cut := range packed {
		_, err := Append(nil, packed[:cut:cut], len(text))
		if err == nil {
			t.Fatalf("cut at %d of %d gave no error", cut, len(packed))
		}
		// The bytes behind the cut are slack, which must not heal it.
		if _, withRest := Append(nil, packed[:cut], len(text)); !sameReason(err, withRest) {
			t.Fatalf("cut at %d: %v, but with slack %v", cut, err, withRest)
		}
	}
}

// TestMatches tries each short offset, and the largest ones, with each length.
func TestMatches(t *testing.T) {
	type span struct{ head, from, to, step int }
	for _, c := range []span{
		{head: 80, from: 1, to: 70, step: 1},
		{head: 300, from: 255, to: 257, step: 5},
		{head: maxOffset + 50, from: maxOffset - 1, to: maxOffset, step: 9},
	} {
		head := randomBytes(c.head, 3)
		literals := tokenWriter{out: make([]byte, 2*len(head))}
		literals.literals(head)
		for off := c.from; off <= c.to; off++ {
			for n := minMatch; n <= maxMatch; n += c.step {
				w := tokenWriter{out: slices.Clone(literals.out), n: literals.n}
				w.match(off, n)
				w.literals([]byte("!"))
				packed, total := w.out[:w.n], len(head)+n+1
				want, err := appendTwin(nil, packed, total)
				if err != nil {
					t.Fatal(err)
				}
				for _, slack := range []int{0, 100} {
					got, err := Append(nil, withSlack(packed, slack), total)
					if err != nil || !bytes.Equal(got, want) {
						t.Fatalf("offset %d, length %d, slack %d: wrong output, error %v", off, n, slack, err)
					}
				}
			}
		}
	}
}

// TestAppendReuse checks that dst grows once, is kept when large enough, and
// that a bomb allocates nothing but its error.
func TestAppendReuse(t *testing.T) {
	text := jsonText(5000, 4)
	packed := pack(t, text)
	buf := make([]byte, 0, len(text)+outSlack)
	got, err := Append(buf, packed, len(text))
	if err != nil || &got[0] != &buf[:1][0] {
		t.Errorf("dst with room for the output and %d bytes was replaced (error %v)", outSlack, err)
	}
	got, err = Append([]byte{}, []byte{0, 'a', 0xE0, 0xFF, 0}, 1<<30)
	if !errors.Is(err, ErrLength) || cap(got) != 0 {
		t.Errorf("bomb: capacity %d, error %v", cap(got), err)
	}
}

func FuzzAppend(f *testing.F) {
	for _, n := range []int{200, 500, 3000} {
		f.Add(pack(f, jsonText(n, uint64(n))), n, uint8(40), uint16(7))
	}
	f.Add(unhex(f, "01 61 61 E0 2F 00 01 61 61"), 60, uint8(0), uint16(1))
	f.Add(unhex(f, "02 61 62 63 A0 02 20 07"), 12, uint8(3), uint16(3))
	f.Add(unhex(f, "00 61 3F FF"), 4, uint8(50), uint16(2))
	f.Fuzz(func(t *testing.T, packed []byte, n int, slack uint8, piece uint16) {
		if n > 1<<20 {
			n %= 1 << 20
		}
		got, err := Append([]byte("head"), withSlack(packed, int(slack)), n)
		want, twinErr := appendTwin([]byte("head"), packed, n)
		if errors.Is(err, ErrLength) {
			if twinErr == nil && n >= 0 {
				t.Fatalf("refused a length that is possible: %v", err)
			}
			return
		}
		if !sameReason(err, twinErr) || !bytes.Equal(got, want) {
			t.Fatalf("%q, %v\nwant %q, %v", got, err, want, twinErr)
		}
		unpacked, streamErr := streamAll(packed, int64(n), 1+int(piece), int(slack))
		if !sameReason(streamErr, twinErr) {
			t.Fatalf("stream: %v, want %v", streamErr, twinErr)
		}
		if err == nil && !bytes.Equal(unpacked, want[4:]) {
			t.Fatalf("stream: %q, want %q", unpacked, want[4:])
		}
		if err != nil && err.Error() != streamErr.Error() {
			t.Fatalf("stream: %q, but Append: %q", streamErr, err)
		}
	})
}

// benchmarkBlocks packs texts one by one, with slack behind each as a reader's
// buffer gives it. What does not pack becomes literals, as no server would
// write it.
func benchmarkBlocks(texts ...[]byte) (blocks [][]byte) {
	var c Compressor
	for _, text := range texts {
		packed, ok := c.Compress(nil, text)
		if !ok {
			w := tokenWriter{out: make([]byte, 2*len(text))}
			w.literals(text)
			packed = w.out[:w.n]
		}
		blocks = append(blocks, withSlack(packed, inSlack))
	}
	return blocks
}

func BenchmarkAppend(b *testing.B) {
	// Enough different strings that no branch predictor learns them by heart.
	var short [][]byte
	for i := range 5000 {
		short = append(short, jsonText(60+i%800, uint64(i)))
	}
	for _, c := range []struct {
		name  string
		texts [][]byte
	}{
		{"json strings", short},
		{"json 1 MiB", [][]byte{jsonText(1<<20, 5)}},
		{"all equal", [][]byte{make([]byte, 1<<20)}},
		{"random", [][]byte{randomBytes(1<<20, 7)}},
	} {
		blocks := benchmarkBlocks(c.texts...)
		var total, longest int
		for _, text := range c.texts {
			total += len(text)
			longest = max(longest, len(text))
		}
		for _, m := range []struct {
			name string
			f    func(dst, src []byte, n int) ([]byte, error)
		}{
			{"Append", Append},
			{"without slack", func(dst, src []byte, n int) ([]byte, error) {
				return Append(dst, src[:len(src):len(src)], n)
			}},
			{"twin", appendTwin},
		} {
			b.Run(c.name+"/"+m.name, func(b *testing.B) {
				buf := make([]byte, 0, longest+outSlack)
				b.SetBytes(int64(total))
				b.ReportAllocs()
				for b.Loop() {
					for i, block := range blocks {
						if _, err := m.f(buf, block, len(c.texts[i])); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
