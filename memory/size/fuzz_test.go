package size_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/keyspace"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

// sizers are all servers in all states, of files of their own and of others'.
func sizers(t testing.TB) (all []*size.Sizer) {
	for _, name := range size.Servers() {
		target, err := rdb.ParseTarget(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []size.Options{
			{Target: target, Own: true},
			{Target: target, CompressDepth: 1, Elements: true},
			{Target: target, State: size.Loaded, Own: true, Elements: true},
			{Target: target, State: size.Loaded, NoSharedInts: true},
		} {
			z, err := size.NewSizer(o)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, z)
		}
	}
	return all
}

// hold sizes an entry and checks what holds of every size.
func hold(t testing.TB, z *size.Sizer, e *entry.Entry) error {
	s, err := z.Size(e)
	if err != nil {
		return err
	}
	if s.Encoding == "" || s.Elements < 0 || s.Content < 0 || s.Largest < 0 {
		t.Fatalf("key %q, %s: %+v", e.Key, e.Type, s)
	}
	for a := range s.Usage {
		if s.Usage[a] <= 0 || s.Data[a] < -16 || s.Usage[a] < s.Content/64 || s.Packed[a] < 0 {
			t.Fatalf("key %q, %s: %+v", e.Key, e.Type, s)
		}
	}
	return nil
}

// each sizes all keys of a file.
func each(t testing.TB, b []byte, z *size.Sizer, fragments bool) error {
	r := rdb.NewReader(bytes.NewReader(b), &rdb.Options{Fragments: fragments})
	for {
		e, err := r.Next()
		if err != nil {
			return err
		}
		if e.Meta == nil {
			if err := hold(t, z, e); err != nil {
				return err
			}
		}
	}
}

// TestSizeCorpus sizes every key of the corpus for every server.
func TestSizeCorpus(t *testing.T) {
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	all := sizers(t)
	for i := range cases {
		b := cases[i].RDB
		for j, z := range all {
			if err := each(t, b, z, j%2 == 0); err != io.EOF {
				t.Fatalf("%s: %v", cases[i].String(), err)
			}
		}
	}
}

// TestSizeOfData sizes keys that have been replayed: they have elements only.
func TestSizeOfData(t *testing.T) {
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	all := sizers(t)
	for i := range cases {
		b := cases[i].RDB
		data := keyspace.New(keyspace.Options{})
		r := rdb.NewReader(bytes.NewReader(b), nil)
		for e, err := range r.Entries() {
			if err != nil {
				t.Fatal(err)
			}
			if err := data.Load(e); err != nil && !errors.Is(err, entry.ErrUnsupported) {
				t.Logf("%s: %v", cases[i].String(), err)
			}
		}
		for _, z := range all {
			for e, err := range data.Entries() {
				if err == nil && e.Meta == nil {
					err = hold(t, z, e)
				}
				if err != nil {
					t.Fatalf("%s: %v", cases[i].String(), err)
				}
			}
		}
	}
}

// FuzzSize sizes the keys of any file.
func FuzzSize(f *testing.F) {
	cases, err := fixtures.Corpus()
	if err != nil {
		f.Fatal(err)
	}
	for i := range cases {
		if b := cases[i].RDB; len(b) < 8<<10 {
			f.Add(b, byte(i))
		}
	}
	all := sizers(f)
	f.Fuzz(func(t *testing.T, b []byte, choice byte) {
		if len(b) < 1<<16 {
			_ = each(t, b, all[int(choice)%len(all)], choice&1 == 0)
		}
	})
}
