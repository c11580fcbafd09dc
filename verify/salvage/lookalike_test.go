package salvage

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// collection appends a key of that type with elements that are texts, each with more behind
// it, and returns where its number of elements stands.
func (w *builder) collection(typ byte, key string, elements []string, more func() []byte) (value int) {
	w.b = append(w.b, typ)
	w.text(key)
	value = len(w.b)
	w.b = rdbwire.AppendLength(w.b, uint64(len(elements)))
	for _, e := range elements {
		w.text(e)
		w.b = append(w.b, more()...)
	}
	return value
}

// users returns names as keys have them.
func users(rnd *rand.Rand, n int) (names []string) {
	for range n {
		names = append(names, userKey(rnd.IntN(9000)))
	}
	return names
}

// lookalikes are collections whose elements are named as keys are: sets of friends, lists of
// the last seen. A number of elements before the first, or a zero before another, makes them
// look like records.
var lookalikes = []struct {
	name string
	typ  byte
	more func(rnd *rand.Rand) []byte
}{
	{"list", 1, func(*rand.Rand) []byte { return nil }},
	{"set", 2, func(*rand.Rand) []byte { return nil }},
	{"hash", 4, func(*rand.Rand) []byte { return []byte("\x03yes") }},
	{"zset", 5, func(rnd *rand.Rand) []byte { return []byte{6: byte(rnd.IntN(4)) << 4, 7: 0x40} }},
}

func TestSalvageLookalikes(t *testing.T) {
	const n = 300
	for _, kind := range lookalikes {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(9, 2))
			w := newBuilder(n)
			for i := range n {
				if i%3 > 0 {
					w.string(userKey(i), fmt.Sprint("value of it ", i))
					continue
				}
				w.collection(kind.typ, fmt.Sprintf("seen:%04d", i), users(rnd, 2+rnd.IntN(4)), func() []byte { return kind.more(rnd) })
			}
			o := newOriginal(t, w.end(false))
			for run := range 200 {
				file, hit := bytes.Clone(o.file), map[int]bool{}
				for range 1 + run%3 {
					i := 3 * rnd.IntN(n/3)
					hit[i] = true
					at := o.value(i) + rnd.IntN(o.records[i].end-o.value(i))
					randomBytes(rnd, file[at:min(at+1+rnd.IntN(8), o.records[i].end)])
				}
				res := checkHits(t, fmt.Sprint("run ", run), o, file, hit)
				if want := int64(len(res.lost)); res.report.LostKeys != want {
					t.Errorf("run %d: %d keys lost, the report says %d", run, want, res.report.LostKeys)
				}
			}
		})
	}
}

// Where no numbers of keys are known, the fields of one hash may become a key, and those of
// others do not.
func TestSalvageLookalikesUntold(t *testing.T) {
	for _, value := range []string{"\x00", "\xc1\xc8\x00"} {
		const n = 200
		rnd := rand.New(rand.NewPCG(1, 2))
		w := bare("REDIS0006")
		for i := range n {
			if i%2 == 0 {
				w.string(userKey(i), fmt.Sprint("value of it ", i))
				continue
			}
			w.collection(4, fmt.Sprintf("seen:%04d", i), users(rnd, 4), func() []byte { return []byte(value) })
		}
		o := newOriginal(t, w.end(false))
		for i := 21; i < n-1; i += 6 {
			file := bytes.Clone(o.file)
			file[o.value(i)+1] = 0xf1 // the length of the first field
			res := salvageOf(t, o, file, func(k int) bool { return k == i }, nil)
			if len(res.lost) != 1 || o.byKey[res.lost[0]] != i || len(res.invented) > 1 {
				t.Errorf("value %q, key %d damaged: lost %q, invented %q", value, i, res.lost, res.invented)
			}
		}
	}
}

// A value that holds a part of another file, with where a database begins in it, is kept,
// also where another record takes in good ones.
func TestSalvagePartOfFile(t *testing.T) {
	other := bare("REDIS0011")
	head := len(other.b)
	for i := range 3 {
		other.string(userKey(7000+i), "other")
	}
	other.b = append(other.b, opSelectDB, 1, opResizeDB, 5, 0)
	for i := range 5 {
		other.string(userKey(8000+i), "other")
	}
	const n = 300
	w := newBuilder(n)
	var last, to int
	for i := range n - 1 {
		switch i {
		case 100:
			last = w.hash(userKey(i), 3, "value")
		case 110:
			to = len(w.b)
			fallthrough
		default:
			w.string(userKey(i), fmt.Sprint("value of it ", i))
		}
	}
	w.string("backup:0001", strings.Repeat("text ", 9)+string(other.b[head:]))
	o := newOriginal(t, w.end(false))
	file := bytes.Clone(o.file)
	length := to - last - 2 // in the form of two bytes, over what was the value
	file[last], file[last+1] = 0x40|byte(length>>8), byte(length)
	checkHits(t, "a length that takes in ten records", o, file, map[int]bool{100: true})
}

// Where keys are told apart by slots, the loss of where a database begins costs no key.
func TestSalvageSlotsUnsized(t *testing.T) {
	const n = 200
	w := newBuilder(n)
	for i := range n {
		w.b = append(w.b, opSlot, byte(i%60), 1, 0)
		w.string(userKey(i*7919%10007), "value of it")
	}
	o := newOriginal(t, w.end(false))
	sizes := bytes.IndexByte(o.file, opResizeDB)
	for i := 1; i < n; i += 7 {
		file := bytes.Clone(o.file)
		file[sizes] = 0xf1
		file[o.records[i].off] = 0x7f // its type
		checkHits(t, fmt.Sprint("record ", i), o, file, map[int]bool{i: true})
	}
}

// A value in which an element stands twice is none that a server wrote, and none would load it.
func TestSalvageRepeats(t *testing.T) {
	const n = 40
	w := newBuilder(n)
	twice := 0
	for i := range n {
		if i == 20 {
			twice = len(w.b)
			w.collection(2, userKey(i), []string{"a", "b", "a"}, func() []byte { return nil })
			continue
		}
		w.string(userKey(i), fmt.Sprint("value of it ", i))
	}
	o := newOriginal(t, w.end(false))
	file := bytes.Clone(o.file)
	file[o.value(5)] = 0xf1
	res := checkHits(t, "a set", o, file, map[int]bool{5: true, 20: true})
	if lost := res.report.Lost; len(res.lost) != 2 || len(lost) != 2 || lost[1].Offset != int64(twice) || !strings.HasSuffix(lost[1].Reason, `member "a" is element 0 once more`) {
		t.Errorf("lost %q, %+v", res.lost, lost)
	}
}

// A list whose elements hold records, several of them each, is whole in a healthy file of an
// old server too: nothing tells there how many keys there are.
func TestSalvageChunksOfRecords(t *testing.T) {
	w := bare("REDIS0006")
	w.plain(100, userKey)
	chunks := make([]string, 4)
	for c := range chunks {
		var in builder
		for i := range 12 {
			in.hash(userKey(2000+20*c+i), 3, "value")
		}
		chunks[c] = "chunk " + string(in.b) + "..."
	}
	w.collection(1, userKey(500), chunks, func() []byte { return nil })
	w.plain(100, func(i int) string { return userKey(1000 + i) })
	o := newOriginal(t, w.finish())
	if res := checkHits(t, "a list of chunks", o, o.file, nil); !res.report.Healthy {
		t.Errorf("%+v", res.report)
	}
}
