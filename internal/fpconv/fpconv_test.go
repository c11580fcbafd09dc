package fpconv

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestAppendDouble(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "-0", 1: "1", -1: "-1", 1.5: "1.5", 0.1: "0.1", 100: "100", 1e7: "10000000", 1e8: "1e+8", 1e17: "1e+17",
		12345678901234567: "12345678901234568", 1e21: "1e+21", 0.0001: "0.0001", 1e-7: "1e-7", 1.5e-9: "1.5e-9", 5e-324: "5e-324",
		-1e7: "-10000000", -1e8: "-1e+8", -1.95e9: "-1950000000", -1.379362138510172e22: "-13793621385101720000000", // as Redis 8.0 to Valkey 9.1 print them
		math.MaxFloat64: "1.7976931348623157e+308", math.Inf(1): "inf", math.Inf(-1): "-inf", 3.14: "3.14", 1e100: "1e+100",
	} {
		if got := string(AppendDouble(nil, f)); got != want {
			t.Errorf("%v: %q, want %q", f, got, want)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	longer := 0
	for range 1000000 {
		f := math.Float64frombits(r.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		text := string(AppendDouble(nil, f))
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || back != f {
			t.Fatalf("%v: %q reads as %v", f, text, back)
		}
		if shortest := strconv.FormatFloat(f, 'e', -1, 64); len(digitsOf(text)) > len(digitsOf(shortest)) {
			longer++
		}
	}
	if longer == 0 || longer > 2000 {
		t.Errorf("%d of a million are longer than they might be, about 500 are expected", longer)
	}
}

// digitsOf returns the digits of a number up to its exponent, without zeros at
// either end.
func digitsOf(s string) (d string) {
	for _, c := range s {
		if c == 'e' {
			break
		}
		if c >= '0' && c <= '9' && (c != '0' || d != "") {
			d += string(c)
		}
	}
	for d != "" && d[len(d)-1] == '0' {
		d = d[:len(d)-1]
	}
	return d
}

func TestParseDouble(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "1": 1, "-1": -1, "1.5": 1.5, "+1": 1, ".5": 0.5, "5.": 5, "1e3": 1000, "inf": math.Inf(1), "-inf": math.Inf(-1), "+Infinity": math.Inf(1),
		"0x10": 16, "0x1p4": 16, "0x1.8": 1.5, "0.1": 0.1, "1e308": 1e308, "123456789012345678": 123456789012345678, "4.9e-324": 5e-324, "0e-999": 0, "007": 7,
	} {
		if f, ok := ParseDouble([]byte(text)); !ok || f != want {
			t.Errorf("%q: %v %v, want %v", text, f, ok, want)
		}
	}
	for _, text := range []string{"", " 1", "1 ", "nan", "NaN", "1_0", "0x_1p0", "1e-400", "1e400", "--1", "+-1", "x", "1x", ".", "-", "0x", "e5", "in"} {
		if f, ok := ParseDouble([]byte(text)); ok {
			t.Errorf("%q: %v, want an error", text, f)
		}
	}
	r := rand.New(rand.NewPCG(2, 2))
	for range 200000 {
		f := float64(r.Int64N(1e15)) / math.Pow(10, float64(r.IntN(15)))
		text := strconv.FormatFloat(f, 'f', -1, 64)
		want, _ := strconv.ParseFloat(text, 64)
		if got, ok := ParseDouble([]byte(text)); !ok || got != want {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestAddLongDouble(t *testing.T) {
	for _, c := range [][3]string{
		{"10.5", "0.1", "10.6"}, {"5.0e3", "200", "5200"}, {"0", "-0", "0"}, {"3", "1.1", "4.1"}, {"1", "-1", "0"}, {"1e18", "1", "1000000000000000001"},
		{"0.1", "0.2", "0.3"}, {"1e-18", "0", "0"}, {"-1e-18", "0", "0"},
	} {
		if got, ok := AddLongDouble(nil, []byte(c[0]), []byte(c[1])); !ok || string(got) != c[2] {
			t.Errorf("%s + %s: %q %v, want %s", c[0], c[1], got, ok, c[2])
		}
	}
	for _, text := range []string{"", "nan", "inf", " 1", "1e5000", "x"} {
		if got, ok := AddLongDouble(nil, []byte(text), []byte("1")); ok {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func FuzzParseDouble(f *testing.F) {
	f.Add([]byte("1.5"))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, ok := ParseDouble(b)
		if !ok {
			return
		}
		text := AppendDouble(nil, g)
		if back, ok := ParseDouble(text); !ok || back != g {
			t.Fatalf("%q: %v, printed %q, read %v", b, g, text, back)
		}
		AddLongDouble(nil, b, b)
	})
}
