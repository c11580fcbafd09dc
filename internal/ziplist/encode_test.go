package ziplist

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// write builds a ziplist of the elements behind dst and checks what holds at
// every step.
func write(t testing.TB, dst []byte, es ...element) []byte {
	t.Helper()
	return writeAll(t, dst, es, func(w *Writer, e element) {
		if e.isNum {
			w.AppendInt(e.num)
		} else {
			w.AppendString([]byte(e.str))
		}
	})
}

// writeTexts is write for elements that are all given as text.
func writeTexts(t testing.TB, dst []byte, texts ...string) []byte {
	t.Helper()
	return writeAll(t, dst, texts, func(w *Writer, s string) {
		want := w.Size() + w.TextSize([]byte(s))
		w.AppendText([]byte(s))
		if w.Size() != want {
			t.Fatalf("%.40q: the ziplist has %d bytes, TextSize foretold %d", s, w.Size(), want)
		}
	})
}

func writeAll[E any](t testing.TB, dst []byte, es []E, add func(w *Writer, e E)) []byte {
	t.Helper()
	before := bytes.Clone(dst)
	var w Writer
	w.Reset(dst)
	if w.Len() != 0 || w.Size() != minSize {
		t.Fatalf("empty: Len %d, Size %d", w.Len(), w.Size())
	}
	for i, e := range es {
		add(&w, e)
		if w.Len() != i+1 {
			t.Fatalf("Len is %d after %d elements", w.Len(), i+1)
		}
	}
	size := w.Size()
	all := w.Finish()
	b, found := bytes.CutPrefix(all, before)
	if !found {
		t.Fatalf("dst was not kept: %.20q", all)
	}
	if len(b) != size {
		t.Fatalf("%d bytes, Size was %d", len(b), size)
	}
	return b
}

// expected is the element that AppendText makes of s, told by the standard
// library.
func expected(s string) element {
	if v, err := strconv.ParseInt(s, 10, 64); err == nil && strconv.FormatInt(v, 10) == s {
		return num(v)
	}
	return str(s)
}

// only is a ziplist of one element, given as hex from its encoding byte on.
func only(t *testing.T, head, content string) []byte {
	t.Helper()
	var bl builder
	bl.addData(append(fromHex(t, head), content...), false)
	return bl.blob()
}

func TestAppendInt(t *testing.T) {
	for _, tt := range []struct {
		num  int64
		want string // the element, without prevlen
	}{
		{0, "F1"},
		{1, "F2"},
		{12, "FD"},
		{13, "FE 0D"},
		{-1, "FE FF"},
		{127, "FE 7F"},
		{-128, "FE 80"},
		{128, "C0 80 00"},
		{-129, "C0 7F FF"},
		{math.MaxInt16, "C0 FF 7F"},
		{math.MinInt16, "C0 00 80"},
		{math.MaxInt16 + 1, "F0 00 80 00"},
		{math.MinInt16 - 1, "F0 FF 7F FF"},
		{1<<23 - 1, "F0 FF FF 7F"},
		{-1 << 23, "F0 00 00 80"},
		{1 << 23, "D0 00 00 80 00"},
		{-1<<23 - 1, "D0 FF FF 7F FF"},
		{math.MaxInt32, "D0 FF FF FF 7F"},
		{math.MinInt32, "D0 00 00 00 80"},
		{math.MaxInt32 + 1, "E0 00 00 00 80 00 00 00 00"},
		{math.MinInt32 - 1, "E0 FF FF FF 7F FF FF FF FF"},
		{math.MaxInt64, "E0 FF FF FF FF FF FF FF 7F"},
		{math.MinInt64, "E0 00 00 00 00 00 00 00 80"},
	} {
		want := only(t, tt.want, "")
		if got := write(t, nil, num(tt.num)); !bytes.Equal(got, want) {
			t.Errorf("%d: %x, want %x", tt.num, got, want)
		}
		if got := writeTexts(t, nil, strconv.FormatInt(tt.num, 10)); !bytes.Equal(got, want) {
			t.Errorf("text %d: %x, want %x", tt.num, got, want)
		}
	}
}

func TestAppendString(t *testing.T) {
	for _, tt := range []struct {
		len  int
		head string
	}{
		{0, "00"},
		{1, "01"},
		{63, "3F"},
		{64, "40 40"},
		{255, "40 FF"},
		{256, "41 00"},
		{16383, "7F FF"},
		{16384, "80 00 00 40 00"},
		{1 << 20, "80 00 10 00 00"},
	} {
		s := strings.Repeat("x", tt.len)
		want := only(t, tt.head, s)
		if got := write(t, nil, str(s)); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: wrong, begins % x", tt.len, got[:12])
		}
		if got := writeTexts(t, nil, s); !bytes.Equal(got, want) {
			t.Errorf("text of %d bytes: wrong, begins % x", tt.len, got[:12])
		}
	}
	// What is a number stays a string if it is appended as one.
	if got, want := write(t, nil, str("12")), only(t, "02 31 32", ""); !bytes.Equal(got, want) {
		t.Errorf("12: %x, want %x", got, want)
	}
}

// An element of 254 bytes or more is followed by a long prevlen, which makes the
// next one longer in its turn.
func TestPrevlen(t *testing.T) {
	for _, tt := range []struct {
		len  int    // of the string in front: its element has 3 bytes more
		want string // the next two elements, from their prevlens on
	}{
		{249, "FC F2 | 02 F3"},
		{250, "FD F2 | 02 F3"},
		{251, "FE FE 00 00 00 F2 | 06 F3"},
		{252, "FE FF 00 00 00 F2 | 06 F3"},
		{16383, "FE 02 40 00 00 F2 | 06 F3"},
		{16384, "FE 06 40 00 00 F2 | 06 F3"}, // with 6 bytes more
	} {
		s := strings.Repeat("x", tt.len)
		want := append(fromHex(t, tt.want), endMark)
		for name, b := range map[string][]byte{
			"elements": write(t, nil, str(s), num(1), num(2)),
			"texts":    writeTexts(t, nil, s, "1", "2"),
		} {
			if !bytes.HasSuffix(b, append([]byte("x"), want...)) {
				t.Errorf("%s after %d bytes: % x, want % x", name, tt.len, b[len(b)-len(want):], want)
			}
			if tail := binary.LittleEndian.Uint32(b[4:]); int(tail) != len(b)-3 {
				t.Errorf("%s after %d bytes: tail %d in a blob of %d", name, tt.len, tail, len(b))
			}
		}
	}
	// A long prevlen counts as part of its element.
	s251, s246, s247 := strings.Repeat("x", 251), strings.Repeat("y", 246), strings.Repeat("y", 247)
	for _, tt := range []struct{ second, want string }{{s246, "FD F2"}, {s247, "FE FE 00 00 00 F2"}} {
		if b, want := write(t, nil, str(s251), str(tt.second), num(1)), append(fromHex(t, tt.want), endMark); !bytes.HasSuffix(b, append([]byte("y"), want...)) {
			t.Errorf("after %d bytes with a long prevlen: % x, want % x", len(tt.second), b[len(b)-len(want):], want)
		}
	}
}

func TestAppendText(t *testing.T) {
	for s, isNum := range map[string]bool{
		"0": true, "7": true, "10": true, "-1": true, "-10": true, "1234567890": true,
		"9223372036854775807": true, "-9223372036854775808": true,
		"9223372036854775808": false, "-9223372036854775809": false, "9999999999999999999": false, "-9999999999999999999": false,
		"18446744073709551616": false, "18446744073709551617": false, "-18446744073709551616": false, "36893488147419103232": false,
		"00000000000000000001": false, "100000000000000000000": false, "-100000000000000000000": false,
		"": false, "-": false, "--1": false, "-0": false, "00": false, "007": false, "-01": false, "+1": false, " 1": false, "1 ": false,
		"1.5": false, "1e3": false, "1a": false, "a": false, "/": false, ":": false, "1:": false, "1/": false, "1\x00": false, "-:": false,
		"\xB1": false, "1\xB1": false,
	} {
		want := str(s)
		if isNum {
			v, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			want = num(v)
		}
		if got := writeTexts(t, nil, s); !bytes.Equal(got, build(want)) {
			t.Errorf("%q: %x, want %x", s, got, build(want))
		}
	}
}

// The header counts as far as it can.
func TestWriterCount(t *testing.T) {
	for _, n := range []int{0, 1, 65534, 65535, 65536} {
		var w Writer
		w.Reset(nil)
		for i := range n {
			w.AppendInt(int64(i % 128))
		}
		b := w.Finish()
		if got, want := b[8:10], []byte{byte(min(n, 65535)), byte(min(n, 65535) >> 8)}; !bytes.Equal(got, want) {
			t.Errorf("%d elements: count % x, want % x", n, got, want)
		}
		if es, _, err := readAll(t, b); err != nil || len(es) != n {
			t.Errorf("%d elements: %d read, %v", n, len(es), err)
		}
	}
}

// A Writer is used again and again: nothing of the list before is left, what
// stands in front stays, and room once made is enough.
func TestWriterReuse(t *testing.T) {
	var w Writer
	w.Reset(nil)
	w.AppendText([]byte("another list"))
	w.Finish()
	one, two := build(num(1), str("a")), build(str("b"))
	w.Reset([]byte("head"))
	w.AppendText([]byte("1"))
	w.AppendText([]byte("a"))
	w.Reset(w.Finish())
	w.AppendText([]byte("b"))
	got := w.Finish()
	if want := slices.Concat([]byte("head"), one, two); !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}

	buf := make([]byte, 0, 1<<16)
	texts := [][]byte{[]byte("field"), []byte("-123456789"), bytes.Repeat([]byte("x"), 5000), []byte("12345x")}
	if n := testing.AllocsPerRun(10, func() {
		w.Reset(buf)
		for _, s := range texts {
			if w.Size()+w.TextSize(s) <= cap(buf) {
				w.AppendText(s)
			}
		}
		buf = w.Finish()[:0]
	}); n != 0 {
		t.Errorf("%v allocations a list", n)
	}
}

// FuzzWriter builds lists of random elements and of one given text, and holds
// them against the twin and the Reader.
func FuzzWriter(f *testing.F) {
	for i, s := range []string{"", "0", "-1", "-0", "127", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "12x"} {
		f.Add(uint64(i), uint16(50*i), []byte(s), uint16(1))
	}
	f.Add(uint64(1), uint16(0), []byte("x"), uint16(16384))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, text []byte, repeat uint16) {
		r := rand.New(rand.NewPCG(seed, 0))
		want := make([]element, n%300)
		for i := range want {
			want[i] = randomElement(r)
		}
		compareWriter(t, write(t, []byte("head"), want...), want)

		s := string(bytes.Repeat(text, min(int(repeat), 1+1<<17/(1+len(text)))))
		texts := []string{s, string(text), s}
		for i := range want {
			texts = append(texts, want[i].str)
			if want[i].isNum {
				texts[len(texts)-1] = strconv.FormatInt(want[i].num, 10)
			}
		}
		want = want[:0]
		for _, s := range texts {
			want = append(want, expected(s))
		}
		compareWriter(t, writeTexts(t, nil, texts...), want)
	})
}

func compareWriter(t *testing.T, got []byte, want []element) {
	t.Helper()
	if !bytes.Equal(got, build(want...)) {
		t.Fatalf("%x, the twin makes %x", got, build(want...))
	}
	if es, _, err := readAll(t, got); err != nil || !slices.Equal(es, want) {
		t.Fatalf("read back %v, %v; want %v", es, err, want)
	}
}

func ExampleWriter() {
	var w Writer
	w.Reset(nil)
	w.AppendText([]byte("field"))
	w.AppendText([]byte("42"))
	fmt.Printf("% X\n", w.Finish())
	// Output: 15 00 00 00 11 00 00 00 02 00 00 05 66 69 65 6C 64 07 FE 2A FF
}
