package salvage

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// builder writes small files by hand.
type builder struct{ b []byte }

// newBuilder begins a file of one database with so many keys.
func newBuilder(keys int) *builder {
	w := &builder{[]byte("REDIS0011\xfe\x00\xfb")}
	w.b = rdbwire.AppendLength(w.b, uint64(keys))
	w.b = append(w.b, 0)
	return w
}

func (w *builder) text(s string) { w.b = rdbwire.AppendPlain(w.b, []byte(s)) }

// string adds a string key, and returns where its value begins.
func (w *builder) string(key, value string) (at int) {
	w.b = append(w.b, 0)
	w.text(key)
	at = len(w.b)
	w.text(value)
	return at
}

// hash adds a hash, and returns where the value of its last field begins.
func (w *builder) hash(key string, fields int, value string) (at int) {
	w.b = append(w.b, 4)
	w.text(key)
	w.b = rdbwire.AppendLength(w.b, uint64(fields))
	for i := range fields {
		w.text(fmt.Sprint("field", i))
		at = len(w.b)
		w.text(value)
	}
	return at
}

// end completes the file, with a checksum or without.
func (w *builder) end(sum bool) []byte {
	return withSum(append(w.b, 0xff, 0, 0, 0, 0, 0, 0, 0, 0), sum)
}

// reportOf salvages a file.
func reportOf(t *testing.T, file []byte) *Report {
	t.Helper()
	s, err := File(t.Context(), bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	return &s.Report
}

// Keys may begin alike for longer than what is peculiar to them, and differ in a few
// digits only.
func TestSalvageLongKeys(t *testing.T) {
	for _, n := range []int{1000, 20000} {
		w := newBuilder(n)
		var hits []int
		for i := range n {
			at := w.string(fmt.Sprintf("production:users:profile:%08d", i), "value of it")
			if i%30 == n/4%30 && len(hits) < 10 {
				hits = append(hits, at)
			}
		}
		file := w.end(false)
		for _, at := range hits {
			file[at] = 0xf1
		}
		if r := reportOf(t, file); r.Kept != int64(n-len(hits)) || r.LostKeys != int64(len(hits)) || !r.Exact {
			t.Errorf("%d keys, %d damaged: %d kept, %d lost", n, len(hits), r.Kept, r.LostKeys)
		}
	}
}

// A large record that has taken in others costs itself, and no other large one.
func TestSalvageLarge(t *testing.T) {
	const small, large = 40, 6
	value := string(bytes.Repeat([]byte("x"), 1000))
	w := newBuilder(2*small + large)
	for i := range small {
		w.string(fmt.Sprintf("user:session:%04d", i), "value of it")
	}
	var at, from, to int
	for i := range large {
		last := w.hash(fmt.Sprintf("user:session:large:%d", i), 2000, value)
		if i == 2 {
			at, from = last, len(w.b)
			for i := range small {
				w.string(fmt.Sprintf("user:session:%04d", small+i), "value of it")
				if i == small/2 {
					to = len(w.b)
				}
			}
		}
	}
	file := w.end(false)
	n := 1000 + to - from
	file[at], file[at+1] = 0x40|byte(n>>8), byte(n)
	if r := reportOf(t, file); r.Kept != 2*small+large-1 || len(r.Lost) != 1 || string(r.Lost[0].Key) != "user:session:large:2" {
		t.Errorf("%d kept of %d, %d lost: %v", r.Kept, 2*small+large, r.LostKeys, r.Spans)
	}
}

// A file of which all agrees is whole, however odd its keys are: with a checksum, with
// none, and with commands behind it.
func TestSalvageOddAndHealthy(t *testing.T) {
	var inside builder
	for i := range 10 {
		inside.string(fmt.Sprintf("user:session:%04d", 1000+i), "value of it")
	}
	odd := map[string]func(w *builder){
		"plain":            func(w *builder) { w.string("user:session:0100", "value") },
		"with a frequency": func(w *builder) { w.b = append(w.b, 0xf9, 5); w.string("user:session:0100", "value") },
		"strange":          func(w *builder) { w.string("user:session:\x02\x03", string(inside.b)) },
		"empty":            func(w *builder) { w.string("", "") },
		"very long":        func(w *builder) { w.string(string(bytes.Repeat([]byte("k"), 5000)), "value") },
	}
	for name, add := range odd {
		w := newBuilder(200)
		for i := range 199 {
			if i == 100 {
				add(w)
			}
			w.string(fmt.Sprintf("user:session:1%04d", i), "value of it")
		}
		forms := map[string][]byte{"checksum": w.end(true), "no checksum": w.end(false)}
		forms["log"] = append(bytes.Clone(forms["checksum"]), "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"...)
		for form, file := range forms {
			if r := reportOf(t, file); !r.Healthy || r.Kept != 200 || r.SpanCount > 0 || r.Confidence != High {
				t.Errorf("%s, %s: %+v", name, form, r)
			}
		}
	}
}

// Keys that begin as no others do stay whole behind damage: most applications have some.
func TestSalvageSingleKeys(t *testing.T) {
	single := map[int]string{20: "config", 41: "x", 62: "Leaderboard", 83: "lock", 104: "job-queue", 125: "q42", 146: "beta", 187: "stats"}
	w := newBuilder(200)
	for i := range 200 {
		key, ok := single[i]
		if !ok {
			key = fmt.Sprintf("%s:%04d", []string{"user", "cart", "session"}[i%3], i)
		}
		if i%2 == 0 {
			w.string(key, fmt.Sprint("value of ", i))
		} else {
			w.hash(key, 4, fmt.Sprint("value of ", i))
		}
	}
	o := newOriginal(t, w.end(false))
	singles := slices.Sorted(maps.Keys(single))
	for _, i := range singles {
		before := i - 1
		for at := o.records[before].off; at < o.records[before].end; at++ {
			for _, v := range []byte{0, 0xff, o.file[at] ^ 0x40, o.file[at] + 1} {
				file := withSum(o.file, false)
				file[at] = v
				res := salvageOf(t, o, file, func(k int) bool { return k == before }, nil)
				own := slices.Equal(res.lost, []string{o.records[before].name})
				if len(res.lost) > 0 && !own || len(res.invented) > 0 && !(own && len(res.invented) == 1) {
					t.Errorf("before %q, byte %d to %#02x: lost %q, invented %q", single[i], at-o.records[before].off, v, res.lost, res.invented)
				}
			}
		}
	}
	// With several damaged, a number that one of them hides may cost a very short one.
	const runs = 200
	rnd, more := rand.New(rand.NewPCG(1, 2)), 0
	for run := range runs {
		file, hit := withSum(o.file, false), map[int]bool{}
		for _, i := range singles {
			if rnd.IntN(2) == 0 {
				hit[i-1] = true
				randomBytes(rnd, file[o.value(i-1):o.records[i-1].end])
			}
		}
		if run%2 == 0 { // one beside the other
			hit[170], hit[171] = true, true
			randomBytes(rnd, file[o.value(170):o.records[170].end])
			randomBytes(rnd, file[o.value(171):o.records[171].end])
		}
		res := salvageOf(t, o, file, func(k int) bool { return hit[k] }, nil)
		if len(res.invented) > 0 || slices.ContainsFunc(res.lost, func(name string) bool { return !hit[o.byKey[name]] }) {
			more++
		}
	}
	t.Logf("%d of %d files with several damaged values lost or changed another key", more, runs)
	if more*50 > runs {
		t.Error("more than one in fifty")
	}
}
