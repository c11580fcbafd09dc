package pattern

import (
	"encoding/base64"
	hexadecimal "encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// gen draws the names of keys as applications make them. It is seeded, so that
// golden files hold.
type gen struct{ *rand.Rand }

func newGen(seed uint64) gen { return gen{rand.New(rand.NewPCG(seed, 18))} }

func (g gen) pick(words ...string) string { return words[g.IntN(len(words))] }

func (g gen) chars(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[g.IntN(len(alphabet))]
	}
	return string(b)
}

func (g gen) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return b
}

const (
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
	base36       = "0123456789" + lowerLetters
	base62       = base36 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	crockford    = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	geo32        = "0123456789bcdefghjkmnpqrstuvwxyz"
)

func (g gen) hex(n int) string { return hexadecimal.EncodeToString(g.bytes(n / 2)) }
func (g gen) id(n int) int     { return 1 + g.IntN(n) }
func (g gen) uuid() string {
	h := g.hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
func (g gen) ip() string {
	return fmt.Sprintf("%d.%d.%d.%d", 1+g.IntN(223), g.IntN(256), g.IntN(256), 1+g.IntN(254))
}
func (g gen) time() time.Time {
	return time.Unix(1_680_000_000+int64(g.IntN(40_000_000)), 0).UTC()
}

// name is a first name, or what people call themselves.
func (g gen) name() string {
	first := g.pick("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj", "olivia", "peggy", "rupert", "sybil", "trent", "victor", "walter", "zoe",
		"maria", "jose", "li", "wei", "anna", "paul", "lena", "tom", "nina", "omar")
	last := g.pick("smith", "jones", "garcia", "mueller", "wang", "kim", "silva", "rossi", "dubois", "novak", "khan", "sato", "berg", "costa", "weber", "martin", "lopez", "moreau", "ivanov", "olsen")
	switch g.IntN(4) {
	case 0:
		return first + last
	case 1:
		return first + "_" + last
	case 2:
		return first + fmt.Sprint(g.IntN(2000))
	}
	return g.chars("bcdfghklmnprst", 1) + g.chars("aeiou", 1) + g.chars("bcdfghklmnprst", 1) + g.chars("aeiou", 1) + g.chars("lmnrst", 1)
}

func (g gen) words(n int, sep string) string {
	list := []string{"how", "to", "the", "best", "running", "shoes", "for", "your", "home", "garden", "simple", "guide", "top", "10", "tips", "review", "cheap", "flights", "new", "york", "with", "redis", "cache",
		"a", "and", "of", "in", "make", "tea", "bread", "coffee", "travel", "summer", "winter", "kids", "dogs", "cats", "music", "2024", "laptop", "phone", "case", "black", "white", "red", "shirt", "women", "men",
		"sale", "recipe", "easy", "quick", "healthy", "dinner", "ideas", "paint", "wall", "wood", "table", "chair", "lamp", "desk", "book", "novel", "city", "map", "hotel", "beach"}
	w := make([]string, n)
	for i := range w {
		w[i] = list[g.IntN(len(list))]
	}
	return strings.Join(w, sep)
}

// scheme is one way to name keys, with how many of them the corpus has.
type scheme struct {
	name string
	keys int
	key  func(g gen) string
}

var schemes = []scheme{
	{"numbered users", 4000, func(g gen) string {
		return fmt.Sprintf("user:%d:%s", g.id(500_000), g.pick("profile", "settings", "followers", "feed"))
	}},
	{"named users", 4000, func(g gen) string {
		return "member:" + g.name() + g.pick("", "", ":profile", ":cart", ":friends")
	}},
	{"named users with their orders", 3000, func(g gen) string {
		n := uint64(g.ExpFloat64() * 60)
		return fmt.Sprintf("buyer:%s:order:%d", newGen(n).name(), g.id(1000))
	}},
	{"tenants", 3000, func(g gen) string {
		return fmt.Sprintf("tenant:%s:%s:%d", g.pick("acme", "globex", "initech", "umbrella", "hooli", "stark"), g.pick("user", "doc"), g.id(9999))
	}},
	{"rails cache", 2000, func(g gen) string {
		return fmt.Sprintf("views/products/%d-%s/%s", g.id(90_000), g.time().Format("20060102150405")+"000000000", g.hex(32))
	}},
	{"rails fragments", 1000, func(g gen) string {
		return fmt.Sprintf("production:views/posts/index:%s/posts/%d", g.hex(32), g.id(4000))
	}},
	{"django cache", 1500, func(g gen) string {
		return g.pick(":1:views.decorators.cache.cache_page..GET."+g.hex(32)+"."+g.hex(32)+".en-us.UTC", ":1:template.cache.sidebar."+g.hex(32))
	}},
	{"django sessions", 1500, func(g gen) string {
		return ":1:django.contrib.sessions.cache" + g.chars(base36, 32)
	}},
	{"sidekiq", 600, func(g gen) string {
		return g.pick("queue:default", "queue:mailers", "schedule", "retry", "dead", "processes", "stat:processed", "stat:failed", "stat:processed:"+g.time().Format("2006-01-02"), "stat:failed:"+g.time().Format("2006-01-02"),
			fmt.Sprintf("worker-%d:%d:%s", g.id(9), g.id(30000), g.hex(12)), "b-"+base64.RawURLEncoding.EncodeToString(g.bytes(10)))
	}},
	{"bullmq", 2000, func(g gen) string {
		q := g.pick("email", "image", "report")
		return g.pick("bull:"+q+":wait", "bull:"+q+":active", "bull:"+q+":completed", "bull:"+q+":meta",
			fmt.Sprintf("bull:%s:%d", q, g.id(90_000)), fmt.Sprintf("bull:%s:%d", q, g.id(90_000)), fmt.Sprintf("bull:%s:%d:lock", q, g.id(90_000)), fmt.Sprintf("bull:%s:%d:logs", q, g.id(90_000)))
	}},
	{"celery", 1500, func(g gen) string {
		return g.pick("celery", "unacked", "_kombu.binding.celery", "celery-task-meta-"+g.uuid(), "celery-task-meta-"+g.uuid(), "celery-taskset-meta-"+g.uuid())
	}},
	{"resque", 500, func(g gen) string {
		return g.pick("resque:queues", "resque:workers", "resque:queue:low", "resque:queue:high", fmt.Sprintf("resque:worker:web-%02d.example.com:%d:*:started", g.id(20), g.id(30000)), "resque:stat:processed")
	}},
	{"laravel", 2000, func(g gen) string {
		return g.pick("laravel_database_queues:default", "laravel_cache:"+g.hex(40), "laravel_cache:"+g.hex(40)+":timer", "laravel_database_horizon:job:"+g.uuid(), fmt.Sprintf(`laravel_cache:App\Models\User:%d`, g.id(5000)))
	}},
	{"spring sessions", 2000, func(g gen) string {
		return g.pick("spring:session:sessions:"+g.uuid(), "spring:session:sessions:expires:"+g.uuid(), fmt.Sprintf("spring:session:expirations:%d", 1_700_000_000_000+int64(g.IntN(100_000))*60_000))
	}},
	{"sessions", 4000, func(g gen) string { return "sess:" + base64.RawURLEncoding.EncodeToString(g.bytes(24)) }},
	{"connect sessions", 1500, func(g gen) string { return "connect.sid:" + base64.StdEncoding.EncodeToString(g.bytes(25)) }},
	{"php sessions", 1500, func(g gen) string { return "PHPREDIS_SESSION:" + g.chars(base36[:32], 26) }},
	{"jwt blacklist", 600, func(g gen) string {
		part := func(n int) string { return base64.RawURLEncoding.EncodeToString(g.bytes(n)) }
		return "jwt:blacklist:eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOi" + part(40) + "." + part(32)
	}},
	{"rate limits", 2500, func(g gen) string {
		return "rl:" + g.ip() + ":" + g.pick("minute", "hour", "1d")
	}},
	{"rate limits by path", 1000, func(g gen) string {
		return fmt.Sprintf("ratelimit:%s:/api/v1/%s:%d", g.ip(), g.pick("users", "orders", "search"), 28_000_000+g.IntN(9999))
	}},
	{"addresses of version 6", 400, func(g gen) string {
		return fmt.Sprintf("ban:2001:db8:%x::%x", 1+g.IntN(65535), 1+g.IntN(65535))
	}},
	{"leaderboards", 800, func(g gen) string {
		return "leaderboard:" + g.pick("daily:"+g.time().Format("2006-01-02"), "weekly:"+g.time().Format("2006")+fmt.Sprintf("-W%02d", g.id(52)), "monthly:"+g.time().Format("200601"), "alltime")
	}},
	{"counters by hour", 1500, func(g gen) string {
		return "hits:" + g.pick("home", "search", "checkout") + ":" + g.time().Format("2006010215")
	}},
	{"geohashes", 1000, func(g gen) string { return "drivers:" + g.chars(geo32, 7) }},
	{"feature flags", 200, func(g gen) string {
		return "feature:" + g.pick("dark_mode", "new_checkout", "beta_search", "fast_sync", "ab_test_v2", "two_factor", "live_chat", "gift_cards")
	}},
	{"settings", 120, func(g gen) string {
		return "config:" + g.pick("max_upload", "timeout", "smtp_host", "smtp_port", "theme", "locale", "currency", "tax_rate", "logo", "maintenance", "banner", "limits")
	}},
	{"locks", 1000, func(g gen) string { return fmt.Sprintf("lock:%s:%d", g.pick("order", "invoice"), g.id(30_000)) }},
	{"redlock", 300, func(g gen) string { return "lock:{" + g.pick("stock", "payout") + ":" + g.uuid() + "}" }},
	{"carts", 2000, func(g gen) string { return "cart:" + g.uuid() }},
	{"oauth", 1500, func(g gen) string {
		return g.pick("oauth2:access_token:", "oauth2:refresh_token:", "oauth:auth_to_access:") + g.hex(32)
	}},
	{"mail addresses", 1500, func(g gen) string {
		return "verify:" + strings.ReplaceAll(g.name(), "_", ".") + "@" + g.pick("example.com", "mail.example.org", "example.co.uk")
	}},
	{"urls", 1500, func(g gen) string {
		return fmt.Sprintf("https://shop.example.com/products/%d?page=%d", g.id(90_000), g.id(40))
	}},
	{"hash tags", 2000, func(g gen) string {
		return fmt.Sprintf("{user%d}.%s", g.id(90_000), g.pick("following", "followers"))
	}},
	{"numbers as hash tags", 1000, func(g gen) string { return fmt.Sprintf("basket:{%d}:items", g.id(90_000)) }},
	{"camel case", 1500, func(g gen) string {
		return fmt.Sprintf("%s:%d", g.pick("UserProfileCache", "OrderHistory", "productDetailView"), g.id(9000))
	}},
	{"glued numbers", 1500, func(g gen) string { return fmt.Sprintf("%s%d", g.pick("item", "product", "shard"), g.id(9000)) }},
	{"packed numbers", 1500, func(g gen) string { return "pk:" + string(g.bytes(8)) }},
	{"digests as bytes", 1000, func(g gen) string { return string(g.bytes(20)) }},
	{"other languages", 1000, func(g gen) string {
		return g.pick("用户:", "пользователь:", "usuário:") + fmt.Sprint(g.id(9000)) + g.pick("", ":名前", ":заказы")
	}},
	{"timestamps", 1000, func(g gen) string {
		return "event:" + g.time().Format(g.pick(time.RFC3339, "2006-01-02T15:04:05.000Z"))
	}},
	{"hosts", 1000, func(g gen) string {
		return fmt.Sprintf("host:%s-%02d.%s.example.com:%s", g.pick("web", "db", "cache"), g.id(40), g.pick("eu-west-1", "us-east-1"), g.pick("cpu", "mem"))
	}},
	{"metrics", 1500, func(g gen) string {
		return fmt.Sprintf("stats.gauges.%s.%s.%s", g.pick("api", "web", "worker"), g.pick("requests", "errors", "latency"), g.pick("count", "p50", "p95", "p99", "max"))
	}},
	{"versions", 1000, func(g gen) string { return fmt.Sprintf("cache:v%d:page:%d", 1+g.IntN(4), g.id(9000)) }},
	{"shards", 800, func(g gen) string {
		return fmt.Sprintf("index:shard-%d:%s", g.IntN(64), g.pick("terms", "docs", "meta"))
	}},
	{"small numbers", 800, func(g gen) string { return fmt.Sprintf("bucket:s%d:%d", g.id(9), g.id(400)) }},
	{"telephone numbers", 800, func(g gen) string { return fmt.Sprintf("otp:+%d", 14150000000+int64(g.IntN(9_999_999))) }},
	{"books", 600, func(g gen) string {
		return fmt.Sprintf("isbn:978-%d-%d-%06d-%d", g.IntN(10), 10+g.IntN(90), g.IntN(1_000_000), g.IntN(10))
	}},
	{"articles", 1000, func(g gen) string {
		return fmt.Sprintf("sku:%s-%04d-%s", g.chars("ABCDEFGHKLM", 3), g.IntN(10_000), g.pick("XL", "L", "M", "S"))
	}},
	{"slugs", 2000, func(g gen) string { return "post:" + g.words(2+g.IntN(6), "-") }},
	{"searches", 2000, func(g gen) string { return "search:" + g.words(1+g.IntN(5), " ") }},
	{"searches in urls", 800, func(g gen) string { return "q:" + g.words(1+g.IntN(4), "%20") }},
	{"names with underscores", 1500, func(g gen) string {
		return fmt.Sprintf("user_%d_%s", g.id(9000), g.pick("profile", "sessions", "last_seen"))
	}},
	{"named users with underscores", 1500, func(g gen) string {
		return g.pick("friends_of_", "inbox_of_") + strings.ReplaceAll(g.name(), "_", "")
	}},
	{"short links", 1500, func(g gen) string { return "url:" + g.chars(base62, 7) }},
	{"invitations", 800, func(g gen) string { return "invite:" + g.chars(lowerLetters, 8) }},
	{"ulids", 800, func(g gen) string { return "evt:01H" + g.chars(crockford, 23) }},
	{"object ids", 1500, func(g gen) string { return "doc:" + g.hex(24) + ":rev" }},
	{"short hashes", 1500, func(g gen) string { return "commit:" + g.hex(8) }},
	{"six digits", 1500, func(g gen) string { return fmt.Sprintf("pin:%06d", g.IntN(1_000_000)) }},
	{"singles", 60, func(g gen) string {
		return g.pick("config", "version", "leader", "maintenance_mode", "last_backup", "global:counter", "online_users", "hot_items")
	}},
	{"api keys", 800, func(g gen) string { return "sk_live_" + g.chars(base62, 24) }},
	{"coordinates", 600, func(g gen) string { return fmt.Sprintf("tile:%d:%d:%d", g.id(18), g.id(4000), g.id(4000)) }},
	{"points", 400, func(g gen) string {
		return fmt.Sprintf("weather:%.4f,%.4f", g.Float64()*180-90, g.Float64()*360-180)
	}},
	{"thumbnails", 800, func(g gen) string {
		return fmt.Sprintf("thumb:%s:%s.jpg", g.pick("640x480", "128x128", "1920x1080"), g.hex(32))
	}},
	{"months", 300, func(g gen) string { return "bill:" + g.time().Format("2006-01") + fmt.Sprintf(":%d", g.id(400)) }},
}

// corpus is the keys of all schemes, mixed as the hash table of a server mixes
// them. Names are there once.
func corpus(list []scheme, seed uint64) [][]byte {
	g := newGen(seed)
	seen := map[string]bool{}
	var keys [][]byte
	for _, s := range list {
		for range s.keys {
			if k := s.key(g); !seen[k] {
				seen[k] = true
				keys = append(keys, []byte(k))
			}
		}
	}
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}
