package geohash

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The places and figures are those of the servers' own documentation, confirmed
// on live servers.
func TestPalermoCatania(t *testing.T) {
	for _, c := range []struct{ lon, lat, score float64 }{{13.361389, 38.115556, 3479099956230698}, {15.087269, 37.502669, 3479447370796909}} {
		if got, ok := Encode(c.lon, c.lat); !ok || got != c.score {
			t.Errorf("%v %v: %v, want %v", c.lon, c.lat, got, c.score)
		}
	}
	a, b := betweenScores(3479099956230698, 3479447370796909), 166274.1516
	if math.Abs(a-b) > 0.0001 {
		t.Errorf("%v m, want %v", a, b)
	}
}

// betweenScores measures between scores.
func betweenScores(a, b float64) float64 {
	lon1, lat1 := Decode(a)
	lon2, lat2 := Decode(b)
	return Distance(lon1, lat1, lon2, lat2)
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 100000 {
		lon, lat := (r.Float64()*2-1)*MaxLon, (r.Float64()*2-1)*MaxLat
		score, ok := Encode(lon, lat)
		if !ok {
			t.Fatal(lon, lat)
		}
		x, y := Decode(score)
		if math.Abs(x-lon) > 1e-5 || math.Abs(y-lat) > 1e-5 {
			t.Fatalf("%v %v: %v %v", lon, lat, x, y)
		}
		if again, _ := Encode(x, y); again != score {
			t.Fatalf("%v: %v", score, again)
		}
	}
	for _, c := range [][2]float64{{181, 0}, {0, 86}, {math.NaN(), 0}, {0, math.Inf(1)}} {
		if _, ok := Encode(c[0], c[1]); ok {
			t.Errorf("%v is taken", c)
		}
	}
}

func TestCovered(t *testing.T) {
	for _, c := range []struct {
		lat, metres float64
		want        bool
	}{{0, 1000, true}, {-50, 500e3, true}, {70, 100e3, true}, {79.9, 1207e3, false}, {-84, 600e3, false}, {80, 9e6, true}, {0, 0, true}} {
		if got := Covered(c.lat, c.metres, c.metres, c.metres); got != c.want {
			t.Errorf("%v degrees, %v m: %v", c.lat, c.metres, got)
		}
	}
}
