package keyspace

import (
	"bytes"
	"errors"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures/commands"
)

// FuzzExecutor executes commands of any words, one a line: whatever they say, a
// data set stays sound, and the same with many shards as with one.
func FuzzExecutor(f *testing.F) {
	g := commands.New(3, 1e12)
	for range 300 {
		var b []byte
		for range 8 {
			for i, w := range g.Next() {
				if i > 0 {
					b = append(b, ' ')
				}
				b = append(b, w...)
			}
			b = append(b, '\n')
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		now := func() int64 { return 1e12 }
		one, many := New(Options{Now: now}), New(Options{Now: now, Shards: 16})
		x, y := one.NewExecutor(), many.NewExecutor()
		size := 0
		for line := range bytes.Lines(b) {
			args := bytes.Split(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
			for _, a := range args {
				if len(a) > 6 && a[0] >= '1' && a[0] <= '9' {
					size++ // an offset of megabytes each time
				}
			}
			if size > 4 {
				return
			}
			errOne, errMany := x.Do(args), y.Do(args)
			if (errOne == nil) != (errMany == nil) || errOne != nil && errOne.Error() != errMany.Error() {
				t.Fatalf("%q: %v, with shards %v", args, errOne, errMany)
			}
			if errors.Is(errOne, ErrFull) {
				t.Fatal(errOne)
			}
		}
		if a, b := one.Digest(DigestFormat{}), many.Digest(DigestFormat{}); a != b {
			t.Fatalf("digest %x, with shards %x", a, b)
		}
		keys := 0
		for e, err := range one.Entries() {
			if err != nil {
				t.Fatal(err)
			}
			if e.Meta != nil {
				continue
			}
			keys++
			n := 0
			for e.Value.Next() {
				n++
			}
			if n == 0 && e.Len != 0 {
				t.Fatalf("%q: %v of %d elements gives none", e.Key, e.Type, e.Len)
			}
		}
		if keys != one.Len() {
			t.Fatalf("%d keys, not %d", keys, one.Len())
		}
	})
}
