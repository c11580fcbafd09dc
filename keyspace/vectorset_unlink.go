package keyspace

// remove takes an element out of the graph. It is one to be added then.
func (g *graph) remove(n uint32) {
	level := int(g.level[n])
	if level == notLinked {
		return
	}
	g.level[n] = notLinked
	g.todo++
	g.loose = true
	for layer := 0; layer <= level; layer++ {
		for _, x := range g.row(n, layer).links() {
			r := g.row(x.number(), layer)
			r.cut(r.find(n))
		}
	}
	if g.entry == int(n) {
		g.entry = -1
		for i, l := range g.level {
			if l != notLinked && (g.entry < 0 || l > g.level[g.entry]) {
				g.entry = i
			}
		}
	}
	for layer := 0; layer <= level; layer++ {
		g.reconnect(g.row(n, layer).links(), layer)
	}
	if level > 0 {
		g.free[level] = append(g.free[level], g.above[n])
	}
}

// reconnect links elements that have lost a neighbour to each other, and those
// with few links left to others.
func (g *graph) reconnect(lost []near, layer int) {
	done := make([]bool, len(lost))
	for i, x := range lost {
		if done[i] {
			continue
		}
		var best near
		at := -1
		for j := i + 1; j < len(lost); j++ {
			y := lost[j].number()
			if done[j] || g.row(x.number(), layer).find(y) >= 0 {
				continue
			}
			if d := g.between(x.number(), y); at < 0 || d < best {
				best, at = d, j
			}
		}
		if at >= 0 {
			g.tie(x.number(), best, layer)
			done[i], done[at] = true, true
		}
	}
	for _, x := range lost {
		if int(g.row(x.number(), layer)[0]) < g.m/2 {
			g.ask(x.number())
			g.link(x.number(), g.search(g.descend(layer), layer), layer)
		}
	}
}

// move gives the element of the last number another one, and forgets what had
// that, which is not linked.
func (g *graph) move(last, n uint32) {
	level := g.level[last]
	g.level = g.level[:last]
	g.todo--
	if last == n {
		return
	}
	if g.level[n] = level; level == notLinked {
		return
	}
	g.above[n] = g.above[last]
	copy(g.row(n, 0), g.row(last, 0))
	for layer := range int(level) + 1 {
		for _, x := range g.row(n, layer).links() {
			r := g.row(x.number(), layer)
			i := r.find(last)
			r[1+i] = r[1+i].with(n)
		}
	}
	if g.entry == int(last) {
		g.entry = int(n)
	}
}
