package pattern

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// drawnIn draws the groups of keys that come in batches as cuts has them.
func drawnIn(t *testing.T, keys [][]byte, room int, batch func() int) *tally {
	t.Helper()
	c := &tally{Set: newSet(room, 0, true)}
	for len(keys) > 0 {
		n := min(batch(), len(keys))
		c.add(keys[:n])
		c.check(t)
		keys = keys[n:]
	}
	c.Settle(c.fold)
	c.check(t)
	return c
}

// check holds what is true of a Set at any time.
func (c *tally) check(t *testing.T) {
	t.Helper()
	if c.Len() > c.room {
		t.Fatalf("%d groups where %d have room", c.Len(), c.room)
	}
	if c.nodes > c.maxNodes {
		t.Fatalf("%d nodes where %d have room", c.nodes, c.maxNodes)
	}
	seen := map[string]bool{}
	for _, g := range c.Groups() {
		if g >= c.room {
			t.Fatalf("group %d where %d have room", g, c.room)
		}
		if c.Keys(g) != *c.at(g) {
			t.Fatalf("%s: the Set has %d keys and its caller %d", c.Name(g), c.Keys(g), c.keys[g])
		}
		name := c.Name(g)
		if seen[name] {
			t.Fatalf("two groups are %s", name)
		}
		seen[name] = true
		if c.Folded(g) < 0 {
			t.Fatalf("%s: %d folded", name, c.Folded(g))
		}
	}
	held := 0
	for g, k := range c.keys {
		if k != 0 && (g >= len(c.leaves) || c.leaves[g] == nil) {
			t.Fatalf("%d keys are left with group %d, which is no more", k, g)
		}
	}
	var walk func(n *node)
	walk = func(n *node) {
		words := 0
		for k := n.first; k != nil; k = k.next {
			if k.parent != n || c.kids[place{n, k.part}] != k {
				t.Fatalf("%q is not where it is found", k.name())
			}
			if k.kind == wordKind {
				words++
			}
			held++
			walk(k)
		}
		if words != n.words {
			t.Fatalf("%q has %d words and counts %d", n.name(), words, n.words)
		}
	}
	walk(c.root)
	if held != c.nodes || held != len(c.kids) {
		t.Fatalf("%d nodes are in the tree, %d counted and %d found", held, c.nodes, len(c.kids))
	}
}

// TestCuts tests that the groups do not depend on how keys are cut into batches,
// and that numbers, which a caller may see, do not either.
func TestCuts(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	sources := map[string][][]byte{
		"corpus":  corpus(schemes, 11)[:15_000],
		"strange": adversaries["pieces"](10_000),
		"words":   adversaries["words"](12_000),
		"deep":    adversaries["deep"](5_000),
	}
	for name, keys := range sources {
		for _, room := range []int{1, 3, 50, 300, 5000} {
			want := drawnIn(t, keys, room, func() int { return len(keys) })
			for range 2 {
				most := 1 + r.IntN(3000)
				got := drawnIn(t, keys, room, func() int { return 1 + r.IntN(most) })
				if a, b := want.groups(), got.groups(); a != b {
					t.Fatalf("%s, room %d: cut into batches the keys have other groups:\n%s\n%s", name, room, a, b)
				}
				if !slices.Equal(want.Groups(), got.Groups()) || want.Overflowed() != got.Overflowed() {
					t.Errorf("%s, room %d: numbers differ", name, room)
				}
			}
		}
	}
}

// adversaries make keys each of which is unlike all others.
var adversaries = map[string]func(n int) [][]byte{
	"letters": func(n int) [][]byte {
		g := newGen(1)
		return repeat(n, func(int) string { return g.chars(lowerLetters, 1+g.IntN(40)) })
	},
	"bytes": func(n int) [][]byte {
		g := newGen(2)
		return repeat(n, func(int) string { return string(g.bytes(1 + g.IntN(60))) })
	},
	"printable": func(n int) [][]byte {
		g := newGen(3)
		const all = lowerLetters + ":./|-_#@,; {}[]()<>=+*&^%$!~'\"\\`"
		return repeat(n, func(int) string { return g.chars(all, 1+g.IntN(80)) })
	},
	"separators": func(n int) [][]byte {
		g := newGen(4)
		return repeat(n, func(int) string { return g.chars(":./|-_#@,; {}[]", 1+g.IntN(300)) })
	},
	"numbers with separators": func(n int) [][]byte {
		g := newGen(5)
		return repeat(n, func(int) string {
			var b strings.Builder
			for range 1 + g.IntN(40) {
				fmt.Fprintf(&b, "%d%c", g.IntN(1000), ":./|#@,;"[g.IntN(8)])
			}
			return b.String()
		})
	},
	"words": func(n int) [][]byte {
		g := newGen(6)
		return repeat(n, func(int) string {
			var b strings.Builder
			for range 1 + g.IntN(5) {
				b.WriteString(g.chars("abc", 1+g.IntN(3)))
				b.WriteByte(":-_./ "[g.IntN(6)])
			}
			return b.String()
		})
	},
	"deep": func(n int) [][]byte {
		g := newGen(7)
		return repeat(n, func(int) string { return strings.Repeat(g.chars("ab", 1)+":", 1+g.IntN(100)) + g.chars("ab:", 60) })
	},
	"long": func(n int) [][]byte {
		g := newGen(8)
		return repeat(n, func(int) string { return g.chars("ab:{}*n-é", 2000) })
	},
	"pieces": func(n int) [][]byte {
		r := rand.New(rand.NewPCG(9, 9))
		return repeat(n, func(int) string { return string(piecedKey(r)) })
	},
	"sorted": func(n int) [][]byte {
		return repeat(n, func(i int) string {
			s := []byte(fmt.Sprintf("%09d", i))
			for k := range s {
				s[k] += 'a' - '0'
			}
			return string(s[:3]) + ":" + string(s[3:6]) + ":" + string(s[6:])
		})
	},
}

func repeat(n int, key func(i int) string) [][]byte {
	keys := make([][]byte, n)
	for i := range keys {
		keys[i] = []byte(key(i))
	}
	return keys
}

// TestBound tests that there is never more than there is room for, nor a name that
// is too long.
func TestBound(t *testing.T) {
	for name, keys := range adversaries {
		t.Run(name, func(t *testing.T) {
			n := 12_000
			if name == "long" {
				n = 2000
			}
			keys := keys(n)
			for _, room := range []int{1, 2, 5, 100, 2000} {
				c := drawnIn(t, keys, room, func() int { return 1000 })
				total := int64(0)
				for _, g := range c.Groups() {
					total += c.Keys(g)
					if len(c.Name(g)) > MaxName {
						t.Fatalf("a name of %d bytes: %q", len(c.Name(g)), c.Name(g))
					}
				}
				if total != int64(len(keys)) {
					t.Fatalf("room %d: %d of %d keys", room, total, len(keys))
				}
			}
		})
	}
}

// TestStaysTogether tests what all else rests on: a pattern is found where its
// keys were counted before, whatever has been folded since.
func TestStaysTogether(t *testing.T) {
	for source, keys := range map[string][][]byte{
		"corpus": corpus(schemes, 11)[:15_000],
		"pieces": adversaries["pieces"](5000),
		"words":  adversaries["words"](20_000),
		"deep":   adversaries["deep"](2000),
	} {
		for _, room := range []int{3, 20, 50, 300} {
			s := newSet(room, 0, true)
			seen := map[string]*leaf{}
			step, groups := 0, s.Len()
			for i, k := range keys {
				name := string(Append(nil, k))
				l := s.insert([]byte(name))
				l.keys++
				if had := seen[name]; had != nil && had.final() != l {
					t.Fatalf("%s, room %d, key %d: %q was in %q and is in %q", source, room, i, name, had.final().node.name(), l.node.name())
				}
				seen[name] = l
				if i%1000 != 0 && s.step == step && s.Len() >= groups {
					groups = s.Len()
					continue
				}
				step, groups = s.step, s.Len()
				for name, had := range seen {
					if _, _, _, l := s.find([]byte(name)); l != had.final() {
						t.Fatalf("%s, room %d, after key %d: %q was in %q and is not", source, room, i, name, had.final().node.name())
					}
				}
			}
		}
	}
}

// find returns the keys of the group that has this name, or -1.
func (c *tally) find(name string) int64 {
	for _, g := range c.Groups() {
		if c.Name(g) == name {
			return c.Keys(g)
		}
	}
	return -1
}

// TestHeavyStays has one word with most keys among thousands of others.
func TestHeavyStays(t *testing.T) {
	g := newGen(1)
	var keys [][]byte
	for i := range 5000 {
		keys = append(keys, []byte(g.name()+g.chars(lowerLetters, 3)+g.pick(":", "", ":profile")))
		for range 9 {
			keys = append(keys, fmt.Appendf(nil, "session:%d", i))
		}
	}
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, room := range []int{20, 300, 10_000} {
		c := drawn(keys, room)
		c.check(t)
		if n := c.find("session:{n}"); n != 45_000 {
			t.Errorf("room %d: session:{n} has %d keys:\n%s", room, n, c.groups())
		}
		if c.Len() > 8 {
			t.Errorf("room %d: %d groups:\n%s", room, c.Len(), c.groups())
		}
		if room == 10_000 && c.Overflowed() {
			t.Error("there was room for all")
		}
	}
}

// TestManyWords tests at how many siblings words become {*}, and that these have
// to be alike.
func TestManyWords(t *testing.T) {
	for _, tt := range []struct {
		keys func(word string, i int) string
		n    int
		want int // groups
	}{
		{func(w string, _ int) string { return "user:" + w }, manyWords, manyWords},
		{func(w string, _ int) string { return "user:" + w }, manyWords + 1, 1},
		{func(w string, _ int) string { return "user:" + w + ":profile" }, manyWords + 1, 1},
		{func(w string, i int) string { return w + []string{"", ":{n}", ":x:y", ":{n}:z"}[i%4] }, 80, 80},
		{func(w string, i int) string { return w + []string{"", ":{n}", ":x:y", ":{n}:z"}[i%4] }, 4 * (manyWords + 1), 4},
	} {
		s := NewSet(1000)
		for i := range tt.n {
			w := string([]byte{'a' + byte(i/20), "aeiou"[i%5], 'b' + byte(i%20)})
			s.AddGroup(tt.keys(w, i), 1, 0, nil)
		}
		s.Settle(nil)
		if s.Len() != tt.want {
			c := tally{Set: s, keys: make([]int64, minRoom)}
			t.Errorf("%d words have %d groups, want %d:\n%s", tt.n, s.Len(), tt.want, c.groups())
		}
	}
}

// TestExactSet tests that names which were asked for are folded for room alone.
func TestExactSet(t *testing.T) {
	s := newSet(200, 0, false)
	for i := range 200 {
		s.AddGroup(fmt.Sprintf("tenant:%c%c:", 'a'+i%26, 'a'+i/26), 1, 0, nil)
	}
	s.Settle(nil)
	if s.Len() != 200 || s.Overflowed() {
		t.Errorf("%d groups", s.Len())
	}
	for i := range 200 {
		s.AddGroup(fmt.Sprintf("tenant:%c%c1:", 'a'+i%26, 'a'+i/26), 1, 0, nil)
	}
	if s.Len() > 200 || !s.Overflowed() {
		t.Errorf("%d groups, overflowed %v", s.Len(), s.Overflowed())
	}
}

// report is what is saved of a Set.
type report []struct {
	name         string
	keys, folded int64
}

func (c *tally) report() (r report) {
	for _, g := range c.Groups() {
		r = append(r, struct {
			name         string
			keys, folded int64
		}{c.Name(g), c.Keys(g), c.Folded(g)})
	}
	return r
}

func (c *tally) merge(r report) {
	for _, g := range r {
		*c.at(c.AddGroup(g.name, g.keys, g.folded, c.fold)) += g.keys
	}
}

// TestMerge tests that reports put together are bounded, that no key is lost, that
// a report alone stays as it is, and that many of one kind are one.
func TestMerge(t *testing.T) {
	keys := corpus(schemes, 12)
	for _, room := range []int{10, 200, 10_000} {
		var reports []report
		for part := range 4 {
			c := drawn(keys[part*len(keys)/4:(part+1)*len(keys)/4], room)
			c.check(t)
			alone := &tally{Set: NewSet(room)}
			alone.merge(c.report())
			alone.check(t)
			if alone.groups() != c.groups() {
				t.Errorf("room %d: a report taken in is another one:\n%s\n%s", room, c.groups(), alone.groups())
			}
			reports = append(reports, c.report())
		}
		merged := func() *tally {
			c := &tally{Set: NewSet(room)}
			for _, r := range reports {
				c.merge(r)
				c.check(t)
			}
			c.Settle(c.fold)
			c.check(t)
			return c
		}
		c := merged()
		total := int64(0)
		for _, g := range c.Groups() {
			total += c.Keys(g)
		}
		if total != int64(len(keys)) {
			t.Errorf("room %d: %d of %d keys", room, total, len(keys))
		}
		// Settled once more, nothing changes.
		one := &tally{Set: NewSet(room)}
		one.merge(reports[0])
		before := one.groups()
		one.Settle(one.fold)
		if after := one.groups(); after != before {
			t.Errorf("room %d: a report is settled, and settles to another one:\n%s\n%s", room, before, after)
		}
		if again := merged(); again.groups() != c.groups() {
			t.Errorf("room %d: merged twice the groups differ", room)
		}
		if room == 10_000 {
			golden(t, "merged.golden", c.groups())
		}
	}
}

func TestAddGroupStrangeNames(t *testing.T) {
	c := &tally{Set: NewSet(40)}
	r := rand.New(rand.NewPCG(3, 3))
	strange := []string{star, rest, "{*}-", "{*}:", "{n}-", "a:", "b", "-", ":", "{", "}", "{=n}", "\xff", "x-"}
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(60) {
			b.WriteString(strange[r.IntN(len(strange))])
		}
		c.merge(report{{b.String(), int64(r.IntN(5)), int64(r.IntN(9))}})
	}
	c.check(t)
	c.Settle(c.fold)
	c.check(t)
}

func FuzzSet(f *testing.F) {
	f.Add([]byte("user:alice\nuser:bob\nuser:1\nuser:2"), uint8(3), uint8(2))
	f.Add([]byte("a-b\na-c\n{*}\n{...}\na:b:c\na:b:d\n::\n\n-"), uint8(2), uint8(1))
	for name := range adversaries {
		f.Add(bytes.Join(adversaries[name](50), []byte("\n")), uint8(20), uint8(7))
	}
	f.Fuzz(func(t *testing.T, data []byte, room, batch uint8) {
		keys := bytes.Split(data[:min(len(data), 1<<14)], []byte("\n"))
		want := drawnIn(t, keys, int(room), func() int { return len(keys) })
		got := drawnIn(t, keys, int(room), func() int { return 1 + int(batch) })
		if a, b := want.groups(), got.groups(); a != b {
			t.Errorf("cut into batches the keys have other groups:\n%s\n%s", a, b)
		}
		c := &tally{Set: NewSet(int(room))}
		c.merge(want.report())
		c.merge(got.report())
		c.Settle(c.fold)
		c.check(t)
	})
}

func BenchmarkSet(b *testing.B) {
	for _, bb := range []struct {
		name string
		keys [][]byte
	}{
		{"corpus", corpus(schemes, 13)},
		{"unlike all others", adversaries["printable"](80_000)},
		{"words", adversaries["letters"](80_000)},
	} {
		var names [][][]byte
		var ids [][]uint32
		for batch := range slices.Chunk(bb.keys, 4096) {
			local := map[string]uint32{}
			var n [][]byte
			var d []uint32
			for _, k := range batch {
				name := Append(nil, k)
				id, ok := local[string(name)]
				if !ok {
					id = uint32(len(n))
					local[string(name)] = id
					n = append(n, name)
				}
				d = append(d, id)
			}
			names, ids = append(names, n), append(ids, d)
		}
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := NewSet(5000)
				for i := range names {
					s.Add(names[i], ids[i], func(from, into int) {})
				}
				s.Settle(nil)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(bb.keys)), "ns/key")
		})
	}
}
