package memory_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/rdb"
)

// generated is a file that is made while it is read: of what add appends for each
// of n steps.
type generated struct {
	f     *file
	n, i  int
	add   func(f *file, i int)
	at    int
	ended bool
}

func (g *generated) Read(p []byte) (int, error) {
	if g.at == len(g.f.b) {
		if g.ended {
			return 0, io.EOF
		}
		g.f.b, g.at = g.f.b[:0], 0
		for ; g.i < g.n && len(g.f.b) < 32<<10; g.i++ {
			g.add(g.f, g.i)
		}
		if g.i == g.n {
			g.f.b, g.ended = g.f.bytes(), true
		}
	}
	n := copy(p, g.f.b[g.at:])
	g.at += n
	return n, nil
}

// peak runs do and returns by how much the objects on the heap were more than
// before, at most, dead ones among them.
func peak(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(40)) // as the command has it
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	live := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before, most := live(), uint64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			most = max(most, live())
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	do()
	close(done)
	<-stopped
	return most - min(before, most)
}

// odd returns a name that is like no other one: of words and separators at random.
func odd(r *rand.Rand) string {
	const letters, separators = "abcdefghijklmnopqrstuvwxyz", ":./-_|,;#{}@"
	b := make([]byte, 4+r.IntN(60))
	for i := range b {
		if b[i] = letters[r.IntN(len(letters))]; r.IntN(5) == 0 {
			b[i] = separators[r.IntN(len(separators))]
		}
	}
	return string(b)
}

// Memory is bounded whatever the keys are, and however large one is.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("millions of elements")
	}
	const mib = 1 << 20
	r := rand.New(rand.NewPCG(3, 4))
	zeros := make([]byte, 16)
	id := func(f *file, i int) { f.b = binary.BigEndian.AppendUint64(append(f.b, zeros[:8]...), uint64(i+1)) }
	ms := func(f *file) { f.b = binary.LittleEndian.AppendUint64(f.b, uint64(now.UnixMilli())) }
	const pending, fields = 300_000, 200_000
	for _, tt := range []struct {
		name           string
		n              int
		add            func(f *file, i int)
		keys, elements int64
		most           uint64
	}{
		{"distinct keys", 1_000_000, func(f *file, i int) { f.str(fmt.Sprintf("user:%d:name", i), "x") }, 1_000_000, 1_000_000, 40 * mib},
		{"keys like no other", 300_000, func(f *file, i int) { f.str(odd(r), "x") }, 300_000, 300_000, 56 * mib},
		{"long names like no other", 2_000, func(f *file, i int) {
			name := ""
			for len(name) < 3000 {
				name += odd(r)
			}
			f.str(name, "x")
		}, 2_000, 2_000, 56 * mib},
		{"tagged keys", 30_000, func(f *file, i int) { f.str(fmt.Sprintf("{%0900d}", i), "x") }, 30_000, 30_000, 64 * mib},
		{"a hash", 1_000_001, func(f *file, i int) {
			if i == 0 {
				f.op(4).text("large").len(1_000_000)
				return
			}
			f.text(fmt.Sprintf("field %d", i)).text("value")
		}, 1, 1_000_000, 32 * mib},
		{"a list of long items", 101, func(f *file, i int) {
			if i == 0 {
				f.op(1).text("long").len(100)
				return
			}
			f.text(string(make([]byte, 2*mib)))
		}, 1, 100, 48 * mib},
		{"pending entries", 2*pending + 1, func(f *file, i int) {
			switch {
			case i == 0: // no entries, the last ID, one group and its last ID
				f.op(15).text("stream").len(0).len(0).len(0).len(pending + 1).len(1).text("group").len(0).len(pending + 1)
				f.len(pending)
			case i <= pending:
				id(f, i)
				ms(f)
				f.len(1)
			default:
				if i == pending+1 { // one consumer
					f.len(1).text("consumer")
					ms(f)
					f.len(pending)
				}
				id(f, i-pending)
			}
		}, 1, 0, 48 * mib},
		{"fields that expire", fields + 1, func(f *file, i int) {
			if i == 0 {
				f.op(24).text("fields")
				ms(f)
				f.len(fields)
				return
			}
			f.len(i % 10_000).text(fmt.Sprintf("field %d", i)).text("value")
		}, 1, fields, 32 * mib},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var report *memory.Report
			src := &generated{f: newFile(), n: tt.n, add: tt.add}
			got := peak(func() {
				var err error
				report, err = memory.Analyze(t.Context(), src, rdb.Options{}, memory.Options{Jobs: 2, Now: now})
				if err != nil {
					t.Fatal(err)
				}
			})
			t.Logf("%.1f MiB", float64(got)/mib)
			if got > tt.most {
				t.Errorf("%.1f MiB on the heap, more than %d", float64(got)/mib, tt.most/mib)
			}
			if report.Total.Keys != tt.keys || report.Total.Elements != tt.elements {
				t.Errorf("%d keys of %d elements, want %d of %d", report.Total.Keys, report.Total.Elements, tt.keys, tt.elements)
			}
			if n := len(report.Tables[0].Groups); n > memory.DefaultMaxPatterns {
				t.Errorf("%d groups, room for %d", n, memory.DefaultMaxPatterns)
			}
			addsUp(t, report)
		})
	}
}
