package salvage

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// change is one changed byte that was once read wrongly. None of them needs an
// exception: there is evidence for the right reading in each case, without the
// numbers of keys too.
type change struct {
	target string
	sizes  bool
	record string
	at     int // from the beginning of the record
	was    byte
	is     byte
	why    string
}

var changes = []change{
	// An expiry's opcode that becomes a string: the expiry is a key, and a length.
	{"rdb-9", true, "0/user:0120", 0, 0xfc, 0, "expiry as a string"},
	{"rdb-12", true, "0/user:0120", 0, 0xfc, 0, "expiry as a string"},
	{"valkey-9.0", true, "0/user:0120", 0, 0xfc, 0, "expiry as a string"},
	// A length of the key off by one: the value ends in the middle of the next record.
	{"rdb-9", true, "0/session:token:0003", 1, 0x12, 0x11, "short key"},
	{"rdb-9", true, "0/cart:0141", 1, 9, 10, "long key"},
	{"rdb-9", true, "3/cart:0181", 1, 9, 10, "long key"},
	{"rdb-12", true, "0/cart:0141", 1, 9, 10, "long key"},
	{"rdb-12", true, "3/cart:0181", 1, 9, 10, "long key"},
	{"valkey-9.0", true, "0/cart:0141", 1, 9, 10, "long key"},
	{"valkey-9.0", true, "3/cart:0181", 1, 9, 10, "long key"},
	// The type of the last record becomes an end mark.
	{"rdb-9", true, "3/session:token:0199", 0, 0x0e, 0xff, "end mark"},
	{"rdb-12", true, "3/session:token:0199", 0, 0x12, 0xff, "end mark"},
	{"valkey-9.0", true, "3/session:token:0199", 0, 0x12, 0xff, "end mark"},
	// A number becomes an empty string: its two bytes are left.
	{"rdb-9", false, "0/cart:0021", 11, 0xc1, 0, "empty string"},
	{"rdb-12", false, "0/cart:0021", 11, 0xc1, 0, "empty string"},
	{"valkey-9.0", false, "0/cart:0021", 11, 0xc1, 0, "empty string"},
	// A compressed string takes in 58 records up to the end of one.
	{"rdb-9", false, "0/k:0022", 9, 0x12, 0x52, "long string"},
	{"valkey-9.0", false, "0/k:0142", 9, 0x13, 0x53, "long string"},
	// A set becomes a sorted set of six records.
	{"rdb-12", false, "0/cart:0109", 0, 2, 3, "sorted set"},
	{"valkey-9.0", false, "0/cart:0109", 0, 2, 3, "sorted set"},
	// A hash whose fields have expiries ends a few bytes too early.
	{"valkey-9.0", false, "0/cart:0017", 70, 8, 7, "short field"},
	{"valkey-9.0", false, "0/cart:0037", 70, 8, 7, "short field"},
	{"valkey-9.0", false, "0/cart:0057", 71, 8, 7, "short field"},
	{"valkey-9.0", false, "0/cart:0077", 71, 8, 7, "short field"},
	{"valkey-9.0", false, "0/cart:0097", 71, 8, 7, "short field"},
	{"valkey-9.0", false, "0/cart:0117", 98, 9, 0, "no field"},
	{"valkey-9.0", false, "0/cart:0137", 99, 9, 0, "no field"},
	{"valkey-9.0", false, "3/cart:0157", 100, 9, 0, "no field"},
	{"valkey-9.0", false, "3/cart:0177", 100, 9, 0, "no field"},
	{"valkey-9.0", false, "3/cart:0197", 100, 9, 0, "no field"},
	// The last member of a database takes in the opcode that selects the next one.
	{"rdb-9", false, "0/cart:0149", 65, 8, 9, "long member"},
	{"valkey-9.0", false, "0/cart:0149", 65, 8, 9, "long member"},
	{"rdb-12", true, "0/cart:0149", 65, 8, 9, "long member"},
}

// Changes that are easily read in another way.
func TestSalvageOneByteKnown(t *testing.T) {
	files := map[string]*original{}
	for _, c := range changes {
		form := fmt.Sprint(c.target, " sizes ", c.sizes)
		o := files[form]
		if o == nil {
			o = twoHundred(t, c.target, c.sizes)
			files[form] = o
		}
		t.Run(fmt.Sprintf("%s %s +%d to %#02x %s", form, c.record, c.at, c.is, c.why), func(t *testing.T) {
			i, ok := o.byKey[c.record]
			if !ok {
				t.Fatal("no such record")
			}
			file := withSum(o.file, false)
			at := o.records[i].off + c.at
			if file[at] != c.was {
				t.Fatalf("byte %d is %#02x, want %#02x", at, file[at], c.was)
			}
			file[at] = c.is
			res := salvageOf(t, o, file, func(k int) bool { return k == i }, nil)
			changed := len(res.invented) == 1 && slices.Equal(res.lost, []string{c.record})
			if len(res.invented) > 0 && !changed || len(res.lost) > 1 || len(res.lost) == 1 && res.lost[0] != c.record {
				t.Errorf("lost %q, invented %q", res.lost, res.invented)
			}
			if want := int64(len(res.lost)); !changed && c.sizes && (res.report.LostKeys != want || !res.report.Exact) {
				t.Errorf("%d keys lost, the report says %d, exact %v", want, res.report.LostKeys, res.report.Exact)
			}
			if t.Failed() {
				r := o.records[i]
				t.Logf("record [%d,%d), byte %d: % x", r.off, r.end, at, file[max(r.off-16, 0):min(r.end+40, len(file))])
				t.Logf("%+v", res.report)
			}
		})
	}
}

// stringRecord returns a string key whose value is of such bytes.
func stringRecord(key string, value []byte) []byte {
	rec := append([]byte{0, byte(len(key))}, key...)
	rec = append(rec, 0x80, 0, 0, byte(len(value)>>8), byte(len(value)))
	return append(rec, value...)
}

// Values that hold records stay whole as long as anything speaks for the file: its
// checksum, or the numbers of keys. So they do before damage, and far from it.
func TestSalvageRecordsInside(t *testing.T) {
	for _, form := range forms {
		o := twoHundred(t, form.target, form.sizes)
		const at = 57
		values := map[string][]byte{
			"one record":    o.bytes(110),
			"forty records": o.file[o.records[100].off:o.records[139].end],
			"a file":        withSum(o.file, true),
			"no checksum":   withSum(o.file, false),
			"a cut file":    o.file[:5000],
			"a dump":        append(bytes.Clone(o.bytes(118)[8:]), 11, 0, 1, 2, 3, 4, 5, 6, 7, 8),
		}
		for name, value := range values {
			file := slices.Insert(bytes.Clone(o.file), o.records[at].off, stringRecord("holds", value)...)
			if form.sizes {
				file[bytes.Index(file, []byte{0xfb, 0x40, 150})+2]++
			}
			whole := newOriginal(t, withSum(file, false))
			for _, sum := range []bool{true, false} {
				if !form.sizes && !sum {
					continue // nothing speaks for it
				}
				res := salvageOf(t, whole, withSum(file, sum), func(int) bool { return false }, nil)
				if !res.report.Healthy || len(res.lost) > 0 || len(res.invented) > 0 || res.report.SpanCount > 0 {
					t.Errorf("%v, checksum %v, %s: lost %q, invented %q, %+v", form, sum, name, res.lost, res.invented, res.report)
				}
			}
			for _, i := range []int{at - 3, at - 2, at - 1, at + 1, at + 2, 190} {
				bad := bytes.Clone(whole.file)
				bad[whole.records[i].off] = 0x7f
				res := salvageOf(t, whole, bad, func(k int) bool { return k == i }, nil)
				switch {
				case i < at:
					// In the records behind a gap those inside weigh more than the one that
					// holds them: it is lost, and one between with it, as nothing proves
					// where that ends. What is inside stands in the file before, and does
					// not come out.
					for _, name := range res.lost {
						if k := whole.byKey[name]; k < at-3 || k > at {
							t.Errorf("%v, record %d damaged: lost %q", form, i, name)
						}
					}
					if len(res.invented) > 0 {
						t.Errorf("%v, %s, record %d damaged: invented %q", form, name, i, res.invented)
					}
				case i == at+1 && name == "a cut file":
					// Records that lead to a broken one are what a wrong length takes in.
				case !slices.Equal(res.lost, []string{whole.records[i].name}) || len(res.invented) > 0:
					t.Errorf("%v, %s, record %d damaged: lost %q, invented %q", form, name, i, res.lost, res.invented)
				}
			}
		}
	}
}
