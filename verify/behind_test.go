package verify_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
)

// Behind a record that nothing tells how to pass over, the others are verified
// all the same: each damaged place is found.
func TestBehindDamage(t *testing.T) {
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(cases, func(c fixtures.Case) bool { return c.String() == "redis-7.2/types" })
	data := bytes.Clone(cases[i].RDB)
	var offsets []int64
	r := rdb.NewReader(bytes.NewReader(data), nil)
	for e, err := range r.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		offsets = append(offsets, e.Offset)
	}
	n := len(offsets)
	places := []int64{offsets[20], offsets[n/2], offsets[n-10]}
	for _, at := range places {
		data[at] = 0x63 // no type and no opcode
	}
	report := verifyRDB(t, "dump.rdb", data, verify.Deep)
	for _, at := range places {
		if !slices.ContainsFunc(report.Findings, func(f verify.Finding) bool {
			return f.Offset == at && (f.Code == verify.CodeUnsupported || f.Code == verify.CodeFraming)
		}) {
			t.Errorf("nothing about the damage at 0x%x:\n%s", at, lines(report))
		}
	}
	if report.ByCode[verify.CodeChecksum] == nil || report.ByCode[verify.CodeResumed] == nil || report.Verdict() != verify.Damaged {
		t.Errorf("%s:\n%s", report.Verdict(), lines(report))
	}
	if lost := int64(n) - report.Facts.Keys; lost != int64(len(places)) {
		t.Errorf("%d keys are not counted, %d are damaged", lost, len(places))
	}
}

// A value behind damage that reads well, and that no server wrote, has the finding of its rule.
func TestBehindDamageUnsound(t *testing.T) {
	const n, broken, twice = 60, 20, 40
	str := func(b []byte, s string) []byte { return append(append(b, byte(len(s))), s...) }
	data := []byte("REDIS0012\xfe\x00\xfb\x3c\x00")
	offsets := map[int]int64{}
	for i := range n {
		offsets[i] = int64(len(data))
		key := fmt.Sprintf("user:%04d", i)
		if i != twice {
			data = str(str(append(data, 0), key), fmt.Sprint("value of it ", i))
			continue
		}
		data = append(str(append(data, 2), key), 3)
		for _, member := range []string{"first", "second", "first"} {
			data = str(data, member)
		}
	}
	data = append(data, 0xff, 0, 0, 0, 0, 0, 0, 0, 0)
	data[offsets[broken]] = 0x63 // no type and no opcode
	report := verifyRDB(t, "dump.rdb", data, verify.Deep)
	found := map[verify.Code][]int64{}
	for _, f := range report.Findings {
		found[f.Code] = append(found[f.Code], f.Offset)
	}
	if !slices.Equal(found[verify.CodeDuplicate], []int64{offsets[twice]}) || len(found[verify.CodeFraming])+len(found[verify.CodeUnsupported]) != 1 {
		t.Errorf("%s", lines(report))
	}
}
