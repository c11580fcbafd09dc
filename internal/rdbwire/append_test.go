package rdbwire

import (
	"bytes"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestAppendLength(t *testing.T) {
	for _, tt := range []struct {
		v    uint64
		want string
	}{
		{0, "\x00"},
		{63, "\x3F"},
		{64, "\x40\x40"},
		{255, "\x40\xFF"},
		{256, "\x41\x00"},
		{16383, "\x7F\xFF"},
		{16384, "\x80\x00\x00\x40\x00"},
		{math.MaxUint32, "\x80\xFF\xFF\xFF\xFF"},
		{math.MaxUint32 + 1, "\x81\x00\x00\x00\x01\x00\x00\x00\x00"},
		{math.MaxUint64, "\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"},
	} {
		if got := AppendLength([]byte("head"), tt.v); string(got) != "head"+tt.want {
			t.Errorf("%d: %x, want %x", tt.v, got[4:], tt.want)
		}
	}
}

func TestAppendText(t *testing.T) {
	for s, want := range map[string]string{
		"0":           "\xC0\x00",
		"-1":          "\xC0\xFF",
		"127":         "\xC0\x7F",
		"-128":        "\xC0\x80",
		"128":         "\xC1\x80\x00",
		"-129":        "\xC1\x7F\xFF",
		"32767":       "\xC1\xFF\x7F",
		"-32768":      "\xC1\x00\x80",
		"32768":       "\xC2\x00\x80\x00\x00",
		"-32769":      "\xC2\xFF\x7F\xFF\xFF",
		"123456":      "\xC2\x40\xE2\x01\x00",
		"2147483647":  "\xC2\xFF\xFF\xFF\x7F",
		"-2147483648": "\xC2\x00\x00\x00\x80",
	} {
		if got := AppendText([]byte("head"), []byte(s)); string(got) != "head"+want {
			t.Errorf("%s: %x, want %x", s, got[4:], want)
		}
	}
	for _, s := range []string{
		"", "-", "--1", "-0", "00", "007", "-01", "+1", " 1", "1 ", "1.5", "1e3", "1a", "a", "/", ":", "1/", "1:", "-:", "\xB1", "1\x00",
		"2147483648", "-2147483649", "4294967296", "9999999999", "12345678901", "-9999999999", "99999999999", "00000000001", "123456789012", "hello",
	} {
		want := "head" + string(rune(len(s))) + s
		for name, got := range map[string][]byte{"AppendText": AppendText([]byte("head"), []byte(s)), "AppendPlain": AppendPlain([]byte("head"), []byte(s))} {
			if string(got) != want {
				t.Errorf("%s of %q: %x, want %x", name, s, got[4:], want[4:])
			}
		}
	}
	if got := AppendPlain(nil, []byte("12")); string(got) != "\x0212" {
		t.Errorf("AppendPlain of 12: %x", got)
	}
	for _, n := range []int{63, 64, 16383, 16384} {
		s := bytes.Repeat([]byte("1"), n)
		want := append(AppendLength(nil, uint64(n)), s...)
		if got := AppendText(nil, s); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: begins %x", n, got[:8])
		}
	}
}

func TestAppendLZFHead(t *testing.T) {
	if got := AppendLZFHead([]byte("head"), 9, 60); string(got) != "head\xC3\x09\x3C" {
		t.Errorf("%x", got)
	}
	got, err := String(AppendLZFHead(nil, 100, 65536))
	if want := (Head{Kind: Compressed, Len: 8, Body: 100, Size: 65536}); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

func TestAppendDoubles(t *testing.T) {
	// What C prints with %.17g, and what servers since 7.2 print where that is
	// another text.
	for _, tt := range []struct {
		f           float64
		want, short string
	}{
		{0, "0", ""},
		{math.Copysign(0, -1), "-0", ""},
		{1, "1", ""},
		{-1, "-1", ""},
		{2.5, "2.5", ""},
		{0.1, "0.10000000000000001", "0.1"},
		{3.14, "3.1400000000000001", "3.14"},
		{1.0 / 3, "0.33333333333333331", "0.3333333333333333"},
		{-2.5e-10, "-2.5000000000000002e-10", "-2.5e-10"},
		{1e-4, "0.0001", ""},
		{1e-5, "1.0000000000000001e-05", "0.00001"},
		{1e-6, "9.9999999999999995e-07", "0.000001"},
		{1e-7, "9.9999999999999995e-08", "1e-7"},
		{1e100, "1e+100", ""},
		{1e-100, "1e-100", ""},
		{5e-324, "4.9406564584124654e-324", "5e-324"},
		{2.2250738585072014e-308, "2.2250738585072014e-308", ""},
		{math.MaxFloat64, "1.7976931348623157e+308", ""},
		{1<<52 - 1, "4503599627370495", ""},
		{-(1<<52 - 1), "-4503599627370495", ""},
		{1<<52 - 0.5, "4503599627370495.5", ""},
		{1 << 52, "4503599627370496", ""},
		{1 << 53, "9007199254740992", ""},
		{1e16, "10000000000000000", ""},
		{1e17, "1e+17", "100000000000000000"},
		{123456789012345680, "1.2345678901234568e+17", "123456789012345680"},
		{1 << 60, "1.152921504606847e+18", "1152921504606846976"},
		{1 << 62, "4.6116860184273879e+18", "4611686018427387904"},
		{-(1 << 62), "-4.6116860184273879e+18", "-4611686018427387904"},
		{1e22, "1e+22", ""},
		{math.Inf(1), "inf", ""},
		{math.Inf(-1), "-inf", ""},
		{math.NaN(), "nan", ""},
	} {
		if got := AppendScore17([]byte("head"), tt.f); string(got) != "head"+tt.want {
			t.Errorf("AppendScore17 of %v: %s, want %s", tt.f, got[4:], tt.want)
		}
		short := tt.short
		if short == "" {
			short = tt.want
		}
		if got := AppendScore([]byte("head"), tt.f); string(got) != "head"+short {
			t.Errorf("AppendScore of %v: %s, want %s", tt.f, got[4:], short)
		}
		text := string(rune(len(tt.want))) + tt.want
		switch tt.want {
		case "inf":
			text = "\xFE"
		case "-inf":
			text = "\xFF"
		case "nan":
			text = "\xFD"
		}
		if got := AppendTextDouble([]byte("head"), tt.f); string(got) != "head"+text {
			t.Errorf("AppendTextDouble of %v: %q, want %q", tt.f, got[4:], text)
		}
	}
	for f, want := range map[float64]string{1: "000000000000f03f", 2.5: "0000000000000440", math.Inf(1): "000000000000f07f", math.Copysign(0, -1): "0000000000000080"} {
		if got := hex.EncodeToString(AppendDouble(nil, f)); got != want {
			t.Errorf("AppendDouble of %v: %s, want %s", f, got, want)
		}
	}
}

func TestAppendItems(t *testing.T) {
	for _, tt := range []struct {
		got  []byte
		want string
		item Item
	}{
		{AppendItemEOF(nil), "\x00", Item{}},
		{AppendItemSint(nil, 5), "\x01\x05", Item{Kind: ItemSint, Uint: 5}},
		{AppendItemSint(nil, -1), "\x01\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", Item{Kind: ItemSint, Uint: math.MaxUint64}},
		{AppendItemUint(nil, 100), "\x02\x40\x64", Item{Kind: ItemUint, Uint: 100}},
		{AppendItemFloat(nil, 1.5), "\x03\x00\x00\xC0\x3F", Item{Kind: ItemFloat, Float: 1.5}},
		{AppendItemDouble(nil, 1), "\x04\x00\x00\x00\x00\x00\x00\xF0\x3F", Item{Kind: ItemDouble, Float: 1}},
		{AppendItemString(nil, []byte("e2")), "\x05\x02e2", Item{Kind: ItemString, Head: Head{Kind: Plain, Len: 1, Body: 2, Size: 2}}},
		{AppendItemString(nil, []byte("12")), "\x05\x0212", Item{Kind: ItemString, Head: Head{Kind: Plain, Len: 1, Body: 2, Size: 2}}},
	} {
		if string(tt.got) != tt.want {
			t.Errorf("%x, want %x", tt.got, tt.want)
		}
		if it, n, err := ModuleItem(tt.got); err != nil || it != tt.item || n+int(it.Head.Body) != len(tt.got) {
			t.Errorf("%x: read back %+v, %d, %v", tt.got, it, n, err)
		}
	}
}

func FuzzAppendLength(f *testing.F) {
	for _, v := range []uint64{0, 63, 64, 16383, 16384, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64} {
		f.Add(v, uint8(0))
	}
	f.Fuzz(func(t *testing.T, v uint64, shift uint8) {
		v >>= shift % 64
		b := AppendLength(nil, v)
		if got, n, err := simpleLength(b); got != v || n != len(b) || err != nil {
			t.Fatalf("%d: %x, the twin reads %d, %d, %v", v, b, got, n, err)
		}
		// No shorter form holds v.
		if longest := map[int]uint64{1: 0, 2: 1 << 6, 5: 1 << 14, 9: 1 << 32}[len(b)]; v < longest {
			t.Fatalf("%d: %d bytes", v, len(b))
		}
	})
}

// FuzzAppendText reads back what AppendText writes with the twin of String, and
// lets the standard library say what is a number.
func FuzzAppendText(f *testing.F) {
	for _, s := range []string{"", "0", "-0", "-1", "007", "+1", "2147483647", "2147483648", "-2147483648", "-2147483649", "12345678901", "hello", strings.Repeat("x", 64), strings.Repeat("x", 16384)} {
		f.Add([]byte(s), int64(len(s)))
	}
	f.Fuzz(func(t *testing.T, s []byte, v int64) {
		for _, s := range [][]byte{s, strconv.AppendInt(nil, v, 10), strconv.AppendInt(nil, v>>32, 10), strconv.AppendInt(nil, v>>48, 10), strconv.AppendInt(nil, v>>56, 10)} {
			b := AppendText(nil, s)
			kind, text, _, end, err := simpleString(b)
			if err != nil || text != string(s) || end != uint64(len(b)) {
				t.Fatalf("%q: %x, the twin reads %q, %d, %v", s, b, text, end, err)
			}
			n, err := strconv.ParseInt(string(s), 10, 32)
			isNum := err == nil && strconv.FormatInt(n, 10) == string(s)
			if isNum != (kind == Integer) {
				t.Fatalf("%q: %x is of kind %d", s, b, kind)
			}
			width := 4
			for _, w := range []int{2, 1} {
				if n>>(8*w-1) == 0 || n>>(8*w-1) == -1 {
					width = w
				}
			}
			if isNum && len(b) != 1+width {
				t.Fatalf("%q: %x is not the smallest form", s, b)
			}
			if p := AppendPlain(nil, s); kind == Plain && !bytes.Equal(b, p) {
				t.Fatalf("%q: %x, AppendPlain makes %x", s, b, p)
			}
		}
	})
}

// FuzzAppendDouble reads every text back to the very same bits.
func FuzzAppendDouble(f *testing.F) {
	for _, v := range []float64{0, math.Copysign(0, -1), 0.1, 1e-7, 1e21, 1<<52 - 1, 1 << 53, 1 << 62, 1 << 63, math.MaxFloat64, 5e-324, math.Inf(-1)} {
		f.Add(math.Float64bits(v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		for _, v := range []float64{math.Float64frombits(bits), float64(int64(bits)), float64(int64(bits)) / 1000, float64(int64(bits) >> 11)} {
			same := func(name string, got float64, err error) {
				if err != nil || math.Float64bits(got) != math.Float64bits(v) && !(math.IsNaN(got) && math.IsNaN(v)) {
					t.Fatalf("%s of %x: read back %v, %v, want %v", name, math.Float64bits(v), got, err, v)
				}
			}
			short, long, wire := AppendScore(nil, v), AppendScore17(nil, v), AppendTextDouble(nil, v)
			got, err := ParseScore(short)
			same("AppendScore", got, err)
			got, err = ParseScore(long)
			same("AppendScore17", got, err)
			got, n, err := TextDouble(wire)
			same("AppendTextDouble", got, err)
			if n != len(wire) {
				t.Fatalf("%q: %d bytes read", wire, n)
			}
			// A whole number that a compact sorted set holds as an integer is
			// the same double again.
			if i, err := strconv.ParseInt(string(short), 10, 64); err == nil && string(short) != "-0" && float64(i) != v {
				t.Fatalf("%s is %v as an integer, want %v", short, float64(i), v)
			}
			if it, _, err := ModuleItem(AppendItemDouble(nil, v)); err != nil || math.Float64bits(it.Float) != math.Float64bits(v) {
				t.Fatalf("AppendItemDouble of %x: %+v, %v", math.Float64bits(v), it, err)
			}
		}
	})
}

func TestAppendNoAllocation(t *testing.T) {
	buf := make([]byte, 0, 1024)
	texts := [][]byte{[]byte("field"), []byte("-123456"), []byte("1234567890x")}
	if n := testing.AllocsPerRun(10, func() {
		b := AppendLength(buf, 1<<40)
		for _, s := range texts {
			b = AppendItemString(AppendPlain(AppendText(b, s), s), s)
		}
		for _, f := range []float64{0.1, 1e300, 7, math.Inf(1)} {
			b = AppendDouble(AppendTextDouble(AppendScore17(AppendScore(b, f), f), f), f)
		}
		AppendItemEOF(b)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppendText(b *testing.B) {
	var texts [][]byte
	size := 0
	for i := range 1000 {
		s := []byte(strings.Repeat("value", 1+i%8))
		if i%3 == 0 {
			s = strconv.AppendInt(nil, int64(i*i*i), 10)
		}
		texts = append(texts, s)
		size += len(s)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		buf = buf[:0]
		for _, s := range texts {
			buf = AppendText(buf, s)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(texts)), "ns/string")
}

func BenchmarkAppendScore(b *testing.B) {
	scores := make([]float64, 1000)
	for i := range scores {
		if scores[i] = float64(i); i%2 == 0 {
			scores[i] /= 7
		}
	}
	for _, c := range []struct {
		name     string
		appendTo func([]byte, float64) []byte
	}{{"shortest", AppendScore}, {"17 digits", AppendScore17}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 64)
			size := 0
			for b.Loop() {
				size = 0
				for _, f := range scores {
					size += len(c.appendTo(buf, f))
				}
			}
			b.SetBytes(int64(size))
		})
	}
}
