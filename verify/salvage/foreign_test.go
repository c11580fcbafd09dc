package salvage

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// Files as servers write them whose keys are named in other ways, and files of other
// programs, whose numbers may be wrong.

// plain writes so many strings and hashes in turn, and returns where each value begins.
func (w *builder) plain(n int, key func(i int) string) (at []int) {
	for i := range n {
		if i%2 == 0 {
			at = append(at, w.string(key(i), fmt.Sprint("value of it ", i)))
		} else {
			at = append(at, w.hash(key(i), 3, "value"))
		}
	}
	return at
}

// bare begins a file of such a version that announces no numbers.
func bare(version string) *builder { return &builder{[]byte(version + "\xfe\x00")} }

// finish completes a file as its version does, without a checksum that says anything.
func (w *builder) finish() []byte {
	w.b = append(w.b, 0xff)
	if string(w.b[:9]) >= "REDIS0005" {
		w.b = append(w.b, make([]byte, 8)...)
	}
	return w.b
}

func userKey(i int) string { return fmt.Sprintf("user:%04d", i) }

// checkHits salvages the file, in which the values of these keys are damaged: no other may be
// lost, and none be another than it was.
func checkHits(t *testing.T, what string, o *original, file []byte, hit map[int]bool) *result {
	t.Helper()
	res := salvageOf(t, o, file, func(i int) bool { return hit[i] }, nil)
	others := slices.DeleteFunc(slices.Clone(res.lost), func(name string) bool { return hit[o.byKey[name]] })
	if len(others)+len(res.invented) > 0 {
		t.Errorf("%s: %d hit; lost %.200q, invented %.200q", what, len(hit), others, res.invented)
	}
	return res
}

func TestSalvageRandomKeys(t *testing.T) {
	for _, n := range []int{1000, 9000} {
		for _, told := range []bool{true, false} {
			for _, zeros := range []bool{true, false} {
				rnd := rand.New(rand.NewPCG(7, 8))
				w := newBuilder(n)
				if !told {
					w = bare("REDIS0006")
				}
				at := w.plain(n, func(int) string {
					return fmt.Sprintf("%08x-%04x-4%03x", rnd.Uint32(), rnd.Uint32()&0xffff, rnd.Uint32()&0xfff)
				})
				file := w.end(false)
				o := newOriginal(t, bytes.Clone(file))
				hit := map[int]bool{}
				for i := 101; i+1 < n; i += 397 {
					for k := i; k <= i+1; k++ { // one beside the other
						hit[k] = true
						if b := file[at[k]:o.records[k].end]; zeros {
							clear(b)
						} else {
							randomBytes(rnd, b)
						}
					}
				}
				checkHits(t, fmt.Sprint(n, " keys, numbers ", told, ", zeros ", zeros), o, file, hit)
			}
		}
	}
}

// Whole pages are lost, and with them heads of records: what is left of the last value there
// does not become a key.
func TestSalvagePages(t *testing.T) {
	values := map[string]func(w *builder, rnd *rand.Rand){
		"numbers": func(w *builder, rnd *rand.Rand) { w.b = append(w.b, 0xc1, byte(rnd.IntN(256)), 0) },
		"bytes": func(w *builder, rnd *rand.Rand) {
			w.text(string([]byte{0, byte(rnd.IntN(4)), byte('a' + rnd.IntN(26)), byte(rnd.IntN(5)), 0, 3, 'a', 'b', 'c', 0}))
		},
	}
	for kind, value := range values {
		const n, page = 400, 512
		rnd := rand.New(rand.NewPCG(5, 6))
		w := newBuilder(n)
		for i := range n {
			w.b = append(w.b, 4)
			w.text(userKey(i))
			w.b = append(w.b, 6)
			for k := range 6 {
				w.text(fmt.Sprint("f", k))
				value(w, rnd)
			}
		}
		o := newOriginal(t, w.end(false))
		for run := range 60 {
			file, hit := withSum(o.file, false), map[int]bool{}
			for range 2 {
				at := o.records[0].off + rnd.IntN(o.records[n-1].off-o.records[0].off-page)
				if b := file[at : at+page]; run%2 == 0 {
					randomBytes(rnd, b)
				} else {
					clear(b)
				}
				for i, r := range o.records {
					if at < r.end && at+page > r.off {
						hit[i] = true
					}
				}
			}
			res := checkHits(t, fmt.Sprint(kind, ", run ", run), o, file, hit)
			if want := int64(len(res.lost)); res.report.LostKeys != want {
				t.Errorf("%s, run %d: %d keys lost, the report says %d", kind, run, want, res.report.LostKeys)
			}
		}
	}
}

// Numbers that are far from what there is tell nothing.
func TestSalvageWrongNumbers(t *testing.T) {
	for _, keys := range []int{0, 1, 300, 500, 900, 1500} {
		const n = 1000
		w := &builder{[]byte("REDIS0011\xfe\x00\xfb")}
		w.b = append(rdbwire.AppendLength(w.b, uint64(keys)), 0)
		var at []int
		for i := range n {
			at = append(at, w.string(userKey(i), "value of it"))
		}
		o := newOriginal(t, w.end(false))
		file := withSum(o.file, false)
		file[at[400]] = 0xf1
		checkHits(t, fmt.Sprint(keys, " keys announced, there are ", n), o, file, map[int]bool{400: true})
	}
	for _, expires := range []int{0, 5, 100} {
		const n = 200
		w := &builder{[]byte("REDIS0011\xfe\x00\xfb")}
		w.b = rdbwire.AppendLength(rdbwire.AppendLength(w.b, n), uint64(expires))
		var at []int
		for i := range n {
			w.b = binary.LittleEndian.AppendUint64(append(w.b, opExpireMs), uint64(1893456000000)+uint64(i)*1000)
			at = append(at, w.string(userKey(i), "value of it"))
		}
		o := newOriginal(t, w.end(false))
		file, hit := withSum(o.file, false), map[int]bool{}
		for _, i := range []int{30, 80, 130} {
			file[at[i]], hit[i] = 0xf1, true
		}
		checkHits(t, fmt.Sprint(expires, " expiring keys announced, there are ", n), o, file, hit)
	}
}

// Old servers wrote collections of nothing. Far from damage they stay.
func TestSalvageEmptyCollections(t *testing.T) {
	for _, form := range []string{"REDIS0006", "numbers", "wrong numbers"} {
		for _, damaged := range []bool{false, true} {
			const n = 200
			w := bare("REDIS0006")
			switch form {
			case "numbers":
				w = newBuilder(n + 2)
			case "wrong numbers":
				w = newBuilder(0)
			}
			w.plain(n/2, userKey)
			w.b = append(w.b, 1)
			w.text("user:empty")
			w.b = append(w.b, 0)
			w.string("config", "v")
			w.plain(n/2, func(i int) string { return userKey(n/2 + i) })
			o := newOriginal(t, w.finish())
			file, hit := bytes.Clone(o.file), map[int]bool{}
			if damaged {
				file[o.value(20)], hit[20] = 0xf1, true
			}
			res := checkHits(t, fmt.Sprint(form, ", damaged ", damaged), o, file, hit)
			if res.report.Healthy == damaged {
				t.Errorf("%s, damaged %v: %+v", form, damaged, res.report)
			}
		}
	}
}

// Valkey 8.0 in a cluster writes opcodes of slots into files of version 11.
func TestSalvageSlots(t *testing.T) {
	for _, perSlot := range []int{1, 2, 20} {
		const n = 200
		w := newBuilder(n)
		for i := range n {
			if i%perSlot == 0 {
				w.b = append(w.b, 0xf4, byte(i%60), byte(perSlot), 0)
			}
			if i%2 == 0 {
				w.string(userKey(i*7919%10007), "value of it")
			} else {
				w.hash(userKey(i*7919%10007), 3, "value")
			}
		}
		o := newOriginal(t, w.end(false))
		rnd := rand.New(rand.NewPCG(3, 4))
		for run := range 20 {
			file, hit := withSum(o.file, false), map[int]bool{}
			for range 1 + run%4 {
				i := rnd.IntN(n)
				hit[i] = true
				randomBytes(rnd, file[o.value(i):o.records[i].end])
			}
			checkHits(t, fmt.Sprint(perSlot, " keys a slot, run ", run), o, file, hit)
		}
	}
}

// Between hashes whose fields have expiries slots are no damage either.
func TestSalvageSlotsFields(t *testing.T) {
	const n = 200
	w := newBuilder(n)
	w.b = slices.Replace(w.b, 0, 9, []byte("REDIS0012")...)
	for i := range n {
		w.b = append(w.b, opSlot, byte(i%60), 1, 0)
		if i%3 == 0 {
			w.expiringHash(userKey(i), 8)
		} else {
			w.string(userKey(i), "value of it")
		}
	}
	o := newOriginal(t, w.end(false))
	for i := 100; i < n; i++ {
		if i%3 != 0 {
			file := bytes.Clone(o.file)
			file[o.records[i].end-12] = 0xf1 // its length
			checkHits(t, fmt.Sprint("record ", i), o, file, map[int]bool{i: true})
		}
	}
}

// A healthy file of an old server is so in any order, whatever its databases begin with.
func TestSalvageUnorderedUnsized(t *testing.T) {
	first := map[string]func(w *builder){
		"a key like others": func(w *builder) { w.string(userKey(999), "value") },
		"an expiry": func(w *builder) {
			w.b = binary.LittleEndian.AppendUint64(append(w.b, opExpireMs), soonest)
			w.string(userKey(999), "value")
		},
		"a short key":  func(w *builder) { w.string("a", "value") },
		"a binary key": func(w *builder) { w.string("\x00\x01bin", "value") },
		"nothing":      func(w *builder) { w.b = append(w.b, opSelectDB, 2) },
	}
	for name, begin := range first {
		for _, dbs := range [][]byte{{5, 0}, {0, 1, 0}} {
			w, n := &builder{[]byte("REDIS0006")}, 0
			for i, db := range dbs {
				w.b = append(w.b, opSelectDB, db)
				if i == len(dbs)-1 {
					begin(w)
				}
				w.plain(50, func(i int) string { return userKey(n + i) })
				n += 50
			}
			for _, sum := range []bool{true, false} {
				o := newOriginal(t, w.end(sum))
				what := fmt.Sprint(name, ", ", dbs, ", checksum ", sum)
				if res := checkHits(t, what, o, o.file, nil); !res.report.Healthy {
					t.Errorf("%s: %+v", what, res.report)
				}
			}
		}
	}
}

// Databases need not stand in the order of their numbers, though servers write them so.
func TestSalvageUnordered(t *testing.T) {
	for _, dbs := range [][]byte{{5, 0}, {3, 2, 1, 0}, {0, 1, 0}} {
		for _, sum := range []bool{true, false} {
			w, n := &builder{[]byte("REDIS0011")}, 0
			for _, db := range dbs {
				w.b = append(w.b, 0xfe, db, 0xfb, 50, 0)
				w.plain(50, func(i int) string { return userKey(n + i) })
				n += 50
			}
			o := newOriginal(t, w.end(sum))
			res := checkHits(t, fmt.Sprint(dbs, ", checksum ", sum), o, o.file, nil)
			if !res.report.Healthy {
				t.Errorf("%v, checksum %v: %+v", dbs, sum, res.report)
			}
			if dbs[0] == 0 {
				continue // what is damaged stands before the order can be seen
			}
			file := withSum(o.file, false)
			file[o.value(70)] = 0xf1
			checkHits(t, fmt.Sprint(dbs, ", damaged"), o, file, map[int]bool{70: true})
		}
	}
}

// Files of the first versions, and expiries in seconds in files of newer ones.
func TestSalvageSeconds(t *testing.T) {
	for _, version := range []string{"REDIS0003", "REDIS0006", "REDIS0011"} {
		for _, first := range []int{10, 100} {
			const n = 300
			w := bare(version)
			for i := range n {
				if i >= first && (i-first)%40 == 0 {
					w.b = binary.LittleEndian.AppendUint32(append(w.b, opExpire), uint32(1893456000+i))
				}
				w.string(userKey(i), "value of it")
			}
			o := newOriginal(t, w.finish())
			what := fmt.Sprint(version, ", the first at key ", first)
			if res := checkHits(t, what, o, o.file, nil); !res.report.Healthy {
				t.Errorf("%s: %+v", what, res.report)
			}
			file := bytes.Clone(o.file)
			file[o.value(5)] = 0xf1
			checkHits(t, what+", damaged", o, file, map[int]bool{5: true})
		}
	}
}

// A binary key among others that are text stays, though its value holds a record.
func TestSalvageBinaryKey(t *testing.T) {
	for _, told := range []bool{true, false} {
		w := newBuilder(201)
		if !told {
			w = bare("REDIS0011")
		}
		w.plain(150, userKey)
		var in builder
		in.string(userKey(7), "value")
		w.string("\x01\x02lock", "log: "+string(in.b)+"...")
		w.plain(50, func(i int) string { return userKey(150 + i) })
		o := newOriginal(t, w.end(false))
		if res := checkHits(t, "healthy", o, o.file, nil); !res.report.Healthy {
			t.Errorf("%+v", res.report)
		}
		file := withSum(o.file, false)
		file[o.value(20)] = 0xf1
		checkHits(t, "damaged", o, file, map[int]bool{20: true})
	}
}

// A megabyte of heads of records with odd keys, each of which seems to hold the next ones, is
// searched in the time that a megabyte takes.
func TestSalvageManyHeads(t *testing.T) {
	w := newBuilder(2001)
	w.plain(1000, userKey)
	w.b = append(w.b, 0x7f)
	head := binary.BigEndian.AppendUint32(append([]byte{0, 8}, "uxer:00\x01\x80"...), 60000)
	w.b = append(w.b, bytes.Repeat(head, 1<<20/len(head))...)
	w.b = append(w.b, bytes.Repeat([]byte{0x7f}, 70000)...)
	w.plain(1000, func(i int) string { return fmt.Sprint("user:9", i) })
	file := w.end(false)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := File(ctx, bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Kept != 2000 {
		t.Errorf("%d keys kept", s.Kept)
	}
}
