package size

// rarest is the greatest height of a node that the mean counts: one node of 16
// million is higher.
const rarest = 13

// node returns the bytes of a skip list node of a member of n bytes, and what of
// the member lies in it: the mean over the heights that a server draws, each of
// which has a probability of 0.75 * 0.25^(height-1).
//
//	classic, Valkey 8.1:   element 8 | score 8 | back 8 | height x 16
//	Redis 8.6:             score 8 | back 8 | height x 16 | string
//	Valkey 9:              score 8 | back 8 | height x 16 | 1 | string
func (l *layout) node(n int64) (mean [Allocators]float64) {
	base := int64(24)
	switch l.gen {
	case kvobj:
		base = 16 + sdsRequest(n)
	case valkey9:
		base = 16 + 1 + sdsRequest(n)
	}
	share := 0.75
	for h := int64(1); h <= rarest; h++ {
		if h == rarest {
			share /= 0.75
		}
		for a, u := range usable(base + 16*h) {
			mean[a] += share * float64(u)
		}
		share *= 0.25
	}
	return mean
}

// skiplistHead returns what a skip list has beside its nodes: its header and a
// first node of the greatest height.
func (l *layout) skiplistHead() Bytes {
	switch l.gen {
	case valkey9: // both in one block, counted to the byte
		return all(zset + 32 + 31*16)
	case kvobj:
		return usable(40).plus(usable(16 + 16*maxHeight)).plus(all(zset))
	}
	return usable(24 + 16*maxHeight).plus(all(zset + 32))
}

// memberNodes is how long members are for which the mean of a node is kept.
const memberNodes = 256

// nodes keeps the means of nodes.
type nodes [memberNodes][Allocators]float64

// meanNode is layout.node by way of a table.
func (z *Sizer) meanNode(n int64) *[Allocators]float64 {
	if z.l.gen != kvobj && z.l.gen != valkey9 {
		n = 0
	}
	if n >= memberNodes {
		z.far = z.l.node(n)
		return &z.far
	}
	m := &z.nodes[n]
	if m[0] == 0 {
		*m = z.l.node(n)
	}
	return m
}
