package html

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"

	"github.com/rdbtool/rdbtool/memory"
)

// scheme is a pattern of the example: a shop that has grown for some years.
type scheme struct {
	name     string
	example  string // its largest key
	kind     string // type
	encoding string
	keys     int64
	bytes    int64 // of a key, on average
	elements int64 // of a key
	largest  int64 // bytes
	never    int   // percent of it that never expires
	ttl      int64 // seconds that the others live
	lzf      int   // percent that compressing would save
}

const day = 86400

var schemes = []scheme{
	{"session:{uuid}", "session:7f0c2a4e-52d1-4f0b-9d0e-8f5f1c8a2b11", "hash", "listpack", 412_338, 1_136, 9, 4_408, 0, day, 0},
	{"user:{n}:profile", "user:1048213:profile", "hash", "listpack", 1_183_402, 488, 11, 1_912, 100, 0, 0},
	{"user:{n}:settings", "user:88213:settings", "string", "raw", 1_102_883, 312, 1, 2_104, 100, 0, 8},
	{"user:{n}:followers", "user:1007:followers", "set", "hashtable", 188_214, 2_968, 41, 48_234_120, 100, 0, 0},
	{"user:{n}:following", "user:220817:following", "set", "hashtable", 201_554, 1_416, 19, 1_310_776, 100, 0, 0},
	{"user:{n}:notifications", "user:930142:notifications", "list", "quicklist", 402_117, 1_240, 14, 88_312, 71, 30 * day, 0},
	{"user:{n}:devices", "user:40118:devices", "hash", "listpack", 310_020, 232, 3, 1_016, 100, 0, 0},
	{"user:by-email:{email}", "user:by-email:very.long.name.of.somebody@students.example.org", "string", "int", 1_183_398, 104, 1, 168, 100, 0, 0},
	{"user:by-name:{*}", "user:by-name:the_longest_name_we_allow", "string", "int", 1_183_377, 88, 1, 120, 100, 0, 0},
	{"cart:{n}", "cart:5521093", "hash", "listpack", 241_009, 648, 5, 16_472, 0, 14 * day, 0},
	{"cart:{n}:lock", "cart:5521093:lock", "string", "embstr", 812, 96, 1, 96, 0, 30, 0},
	{"cache:product:{n}", "cache:product:41822", "string", "raw", 148_220, 6_664, 1, 114_712, 0, 6 * 3600, 61},
	{"cache:product:{n}:related", "cache:product:120:related", "list", "listpack", 131_871, 792, 24, 2_080, 0, 6 * 3600, 0},
	{"cache:category:{n}:page:{n}", "cache:category:12:page:1", "string", "raw", 21_334, 22_552, 1, 262_168, 0, 3600, 72},
	{"cache:search:{hex}", "cache:search:9c1185a5c5e9fc54612808977ee8f548", "string", "raw", 402_338, 3_096, 1, 65_560, 0, 900, 66},
	{"cache:html:{*}", "cache:html:/legal/terms-and-conditions", "string", "raw", 9_210, 41_016, 1, 524_312, 38, day, 78},
	{"cache:geo:{ip}", "cache:geo:203.0.113.77", "string", "embstr", 233_870, 144, 1, 168, 0, 7 * day, 0},
	{"cache:fx:{date}", "cache:fx:2026-03-14", "hash", "hashtable", 2_140, 9_304, 168, 9_880, 100, 0, 0},
	{"feed:{n}", "feed:1007", "zset", "skiplist", 288_310, 7_032, 102, 163_912, 64, 90 * day, 0},
	{"feed:global", "feed:global", "zset", "skiplist", 1, 31_457_992, 250_000, 31_457_992, 100, 0, 0},
	{"timeline:{n}", "timeline:42", "list", "quicklist", 96_110, 4_392, 200, 9_112, 100, 0, 0},
	{"rl:{ip}", "rl:198.51.100.23", "string", "int", 318_002, 80, 1, 88, 0, 60, 0},
	{"rl:{ip}:login", "rl:2001:db8::17:login", "string", "int", 18_771, 96, 1, 104, 0, 900, 0},
	{"rl:api:{hex}", "rl:api:5f4dcc3b5aa765d61d8327deb882cf99", "zset", "listpack", 22_918, 1_880, 61, 11_416, 0, 60, 0},
	{"order:{n}", "order:99120431", "hash", "listpack", 322_150, 1_016, 18, 4_120, 100, 0, 0},
	{"order:{n}:events", "order:99120431:events", "stream", "stream", 322_118, 1_704, 7, 12_880, 100, 0, 0},
	{"order:by-day:{date}", "order:by-day:2025-11-28", "zset", "skiplist", 1_822, 21_816, 177, 402_112, 100, 0, 0},
	{"stock:{n}", "stock:41822", "hash", "listpack", 148_220, 168, 4, 424, 100, 0, 0},
	{"price:{n}:{*}", "price:41822:EUR", "string", "int", 592_880, 88, 1, 96, 100, 0, 0},
	{"job:{uuid}", "job:0b1f3c9e-6a77-4a54-a1ff-2f6ab2a0a9d3", "hash", "listpack", 8_112, 912, 8, 16_408, 22, day, 0},
	{"queue:email", "queue:email", "list", "quicklist", 1, 18_120_440, 41_220, 18_120_440, 100, 0, 0},
	{"queue:webhooks", "queue:webhooks", "list", "quicklist", 1, 2_310_104, 3_871, 2_310_104, 100, 0, 0},
	{"queue:dead", "queue:dead", "list", "quicklist", 1, 96_468_992, 188_204, 96_468_992, 100, 0, 0},
	{"stats:views:{date}", "stats:views:2026-10-31", "hash", "hashtable", 1_411, 84_616, 1_180, 240_120, 100, 0, 0},
	{"stats:uniq:{date}", "stats:uniq:2026-10-31", "string", "raw", 1_411, 14_392, 1, 14_400, 100, 0, 12},
	{"lb:{*}:{date}", "lb:weekly:2026-W44", "zset", "skiplist", 318, 402_904, 4_120, 2_120_992, 83, 30 * day, 0},
	{"flag:{*}", "flag:new-checkout", "string", "embstr", 212, 88, 1, 96, 100, 0, 0},
	{"token:{id}", "token:c2VjcmV0LXRva2VuLW9mLXRoZS1leGFtcGxl", "string", "embstr", 502_113, 176, 1, 184, 0, 30 * day, 0},
	{"geo:drivers", "geo:drivers", "zset", "skiplist", 1, 1_912_448, 14_022, 1_912_448, 100, 0, 0},
	{"lock:{*}", "lock:nightly-report", "string", "embstr", 41, 96, 1, 104, 0, 300, 0},
	{"tmp:import:{n}:row:{n}", "tmp:import:17:row:204", "hash", "listpack", 180_221, 424, 6, 1_640, 100, 0, 0},
	{"recs:{n}", "recs:731009", "string", "raw", 214_007, 1_352, 1, 8_216, 12, 3 * day, 41},
}

const exampleNow = 1_793_500_000_000 // 2026-11-01

// example is the report of that shop's snapshot.
func example() *memory.Report {
	patterns := memory.Table{By: "pattern", Groups: groupsBy(func(s *scheme) string { return s.name })}
	r := &memory.Report{
		Format: memory.ReportFormat, Now: exampleNow, Sample: 1, MaxPatterns: 10_000, Top: 20,
		Tables: []memory.Table{
			patterns,
			{By: "type", Groups: groupsBy(func(s *scheme) string { return s.kind })},
			{By: "encoding", Groups: groupsBy(func(s *scheme) string { return s.kind + " " + s.encoding })},
			{By: "db", Groups: groupsBy(func(s *scheme) string { return fmt.Sprint(dbOf(s)) })},
		},
		Total: groupsBy(func(*scheme) string { return "" })[0],
		TTLs:  exampleTTLs(),
		Sizes: exampleSizes(),
		Slots: []memory.Slot{
			{Slot: 9189, Tag: "1007", Keys: 4, Bytes: 48_992_310},
			{Slot: 5474, Tag: "41822", Keys: 9, Bytes: 1_204_113},
			{Slot: 866, Tag: "12", Keys: 61, Bytes: 880_240},
		},
	}
	r.TopBytes, r.TopElements = exampleKeys()
	main, expiry := int64(0), int64(0)
	var dbs []memory.Database
	for i := range r.Tables[3].Groups {
		g := &r.Tables[3].Groups[i]
		b := memory.Database{DB: int(g.Name[0] - '0'), Keys: g.Keys, Expires: g.Keys - g.NoExpiry.Keys, MainTable: g.Keys * 14, Expiry: (g.Keys - g.NoExpiry.Keys) * 30}
		dbs = append(dbs, b)
		main, expiry = main+b.MainTable, expiry+b.Expiry
	}
	a := memory.Account{Dataset: r.Total.Data, Tables: main + expiry, Functions: 18_432, Startup: 944_112}
	a.Total = a.Dataset + a.Tables + a.Functions + a.Startup
	a.UsedMemory = a.Total + 212_400_128
	a.Residual = a.UsedMemory - a.Total
	r.Files = []memory.File{{
		Name: "shop-prod-2026-11-01.rdb", Kind: "rdb", Version: "REDIS0012", Writer: "redis 8.0.6", SavedAt: exampleNow - 7_200_000, FileBytes: 3_912_334_118,
		Server: "redis-8.0", ServerFrom: memory.FromFile, Allocator: "jemalloc-bundled", AllocatorFrom: memory.FromUsedMemory, State: "settled",
		Keys: r.Total.Keys, Bytes: r.Total.Bytes, Account: a, Databases: dbs,
	}}
	r.Findings = exampleFindings()
	return r
}

func dbOf(s *scheme) int {
	switch s.name[:2] {
	case "ca", "rl", "re":
		return 1
	}
	return 0
}

// groupsBy sums up the schemes under the names that by gives them.
func groupsBy(by func(*scheme) string) []memory.Group {
	var groups []memory.Group
	for i := range schemes {
		s := &schemes[i]
		name := by(s)
		at := slices.IndexFunc(groups, func(g memory.Group) bool { return g.Name == name })
		if at < 0 {
			at = len(groups)
			groups = append(groups, memory.Group{Name: name})
		}
		sum(&groups[at], s)
	}
	slices.SortStableFunc(groups, func(a, b memory.Group) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return groups
}

func sum(g *memory.Group, s *scheme) {
	total := s.keys * s.bytes
	g.Keys += s.keys
	g.Elements += s.keys * s.elements
	g.Bytes += total
	g.Data += total + 24*s.keys
	g.Exact += total
	if s.encoding == "hashtable" || s.encoding == "skiplist" {
		g.Exact -= total / 10
	}
	names := int64(len(s.example)) * s.keys
	g.Names += names
	g.Content += max(total*62/100-names, total/3)
	g.Stored += total / 2
	never := memory.Part{Keys: s.keys * int64(s.never) / 100, Bytes: total * int64(s.never) / 100}
	rest := memory.Part{Keys: s.keys - never.Keys, Bytes: total - never.Bytes}
	past := memory.Part{Keys: rest.Keys / 50, Bytes: rest.Bytes / 50}
	plus(&g.NoExpiry, never)
	plus(&g.Expired, past)
	rest = memory.Part{Keys: rest.Keys - past.Keys, Bytes: rest.Bytes - past.Bytes}
	switch {
	case s.ttl <= day:
		plus(&g.Day, rest)
	case s.ttl <= 7*day:
		plus(&g.Week, rest)
	default:
		plus(&g.Later, rest)
	}
	if s.encoding == "hashtable" && s.elements < 512 && s.kind == "set" {
		plus(&g.Packable, memory.Part{Keys: s.keys * 3 / 4, Bytes: total * 3 / 10})
	}
	if s.lzf > 0 {
		plus(&g.Compressible, memory.Part{Keys: s.keys, Bytes: total * int64(s.lzf) / 100})
	}
	if s.largest > g.Largest.Bytes {
		g.Largest = keyOfScheme(s)
	}
}

func plus(p *memory.Part, q memory.Part) { p.Keys, p.Bytes = p.Keys+q.Keys, p.Bytes+q.Bytes }

func keyOfScheme(s *scheme) memory.Key {
	k := memory.Key{DB: dbOf(s), Key: s.example, Type: s.kind, Encoding: s.encoding, Bytes: s.largest, Elements: max(1, s.elements*s.largest/s.bytes), ExpireAt: -1}
	if s.never < 50 {
		k.ExpireAt = exampleNow + s.ttl*700
	}
	return k
}

func exampleKeys() (byBytes, byElements []memory.Key) {
	for i := range schemes {
		byBytes = append(byBytes, keyOfScheme(&schemes[i]))
	}
	slices.SortStableFunc(byBytes, func(a, b memory.Key) int { return cmp.Compare(b.Bytes, a.Bytes) })
	byElements = slices.Clone(byBytes)
	slices.SortStableFunc(byElements, func(a, b memory.Key) int { return cmp.Compare(b.Elements, a.Elements) })
	return byBytes[:20], byElements[:20]
}

func exampleTTLs() []memory.Bin {
	var bins []memory.Bin
	for _, from := range memory.TTLBounds() {
		bins = append(bins, memory.Bin{From: from})
	}
	for i := range schemes {
		s := &schemes[i]
		var g memory.Group
		sum(&g, s)
		for j := range bins {
			b := &bins[j]
			switch {
			case b.From == memory.TTLNone:
				b.Keys, b.Bytes = b.Keys+g.NoExpiry.Keys, b.Bytes+g.NoExpiry.Bytes
			case b.From == memory.TTLPast:
				b.Keys, b.Bytes = b.Keys+g.Expired.Keys, b.Bytes+g.Expired.Bytes
			case s.ttl > b.From && (j == len(bins)-1 || s.ttl <= bins[j+1].From):
				b.Keys += g.Day.Keys + g.Week.Keys + g.Later.Keys
				b.Bytes += g.Day.Bytes + g.Week.Bytes + g.Later.Bytes
			}
		}
	}
	return bins
}

// exampleSizes spreads each scheme over three bins around its mean.
func exampleSizes() []memory.Bin {
	bins := map[int64]*memory.Bin{}
	put := func(size, keys, total int64) {
		from := int64(1) << (bits.Len64(uint64(size)) - 1)
		if bins[from] == nil {
			bins[from] = &memory.Bin{From: from}
		}
		bins[from].Keys += keys
		bins[from].Bytes += total
	}
	for i := range schemes {
		s := &schemes[i]
		total := s.keys * s.bytes
		put(max(s.bytes/2, 64), s.keys/4, total/9)
		put(min(2*s.bytes, s.largest), s.keys/8, total/4)
		put(s.bytes, s.keys-s.keys/4-s.keys/8, total-total/9-total/4)
		if s.largest > 4*s.bytes {
			put(s.largest, 1, 0)
			put(s.largest, 0, s.largest)
		}
	}
	var out []memory.Bin
	for _, b := range bins {
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b memory.Bin) int { return cmp.Compare(a.From, b.From) })
	return out
}

func exampleFindings() []memory.Finding {
	all := []memory.Finding{
		{Code: "no-expiry", Bytes: 577_500_176, Keys: 1_183_402, Group: "user:{n}:profile",
			Text: "1,183,402 keys of user:{n}:profile never expire and take 551 MiB.", Do: "Give them an expiry if they can be built anew, or move accounts that are not used to a database."},
		{Code: "compressible", Bytes: 764_000_000, Saves: true, Keys: 402_338, Group: "cache:search:{hex}",
			Text: "The values of cache:search:{hex} are text that LZF makes 66 % smaller.", Do: "Compress them in the application before they are written."},
		{Code: "compressible", Bytes: 602_530_000, Saves: true, Keys: 148_220, Group: "cache:product:{n}",
			Text: "The values of cache:product:{n} are text that LZF makes 61 % smaller.", Do: "Compress them in the application before they are written."},
		{Code: "packable", Bytes: 167_590_000, Saves: true, Keys: 141_160, Group: "user:{n}:followers",
			Text: "141,160 sets of user:{n}:followers are just over the limit of 128 entries of the packed encoding.", Do: "Set set-max-listpack-entries to 256, and rewrite the keys."},
		{Code: "big-key", Bytes: 96_468_992, Keys: 1, Group: "queue:dead",
			Text: "The list queue:dead has 188,204 items and takes 92 MiB alone.", Do: "See why nobody reads the queue, and trim it with LTRIM."},
		{Code: "big-key", Bytes: 48_234_120, Keys: 1, Group: "user:{n}:followers",
			Text: "The set user:1007:followers has 666,000 members and takes 46 MiB alone.", Do: "Split it by a hash of the member, so that no command blocks the server for long."},
		{Code: "expired", Bytes: 56_210_442, Saves: true, Keys: 41_902,
			Text: "41,902 keys are past their time and are still there.", Do: "Raise active-expire-effort, or touch the keys with SCAN."},
		{Code: "no-expiry", Bytes: 76_413_704, Keys: 180_221, Group: "tmp:import:{n}:row:{n}",
			Text: "180,221 keys of tmp:import:{n}:row:{n} look temporary and never expire.", Do: "Give them an expiry of a day."},
	}
	slices.SortStableFunc(all, func(a, b memory.Finding) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return all
}

// shards is the example on three servers, the first of them with half of it.
func shards() *memory.Report {
	r := example()
	f := r.Files[0]
	r.Files = nil
	parts := []int64{50, 28, 22}
	for i, p := range parts {
		s := f
		s.Name = fmt.Sprintf("shard-%d.rdb", i)
		s.Keys, s.Bytes, s.FileBytes = f.Keys*p/100, f.Bytes*p/100, f.FileBytes*p/100
		s.Account.Dataset, s.Account.Tables, s.Account.Total = f.Account.Dataset*p/100, f.Account.Tables*p/100, f.Account.Total*p/100
		s.Account.UsedMemory, s.Account.Residual = f.Account.UsedMemory*p/100, f.Account.Residual*p/100
		r.Files = append(r.Files, s)
	}
	for i := range r.Tables {
		for j := range r.Tables[i].Groups {
			g := &r.Tables[i].Groups[j]
			for _, p := range parts {
				g.Files = append(g.Files, memory.Part{Keys: g.Keys * p / 100, Bytes: g.Bytes * p / 100})
			}
		}
	}
	return r
}
