package render

import (
	"fmt"
	"math"
	"time"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

// units writes figures: sizes in the unit that fits, or as they are.
type units struct{ raw bool }

func (u units) bytes(n int64) string {
	if u.raw {
		return human.Thousands(n)
	}
	return human.Bytes(n)
}

// said is a size in a sentence, where no head of a column says what it is.
func (u units) said(n int64) string {
	if u.raw {
		return human.Thousands(n) + " B"
	}
	return human.Bytes(n)
}

// share is part of whole, 0 where there is no whole.
func share(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// percent writes a share. Only all is 100 %, and only nothing is 0 %.
func percent(x float64) string {
	switch {
	case x <= 0:
		return "0 %"
	case x < 0.001:
		return "<0.1 %"
	case x < 1 && x >= 0.9995:
		return ">99.9 %"
	case x == 1:
		return "100 %"
	}
	return fmt.Sprintf("%.1f %%", 100*x)
}

// round writes a share in a narrow column.
func round(x float64) string {
	switch {
	case x <= 0:
		return "-"
	case x < 0.01:
		return "<1 %"
	case x < 1 && x >= 0.995:
		return ">99 %"
	}
	return fmt.Sprintf("%.0f %%", 100*x)
}

// mean of the sizes of n keys.
func mean(bytes, n int64) int64 {
	if n <= 0 {
		return 0
	}
	return int64(math.Round(float64(bytes) / float64(n)))
}

// tilde marks an estimate.
func tilde(estimate bool, s string) string {
	if estimate {
		return "~" + s
	}
	return s
}

// timeText writes a Unix time in milliseconds.
func timeText(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05 UTC") }

// expiryText says how long a key has yet to live.
func expiryText(at, now int64) string {
	if at < 0 {
		return "never"
	}
	left := float64(at) - float64(now) // what a file says may be any number
	switch s := left / 1000; {
	case s <= 0:
		return "expired"
	case s < 60:
		return "< 1 min"
	case s < 3600:
		return fmt.Sprintf("%.0f min", math.Floor(s/60))
	case s < 48*3600:
		return fmt.Sprintf("%.0f h", math.Floor(s/3600))
	case s < 1000*86400:
		return fmt.Sprintf("%.0f d", math.Floor(s/86400))
	case s < 1000*365*86400:
		return fmt.Sprintf("%.0f y", math.Floor(s/86400/365))
	}
	return "> 999 y"
}

// sampled reports whether the figures are scaled up.
func sampled(r *memory.Report) bool { return r.Sample > 0 && r.Sample < 1 }

// Deviation is the standard error of g.Bytes, 0 if every key was looked at. A
// key is in the sample with the probability r.Sample, whatever the others are,
// so the variance of the scaled sum is (1-p)/p² times the sum of the squares.
func Deviation(r *memory.Report, g *memory.Group) float64 {
	if p := r.Sample; sampled(r) && g.Squares > 0 {
		return math.Sqrt((1-p)*g.Squares) / p
	}
	return 0
}

// barText writes a standard error as a share of the figure.
func barText(r *memory.Report, g *memory.Group) string {
	d := Deviation(r, g)
	if d <= 0 || g.Bytes <= 0 {
		return "±?"
	}
	x := d / float64(g.Bytes)
	if x >= 0.0995 {
		return fmt.Sprintf("±%.0f %%", min(100*x, 999))
	}
	return fmt.Sprintf("±%.1f %%", 100*x)
}

// estimated reports whether the bytes of a group are not exact to the byte.
func estimated(r *memory.Report, g *memory.Group) bool { return sampled(r) || g.Exact != g.Bytes }
