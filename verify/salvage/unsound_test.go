package salvage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// However many values are unsound, all are lost, and nothing else is.
func TestSalvageManyUnsound(t *testing.T) {
	const n = 100_000
	w := newBuilder(n)
	for i := range n {
		if i%2 == 0 {
			w.collection(2, userKey(i), []string{"a", "b", "a"}, func() []byte { return nil })
		} else {
			w.string(userKey(i), "value of it")
		}
	}
	for _, sum := range []bool{true, false} {
		r := reportOf(t, w.end(sum))
		if r.Healthy || r.Kept != n/2 || r.LostKeys != n/2 || !r.Exact || r.SpanCount != n/2 {
			t.Errorf("checksum %v: %d kept, %d lost, %d places, healthy %v: %q", sum, r.Kept, r.LostKeys, r.SpanCount, r.Healthy, r.Reasons)
		}
		if want := map[bool]Confidence{true: High, false: Medium}[sum]; r.Confidence != want {
			t.Errorf("checksum %v: confidence %v, %q", sum, r.Confidence, r.Reasons)
		}
	}
}

// The front of a damaged value whose key stands before is not kept.
func TestSalvageFrontStandsTwice(t *testing.T) {
	w := newBuilder(42)
	for i := range 40 {
		w.string(userKey(i), fmt.Sprint("value of it ", i))
	}
	at := w.collection(5, userKey(7), []string{"a", "b", "c", "dddd"}, func() []byte { return []byte{6: 0xf0, 7: 0x3f} })
	w.string(userKey(100), "value of it")
	file := w.end(false)
	copy(file[at+1+3*10:], "\xc3\x02\x04\x80\x05") // the last member is compressed, out of nothing
	s, err := File(t.Context(), bytes.NewReader(file), int64(len(file)), &Options{Partial: true, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := io.ReadAll(s.RDB())
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]int{}
	for e, err := range rdb.NewReader(bytes.NewReader(out), nil).Entries() {
		if err != nil {
			t.Fatal(err)
		}
		keys[string(e.Key)]++
	}
	if keys[userKey(7)] != 1 || len(keys) != 41 || s.Kept != 41 || len(s.Lost) != 1 || s.Lost[0].Reason != whyTwice {
		t.Errorf("%d keys, the one that stands twice %d times: %+v", len(keys), keys[userKey(7)], s.Report)
	}
}

// A reading of what is kept ends inside of a value when it is given up.
func TestSalvageGivenUp(t *testing.T) {
	w := newBuilder(1)
	members := make([]string, 300_000)
	for i := range members {
		members[i] = fmt.Sprint("member ", i)
	}
	w.collection(2, "user:0001", members, func() []byte { return nil })
	file := w.end(true)
	s, err := File(t.Context(), bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	err = s.each(ctx, func(int64) { // is told in between
		if read++; read == 3 {
			cancel()
		}
	}, newFaults("", true), func(*entry.Entry, int, int64, string) error { return errors.New("read to its end") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v after %d reads", err, read)
	}
}
