package render

import (
	"math"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/memory"
)

// now is what the reports of the tests are held against.
var now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC).UnixMilli()

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

// hostile is what a name may be made of to escape from a form.
const hostile = "a\nb\r\n\x1b[31m\x1b]0;t\x07 \"'`|<b>&amp;</script><!--;,\\ \x00\u202e\u2066\u200d\ufeff\u2028 %s é ✓ 鍵 "

// group makes a group of keys of about equal size. Of its keys, forever never
// expire and the others do within the day.
func group(name string, keys, bytes, forever int64, exact float64, largest memory.Key) memory.Group {
	g := memory.Group{
		Name: name, Keys: keys, Elements: 4 * keys, Bytes: bytes, Data: bytes - bytes/50, Exact: int64(exact * float64(bytes)),
		Names: keys * int64(len(name)), Content: bytes / 2, Stored: bytes / 3, Largest: largest,
	}
	g.NoExpiry = memory.Part{Keys: forever, Bytes: int64(float64(bytes) * float64(forever) / float64(keys))}
	g.Day = memory.Part{Keys: keys - forever, Bytes: bytes - g.NoExpiry.Bytes}
	return g
}

// total adds groups up.
func total(groups []memory.Group) memory.Group {
	sum := rest(groups, len(groups[0].Files))
	for i := range groups {
		g := &groups[i]
		sum.Elements += g.Elements
		sum.Data += g.Data
		sum.Names += g.Names
		sum.Content += g.Content
		sum.Stored += g.Stored
		sum.NoExpiry.Bytes += g.NoExpiry.Bytes
		sum.Day.Keys += g.Day.Keys
		if g.Largest.Bytes > sum.Largest.Bytes {
			sum.Largest = g.Largest
		}
		for f := range g.Files {
			sum.Files[f].Keys += g.Files[f].Keys
		}
	}
	return sum
}

func key(name, kind, encoding string, bytes, elements, expireAt int64) memory.Key {
	return memory.Key{Key: name, Type: kind, Encoding: encoding, Bytes: bytes, Elements: elements, ExpireAt: expireAt}
}

// shop is the report of a shop's snapshot: sessions without expiry, a catalogue,
// queues.
func shop() *memory.Report {
	soon := now + 3*3600*1000
	session := key("session:8f14e45fceea167a5a36dedd4bea2543", "hash", "listpack", 1208, 12, -1)
	index := key("search:index:products", "zset", "skiplist", 96*mib+31*kib, 812_345, -1)
	queue := key("queue:mail:outgoing", "list", "quicklist", 61*mib, 201_554, -1)
	seen := key("visitors:2026-03-01", "set", "hashtable", 33*mib, 411_020, now+20*86400_000)
	events := key("events:orders", "stream", "stream", 24*mib+200*kib, 120_000, -1)
	patterns := []memory.Group{
		group("session:{hex}", 1_203_404, 1160*mib, 1_181_743, 1, session),
		group("cart:{uuid}", 310_022, 402*mib+77*kib, 0, 0.12, key("cart:6fa459ea-ee8a-3ca4-894e-db77e160355e", "hash", "hashtable", 11*kib+40, 96, soon)),
		group("user:{n}:profile", 402_118, 231*mib, 402_118, 1, key("user:77120:profile", "hash", "listpack", 2104, 21, -1)),
		group("product:{n}", 88_120, 140*mib, 88_120, 1, key("product:1", "string", "raw", 81_944, 1, -1)),
		group("search:index:products", 1, index.Bytes, 1, 0, index),
		group("queue:{s}:outgoing", 12, 63*mib+18*kib, 12, 1, queue),
		group("visitors:{date}", 61, 58*mib, 0, 0, seen),
		group("user:{n}:orders", 120_400, 44*mib+3*kib, 120_400, 0.97, key("user:4:orders", "zset", "skiplist", 1_310_720, 9_800, -1)),
		group("events:orders", 1, events.Bytes, 1, 1, events),
		group("rate:{ip}:{n}", 71_233, 8*mib, 0, 1, key("rate:10.0.0.7:1772443800", "string", "int", 104, 1, soon)),
		group("lock:{s}", 411, 40*kib, 200, 1, key("lock:import", "string", "embstr", 104, 1, -1)),
		group("config:feature-flags", 1, 3160, 1, 1, key("config:feature-flags", "hash", "listpack", 3160, 44, -1)),
	}
	r := &memory.Report{
		Format: memory.ReportFormat, Now: now, MaxPatterns: 10_000, Top: 10, Sample: 1, Total: total(patterns),
		Tables: []memory.Table{{By: "pattern", Groups: patterns}, {By: "type", Groups: []memory.Group{
			group("hash", 1_915_545, 1793*mib+77*kib+3160, 1_583_862, 0.803, key("cart:6fa459ea-ee8a-3ca4-894e-db77e160355e", "hash", "hashtable", 11*kib+40, 96, soon)),
			group("string", 159_764, 148*mib+40*kib, 88_320, 1, key("product:1", "string", "raw", 81_944, 1, -1)),
			group("zset", 120_401, 44*mib+3*kib+index.Bytes, 120_401, 0.305, index),
			group("list", 12, 63*mib+18*kib, 12, 1, queue),
			group("set", 61, 58*mib, 0, 0, seen),
			group("stream", 1, events.Bytes, 1, 1, events),
		}}},
		TopBytes:    []memory.Key{index, queue, seen, events, key("user:4:orders", "zset", "skiplist", 1_310_720, 9_800, -1), key("product:1", "string", "raw", 81_944, 1, -1)},
		TopElements: []memory.Key{index, seen, queue, events},
		Sizes:       []memory.Bin{{From: 64, Keys: 1000, Bytes: 99_000}, {From: 128, Keys: 3, Bytes: 600}},
		Slots:       []memory.Slot{{Slot: 4211, Tag: "tenant-7", Keys: 1200, Bytes: 3 * mib}},
		Findings: []memory.Finding{
			{Code: "big-key", Bytes: index.Bytes, Keys: 1, Group: "search:index:products", Text: "The zset search:index:products takes 96.0 MiB alone: 812,345 members in one key.", Do: "Split it by a hash of the member, so that no command and no replica has to move it whole."},
			{Code: "no-expiry", Bytes: 1160 * mib, Keys: 1_181_743, Group: "session:{hex}", Text: "98.2 % of the 1,203,404 keys of session:{hex} never expire.", Do: "Write them with an expiry (SET ... EX, EXPIRE) and set one for those that are there."},
			{Code: "packable", Bytes: 250 * mib, Saves: true, Keys: 300_000, Group: "cart:{uuid}", Text: "300,000 hashes of cart:{uuid} are tables because of values that are a little longer than 64 bytes.", Do: "Raise hash-max-listpack-value to 128."},
			{Code: "compressible", Bytes: 71 * mib, Saves: true, Keys: 88_120, Group: "product:{n}", Text: "The strings of product:{n} compress to 49 % of their size.", Do: "Compress them in the application."},
			{Code: "expired", Bytes: 900 * kib, Keys: 1200, Text: "1,200 keys are expired but present.", Do: "Raise hz or active-expire-effort if that does not go down."},
			{Code: "hash-tag", Bytes: 3 * mib, Keys: 1200, Text: "The hash tag tenant-7 is in 1,200 keys.", Do: "Spread it over several tags."},
		},
	}
	for i, from := range memory.TTLBounds() {
		r.TTLs = append(r.TTLs, memory.Bin{From: from, Keys: int64(i), Bytes: int64(100 * i)})
	}
	r.Files = []memory.File{{
		Name: "/var/lib/redis/dump.rdb", Kind: "rdb", Version: "RDB 12", Writer: "redis 8.0.6", SavedAt: now - 3600_000, FileBytes: 812*mib + 400*kib,
		Server: "redis-8.0", ServerFrom: memory.FromFile, Allocator: "jemalloc-bundled", AllocatorFrom: memory.FromUsedMemory, State: "settled",
		Keys: r.Total.Keys, Bytes: r.Total.Bytes,
		Account: memory.Account{
			Dataset: r.Total.Data, Tables: 98 * mib, Functions: 3 * kib, Startup: mib, Total: r.Total.Data + 99*mib + 3*kib,
			UsedMemory: r.Total.Data + 133*mib, Residual: 34*mib - 3*kib, TotalBy: map[string]int64{"jemalloc-bundled": r.Total.Data + 99*mib, "libc": r.Total.Data + 180*mib},
		},
		Databases: []memory.Database{{DB: 0, Keys: r.Total.Keys, Expires: 403_000, MainTable: 90 * mib, Expiry: 8 * mib}},
	}}
	return r
}

// shards is the shop on three servers.
func shards() *memory.Report {
	r := shop()
	spread := func(g *memory.Group, i int) {
		part := []float64{0.42, 0.35, 0.23}
		if g.Keys == 1 {
			part = [][]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}[i%3]
		}
		g.Files = make([]memory.Part, 3)
		left := memory.Part{Keys: g.Keys, Bytes: g.Bytes}
		for f := range g.Files {
			p := memory.Part{Keys: int64(float64(g.Keys) * part[f]), Bytes: int64(float64(g.Bytes) * part[f])}
			if f == 2 {
				p = left
			}
			g.Files[f] = p
			left.Keys, left.Bytes = left.Keys-p.Keys, left.Bytes-p.Bytes
		}
		g.Largest.File = i % 3
	}
	for i := range r.Tables {
		for j := range r.Tables[i].Groups {
			spread(&r.Tables[i].Groups[j], j)
		}
	}
	r.Total = total(r.Tables[0].Groups)
	for i := range r.TopBytes {
		r.TopBytes[i].File = i % 3
	}
	f := r.Files[0]
	r.Files = nil
	for i, p := range r.Total.Files {
		f.Name = "backup/shard-" + string(rune('a'+i)) + ".rdb"
		f.Keys, f.Bytes = p.Keys, p.Bytes
		f.Account = memory.Account{Dataset: p.Bytes, Tables: 30 * mib, Startup: mib, Total: p.Bytes + 31*mib, UsedMemory: p.Bytes + 40*mib, Residual: 9 * mib}
		f.Databases = []memory.Database{{DB: 0, Keys: p.Keys}}
		r.Files = append(r.Files, f)
	}
	return r
}

// empty is the report of a file without keys.
func empty() *memory.Report {
	return &memory.Report{
		Format: memory.ReportFormat, Now: now, Sample: 1, MaxPatterns: 10_000, Top: 10, Total: memory.Group{},
		Tables: []memory.Table{{By: "pattern"}},
		Files: []memory.File{{
			Name: "empty.rdb", Kind: "rdb", Version: "RDB 11", Server: "redis-7.2", ServerFrom: memory.Assumed, Allocator: "jemalloc-bundled", AllocatorFrom: memory.Assumed, State: "loaded",
			Account: memory.Account{Startup: mib, Total: mib},
		}},
	}
}

// names is a report in which everything that others choose is hostile.
func names() *memory.Report {
	long := strings.Repeat("0123456789", 1024)
	all := []string{
		hostile, "", " ", "base64:/w==", "\xff\xfe\x00", long, strings.Repeat("鍵", 4000), strings.Repeat("e\u0301\u0301", 500), strings.Repeat("\u0301", 3000),
		"שלום:{n}", "</script><script>alert(1)</script>", "a|b\\|c`d``e", "\x1b[2J\x1b[H", "user:{n}\tprofile", "👩‍👩‍👧:{n}", "🇫🇷:{n}", strings.Repeat("ᄀ", 90), "=cmd|' /C calc'!A0",
	}
	var groups []memory.Group
	for i, name := range all {
		groups = append(groups, group(name, int64(100-i), int64(100-i)*5000, int64(i), 1, key(name, "string", "raw", 9000, 1, -1)))
	}
	r := &memory.Report{
		Format: memory.ReportFormat, Now: now, Sample: 1, MaxPatterns: 4, Top: 10, Total: total(groups),
		Tables: []memory.Table{{By: "pattern", Groups: groups, Folded: true}, {By: hostile, Groups: groups[:3]}},
	}
	for i, name := range all {
		k := key(name, hostile, "\x1b[1m", int64(9000-i), 1, math.MaxInt64-int64(i))
		r.TopBytes = append(r.TopBytes, k)
		r.Findings = append(r.Findings, memory.Finding{Code: "big-key", Bytes: int64(9000 - i), Keys: 1, Group: name, Text: "The key " + name + " is large.", Do: "Split " + name + "."})
	}
	r.Files = []memory.File{{
		Name: hostile + ".rdb", Kind: "rdb", Version: hostile, Writer: hostile, Server: "redis-8.0", Allocator: "libc", Keys: r.Total.Keys, Bytes: r.Total.Bytes, SavedAt: math.MaxInt64,
		Account: memory.Account{Total: 1, UsedMemory: 1, Residual: math.MinInt64}, Databases: []memory.Database{{DB: 0, Keys: 1}, {DB: 7, Keys: 1}},
	}}
	return r
}

// sample is the shop of which one key in a hundred was looked at.
func sample() *memory.Report {
	r := shop()
	r.Sample = 0.01
	scale := func(g *memory.Group) {
		n := max(float64(g.Keys)*r.Sample, 1)
		mean := float64(g.Bytes) * r.Sample / n
		g.Squares = 1.4 * n * mean * mean
	}
	scale(&r.Total)
	for i := range r.Tables {
		for j := range r.Tables[i].Groups {
			scale(&r.Tables[i].Groups[j])
		}
	}
	return r
}
