package rdbwire

import (
	"math"
	"testing"
)

func TestParseScore(t *testing.T) {
	for in, want := range map[string]float64{
		"0": 0, "1": 1, "-1": -1, "2.5": 2.5, ".5": .5, "5.": 5, "+3": 3,
		"0.10000000000000001": 0.1, "9.9999999999999995e-08": 1e-7, "1.2345678901234567e+19": 1.2345678901234567e19,
		"12345678901234567000": 1.2345678901234567e19, "1e-7": 1e-7, "1E5": 1e5, "4.9406564584124654e-324": 5e-324,
		"1.7976931348623157e+308": math.MaxFloat64, "1e400": math.Inf(1), "-1e400": math.Inf(-1), "1e-400": 0,
		"inf": math.Inf(1), "+inf": math.Inf(1), "-inf": math.Inf(-1), "nan": math.NaN(), "-nan": math.NaN(),
	} {
		f, err := ParseScore([]byte(in))
		if f != want && !(math.IsNaN(f) && math.IsNaN(want)) || err != nil {
			t.Errorf("%q: %v, %v, want %v", in, f, err, want)
		}
	}
	if f, err := ParseScore([]byte("-0")); err != nil || !math.Signbit(f) {
		t.Errorf("-0: %v, %v", f, err)
	}
	for _, in := range []string{"", "x", "1x", "0x10", "1_000", "infinity", "Inf", "NaN", "--1", "1e", "e5", " 1", "1 ", "1\x00", "."} {
		if f, err := ParseScore([]byte(in)); err == nil {
			t.Errorf("%q: %v", in, f)
		}
	}
	if _, err := ParseScore(make([]byte, 1000)); err == nil || len(err.Error()) > 200 {
		t.Errorf("a long text makes a long error: %v", err)
	}
}

func BenchmarkParseScore(b *testing.B) {
	for _, s := range []string{"1", "2.5", "0.10000000000000001", "12345678901234567000", "inf"} {
		b.Run(s, func(b *testing.B) {
			in := []byte(s)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseScore(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
