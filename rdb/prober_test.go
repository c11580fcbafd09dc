package rdb_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// A Prober that goes from record to record finds what a Reader does.
func TestProberFollowsFile(t *testing.T) {
	file, err := os.ReadFile("../fixtures/example.rdb")
	if err != nil {
		t.Fatal(err)
	}
	for _, strict := range []bool{false, true} {
		follow(t, file, strict)
	}
}

func follow(t *testing.T, file []byte, strict bool) {
	t.Helper()
	rd := rdb.NewReader(bytes.NewReader(file), &rdb.Options{Meta: true})
	p := rdb.NewProber(bytes.NewReader(file), int64(len(file)), rd.Version(), &rdb.Options{Fragments: true})
	p.Strict = strict
	at, st := int64(rdb.HeaderLen), rdb.State{}
	for {
		e, err := rd.Next()
		if err == nil && e.Meta != nil && e.Meta.Kind == entry.MetaHeader {
			continue
		}
		r, perr := p.At(at, st)
		if err == io.EOF {
			if perr != nil || r.Kind != rdb.EndRecord || r.End != rd.Trailer().Footer {
				t.Fatalf("at the end: %+v, %v", r, perr)
			}
			return
		}
		if err != nil || perr != nil {
			t.Fatalf("offset %d: %v, %v", at, err, perr)
		}
		size := e.Size
		if e.Meta == nil {
			n := int64(0)
			for e.Value.Next() {
				n++
			}
			size = e.Size
			if r.Kind != rdb.KeyRecord || !bytes.Equal(r.Key, e.Key) || r.Type != e.Type || r.ExpireAt != e.ExpireAt || r.Elements != n || int(r.First) != e.RDBType || r.Damage != nil {
				t.Fatalf("offset %d: %+v is not %+v of %d elements", at, r, e, n)
			}
		} else if r.Kind != rdb.MetaRecord || r.Meta.Kind != e.Meta.Kind {
			t.Fatalf("offset %d: %+v is not %+v", at, r, e.Meta)
		}
		if r.Offset != e.Offset || r.End != e.Offset+size {
			t.Fatalf("record [%d,%d), want [%d,%d)", r.Offset, r.End, e.Offset, e.Offset+size)
		}
		at, st = r.End, r.After
	}
}

// Records that are too large for memory are found as others are.
func TestProberLargeRecords(t *testing.T) {
	for _, c := range largeCases() {
		value, _ := c.build()
		t.Run(c.name, func(t *testing.T) { follow(t, c.file(value), false) })
	}
}

// Every record of every form is whole to a Prober, alone and with its end cut off
// is none, and no byte changed makes it panic.
func TestProberDamage(t *testing.T) {
	file, err := os.ReadFile("../fixtures/example.rdb")
	if err != nil {
		t.Fatal(err)
	}
	v, _ := rdb.ParseVersion(file)
	p := rdb.NewProber(bytes.NewReader(file), int64(len(file)), v, nil)
	for at, st := int64(rdb.HeaderLen), (rdb.State{}); ; {
		r, err := p.At(at, st)
		if err != nil {
			t.Fatal(err)
		}
		if r.Kind == rdb.EndRecord {
			return
		}
		rec := bytes.Clone(file[at:r.End])
		if alone, err := p.In(rec, st); err != nil || alone.End != int64(len(rec)) {
			t.Errorf("offset %d: alone it is %+v, %v", at, alone, err)
		}
		for n := range rec {
			if cut, err := p.In(rec[:n], st); err == nil && cut.End > int64(n) {
				t.Errorf("offset %d: cut at %d it ends at %d", at, n, cut.End)
			}
			was := rec[n]
			for _, b := range []byte{0, 0xff, was ^ 1, was ^ 0x80} {
				rec[n] = b
				if _, err := p.In(rec, st); err == nil && p.Err() != nil {
					t.Error(p.Err())
				}
			}
			rec[n] = was
		}
		at, st = r.End, r.After
	}
}
