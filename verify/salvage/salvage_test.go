package salvage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/rdbtool/rdbtool/rdb"
)

// forms are the files that the tests damage: with packed values of listpacks and
// of ziplists, field expiries of both families, with and without the numbers of
// keys.
var forms = []struct {
	target string
	sizes  bool
}{
	{"rdb-12", true}, {"rdb-12", false}, {"rdb-9", true}, {"rdb-9", false}, {"valkey-9.0", true}, {"valkey-9.0", false},
}

// One byte of a record, whichever and whatever it becomes, costs that key at the
// most, and the report names it. There is no checksum to help.
//
// SALVAGE_STRIDE=1 tries every byte of every record, which takes half an hour.
func TestSalvageOneByte(t *testing.T) {
	stride := 149
	if testing.Short() {
		stride = 1499
	}
	if _, err := fmt.Sscan(os.Getenv("SALVAGE_STRIDE"), &stride); err != nil && os.Getenv("SALVAGE_STRIDE") != "" {
		t.Fatal(err)
	}
	for _, form := range forms {
		t.Run(fmt.Sprint(form.target, " sizes ", form.sizes), func(t *testing.T) {
			t.Parallel()
			o := twoHundred(t, form.target, form.sizes)
			file := withSum(o.file, false)
			runs, unseen, named := 0, 0, 0
			for i, r := range o.records {
				for at := r.off; at < r.end; at++ {
					if (at+i)%stride != 0 {
						continue
					}
					was := file[at]
					for _, v := range []byte{was ^ 1, was ^ 0x40, was ^ 0x80, was + 1, was - 1, 0, 0xff} {
						if v == was {
							continue
						}
						file[at] = v
						res := salvageOf(t, o, file, func(k int) bool { return k == i }, nil)
						runs++
						changed := len(res.invented) == 1 && slices.Equal(res.lost, []string{r.name}) // a byte of the key
						if !form.sizes && i%20 == 3 {
							res.invented = nil // the value looks like records itself, and nothing tells how many are due
						}
						switch {
						case len(res.invented) > 0 && !changed, len(res.lost) > 1, len(res.lost) == 1 && res.lost[0] != r.name:
							t.Errorf("record %q [%d,%d), byte %d: %#02x to %#02x: lost %q, invented %q", r.name, r.off, r.end, at, was, v, res.lost, res.invented)
						case len(res.lost) == 0 || changed:
							unseen++
						case len(res.report.Lost) > 0 && nameOfLost(&res.report.Lost[0]) == r.name:
							named++
						}
						if want := int64(len(res.lost)); !changed && form.sizes && (res.report.LostKeys != want || !res.report.Exact) {
							t.Errorf("record %q, byte %d: %#02x to %#02x: %d keys lost, the report says %d, exact %v", r.name, at, was, v, want, res.report.LostKeys, res.report.Exact)
						}
					}
					file[at] = was
				}
			}
			t.Logf("%d changes: %d lost their key (%d of them named), %d changed a value or key that no rule tells", runs, runs-unseen, named, unseen)
		})
	}
}

func nameOfLost(k *LostKey) string { return fmt.Sprintf("%d/%s", k.DB, k.Key) }

// With a checksum a change of one byte is found wherever it is, and taken back.
func TestSalvageChecksum(t *testing.T) {
	o := twoHundred(t, "rdb-12", true)
	rnd := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		file := withSum(o.file, true)
		at := 9 + rnd.IntN(len(file)-9-8)
		was := file[at]
		file[at] ^= byte(1 + rnd.IntN(255))
		s, err := File(context.Background(), bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if _, err := out.ReadFrom(s.RDB()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), withSum(o.file, true)) {
			t.Fatalf("byte %d: %#02x to %#02x: the result is not the source: %+v", at, was, file[at], s.Report)
		}
		want := []Repair{{int64(at), string(file[at : at+1]), string([]byte{was})}}
		if !slices.Equal(s.Repaired, want) || s.Confidence != High || s.LostKeys != 0 || s.Healthy {
			t.Fatalf("byte %d: %+v, want %v", at, s.Report, want)
		}
		s.Close()
	}
}

// A file inside of a value is a value: none of its keys comes out, whichever
// length before it is wrong.
func TestSalvageNested(t *testing.T) {
	inner := twoHundred(t, "rdb-11", true)
	o := twoHundred(t, "rdb-12", true)
	k := 57
	r := o.records[k]
	var rec []byte
	rec = append(rec, 0, 6)
	rec = append(rec, "nested"...)
	rec = append(rec, 0x80, 0, 0, byte(len(inner.file)>>8), byte(len(inner.file)))
	head := len(rec)
	rec = append(rec, inner.file...)
	file := slices.Insert(bytes.Clone(o.file), r.off, rec...)
	sizes := bytes.Index(file, []byte{0xfb, 0x40, 150})
	file[sizes+2]++
	whole := newOriginal(t, withSum(file, false))
	for at := r.off; at < r.off+head; at++ {
		for _, v := range []byte{0, 1, 0x40, 0x7f, 0x80, 0x81, 0xff, whole.file[at] + 1, whole.file[at] - 1} {
			bad := bytes.Clone(whole.file)
			bad[at] = v
			res := salvageOf(t, whole, bad, func(i int) bool { return i == k }, nil)
			for _, name := range res.invented {
				if _, ok := inner.byKey[name]; ok {
					t.Fatalf("byte +%d to %#02x: key %q of the file inside of a value is given out", at-r.off, v, name)
				}
			}
			if len(res.invented) > 1 || len(res.lost) > 1 {
				t.Errorf("byte +%d to %#02x: lost %q, invented %d keys", at-r.off, v, res.lost, len(res.invented))
			}
		}
	}
}

// noiseFile is a header, one key, and noise.
func noiseFile(n int) []byte {
	noise := make([]byte, n)
	var seed [32]byte
	rand.NewChaCha8(seed).Read(noise)
	return append([]byte("REDIS0011\xfe\x00\xfb\x0a\x00\x00\x01k\x01v"), noise...)
}

// In noise there is no record.
func TestSalvageNoise(t *testing.T) {
	file := noiseFile(32 << 20)
	s, err := File(context.Background(), bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Kept != 1 || len(s.Spans) != 1 || s.Complete {
		t.Errorf("%d keys, %d spans, complete %v", s.Kept, len(s.Spans), s.Complete)
	}
}

// Behind the RDB part of an append-only file stand commands, which are no part
// of the search, and come out as they are.
func TestSalvagePreamble(t *testing.T) {
	o := twoHundred(t, "rdb-12", true)
	commands := "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
	for _, i := range []int{0, 77, 199} {
		r := o.records[i]
		file := withSum(o.file, false)
		file[r.off] = 0x7f
		file = append(file, commands...)
		s, err := File(context.Background(), bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			t.Fatal(err)
		}
		behind, err := io.ReadAll(s.Commands())
		if err != nil || string(behind) != commands || !s.Complete || s.Kept != 199 || s.LostKeys != 1 {
			t.Errorf("record %d: commands %q, %v; %+v", i, behind, err, s.Report)
		}
		s.Close()
	}
}

// A file cut anywhere keeps what stands before the cut.
func TestSalvageCut(t *testing.T) {
	o := twoHundred(t, "rdb-12", true)
	for n := 20; n < len(o.file)-1; n += 37 {
		whole := 0
		for _, r := range o.records {
			if r.end <= n {
				whole++
			}
		}
		res := salvageOf(t, o, o.file[:n], func(int) bool { return false }, nil)
		if len(res.invented) > 0 || 200-len(res.lost) < whole-1 || res.report.Complete || res.report.Exact {
			t.Errorf("cut at %d: %d keys kept, %d were whole; invented %q", n, 200-len(res.lost), whole, res.invented)
		}
	}
}

// What is whole needs no salvage.
func TestSalvageHealthy(t *testing.T) {
	for _, form := range forms {
		for _, sum := range []bool{true, false} {
			o := twoHundred(t, form.target, form.sizes)
			res := salvageOf(t, o, withSum(o.file, sum), func(int) bool { return false }, nil)
			if !res.report.Healthy || len(res.lost) > 0 || res.report.SpanCount > 0 || res.report.Kept != 200 {
				t.Errorf("%v, checksum %v: %+v", form, sum, res.report)
			}
		}
	}
}

// The readable front of a damaged collection is kept if that is asked for.
func TestSalvagePartial(t *testing.T) {
	o := twoHundred(t, "rdb-12", true)
	i := slices.IndexFunc(o.records, func(r place) bool { return r.name == "0/cart:0053" }) // a hash in a listpack
	r := o.records[i]
	file := withSum(o.file, false)
	file[r.end-2] ^= 0xff // the back length of the last entry
	res := salvageOf(t, o, file, func(k int) bool { return k == i }, &Options{Partial: true})
	lost := res.report.Lost
	if len(lost) != 1 || nameOfLost(&lost[0]) != r.name || lost[0].Partial == 0 || len(res.lost) > 0 {
		t.Fatalf("%+v, lost %q", res.report, res.lost)
	}
	rd := rdb.NewReader(bytes.NewReader(res.file), nil)
	for e, err := range rd.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		if nameOf(e) != r.name {
			continue
		}
		n := int64(0)
		for e.Value.Next() {
			n++
		}
		if n != lost[0].Partial {
			t.Errorf("%d elements, the report says %d", n, lost[0].Partial)
		}
	}
}

func BenchmarkSalvageNoise(b *testing.B) {
	file := noiseFile(16 << 20)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		s, err := File(context.Background(), bytes.NewReader(file), int64(len(file)), nil)
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
