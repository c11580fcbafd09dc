package geohash

import "math"

// Sines as the C library of servers gives them: rounded to the nearest double
// but in rare cases. Those of package math are less exact, and the last digit of
// a distance is part of what a server stores.

// double2 is a number as the sum of two doubles, lo being less than the last
// digit of hi. Conversions in the arithmetic keep the compiler from fusing a
// product with the sum that it is part of.
type double2 struct{ hi, lo float64 }

// sum2 returns a+b. |a| must not be less than |b|.
func sum2(a, b float64) double2 {
	s := a + b
	return double2{s, b - (s - a)}
}

func (a double2) add(b double2) double2 {
	s := a.hi + b.hi
	t := s - a.hi
	e := (a.hi - (s - t)) + (b.hi - t)
	return sum2(s, e+(a.lo+b.lo))
}

func (a double2) mul(b double2) double2 {
	p := float64(a.hi * b.hi)
	e := math.FMA(a.hi, b.hi, -p)
	return sum2(p, e+(float64(a.hi*b.lo)+float64(a.lo*b.hi)))
}

// terms is how many terms of a series there are: the first one left out is below
// 2^-90 for angles up to a quarter of pi.
const terms = 12

// Steps of the series: 1/((n-1)n) in front of the term of the n-th power.
var sineSteps, cosineSteps = seriesSteps(3), seriesSteps(2)

func seriesSteps(first float64) (all [terms]double2) {
	for i := range all {
		n := first + float64(2*i)
		n *= n - 1
		q := 1 / n
		all[i] = sum2(q, math.FMA(-q, n, 1)/n)
	}
	return all
}

// half of pi: the third part makes reduced angles exact beyond two doubles.
const (
	halfPi1 = 0x1.921fb54442d18p+0
	halfPi2 = 0x1.1a62633145c07p-54
	halfPi3 = -0x1.f1976b7ed8fbcp-110
)

// sincos returns the sine and the cosine of an angle up to 2 pi.
func sincos(x float64) (sin, cos double2) {
	k := math.RoundToEven(x / halfPi1)
	// x - k*halfPi1 is exact: k has few digits, and the terms lie close.
	p := float64(k * halfPi1)
	r := double2{hi: x - p}
	r = r.add(double2{hi: -math.FMA(k, halfPi1, -p)})
	p = float64(k * halfPi2)
	r = r.add(double2{hi: -p, lo: -math.FMA(k, halfPi2, -p)})
	r = r.add(double2{hi: -float64(k * halfPi3)})
	square := r.mul(r)
	minus := double2{-square.hi, -square.lo}
	sin, cos = double2{hi: 1}, double2{hi: 1}
	for i := terms - 1; i >= 0; i-- {
		sin = double2{hi: 1}.add(minus.mul(sin).mul(sineSteps[i]))
		cos = double2{hi: 1}.add(minus.mul(cos).mul(cosineSteps[i]))
	}
	sin = sin.mul(r)
	switch int(k) & 3 {
	case 1:
		sin, cos = cos, double2{-sin.hi, -sin.lo}
	case 2:
		sin, cos = double2{-sin.hi, -sin.lo}, double2{-cos.hi, -cos.lo}
	case 3:
		sin, cos = double2{-cos.hi, -cos.lo}, sin
	}
	return sin, cos
}

func sine(x float64) float64 {
	s, _ := sincos(x)
	return s.hi
}

func cosine(x float64) float64 {
	_, c := sincos(x)
	return c.hi
}

// arcsine improves what math.Asin returns by one step of Newton's method.
func arcsine(x float64) float64 {
	a := math.Asin(x)
	s, c := sincos(a)
	d := double2{hi: x}.add(double2{-s.hi, -s.lo})
	if d.hi == 0 {
		return a
	}
	return a + d.hi/c.hi
}
