package salvage

import (
	"bytes"
	"fmt"
	"testing"
)

// Two files of the same keys but for one, all sound, are the same bytes once two values are
// damaged in each. So nobody can always keep all that was not hit: of what is left one of
// the two keys was there, and nothing tells which.
//
//	one:      set, 4 members: a "" user:0200 v      | set, 1 member: b | string user:0201
//	other:    set, 1 member: a | string user:0200   | set, 4 members: b "" user:0201 v
//	damaged:  set, ? members: a 00 user:0200 v      | set, ? members: b 00 user:0201 v
//
// What must hold is that the report does not claim more than can be known: it keeps no more
// keys than there were, tells how many are lost, and owns up to doubt.
func TestSalvageTwins(t *testing.T) {
	const n = 200
	var counts [2]int // where the numbers of members stand
	twin := func(whole int) []byte {
		w := newBuilder(n)
		for i := range n - 1 {
			if i != 60 && i != 130 {
				w.string(userKey(i), fmt.Sprint("value of it ", i))
				continue
			}
			k := i / 130
			member, next := string(rune('a'+k)), userKey(200+k)
			if k == whole {
				counts[k] = w.collection(2, userKey(i), []string{member, "", next, "v"}, func() []byte { return nil })
			} else {
				counts[k] = w.collection(2, userKey(i), []string{member}, func() []byte { return nil })
				w.string(next, "v")
			}
		}
		return w.end(false)
	}
	one, other := twin(0), twin(1)
	var damaged [2][]byte
	for i, file := range [][]byte{one, other} {
		if o := newOriginal(t, file); len(o.records) != n {
			t.Fatalf("%d keys", len(o.records))
		}
		if r := reportOf(t, file); !r.Healthy {
			t.Fatalf("%+v", r)
		}
		damaged[i] = bytes.Clone(file)
		for _, at := range counts {
			damaged[i][at] = 0xf1
		}
	}
	if bytes.Equal(one, other) || !bytes.Equal(damaged[0], damaged[1]) {
		t.Fatal("these are no twins")
	}
	r := reportOf(t, damaged[0])
	t.Logf("%d kept, %d lost, confidence %v: %q", r.Kept, r.LostKeys, r.Confidence, r.Reasons)
	if r.Kept < n-4 || r.Kept > n-2 || r.Kept+r.LostKeys != n || r.Confidence == High {
		t.Errorf("%+v", r)
	}
}
