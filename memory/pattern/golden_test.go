package pattern

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// tally is a Set with what a caller keeps for it: the keys of each group.
type tally struct {
	*Set
	keys []int64
}

func (c *tally) at(group int) *int64 {
	for group >= len(c.keys) {
		c.keys = append(c.keys, 0)
	}
	return &c.keys[group]
}

func (c *tally) fold(from, into int) {
	*c.at(into) += *c.at(from)
	*c.at(from) = 0
}

// add adds keys as a caller does, in one batch.
func (c *tally) add(keys [][]byte) {
	var names [][]byte
	local := map[string]uint32{}
	ids := make([]uint32, 0, len(keys))
	var counts []int64
	for _, k := range keys {
		name := Append(nil, k)
		id, ok := local[string(name)]
		if !ok {
			id = uint32(len(names))
			local[string(name)] = id
			names = append(names, name)
			counts = append(counts, 0)
		}
		ids = append(ids, id)
		counts[id]++
	}
	for id, g := range c.Add(names, ids, c.fold) {
		*c.at(g) += counts[id]
	}
}

// groups lists the groups, those of most keys first.
func (c *tally) groups() string {
	type row struct {
		keys, folded int64
		name         string
	}
	var rows []row
	for _, g := range c.Groups() {
		rows = append(rows, row{c.keys[g], c.Folded(g), c.Name(g)})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(-cmp.Compare(a.keys, b.keys), strings.Compare(a.name, b.name))
	})
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%7d  %s", r.keys, r.name)
		if r.folded > 0 {
			fmt.Fprintf(&b, "  (%d folded)", r.folded)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func drawn(keys [][]byte, room int) *tally {
	c := &tally{Set: NewSet(room)}
	for batch := range slices.Chunk(keys, 4096) {
		c.add(batch)
	}
	c.Settle(c.fold)
	return c
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs (run with -update to see how):\n%s", name, got)
	}
}

// TestSchemes draws the groups of each way to name keys alone.
func TestSchemes(t *testing.T) {
	var b strings.Builder
	for i, s := range schemes {
		fmt.Fprintf(&b, "%s\n%s\n", s.name, drawn(corpus(schemes[i:i+1], 7), 10_000).groups())
	}
	golden(t, "schemes.golden", b.String())
}

// TestMixed draws them all together.
func TestMixed(t *testing.T) {
	c := drawn(corpus(schemes, 7), 10_000)
	if c.Overflowed() {
		t.Error("there was no room")
	}
	golden(t, "mixed.golden", c.groups())
}
