package verify

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

func TestProto(t *testing.T) {
	step := 1
	fmt.Sscan(os.Getenv("STEP"), &step)
	for _, target := range []string{"rdb-12", "rdb-9", "valkey-9.0"} {
		for _, sizes := range []bool{true, false} {
			o := twoHundred(t, target, sizes)
			file := withSum(o.file, false)
			if len(o.records) != 200 {
				fmt.Println(len(o.records))
			}
			type tally struct{ n, fine, unseen, multi, invented int }
			var all tally
			shown := 0
			for i, r := range o.records {
				if i%step != 0 {
					continue
				}
				for at := r.off; at < r.end; at++ {
					for kind, v := range []byte{file[at] ^ 1, file[at] ^ 0x80, 0, 0xff, file[at] + 1, file[at] - 1, file[at] ^ 0x40} {
						if v == file[at] {
							continue
						}
						bad := bytes.Clone(file)
						bad[at] = v
						res := salvageOf(t, o, bad, func(k int) bool { return k == i }, nil)
						all.n++
						unseen := 0
						if len(res.invented) == 1 && len(res.lost) == 1 && res.lost[0] == r.name {
							// the key itself was changed
							unseen = 1
						}
						other := 0
						for _, l := range res.lost {
							if l != r.name {
								other++
							}
						}
						switch {
						case len(res.invented) > unseen:
							all.invented++
						case other > 0:
							all.multi++
						case unseen > 0:
							all.unseen++
						default:
							all.fine++
						}
						if (len(res.invented) > unseen || other > 0) && shown < 25 {
							shown++
							fmt.Printf("%s %v: record %d %s %s [%d,%d) byte +%d kind %d: %#02x -> %#02x: lost %v invented %v\n", target, sizes, i, r.name, r.typ, r.off, r.end, at-r.off, kind, file[at], v, res.lost, res.invented)
							for _, sp := range res.report.Spans {
								fmt.Printf("    span %d+%d %s\n", sp.Offset, sp.Length, sp.Reason)
							}
							fmt.Println("   ", res.report.Reasons)
						}
					}
				}
			}
			fmt.Printf("%s %v: %+v of %d bytes\n", target, sizes, all, len(file))
			if os.Getenv("ONE") != "" {
				return
			}
		}
	}
}
