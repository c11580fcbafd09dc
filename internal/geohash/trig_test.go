package geohash

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// bigSine is the series in 200 bits.
func bigSine(x float64) float64 {
	const precision = 200
	of := func(f float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(f) }
	sum, term, square := of(x), of(x), of(x)
	square.Mul(square, of(x))
	for n := 3.0; n < 100; n += 2 {
		term.Mul(term, square)
		term.Quo(term, of(-n*(n-1)))
		sum.Add(sum, term)
	}
	f, _ := sum.Float64()
	return f
}

func TestSines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 20000 {
		x := (r.Float64()*2 - 1) * math.Pi
		if i%4 == 0 {
			x *= math.Pow(2, -40*r.Float64())
		}
		if got, want := sine(x), bigSine(x); got != want {
			t.Fatalf("the sine of %v is %v, want %v", x, got, want)
		}
		// The inverse of a sine: what it comes from is the nearest there is.
		y := math.Abs(x) / math.Pi
		a := arcsine(y)
		up, down := bigSine(math.Nextafter(a, 2)), bigSine(math.Nextafter(a, 0))
		if y > 0.5 && y < 0.99 && (up < y || down > y) {
			t.Fatalf("the arc sine of %v is %v", y, a)
		}
	}
	for _, x := range []float64{0, 1} {
		if got := arcsine(x); got != math.Asin(x) {
			t.Errorf("the arc sine of %v is %v", x, got)
		}
	}
	if c := cosine(0); c != 1 {
		t.Errorf("the cosine of 0 is %v", c)
	}
	if s, c := sincos(1); math.Abs(s.hi*s.hi+c.hi*c.hi-1) > 1e-15 {
		t.Errorf("the cosine of 1 is %v", c.hi)
	}
}

// TestDistanceDigits has the distances that Redis 7.0 stored.
func TestDistanceDigits(t *testing.T) {
	for score, want := range map[float64]float64{
		3479097324432493: 172.88599581603299, 3479099956230698: 190.44242984775784, 3479447370796909: 56.441257870158204,
	} {
		lon, lat := Decode(score)
		if got := Distance(15, 37, lon, lat) / Unit("km"); got != want {
			t.Errorf("%v: %v km, want %v", score, got, want)
		}
	}
}

func BenchmarkDistance(b *testing.B) {
	for b.Loop() {
		Distance(13.361389, 38.115556, 15.087269, 37.502669)
	}
}
