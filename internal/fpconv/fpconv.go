// Package fpconv reads and writes floating point numbers as servers do, where
// that differs from package strconv: scores in digests, scores in commands, and
// the long doubles of INCRBYFLOAT.
package fpconv

import (
	"math"
	"math/bits"
	"strconv"
)

// AppendDouble appends f as servers since Redis 7.2 print a score in a digest:
// the digits of the Grisu2 algorithm, which are not always the fewest that read
// back to f, and a plain notation for all but very large and small numbers.
func AppendDouble(dst []byte, f float64) []byte {
	neg := math.Signbit(f)
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case neg:
		dst = append(dst, '-')
	}
	switch {
	case f == 0:
		return append(dst, '0')
	case math.IsInf(f, 0):
		return append(dst, "inf"...)
	}
	var buf [18]byte
	n, k := grisu2(buf[:], math.Abs(f))
	return appendDigits(dst, buf[:n], k, neg)
}

// AppendDouble17 appends f as "%.17g" prints it, the form of scores in digests up
// to Redis 7.0.
func AppendDouble17(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	case math.IsNaN(f):
		return append(dst, "nan"...)
	}
	return strconv.AppendFloat(dst, f, 'g', 17, 64)
}

// appendDigits appends digits * 10^k.
func appendDigits(dst, digits []byte, k int, neg bool) []byte {
	n := len(digits)
	exp := k + n - 1 // of the first digit
	size := max(exp, -exp)
	const zeros = 7 // at the end of a plain integer
	switch {
	case k >= 0 && size < n+zeros:
		dst = append(dst, digits...)
		for range k {
			dst = append(dst, '0')
		}
		return dst
	case k < 0 && (k > -7 || size < 4):
		point := n + k // digits before the point
		if point > 0 {
			dst = append(dst, digits[:point]...)
			return append(append(dst, '.'), digits[point:]...)
		}
		dst = append(dst, '0', '.')
		for range -point {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	most := 18
	if neg {
		most--
	}
	digits = digits[:min(n, most)]
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	sign := byte('+')
	if exp < 0 {
		sign = '-'
	}
	return strconv.AppendInt(append(dst, 'e', sign), int64(size), 10)
}

// fp is frac * 2^exp.
type fp struct {
	frac uint64
	exp  int
}

const (
	hiddenBit = 1 << 52
	expBias   = 1023 + 52
)

// mul multiplies two numbers, rounded to 64 bits as the algorithm demands.
func (a fp) mul(b fp) fp {
	hi, lo := bits.Mul64(a.frac, b.frac)
	return fp{hi + lo>>63, a.exp + b.exp + 64}
}

// grisu2 writes digits of f, which is positive, and returns their number and the
// power of ten of the last one.
func grisu2(buf []byte, f float64) (n, k int) {
	b := math.Float64bits(f)
	w := fp{b & (hiddenBit - 1), int(b >> 52 & 0x7ff)}
	if w.exp != 0 {
		w.frac += hiddenBit
		w.exp -= expBias
	} else {
		w.exp = 1 - expBias
	}
	// Half way to the neighbours. That below a power of two is nearer.
	upper := fp{w.frac<<1 + 1, w.exp - 1}
	shift := bits.LeadingZeros64(upper.frac)
	upper = fp{upper.frac << shift, upper.exp - shift}
	near := 1
	if w.frac == hiddenBit {
		near = 2
	}
	lower := fp{w.frac<<near - 1, w.exp - near}
	lower = fp{lower.frac << (lower.exp - upper.exp), upper.exp}
	shift = bits.LeadingZeros64(w.frac)
	w = fp{w.frac << shift, w.exp - shift}

	power, ten := cachedPower(upper.exp)
	w, upper, lower = w.mul(power), upper.mul(power), lower.mul(power)
	lower.frac++
	upper.frac--
	return digits(buf, w, upper, lower, -ten)
}

// cachedPower returns a power of ten that brings a number with the exponent exp
// near to 1, and which power it is.
func cachedPower(exp int) (fp, int) {
	const log2 = 0.30102999566398114
	i := int((-float64(exp+87)*log2 - firstPower) / stepPower)
	for {
		switch e := exp + powers[i].exp + 64; {
		case e < -60:
			i++
		case e > -32:
			i--
		default:
			return powers[i], firstPower + i*stepPower
		}
	}
}

// digits writes as few digits of w as tell it from lower and upper.
func digits(buf []byte, w, upper, lower fp, k int) (int, int) {
	wide, delta := upper.frac-w.frac, upper.frac-lower.frac
	shift := -upper.exp
	one := uint64(1) << shift
	whole, part := upper.frac>>shift, upper.frac&(one-1)
	n := 0
	for kappa := 10; kappa > 0; {
		div := tens[kappa-1]
		digit := whole / div
		if digit > 0 || n > 0 {
			buf[n] = '0' + byte(digit)
			n++
		}
		whole -= digit * div
		kappa--
		if rest := whole<<shift + part; rest <= delta {
			round(buf[:n], delta, rest, div<<shift, wide)
			return n, k + kappa
		}
	}
	for kappa, unit := 0, uint64(1); ; {
		part *= 10
		delta *= 10
		unit *= 10
		kappa--
		digit := part >> shift
		if digit > 0 || n > 0 {
			buf[n] = '0' + byte(digit)
			n++
		}
		if part &= one - 1; part < delta {
			round(buf[:n], delta, part, one, wide*unit)
			return n, k + kappa
		}
	}
}

// round lowers the last digit while that comes nearer to the number.
func round(buf []byte, delta, rest, step, wide uint64) {
	for rest < wide && delta-rest >= step && (rest+step < wide || wide-rest > rest+step-wide) {
		buf[len(buf)-1]--
		rest += step
	}
}

var tens = [...]uint64{1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000}

const (
	firstPower = -348
	stepPower  = 8
)

// powers are 10^-348, 10^-340 ... 10^340, rounded to 64 bits.
var powers = [...]fp{
	{0xfa8fd5a0081c0288, -1220}, {0xbaaee17fa23ebf76, -1193}, {0x8b16fb203055ac76, -1166}, {0xcf42894a5dce35ea, -1140},
	{0x9a6bb0aa55653b2d, -1113}, {0xe61acf033d1a45df, -1087}, {0xab70fe17c79ac6ca, -1060}, {0xff77b1fcbebcdc4f, -1034},
	{0xbe5691ef416bd60c, -1007}, {0x8dd01fad907ffc3c, -980}, {0xd3515c2831559a83, -954}, {0x9d71ac8fada6c9b5, -927},
	{0xea9c227723ee8bcb, -901}, {0xaecc49914078536d, -874}, {0x823c12795db6ce57, -847}, {0xc21094364dfb5637, -821},
	{0x9096ea6f3848984f, -794}, {0xd77485cb25823ac7, -768}, {0xa086cfcd97bf97f4, -741}, {0xef340a98172aace5, -715},
	{0xb23867fb2a35b28e, -688}, {0x84c8d4dfd2c63f3b, -661}, {0xc5dd44271ad3cdba, -635}, {0x936b9fcebb25c996, -608},
	{0xdbac6c247d62a584, -582}, {0xa3ab66580d5fdaf6, -555}, {0xf3e2f893dec3f126, -529}, {0xb5b5ada8aaff80b8, -502},
	{0x87625f056c7c4a8b, -475}, {0xc9bcff6034c13053, -449}, {0x964e858c91ba2655, -422}, {0xdff9772470297ebd, -396},
	{0xa6dfbd9fb8e5b88f, -369}, {0xf8a95fcf88747d94, -343}, {0xb94470938fa89bcf, -316}, {0x8a08f0f8bf0f156b, -289},
	{0xcdb02555653131b6, -263}, {0x993fe2c6d07b7fac, -236}, {0xe45c10c42a2b3b06, -210}, {0xaa242499697392d3, -183},
	{0xfd87b5f28300ca0e, -157}, {0xbce5086492111aeb, -130}, {0x8cbccc096f5088cc, -103}, {0xd1b71758e219652c, -77},
	{0x9c40000000000000, -50}, {0xe8d4a51000000000, -24}, {0xad78ebc5ac620000, 3}, {0x813f3978f8940984, 30},
	{0xc097ce7bc90715b3, 56}, {0x8f7e32ce7bea5c70, 83}, {0xd5d238a4abe98068, 109}, {0x9f4f2726179a2245, 136},
	{0xed63a231d4c4fb27, 162}, {0xb0de65388cc8ada8, 189}, {0x83c7088e1aab65db, 216}, {0xc45d1df942711d9a, 242},
	{0x924d692ca61be758, 269}, {0xda01ee641a708dea, 295}, {0xa26da3999aef774a, 322}, {0xf209787bb47d6b85, 348},
	{0xb454e4a179dd1877, 375}, {0x865b86925b9bc5c2, 402}, {0xc83553c5c8965d3d, 428}, {0x952ab45cfa97a0b3, 455},
	{0xde469fbd99a05fe3, 481}, {0xa59bc234db398c25, 508}, {0xf6c69a72a3989f5c, 534}, {0xb7dcbf5354e9bece, 561},
	{0x88fcf317f22241e2, 588}, {0xcc20ce9bd35c78a5, 614}, {0x98165af37b2153df, 641}, {0xe2a0b5dc971f303a, 667},
	{0xa8d9d1535ce3b396, 694}, {0xfb9b7cd9a4a7443c, 720}, {0xbb764c4ca7a44410, 747}, {0x8bab8eefb6409c1a, 774},
	{0xd01fef10a657842c, 800}, {0x9b10a4e5e9913129, 827}, {0xe7109bfba19c0c9d, 853}, {0xac2820d9623bf429, 880},
	{0x80444b5e7aa7cf85, 907}, {0xbf21e44003acdd2d, 933}, {0x8e679c2f5e44ff8f, 960}, {0xd433179d9c8cb841, 986},
	{0x9e19db92b4e31ba9, 1013}, {0xeb96bf6ebadf77d9, 1039}, {0xaf87023b9bf0ee6b, 1066},
}
