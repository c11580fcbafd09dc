package keyspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
)

// Redis 8.6 has begun nodes with these entries.
func TestStreamNodes(t *testing.T) {
	want := []int{1, 74, 142, 212, 275, 332, 396, 458, 521, 584, 642, 702, 761, 819, 879, 937, 992, 1052, 1111, 1167}
	s := newStream()
	var got []int
	for i := 1; i <= 1200; i++ {
		fields := []string{"a", fmt.Sprint(i * i * i * i), "b", strings.Repeat("x", i*7%90), "c", fmt.Sprint(-i * 37)}
		if i%5 == 0 {
			y := "yyy"
			if i%97 == 0 {
				y = strings.Repeat("y", i%11*60)
			}
			fields = []string{fmt.Sprint("field", i%3), y, fmt.Sprint(i), fmt.Sprint(i % 130)}
		}
		s.append(entry.StreamID{Ms: uint64(1000 + i*i*(1+i%2000/600*100000)), Seq: uint64(i % 7)}, streamWords(fields))
		if len(s.nodes) > len(got) {
			got = append(got, i)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("nodes begin at %v, want %v", got, want)
	}
}

// What Redis 8.6 has left of 250 entries, in nodes of 100. In the second half
// of the table they have been read up to 220, and acknowledged but for each tenth.
func TestStreamTrimNodes(t *testing.T) {
	for _, c := range []struct {
		trim          string
		pending       bool
		length, nodes int
		first         uint64
	}{
		{"MAXLEN ~ 230", false, 250, 3, 1},
		{"MAXLEN ~ 50", false, 50, 1, 201},
		{"MAXLEN ~ 50 LIMIT 200", false, 50, 1, 201},
		{"MAXLEN ~ 50 LIMIT 150", false, 150, 2, 101},
		{"MAXLEN ~ 50 LIMIT 90", false, 250, 3, 1},
		{"MAXLEN ~ 5 LIMIT 0", false, 50, 1, 201},
		{"MINID ~ 120", false, 150, 2, 101},
		{"MINID ~ 250", false, 50, 1, 201},
		{"DELREF MAXLEN ~ 230", false, 230, 3, 21},
		{"DELREF MAXLEN ~ 5 LIMIT 0", false, 5, 1, 246},
		{"DELREF MINID ~ 120 LIMIT 105", false, 150, 2, 101},
		{"ACKED MINID ~ 120", false, 131, 2, 120},
		{"ACKED MAXLEN ~ 50 LIMIT 90", false, 250, 3, 1},
		{"ACKED MAXLEN ~ 50", true, 52, 3, 10},
		{"ACKED MAXLEN ~ 50 LIMIT 120", true, 160, 3, 10},
		{"ACKED MAXLEN = 50", true, 52, 3, 10},
		{"ACKED MINID = 120", true, 142, 3, 10},
		{"MINID ~ 120 LIMIT 50 ACKED", true, 250, 3, 1},
		{"ACKED MAXLEN ~ 180", true, 180, 3, 10},
		{"ACKED MAXLEN 245", true, 245, 3, 6},
	} {
		now := int64(1000)
		x := streamExecutor(&now)
		for i := 1; i <= 250; i++ {
			runStream(t, x, fmt.Sprintf("XADD s %d-1 f v", i))
		}
		if c.pending {
			runStream(t, x, "XGROUP CREATE s g 0\nXREADGROUP GROUP g c COUNT 220 STREAMS s >")
			for i := 1; i <= 220; i++ {
				if i%10 != 0 {
					runStream(t, x, fmt.Sprintf("XACK s g %d-1", i))
				}
			}
		}
		runStream(t, x, "XTRIM s "+c.trim)
		s, _ := x.stream([]byte("s"))
		checkStream(t, s)
		if nodes := len(s.nodes) - s.removed; s.length != uint64(c.length) || nodes != c.nodes || s.first.Ms != c.first {
			t.Errorf("%s leaves %d entries in %d nodes from %d on, want %d, %d, %d", c.trim, s.length, nodes, s.first.Ms, c.length, c.nodes, c.first)
		}
		if c.pending && s.group([]byte("g")).pel.n != 22 {
			t.Errorf("%s leaves %d entries pending", c.trim, s.group([]byte("g")).pel.n)
		}
	}
}

func TestStreamDeleteRefs(t *testing.T) {
	for _, c := range []struct{ command, want string }{
		{"XDEL s 1-1 5-1", "entries 2 3 4 pending 1 2 3 pending 1"},
		{"XDELEX s IDS 2 1-1 5-1", "entries 2 3 4 pending 1 2 3 pending 1"},
		{"XDELEX s DELREF IDS 2 1-1 5-1", "entries 2 3 4 pending 2 3 pending"},
		{"XDELEX s IDS 4 1-1 3-1 4-1 5-1 ACKED", "entries 1 2 3 4 5 pending 1 2 3 pending 1"},
		{"XTRIM s DELREF MINID 3", "entries 3 4 5 pending 3 pending"},
		{"XTRIM s MINID 3", "entries 3 4 5 pending 1 2 3 pending 1"},
		{"XACKDEL s g IDS 2 1-1 5-1", "entries 2 3 4 5 pending 2 3 pending 1"},
		{"XACKDEL s g DELREF IDS 2 1-1 5-1", "entries 2 3 4 5 pending 2 3 pending"},
		{"XACKDEL s g ACKED IDS 3 1-1 2-1 5-1", "entries 1 3 4 5 pending 3 pending 1"},
	} {
		now := int64(1000)
		x := streamExecutor(&now)
		runStream(t, x, `
			XADD s 1-1 f v
			XADD s 2-1 f v
			XADD s 3-1 f v
			XADD s 4-1 f v
			XADD s 5-1 f v
			XGROUP CREATE s g 0
			XREADGROUP GROUP g c COUNT 3 STREAMS s >
			XGROUP CREATE s h 3
			XCLAIM s h c 0 1-1 TIME 5 RETRYCOUNT 1 FORCE JUSTID LASTID 3-1
			`+c.command)
		s, _ := x.stream([]byte("s"))
		checkStream(t, s)
		got := "entries"
		for w := s.walk(); w.next(); {
			got += fmt.Sprint(" ", w.id.Ms)
		}
		for _, g := range s.groups {
			got += " pending"
			var at pendingAt
			for p := g.pel.get(&at); p != nil; p = g.pel.get(&at) {
				got += fmt.Sprint(" ", p.id.Ms)
			}
		}
		if got != c.want {
			t.Errorf("%s leaves %s, want %s", c.command, got, c.want)
		}
	}
}

// How many entries a group has read, by Redis 8.6.
func TestStreamEntriesRead(t *testing.T) {
	for _, c := range []struct {
		commands string
		want     []int64
	}{
		{`XGROUP CREATE s a 0 ENTRIESREAD 0
			XGROUP CREATE s b 1-1 ENTRIESREAD 1
			XGROUP CREATE s c 3-1 ENTRIESREAD 1
			XTRIM s MAXLEN 2
			XREADGROUP GROUP a c COUNT 1 STREAMS s >
			XREADGROUP GROUP b c COUNT 2 STREAMS s >
			XREADGROUP GROUP c c COUNT 2 STREAMS s >`, []int64{3, 4, 2}},
		{`XADD s 5-1 f v
			XGROUP CREATE s a 0 ENTRIESREAD 0
			XGROUP CREATE s b 3-1 ENTRIESREAD 3
			XGROUP CREATE s c 4-1 ENTRIESREAD 3
			XGROUP CREATE s d 3-1
			XDEL s 3-1
			XREADGROUP GROUP a c COUNT 1 STREAMS s >
			XREADGROUP GROUP b c COUNT 1 STREAMS s >
			XREADGROUP GROUP c c COUNT 1 STREAMS s >
			XREADGROUP GROUP d c COUNT 2 STREAMS s >`, []int64{entry.Unknown, entry.Unknown, 4, 5}},
		{`XGROUP CREATE s a $ ENTRIESREAD 9
			XGROUP CREATE s b 0
			XGROUP SETID s b $ ENTRIESREAD 7`, []int64{4, 4}},
	} {
		now := int64(1000)
		x := streamExecutor(&now)
		runStream(t, x, "XADD s 1-1 f v\nXADD s 2-1 f v\nXADD s 3-1 f v\nXADD s 4-1 f v\n"+c.commands)
		s, _ := x.stream([]byte("s"))
		var got []int64
		for _, g := range s.groups {
			got = append(got, g.read)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %d read, want %d", c.commands, got, c.want)
		}
	}
}

// What is found last says where to look first, but not when nodes have moved.
func TestStreamHintMoves(t *testing.T) {
	s := newStream()
	for i := range uint64(200 * streamNodeEntries) {
		s.append(entry.StreamID{Ms: 1 + i}, [][]byte{[]byte("f"), make([]byte, i%23)})
	}
	node := func(i uint64) (ids []entry.StreamID) {
		for k := range uint64(streamNodeEntries) {
			ids = append(ids, entry.StreamID{Ms: 1 + i*streamNodeEntries + k})
		}
		return ids
	}
	var gone []entry.StreamID
	for i := uint64(1); i < 150; i++ {
		if i != 5 {
			gone = append(gone, node(i)...)
		}
	}
	gone = append(gone, node(5)[97])
	s.deleteIDs(gone, keepRefs, nil)
	checkStream(t, s)
	left := s.hint
	for i := uint64(150); i < 200; i++ {
		for _, id := range node(i) {
			s.hint = left
			if !s.has(id) {
				t.Fatalf("%v is not found", id)
			}
		}
	}
}
