package memory

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/internal/human"
)

// What a finding must amount to, as a share of all bytes.
const (
	worthMentioning = 0.01
	bigKeyShare     = 0.02
	coldShare       = 0.10
	skewed          = 4 // times the mean of the slots that have tagged keys
)

// maxPerCode is how many findings of one kind there are.
const maxPerCode = 5

// find returns what is worth doing about what the report says, the most valuable
// first. It takes all it knows from the report, so that merged reports have
// findings of their own.
func find(r *Report) []Finding {
	f := finder{r: r, total: r.Total.Bytes, out: []Finding{}}
	if f.total == 0 {
		return f.out
	}
	f.expired()
	f.bigKeys()
	f.manyElements()
	f.patterns()
	f.cold()
	f.slots()
	f.shards()
	slices.SortStableFunc(f.out, func(a, b Finding) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return f.limit()
}

type finder struct {
	r     *Report
	total int64
	out   []Finding
}

// limit keeps the first findings of each kind.
func (f *finder) limit() []Finding {
	seen := map[string]int{}
	return slices.DeleteFunc(f.out, func(x Finding) bool {
		seen[x.Code]++
		return seen[x.Code] > maxPerCode
	})
}

func (f *finder) add(x Finding) { f.out = append(f.out, x) }

func (f *finder) worth(bytes int64) bool {
	return float64(bytes) >= worthMentioning*float64(f.total)
}

func (f *finder) share(bytes int64) string {
	return fmt.Sprintf("%.1f %%", 100*float64(bytes)/float64(f.total))
}

// expired are keys whose time is past.
func (f *finder) expired() {
	p := f.r.Total.Expired
	if !f.worth(p.Bytes) {
		return
	}
	f.add(Finding{
		Code: "expired", Bytes: p.Bytes, Saves: true, Keys: p.Keys,
		Text: fmt.Sprintf("The time of %s is past, and they are still there: %s of all bytes.", human.Count(p.Keys, "key"), f.share(p.Bytes)),
		Do:   "A server removes them when they are read, or by and by: raise active-expire-effort, or read them with SCAN.",
	})
}

func (f *finder) bigKeys() {
	for _, k := range f.r.TopBytes {
		if float64(k.Bytes) < bigKeyShare*float64(f.total) || k.Bytes < 1<<20 {
			break
		}
		what := k.Type
		if k.Elements > 1 {
			what += " of " + human.Count(k.Elements, "element")
		}
		f.add(Finding{
			Code: "big-key", Bytes: k.Bytes, Keys: 1, Group: k.Key,
			Text: fmt.Sprintf("%s, a %s, takes %s of all bytes.", quoted(k.Key), what, f.share(k.Bytes)),
			Do:   "Split it over several keys, so that it can be moved, deleted and expired in parts; delete it with UNLINK.",
		})
	}
}

// quoted writes a name for a sentence.
func quoted(name string) string {
	if len(name) > maxQuoted {
		name = strings.ToValidUTF8(name[:maxQuoted], "") + "..."
	}
	return strconv.Quote(name)
}

const maxQuoted = 64

// inParts is how a collection is read part by part.
var inParts = map[string]string{
	"hash": "HSCAN", "set": "SSCAN", "zset": "ZSCAN", "list": "LRANGE on parts of it", "stream": "XRANGE with COUNT, cut it with XTRIM",
}

// manyElements are commands that block a server: those on the whole of a huge
// collection.
func (f *finder) manyElements() {
	for _, k := range f.r.TopElements {
		if k.Elements < 1_000_000 {
			break
		}
		do, ok := inParts[k.Type]
		if !ok {
			continue
		}
		f.add(Finding{
			Code: "many-elements", Bytes: k.Bytes, Keys: 1, Group: k.Key,
			Text: fmt.Sprintf("%s, a %s, has %s: a command on all of them holds the server up.", quoted(k.Key), k.Type, human.Count(k.Elements, "element")),
			Do:   "Read it with " + do + ", or split it.",
		})
	}
}

// patterns are findings about single groups of the first table by name.
func (f *finder) patterns() {
	t := f.byName()
	if t == nil {
		return
	}
	for i := range t.Groups {
		g := &t.Groups[i]
		f.noExpiry(t, g)
		f.packable(g)
		f.compressible(g)
	}
}

func (f *finder) byName() *Table {
	for i := range f.r.Tables {
		switch f.r.Tables[i].By {
		case "pattern", "prefix", "custom":
			return &f.r.Tables[i]
		}
	}
	return nil
}

// noExpiry are groups that grow with what their names hold, such as numbers or
// dates, and of which nothing expires.
func (f *finder) noExpiry(t *Table, g *Group) {
	if g.Keys < 100 || g.NoExpiry.Keys*100 < g.Keys*99 || !f.worth(g.NoExpiry.Bytes) || t.By != "pattern" || !grows(g.Name) {
		return
	}
	f.add(Finding{
		Code: "no-expiry", Bytes: g.NoExpiry.Bytes, Keys: g.NoExpiry.Keys, Group: g.Name,
		Text: fmt.Sprintf("%s of %s never expire, and each new one adds to them: %s of all bytes.", human.Count(g.NoExpiry.Keys, "key"), g.Name, f.share(g.NoExpiry.Bytes)),
		Do:   "If they are not needed for ever, set an expiry where they are written.",
	})
}

// grows reports whether the names of a group can become ever more.
func grows(name string) bool {
	for _, p := range []string{"{n}", "{uuid}", "{hex}", "{date}", "{datetime}", "{time}", "{id}", "{base64}", "{jwt}", "{email}", "{ip}", "{bin}", "{*}", "{...}"} {
		if strings.Contains(name, p) {
			return true
		}
	}
	return false
}

func (f *finder) packable(g *Group) {
	if !f.worth(g.Packable.Bytes) {
		return
	}
	f.add(Finding{
		Code: "packable", Bytes: g.Packable.Bytes, Saves: true, Keys: g.Packable.Keys, Group: g.Name,
		Text: fmt.Sprintf("Just over the limits of the packed encodings, %s of %s take %s of all bytes more than packed.", human.Count(g.Packable.Keys, "key"), g.Name, f.share(g.Packable.Bytes)),
		Do:   "Raise hash-max-listpack-entries and -value (for sets and sorted sets those of set, zset, set-max-intset-entries) up to four times, or keep values short; single reads become a little slower.",
	})
}

func (f *finder) compressible(g *Group) {
	if !f.worth(g.Compressible.Bytes) {
		return
	}
	f.add(Finding{
		Code: "compressible", Bytes: g.Compressible.Bytes, Saves: true, Keys: g.Compressible.Keys, Group: g.Name,
		Text: fmt.Sprintf("The values of %s of %s compress well: even the file's fast LZF saves %s of all bytes.", human.Count(g.Compressible.Keys, "key"), g.Name, f.share(g.Compressible.Bytes)),
		Do:   "Compress them in the application before they are written, with zstd or lz4.",
	})
}

// cold are keys that nobody has used of late.
func (f *finder) cold() {
	a, what := f.r.Total.Idle, "have not been touched for a month"
	if a == nil {
		a, what = f.r.Total.Freq, "are hardly ever used by their access counter"
	}
	if a == nil || float64(a.Cold.Bytes) < coldShare*float64(f.total) {
		return
	}
	f.add(Finding{
		Code: "cold", Bytes: a.Cold.Bytes, Keys: a.Cold.Keys,
		Text: fmt.Sprintf("%s %s: %s of all bytes.", human.Count(a.Cold.Keys, "key"), what, f.share(a.Cold.Bytes)),
		Do:   "Expire them, move them to a cheaper store, or set maxmemory with an eviction policy.",
	})
}

// slots are cluster slots that hash tags make heavy: a slot cannot be divided.
func (f *finder) slots() {
	if len(f.r.Slots) == 0 {
		return
	}
	var sum int64
	for _, s := range f.r.Slots {
		sum += s.Bytes
	}
	s := f.r.Slots[0]
	if !f.worth(s.Bytes) || len(f.r.Slots) > 1 && s.Bytes*int64(len(f.r.Slots)) < skewed*sum && s.Bytes*4 < f.total {
		return
	}
	f.add(Finding{
		Code: "slot-skew", Bytes: s.Bytes, Keys: s.Keys, Group: "{" + s.Tag + "}",
		Text: fmt.Sprintf("The hash tag {%s} puts %s of all bytes into slot %d, which a cluster cannot divide.", s.Tag, f.share(s.Bytes), s.Slot),
		Do:   "Use a finer hash tag, or none where keys need not stand together.",
	})
}

// shards are files of very different size.
func (f *finder) shards() {
	if len(f.r.Files) < 2 {
		return
	}
	large, small := f.r.Files[0], f.r.Files[0]
	for _, x := range f.r.Files {
		if x.Bytes > large.Bytes {
			large = x
		}
		if x.Bytes < small.Bytes {
			small = x
		}
	}
	mean := f.total / int64(len(f.r.Files))
	if large.Bytes < mean+mean/4 {
		return
	}
	f.add(Finding{
		Code: "unbalanced", Bytes: large.Bytes - mean, Keys: large.Keys, Group: large.Name,
		Text: fmt.Sprintf("%s has %.1f times the bytes of %s.", large.Name, float64(large.Bytes)/float64(max(1, small.Bytes)), small.Name),
		Do:   "Move slots to the smaller shards.",
	})
}
