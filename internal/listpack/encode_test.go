package listpack

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// write builds a listpack of the elements behind dst and checks what holds at
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
			t.Fatalf("%.40q: the listpack has %d bytes, TextSize foretold %d", s, w.Size(), want)
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

func TestAppendInt(t *testing.T) {
	for _, tt := range []struct {
		num  int64
		want string // the element
	}{
		{0, "00 01"},
		{127, "7F 01"},
		{128, "C0 80 02"},
		{-1, "DF FF 02"},
		{4095, "CF FF 02"},
		{-4096, "D0 00 02"},
		{4096, "F1 00 10 03"},
		{-4097, "F1 FF EF 03"},
		{math.MaxInt16, "F1 FF 7F 03"},
		{math.MinInt16, "F1 00 80 03"},
		{math.MaxInt16 + 1, "F2 00 80 00 04"},
		{math.MinInt16 - 1, "F2 FF 7F FF 04"},
		{1<<23 - 1, "F2 FF FF 7F 04"},
		{-1 << 23, "F2 00 00 80 04"},
		{1 << 23, "F3 00 00 80 00 05"},
		{-1<<23 - 1, "F3 FF FF 7F FF 05"},
		{math.MaxInt32, "F3 FF FF FF 7F 05"},
		{math.MinInt32, "F3 00 00 00 80 05"},
		{math.MaxInt32 + 1, "F4 00 00 00 80 00 00 00 00 09"},
		{math.MinInt32 - 1, "F4 FF FF FF 7F FF FF FF FF 09"},
		{math.MaxInt64, "F4 FF FF FF FF FF FF FF 7F 09"},
		{math.MinInt64, "F4 00 00 00 00 00 00 00 80 09"},
	} {
		want := frame(fromHex(t, tt.want), 1)
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
		len           int
		head, backlen string
	}{
		{0, "80", "01"},
		{1, "81", "02"},
		{63, "BF", "40"},
		{64, "E0 40", "42"},
		{125, "E0 7D", "7F"},
		{126, "E0 7E", "01 80"},
		{127, "E0 7F", "01 81"},
		{4095, "EF FF", "20 81"},
		{4096, "F0 00 10 00 00", "20 85"},
		{16377, "F0 F9 3F 00 00", "7F FE"},
		{16378, "F0 FA 3F 00 00", "00 FF FF"},
		{16379, "F0 FB 3F 00 00", "01 80 80"},
		{2097145, "F0 F9 FF 1F 00", "7F FF FE"},
		{2097146, "F0 FA FF 1F 00", "00 FF FF FF"},
	} {
		s := strings.Repeat("x", tt.len)
		want := frame(slices.Concat(fromHex(t, tt.head), []byte(s), fromHex(t, tt.backlen)), 1)
		if got := write(t, nil, str(s)); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: wrong, begins % x, ends % x", tt.len, got[:12], got[len(got)-5:])
		}
		if got := writeTexts(t, nil, s); !bytes.Equal(got, want) {
			t.Errorf("text of %d bytes: wrong, begins % x, ends % x", tt.len, got[:12], got[len(got)-5:])
		}
	}
	// What is a number stays a string if it is appended as one.
	if got, want := write(t, nil, str("12")), frame(fromHex(t, "82 31 32 03"), 1); !bytes.Equal(got, want) {
		t.Errorf("12: %x, want %x", got, want)
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
		if got, want := b[4:6], []byte{byte(min(n, 65535)), byte(min(n, 65535) >> 8)}; !bytes.Equal(got, want) {
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
	f.Add(uint64(1), uint16(0), []byte("x"), uint16(16378))
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
	// Output: 10 00 00 00 02 00 85 66 69 65 6C 64 06 2A 01 FF
}
