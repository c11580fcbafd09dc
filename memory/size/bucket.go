package size

import "math/bits"

// A table of Valkey 8.1 and later is an array of buckets of 64 bytes. One holds
// seven entries, or six and the way to a child bucket.
const (
	bucketBytes   = 64
	bucketEntries = 7
)

// bucketsFor returns the buckets of a table that is made for n entries, at most
// 6.4 in each.
func bucketsFor(n int64) int64 {
	if n == 0 {
		return 0
	}
	return 1 << bits.Len64(uint64((n*5-1)/32))
}

// bucketTable follows the buckets of a table through insertions, each of which
// moves the entries of one bucket while the table grows.
type bucketTable struct {
	size, used int64
	next, left int64
}

func (t *bucketTable) buckets() int64 { return t.size + t.next }

// settled returns the buckets once all entries have moved.
func (t *bucketTable) settled() int64 {
	if t.next > 0 {
		return t.next
	}
	return t.size
}

func (t *bucketTable) start(buckets int64) {
	switch {
	case buckets == t.size:
	case t.used == 0:
		t.size = buckets
	default:
		t.next, t.left = buckets, t.size
	}
}

// expand asks for a table that holds n entries.
func (t *bucketTable) expand(n int64) {
	if t.next == 0 && n >= t.used {
		t.start(bucketsFor(max(n, 1)))
	}
}

// add inserts n entries.
func (t *bucketTable) add(n int64) {
	for n > 0 {
		if t.next > 0 {
			j := min(n, t.left)
			t.left -= j
			t.used, n = t.used+j, n-j
			if t.left == 0 {
				t.size, t.next = t.next, 0
			}
			continue
		}
		j := min(n, max(0, t.size*bucketEntries-t.used))
		t.used, n = t.used+j, n-j
		if n > 0 {
			t.start(bucketsFor(t.used + 1))
		}
	}
}

// bucketsGrown returns the buckets of a settled table that grew by n insertions.
func bucketsGrown(n int64) int64 {
	var t bucketTable
	t.add(n)
	return t.settled()
}

// buckets returns the buckets of a hash after loading on Valkey.
func (h *plainHash) buckets() int64 {
	if h.n > h.most || h.ttl || h.first < 0 {
		return bucketsFor(h.n)
	}
	var t bucketTable
	t.expand(h.first)
	t.add(h.first + 1)
	rest := h.n - h.first - 1
	t.expand(rest)
	t.add(rest)
	return t.buckets()
}

// childBuckets returns how many child buckets n entries in so many buckets are
// expected to need: which bucket an entry falls into is random, and a chain of c
// children holds 6c+7 entries.
func childBuckets(n, buckets int64) float64 {
	if buckets <= 1 {
		return float64(max(0, n-bucketEntries+5) / 6)
	}
	p := 1 / float64(buckets)
	// The share of buckets with k entries, from k to k+1.
	share := powInt(1-p, n)
	var children float64
	for k := int64(0); k <= min(n, 200); k++ {
		if k > bucketEntries {
			children += share * float64((k-bucketEntries+5)/6)
		}
		if k == n {
			break
		}
		share *= float64(n-k) / float64(k+1) * p / (1 - p)
	}
	return float64(buckets) * children
}

func powInt(x float64, n int64) float64 {
	y := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			y *= x
		}
		x *= x
	}
	return y
}
