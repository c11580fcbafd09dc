package hll

import "math"

// count estimates the cardinality by the method of Otmar Ertl ("New cardinality
// estimation algorithms for HyperLogLog sketches"), as servers since Redis 5.0
// do.
func count(b []byte) (uint64, error) {
	var histogram [64]int
	if b[4] == dense {
		for i := range registers {
			histogram[register(b, i)]++
		}
	} else if err := each(b, func(_, span, value int) { histogram[value] += span }); err != nil {
		return 0, err
	}
	const m = float64(registers)
	z := m * tau((m-float64(histogram[hashBits+1]))/m)
	for k := hashBits; k >= 1; k-- {
		z += float64(histogram[k])
		z *= 0.5
	}
	z += m * sigma(float64(histogram[0])/m)
	const alpha = 0.721347520444481703680 // 1 / (2 ln 2)
	return uint64(math.Round(alpha * m * m / z)), nil
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		before := z
		z += float64(x * y)
		if y += y; z == before {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		d := 1 - x
		z -= float64(float64(d*d) * y)
		if z == before {
			return z / 3
		}
	}
}
