package salvage

import (
	"slices"
)

// step is a record at the end of a path.
type step struct {
	record
	prev  *step   // nil at lo
	gap   bool    // between prev and this one
	score float64 // of the path
	run   float64 // evidence since the last gap
	n     int     // records since the last gap
	typed int     // of them, how many are no strings
	from  int64   // where a gap behind it begins, if what is in doubt is damaged
	clean bool    // there is no gap in the path
	inDB  int     // the database selected, -1 if none
}

// doubtful is the evidence that is none if bytes that are no record follow st: its own,
// and that of records before which lead to it while it does not look like one. from is
// where the first of them begins.
func (st *step) doubtful() (sum float64, from int64) {
	for ; st.prev != nil && st.loose(); st = st.prev {
		sum, from = sum+max(st.head, 0), st.off
		if st.gap || st.head >= minHeadBits && st.odd == 0 {
			break
		}
	}
	return sum, from
}

// trace returns the records of a path, the first first.
func trace(st *step) (path []*step) {
	for ; st.prev != nil; st = st.prev {
		path = append(path, st)
	}
	slices.Reverse(path)
	return path
}

// paths is a heap of paths by where they end.
type paths []*step

func (h paths) Len() int { return len(h) }

func (h paths) Less(i, j int) bool { return h[i].end < h[j].end }

func (h paths) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for package heap.
func (h *paths) Push(x any) { *h = append(*h, x.(*step)) }

// Pop is for package heap.
func (h *paths) Pop() any {
	last := len(*h) - 1
	st := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return st
}
