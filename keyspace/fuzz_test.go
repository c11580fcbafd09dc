package keyspace

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures/commands"
	"github.com/rdbtool/rdbtool/fixtures/scripts"
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

// FuzzScript runs scripts of any text: a data set of one shard and one of many
// come to the same, and nothing hangs or ends the program.
func FuzzScript(f *testing.F) {
	for _, c := range scripts.Cases() {
		f.Add(c.Script)
	}
	for _, c := range scripts.AllRefused() {
		f.Add(c.Script)
	}
	g := scripts.NewGenerator(rand.New(rand.NewPCG(1, 1)))
	for range 100 {
		f.Add(g.Script())
	}
	f.Fuzz(func(t *testing.T, script string) {
		var digests [2][sha1.Size]byte
		var errs [2]string
		for i, shards := range []int{1, 16} {
			x := prepared(t, []string{"SET s text", "SET n 41", "RPUSH l a b 3", "SADD set m", "HSET h f 1", "ZADD z 1 a 2.5 b"}, shards)
			if err := x.Do(evalWords(script, []string{"s", "n"}, []string{"7", "x"})); err != nil {
				errs[i] = err.Error()
			}
			digests[i] = x.ds.Digest(DigestFormat{})
		}
		if digests[0] != digests[1] || errs[0] != errs[1] {
			t.Errorf("%x %s, with shards %x %s", digests[0], errs[0], digests[1], errs[1])
		}
	})
}
