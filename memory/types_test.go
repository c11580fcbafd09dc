package memory_test

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

func (f *file) raw(b ...byte) *file {
	f.b = append(f.b, b...)
	return f
}

func (f *file) le(n uint64) *file {
	f.b = binary.LittleEndian.AppendUint64(f.b, n)
	return f
}

// rare are files with one key each of a type that few servers know.
func rare() map[string]*file {
	begin := func(magic string) *file { return (&file{[]byte(magic)}).selectDB(0) }
	module := begin("REDIS0008").op(7).text("m").raw(0x81)
	module.b = binary.BigEndian.AppendUint64(module.b, 0x44924ff46224fc03) // some module, version 3
	module.raw(2, 0x80, 0, 1, 0, 0, 5).text("{}").raw(4).le(math.Float64bits(2.5)).raw(0)
	return map[string]*file{
		"module":   module,
		"array":    begin("REDIS0014").op(28).text("a").raw(2, 1, 9, 8, 2).le(math.Float64bits(1e300)).raw(9, 2).le(math.Float64bits(0.5)),
		"path":     begin("VALKEY081").op(23).text("p").raw(2).text("a/b").raw(2).texts("f", "v", "g", "w").text("c").raw(1).texts("h", "3"),
		"cron":     begin("REDIS0009").op(64).text("c").text("return 1").le(1_900_000_000_000).le(60_000).raw(2).texts("k1", "k2").raw(1).text("a1"),
		"template": begin("REDIS0015").op(0xF2).raw(5, 2).texts("field1", "field2").op(32).text("t").raw(5, 0xC0, 1, 0xC0, 2),
		"vectors": begin("REDIS0012").op(7).text("v").raw(0x81, 0xBD, 0xE7, 0x2D, 0xA2, 0xBB, 0x1E, 0xB4, 0x00, 2, 3, 2, 1, 2, 0x50, 0, 2, 0, 5, 2, 'e', '1', 5, 12,
			0x9A, 0x99, 0x19, 0x3F, 0xCD, 0xCC, 0x4C, 0x3F, 0, 0, 0, 0, 2, 6, 2, 1, 2, 0x80, 1, 0, 0, 0, 2, 0, 2, 0x20, 2, 0, 2, 0x80, 0x40, 0xA0, 0, 0, 0),
	}
}

// Types that a server does not know have a size all the same, for each server.
func TestRareTypes(t *testing.T) {
	for name, f := range rare() {
		for _, server := range append(size.Servers(), "") {
			o := walked()
			if server != "" {
				var err error
				if o.Target, err = rdb.ParseTarget(server); err != nil {
					t.Fatal(err)
				}
			}
			r := analyze(t, f.String(), o)
			if g := r.Total; g.Keys != 1 || g.Bytes < 20 || g.Bytes > 10_000 || g.Largest.Encoding == "" || g.Largest.Type == "" {
				t.Errorf("%s for %q: %+v", name, server, g)
			}
		}
	}
	// What is guessed is not said to be exact.
	for _, name := range []string{"module", "cron", "path", "array"} {
		if g := analyze(t, rare()[name].String(), memory.Options{}).Total; g.Exact != 0 {
			t.Errorf("%s: %d of %d bytes exact", name, g.Exact, g.Bytes)
		}
	}
}
