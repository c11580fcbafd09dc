package keyspace

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
)

// streamGenerator makes random commands on the streams s and t. It leaves out
// what servers do not agree on, or what depends on the clock.
type streamGenerator struct {
	r        *rand.Rand
	policies bool // of deletion, and the commands that have them
	ids      []entry.StreamID
}

func newStreamGenerator(seed uint64, policies bool) *streamGenerator {
	return &streamGenerator{r: rand.New(rand.NewPCG(seed, 3)), policies: policies, ids: make([]entry.StreamID, 1)}
}

// pick returns the words of one of the choices.
func (g *streamGenerator) pick(choices ...string) []string {
	return strings.Fields(choices[g.r.IntN(len(choices))])
}

func (g *streamGenerator) one(choices ...string) string { return choices[g.r.IntN(len(choices))] }

func (g *streamGenerator) chance(percent int) bool { return g.r.IntN(100) < percent }

func (g *streamGenerator) newID() string {
	id := g.ids[len(g.ids)-1]
	if g.chance(50) {
		id.Ms += []uint64{1, 1, 1, 5, 1000, 100000}[g.r.IntN(6)]
		id.Seq = []uint64{0, 0, 1, 7, 5000}[g.r.IntN(5)]
	} else {
		id.Seq += []uint64{1, 1, 2, 100}[g.r.IntN(4)]
	}
	g.ids = append(g.ids, id)
	return id.String()
}

// id returns one that is likely to have been used, and rather lately.
func (g *streamGenerator) id() string {
	if g.chance(3) {
		return "0"
	}
	back := min([]int{5, 20, 200, 1000}[g.r.IntN(4)], len(g.ids))
	id := g.ids[len(g.ids)-1-g.r.IntN(back)]
	switch g.r.IntN(20) {
	case 0:
		id.Seq++
	case 1:
		return fmt.Sprint(id.Ms)
	}
	return id.String()
}

func (g *streamGenerator) someIDs(counts ...int) (ids []string) {
	for range counts[g.r.IntN(len(counts))] {
		ids = append(ids, g.id())
	}
	return ids
}

func (g *streamGenerator) value() string {
	switch g.r.IntN(5) {
	case 0:
		return fmt.Sprint(g.r.Int64N(400) - 50)
	case 1:
		return fmt.Sprint(g.r.Int64() >> g.r.IntN(64))
	case 2:
		return strings.Repeat("x", g.r.IntN(70))
	}
	return g.one("v", "", "007", "-0", "9223372036854775807", "9223372036854775808", strings.Repeat("y", 130), strings.Repeat("z", 300))
}

func (g *streamGenerator) fields() (f []string) {
	if g.chance(60) {
		return []string{"a", g.value(), "b", g.value()}
	}
	for range 1 + g.r.IntN(4) {
		f = append(f, g.one("f", "g", "field", "12", strings.Repeat("k", 70)), g.value())
	}
	return f
}

func (g *streamGenerator) policy() []string {
	if !g.policies {
		return nil
	}
	return g.pick("", "", "KEEPREF", "DELREF", "ACKED")
}

func (g *streamGenerator) trim() []string {
	o := []string{g.one("MAXLEN", "MINID")}
	threshold := g.one("0", "1", "5", "30", "100", "250", "400")
	if o[0] == "MINID" {
		threshold = g.id()
	}
	if g.chance(50) {
		o = append(o, "~", threshold)
		o = append(o, g.pick("", "", "LIMIT 0", "LIMIT 1", "LIMIT 50", "LIMIT 100", "LIMIT 200")...)
	} else {
		o = append(append(o, g.pick("", "=")...), threshold)
	}
	if g.chance(50) {
		return append(g.policy(), o...)
	}
	return append(o, g.policy()...)
}

// next returns a command, or a run of them.
func (g *streamGenerator) next() (commands [][]string) {
	add := func(parts ...any) {
		var c []string
		for _, p := range parts {
			switch p := p.(type) {
			case string:
				c = append(c, p)
			case []string:
				c = append(c, p...)
			}
		}
		commands = append(commands, c)
	}
	key, group, consumer := g.one("s", "s", "t"), g.one("g", "h", "gg"), g.one("c1", "c2", "c3", "c10", "")
	switch k := g.r.IntN(100); {
	case k < 3 && g.chance(20):
		for range []int{50, 120, 250}[g.r.IntN(3)] {
			add("XADD", key, g.newID(), g.fields())
		}
	case k < 30:
		var o []string
		if g.chance(10) {
			o = []string{"NOMKSTREAM"}
		}
		if g.chance(25) {
			o = append(o, g.trim()...)
		}
		id := g.newID()
		if g.chance(5) {
			id = g.id()
		}
		add("XADD", key, o, id, g.fields())
	case k < 36:
		add("XTRIM", key, g.trim())
	case k < 42:
		add("XDEL", key, g.someIDs(1, 2, 4))
	case k < 44:
		n := min(len(g.ids)-1, 20+g.r.IntN(280))
		var run []string
		for _, id := range g.ids[len(g.ids)-n:] {
			run = append(run, id.String())
		}
		if n > 0 {
			add("XDEL", key, run[:1+g.r.IntN(n)])
		}
	case k < 50 && g.policies:
		ids := g.someIDs(1, 2, 5, 30)
		if g.chance(50) {
			add("XDELEX", key, g.policy(), "IDS", fmt.Sprint(len(ids)), ids)
		} else {
			add("XACKDEL", key, group, g.policy(), "IDS", fmt.Sprint(len(ids)), ids)
		}
	case k < 52:
		added := fmt.Sprint("ENTRIESADDED ", 1000*len(g.ids))
		add("XSETID", key, g.newID(), g.pick("", added, added+" MAXDELETEDID "+g.id()))
	case k < 57:
		add("XGROUP", "CREATE", key, group, g.one("$", "0", g.id()), g.pick("", "MKSTREAM", "ENTRIESREAD -1", "ENTRIESREAD 0"))
	case k < 59:
		add("XGROUP", "SETID", key, group, g.one("$", "0", "-", g.id(), g.id()), g.pick("", "ENTRIESREAD -1", "ENTRIESREAD 0"))
	case k < 60:
		add("XGROUP", g.one("DESTROY"), key, group)
	case k < 62:
		add("XGROUP", g.one("CREATECONSUMER", "DELCONSUMER"), key, group, consumer)
	case k < 75:
		add("XREADGROUP", "GROUP", group, consumer, g.pick("", "COUNT 1", "COUNT 3", "COUNT 20", "COUNT 60", "COUNT 5 NOACK"), "STREAMS", key, g.one(">", ">", ">", "0", g.id()))
	case k < 85:
		add("XACK", key, group, g.someIDs(1, 2, 10, 40))
	case k < 93:
		add("XCLAIM", key, group, consumer, g.one("0", "0", "0", "1000000000"), g.someIDs(1, 2, 10), g.pick("", "", "IDLE 1000", "TIME 1000000"),
			g.pick("", "RETRYCOUNT 0", "RETRYCOUNT 3"), g.pick("", "FORCE"), g.pick("", "JUSTID"), g.pick("", "", "LASTID "+g.id()))
	case k < 97:
		add("XAUTOCLAIM", key, group, consumer, g.one("0", "0", "1000000000"), g.one("0", "-", g.id(), "("+g.id()), g.pick("", "COUNT 1", "COUNT 5", "COUNT 50"), g.pick("", "JUSTID"))
	case k < 98:
		add("COPY", key, map[string]string{"s": "t", "t": "s"}[key], "REPLACE")
	default:
		add("XADD", key, g.newID(), g.fields())
	}
	return commands
}
