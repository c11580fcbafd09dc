package verify_test

import (
	"bytes"
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
