package size

import (
	"math"
	"slices"
)

// vectorFields is how many fields a vector of Valkey's index holds.
const vectorFields = 127

// fieldIndex returns what Valkey 9 keeps to find the fields of a hash that
// expire, by their expiries in the order of the record.
//
//	2 fields          a vector with its header
//	up to 127         a sorted vector
//	more              a radix tree of windows of time, each of them a vector, or a
//	                  table where more than 127 fields expire within 16 ms
func (l *layout) fieldIndex(expiries []int64) Bytes {
	n := len(expiries)
	if n <= vectorFields {
		return vector(int64(n))
	}
	w := windows{}
	slices.Sort(expiries[:vectorFields]) // the first vector is sorted when it becomes a window
	for _, ms := range expiries {
		w.insert(ms)
	}
	var total Bytes
	var tree idTree
	names := make([]string, 0, len(w.ends))
	for i, end := range w.ends {
		if k := int64(len(w.fields[i])); k <= vectorFields {
			total.add(vector(k))
		} else {
			total.addAll(l.tableBytes(k, bucketsGrown(k), 0))
		}
		var b [8]byte
		for j := range b {
			b[j] = byte(end >> (56 - 8*j))
		}
		names = append(names, string(b[:]))
	}
	tree.names(names, 0)
	return total.plus(tree.bytes).plus(usable(32))
}

func vector(n int64) Bytes {
	switch {
	case n < 2:
		return Bytes{}
	case n == 2:
		return all(24)
	}
	return usable(8 + 8*n)
}

// windows are spans of time by their end, in order, with the expiries in them.
type windows struct {
	ends   []int64
	fields [][]int64
}

const (
	narrow = 16
	wide   = 8192
)

// windowEnd returns the end of the window of that width in which ms lies.
func windowEnd(ms, width int64) int64 {
	if ms > math.MaxInt64-2*wide {
		return math.MaxInt64
	}
	return ms&^(width-1) + width
}

func (w *windows) put(end int64, fields []int64) {
	i, found := slices.BinarySearch(w.ends, end)
	if found { // at the end of time, where windows have no width
		w.fields[i] = append(w.fields[i], fields...)
		return
	}
	w.ends = slices.Insert(w.ends, i, end)
	w.fields = slices.Insert(w.fields, i, fields)
}

func (w *windows) insert(ms int64) {
	for {
		i, found := slices.BinarySearch(w.ends, ms)
		if found {
			i++
		}
		if i == len(w.ends) || windowEnd(ms, wide) < w.ends[i] {
			w.put(windowEnd(ms, wide), []int64{ms})
			return
		}
		v := w.fields[i]
		if len(v) == vectorFields && (windowEnd(slices.Min(v), narrow) != windowEnd(slices.Max(v), narrow) || windowEnd(slices.Max(v), narrow) < w.ends[i]) && w.divide(i) {
			continue
		}
		w.fields[i] = append(v, ms)
		return
	}
}

// divide makes room in a full window, if it can: it ends where its last field does,
// or is split near its middle.
func (w *windows) divide(i int) bool {
	v := w.fields[i]
	slices.Sort(v)
	if end := windowEnd(v[len(v)-1], narrow); end < w.ends[i] {
		w.ends, w.fields = slices.Delete(w.ends, i, i+1), slices.Delete(w.fields, i, i+1)
		w.put(end, v)
		return true
	}
	middle, cut := len(v)/2, 0
	for c := 1; c < len(v); c++ {
		if windowEnd(v[c-1], narrow) < windowEnd(v[c], narrow) && (cut == 0 || abs(c-middle) < abs(cut-middle)) {
			cut = c
		}
	}
	if cut == 0 {
		return false
	}
	w.fields[i] = slices.Clone(v[cut:])
	w.put(windowEnd(v[cut-1], narrow), slices.Clone(v[:cut]))
	return true
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
