package verify

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

func dbgPath(path []*step) {
	if os.Getenv("DBG") == "" {
		return
	}
	for _, st := range path {
		fmt.Printf("   path [%d,%d) kind %d first %#x bits %.1f score %.1f gap %v tight %v dam %v\n", st.off, st.end, st.kind, st.first, st.bits, st.score, st.gap, st.tight, st.damaged)
	}
}

func TestOne(t *testing.T) {
	o := twoHundred(t, "rdb-12", os.Getenv("NOSIZES") == "")
	debugPath = dbgPath
	file := withSum(o.file, false)
	var i, d, v int
	fmt.Sscanf(os.Getenv("AT"), "%d %d %d", &i, &d, &v)
	r := o.records[i]
	fmt.Printf("%x\n", file[r.off:r.end])
	fmt.Printf("%q\n", file[r.off:r.end])
	bad := bytes.Clone(file)
	bad[r.off+d] = byte(v)
	res := salvageOf(t, o, bad, func(k int) bool { return k == i }, nil)
	fmt.Printf("lost %q invented %q\n%+v\n", res.lost, res.invented, res.report)
}

func TestCut(t *testing.T) {
	o := twoHundred(t, "rdb-12", os.Getenv("NOSIZES") == "")
	debugPath = dbgPath
	file := withSum(o.file, false)
	var at, n int
	fmt.Sscanf(os.Getenv("AT"), "%d %d", &at, &n)
	for _, r := range o.records {
		if r.end > at-200 && r.off < at+300 {
			fmt.Printf("%s [%d,%d)\n", r.name, r.off, r.end)
		}
	}
	file = append(file[:at:at], file[at+n:]...)
	res := salvageOf(t, o, file, func(k int) bool { return true }, nil)
	fmt.Printf("lost %q invented %q\n%+v\n", res.lost, res.invented, res.report)
}
