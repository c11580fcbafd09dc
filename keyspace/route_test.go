package keyspace

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures/commands"
)

// TestRoutes executes random commands, sound ones and others with words out of
// place, where the shards that they are not said to need cannot be touched.
func TestRoutes(t *testing.T) {
	ds := New(Options{Shards: maxShards, Now: func() int64 { return 1e12 }})
	x := ds.NewExecutor()
	seed := commands.Seed(t)
	g, r := commands.New(seed, 1e12), rand.New(rand.NewPCG(seed, 2))
	misplaced := append(strings.Fields("STREAMS GROUP NOACK COUNT STORE STOREDIST BY GET LIMIT 0 1 2 3 DB REPLACE LEFT MIN # x:*"), commands.Keys()...)
	narrow := 0
	for range commands.Count(t, 60_000) {
		var args [][]byte
		for _, w := range g.Next() {
			args = append(args, []byte(w))
		}
		for range r.IntN(4) - 1 {
			i, w := 1+r.IntN(len(args)), []byte(misplaced[r.IntN(len(misplaced))])
			switch {
			case i < len(args) && r.IntN(3) == 0:
				args = slices.Delete(args, i, i+1)
			case i < len(args) && r.IntN(2) == 0:
				args[i] = w
			default:
				args = slices.Insert(args, i, w)
			}
		}
		c, _ := x.command(args[0])
		if c == nil || !c.takes(len(args)) || c.route == routeNone || c.route == routeKeys || c.route == routePairs && len(args)%2 == 1 {
			continue
		}
		set := ds.shardsOf(c, args)
		if set != ds.allShards() {
			narrow++
		}
		all := slices.Clone(ds.shards)
		for i := range ds.shards {
			if !set.has(i) {
				ds.shards[i].dbs = nil
			}
		}
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("%q: %v", args, p)
				}
			}()
			_ = c.do(x, args) // what is wrong with it is no matter here
		}()
		for i := range ds.shards {
			if !set.has(i) {
				ds.shards[i].dbs = all[i].dbs
			}
		}
	}
	if narrow < 1000 {
		t.Errorf("%d commands only need some of the shards", narrow)
	}
}

// TestRouteOfGroup: a group that is called as the word before the keys.
func TestRouteOfGroup(t *testing.T) {
	ds := New(Options{Shards: maxShards})
	args := words("XREADGROUP COUNT 1 GROUP STREAMS a STREAMS key >")
	c, _ := ds.NewExecutor().command(args[0])
	if keys, ok := c.keysOf(nil, args); !ok || len(keys) != 1 || string(keys[0]) != "key" {
		t.Errorf("keys %q, %v", keys, ok)
	}
}

// TestSortLimits: limits at the ends of what a number holds.
func TestSortLimits(t *testing.T) {
	for line, want := range map[string]int{
		"SORT l LIMIT 1 9223372036854775807 STORE d":                    2,
		"SORT l LIMIT 9223372036854775807 9223372036854775807 STORE d":  0,
		"SORT l LIMIT -9223372036854775808 1 STORE d":                   1,
		"SORT l LIMIT 0 -9223372036854775808 STORE d":                   3,
		"SORT l LIMIT -9223372036854775808 9223372036854775807 STORE d": 3,
	} {
		x := prepared(t, []string{"RPUSH l 3 1 2", line}, 1)
		n := 0
		if r := x.lookup([]byte("d")); r.ok() {
			n = r.listOf().n
		}
		if n != want {
			t.Errorf("%s: %d elements, want %d", line, n, want)
		}
	}
}
