package verify

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestMulti(t *testing.T) {
	for _, target := range []string{"rdb-12", "rdb-9"} {
		for _, sizes := range []bool{true, false} {
			o := twoHundred(t, target, sizes)
			for _, mode := range []string{"random", "zero", "cut", "insert", "page", "zeropage", "several"} {
				rnd := rand.New(rand.NewPCG(5, 6))
				runs, bad, inv := 0, 0, 0
				shown := 0
				for range 150 {
					file := withSum(o.file, false)
					hits := map[int]bool{}
					touch := func(at, n int) {
						for i, r := range o.records {
							if at < r.end && at+max(n, 1) > r.off {
								hits[i] = true
							}
						}
					}
					lo, hi := o.records[0].off, o.records[199].end
					n := 1 + rnd.IntN(40)
					if mode == "page" || mode == "zeropage" {
						n = 512
					}
					at := lo + rnd.IntN(hi-lo-n)
					many := 1
					if mode == "several" {
						many = 5
						n = 2
					}
					for range many {
						if mode == "several" {
							at = lo + rnd.IntN(hi-lo-n)
						}
						touch(at, n)
						switch mode {
						case "random", "page", "several":
							for i := range n {
								file[at+i] = byte(rnd.Uint32())
							}
						case "zero", "zeropage":
							clear(file[at : at+n])
						case "cut":
							file = append(file[:at:at], file[at+n:]...)
						case "insert":
							ins := make([]byte, n)
							for i := range ins {
								ins[i] = byte(rnd.Uint32())
							}
							file = append(append(bytes.Clone(file[:at]), ins...), file[at:]...)
							clear(hits)
							touch(at, 0)
						}
					}
					res := salvageOf(t, o, file, func(i int) bool { return hits[i] }, nil)
					runs++
					extra := 0
					for _, l := range res.lost {
						if !hits[o.byKey[l]] {
							extra++
						}
					}
					// a changed key
					changed := 0
					for _, l := range res.lost {
						if hits[o.byKey[l]] {
							changed++
						}
					}
					if len(res.invented) > 0 {
						inv++
					}
					if extra > 0 {
						bad++
					}
					if (len(res.invented) > 0 || extra > 0) && shown < 4 {
						shown++
						fmt.Printf("%s %v %s at %d+%d: hits %v lost %q invented %q\n", target, sizes, mode, at, n, len(hits), res.lost, res.invented)
						for _, sp := range res.report.Spans {
							fmt.Printf("    span %d+%d %s\n", sp.Offset, sp.Length, sp.Reason)
						}
					}
				}
				fmt.Printf("%s %v %s: %d runs, %d lost more, %d invented\n", target, sizes, mode, runs, bad, inv)
			}
		}
	}
}
