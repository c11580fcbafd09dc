// Package geohash turns places on the earth into the scores that servers keep
// them as, and measures between them as servers do.
//
// A score is a whole number of 52 bits: 26 of the latitude and 26 of the
// longitude in turns, the longitude first.
package geohash

import "math"

const (
	// MaxLon and MaxLat are the limits of what servers take, in degrees.
	MaxLon = 180.0
	MaxLat = 85.05112878

	// Limit is what all scores are below.
	Limit = 1 << (2 * steps)

	steps  = 26
	radius = 6372797.560856 // of the earth, in metres
)

// Encode returns the score of a place in degrees. ok is false beyond the limits.
func Encode(lon, lat float64) (score float64, ok bool) {
	if !(lon >= -MaxLon && lon <= MaxLon && lat >= -MaxLat && lat <= MaxLat) {
		return 0, false
	}
	y := (lat + MaxLat) / (2 * MaxLat) * (1 << steps)
	x := (lon + MaxLon) / (2 * MaxLon) * (1 << steps)
	return float64(spread(uint32(y)) | spread(uint32(x))<<1), true
}

// Decode returns the middle of the cell that a score stands for.
func Decode(score float64) (lon, lat float64) {
	bits := uint64(score)
	middle := func(cell uint32, limit float64) float64 {
		low := -limit + float64(cell)/(1<<steps)*(2*limit)
		high := -limit + (float64(cell)+1)/(1<<steps)*(2*limit)
		return min(max((low+high)/2, -limit), limit)
	}
	return middle(gather(bits>>1), MaxLon), middle(gather(bits), MaxLat)
}

// spread puts a zero in front of each bit.
func spread(v uint32) uint64 {
	x := uint64(v)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

// gather is the inverse of spread.
func gather(x uint64) uint32 {
	x &= 0x5555555555555555
	x = (x | x>>1) & 0x3333333333333333
	x = (x | x>>2) & 0x0f0f0f0f0f0f0f0f
	x = (x | x>>4) & 0x00ff00ff00ff00ff
	x = (x | x>>8) & 0x0000ffff0000ffff
	return uint32(x | x>>16)
}

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }

// Distance returns the metres between two places in degrees. In one case of
// hundreds its last digit is not the server's, which takes sines from its C
// library.
func Distance(lon1, lat1, lon2, lat2 float64) float64 {
	v := sine((radians(lon2) - radians(lon1)) / 2)
	if v == 0 {
		return latDistance(lat1, lat2)
	}
	a, b := radians(lat1), radians(lat2)
	u := sine((b - a) / 2)
	return 2 * radius * arcsine(math.Sqrt(float64(u*u)+float64(cosine(a)*cosine(b)*v*v)))
}

func latDistance(lat1, lat2 float64) float64 {
	return radius * math.Abs(radians(lat2)-radians(lat1))
}

// roughly is Distance in a fifth of the time, and only near it.
func roughly(lon1, lat1, lon2, lat2 float64) float64 {
	a, b := radians(lat1), radians(lat2)
	u, v := math.Sin((b-a)/2), math.Sin((radians(lon2)-radians(lon1))/2)
	return 2 * radius * math.Asin(min(math.Sqrt(u*u+math.Cos(a)*math.Cos(b)*v*v), 1))
}

// InCircle returns the distance of a place from the middle of a circle, if it
// lies in it. The radius is in metres.
func InCircle(r, lon, lat, lon2, lat2 float64) (metres float64, ok bool) {
	if roughly(lon, lat, lon2, lat2) > r*1.000001 {
		return 0, false
	}
	metres = Distance(lon, lat, lon2, lat2)
	return metres, metres <= r
}

// InBox returns the distance of a place from the middle of a box, if it lies in
// it. Width and height are metres.
func InBox(width, height, lon, lat, lon2, lat2 float64) (metres float64, ok bool) {
	if latDistance(lat2, lat) > height/2 || Distance(lon2, lat2, lon, lat2) > width/2 {
		return 0, false
	}
	return Distance(lon, lat, lon2, lat2), true
}

// Covered reports whether a search around a place finds all that lies in its
// range: half a width and half a height, and the farthest point, in metres.
// Servers look into the cell of the middle and the eight around it, of a size
// that they guess from the distance; towards the poles, that may be too small.
func Covered(lat, width, height, farthest float64) bool {
	const widest = 20037726.37 // half of the equator, as servers have it
	level := -1
	for far := farthest; far > 0 && far < widest && level < steps; far *= 2 {
		level++
	}
	if far := math.Abs(lat); far > 80 {
		level -= 2
	} else if far > 66 {
		level--
	}
	if level <= 1 {
		return true // the four cells are the earth
	}
	// Where the cells do not do, servers take those that are twice as wide.
	cells := float64(int64(1) << (min(level, steps) - 1))
	degrees := func(metres float64) float64 { return metres / radius * (180 / math.Pi) }
	top := math.Abs(lat) + degrees(height)
	return top < 90 && degrees(width)/math.Cos(radians(top)) <= 2*MaxLon/cells && degrees(height) <= 2*MaxLat/cells
}

// Unit returns the metres of m, km, ft or mi, 0 for any other word.
func Unit(name string) float64 {
	switch name {
	case "m":
		return 1
	case "km":
		return 1000
	case "ft":
		return 0.3048
	case "mi":
		return 1609.34
	}
	return 0
}
