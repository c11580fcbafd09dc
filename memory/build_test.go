package memory_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/rdb"
)

// now is what expiries are held against in all tests.
var now = time.UnixMilli(1_900_000_000_000)

// file is an RDB file that is built record by record, as a server of old would
// write it: nothing packed, no checksum.
type file struct{ b []byte }

// newFile begins a file of Redis 8.0; more are further aux fields, name and value.
func newFile(more ...string) *file {
	f := &file{[]byte("REDIS0012")}
	for aux := append([]string{"redis-ver", "8.0.2"}, more...); len(aux) > 0; aux = aux[2:] {
		f.b = append(f.b, 0xFA)
		f.text(aux[0]).text(aux[1])
	}
	return f.selectDB(0)
}

func (f *file) len(n int) *file {
	switch {
	case n < 1<<6:
		f.b = append(f.b, byte(n))
	case n < 1<<14:
		f.b = append(f.b, 0x40|byte(n>>8), byte(n))
	default:
		f.b = binary.BigEndian.AppendUint32(append(f.b, 0x80), uint32(n))
	}
	return f
}

func (f *file) text(s string) *file {
	f.len(len(s))
	f.b = append(f.b, s...)
	return f
}

func (f *file) texts(s ...string) *file {
	for _, s := range s {
		f.text(s)
	}
	return f
}

func (f *file) op(op byte) *file {
	f.b = append(f.b, op)
	return f
}

func (f *file) selectDB(n int) *file { return f.op(0xFE).len(n) }

// expires, idle and freq are about the key that follows.
func (f *file) expires(in time.Duration) *file {
	f.b = binary.LittleEndian.AppendUint64(append(f.b, 0xFC), uint64(now.Add(in).UnixMilli()))
	return f
}

func (f *file) idle(d time.Duration) *file { return f.op(0xF8).len(int(d / time.Second)) }
func (f *file) freq(n byte) *file          { return f.op(0xF9).op(n) }

func (f *file) str(key, value string) *file { return f.op(0).texts(key, value) }

func (f *file) list(key string, items ...string) *file {
	return f.op(1).text(key).len(len(items)).texts(items...)
}

func (f *file) set(key string, members ...string) *file {
	return f.op(2).text(key).len(len(members)).texts(members...)
}

func (f *file) hash(key string, fieldsAndValues ...string) *file {
	return f.op(4).text(key).len(len(fieldsAndValues) / 2).texts(fieldsAndValues...)
}

func (f *file) zset(key string, members ...string) *file {
	f.op(5).text(key).len(len(members))
	for i, m := range members {
		f.text(m)
		f.b = binary.LittleEndian.AppendUint64(f.b, math.Float64bits(float64(i)))
	}
	return f
}

// bytes returns the file with its end.
func (f *file) bytes() []byte {
	return append(f.b[:len(f.b):len(f.b)], 0xFF, 0, 0, 0, 0, 0, 0, 0, 0)
}

func (f *file) String() string { return string(f.bytes()) }

// words returns n different texts.
func words(n int, format string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i)
	}
	return out
}

// mixed calls add n times for a file that the next key is to go to, with keys of
// many patterns, types, sizes, expiries and databases, idle times and hash tags.
// The same seed gives the same keys.
func mixed(seed uint64, n int, next func(key string) *file) {
	r := rand.New(rand.NewPCG(seed, 1))
	formats := []string{
		"user:%d:profile", "user:%d:cart", "session:%08x-1111-4222-8333-444455556666", "{shop:%d}:stock", "{shop:%d}:price", "{hot}:%d",
		"log:2026-01-%d", "cache/%d/page", "plain-%d", "%d", "job.%d.state", "mail:u%d@example.org",
	}
	for i := range n {
		at := r.IntN(len(formats))
		number := 3_000_000 + r.IntN(90) + 100*i*min(1, at%6) // no date
		if at == 6 {
			number = 10 + number%20
		}
		key := fmt.Sprintf(formats[at], number)
		if at%6 == 0 {
			key += fmt.Sprintf(":%d", i)
		}
		f := next(key)
		f.selectDB([]int{0, 0, 0, 3, 9}[r.IntN(5)])
		switch r.IntN(6) {
		case 0:
			f.expires(-time.Hour)
		case 1:
			f.expires(time.Duration(r.IntN(1000)) * time.Minute)
		case 2:
			f.expires(time.Duration(r.IntN(1000)) * time.Hour)
		}
		switch r.IntN(4) {
		case 0:
			f.idle(time.Duration(r.IntN(2000)) * time.Hour)
		case 1:
			f.freq(byte(r.IntN(256)))
		}
		count := 1 + r.IntN(20)
		if r.IntN(8) == 0 {
			count = 600 + r.IntN(700)
		}
		switch r.IntN(6) {
		case 0, 1:
			f.str(key, strings.Repeat("v", r.IntN(3000)))
		case 2:
			f.list(key, words(count, "item %d")...)
		case 3:
			f.set(key, words(count, "member %d")...)
		case 4:
			f.hash(key, words(2*count, "%d of a hash")...)
		case 5:
			f.zset(key, words(count, "m%d")...)
		}
	}
}

// everyGrouping is all that keys can be grouped by but own patterns.
func everyGrouping() []memory.Grouping {
	out := []memory.Grouping{{By: "pattern"}, {By: "prefix", Depth: 2, Separator: ":"}}
	for _, by := range memory.Groupings() {
		out = append(out, memory.Grouping{By: by})
	}
	return out
}

// analyze reports on a file that must be intact.
func analyze(t testing.TB, data string, o memory.Options) *memory.Report {
	t.Helper()
	if o.Name == "" {
		o.Name = "a.rdb"
	}
	o.Now = now
	r, err := memory.Analyze(t.Context(), strings.NewReader(data), rdb.Options{Name: o.Name, Size: int64(len(data))}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
