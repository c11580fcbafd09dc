package keyspace

import (
	"bytes"
	"errors"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures/commands"
)

// FuzzSplit executes commands of any words, one a line, on one data set and dealt
// out to parts: the same ones fail, and the same keys come out.
func FuzzSplit(f *testing.F) {
	g := commands.New(5, 1e12)
	for range 300 {
		var b []byte
		for range 8 {
			b = append(bytes.Join(asBytes(g.Next()), []byte(" ")), '\n')
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o := Options{Now: func() int64 { return 1e12 }}
		var all [][][]byte
		groups := NewGroups(1000)
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
			all = append(all, args)
			if err := groups.Add(args); err != nil {
				t.Fatal(err)
			}
		}
		never := func(error) bool { return false }
		one := New(o)
		plain := one.NewReplay(ReplayOptions{Fatal: never})
		var parts [4]*Dataset
		var runs [4]*Replay
		for i := range parts {
			parts[i] = New(o)
			runs[i] = parts[i].NewReplay(ReplayOptions{Fatal: never})
		}
		split := New(o).NewSplitter(groups, SplitterOptions{
			Parts: len(parts), Room: 100, Fatal: never, Emit: func(part int, packed []byte) error { return runs[part].Run(packed) },
		})
		for i, args := range all {
			if err := plain.Do(int64(i), i/7%3, args); err != nil {
				t.Fatal(err)
			}
			if err := split.Do(int64(i), i/7%3, args); err != nil {
				t.Fatal(err)
			}
		}
		_, want, _ := plain.Flush()
		_, got, _, err := split.Flush()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			_, n, _ := r.Flush()
			got += n
		}
		if got != want {
			t.Errorf("%d commands fail, in parts %d", want, got)
		}
		sum, sums := NewDigester(DigestFormat{}), NewDigester(DigestFormat{})
		digest := func(d *Dataset, g *Digester) {
			for e, err := range d.Entries() {
				if err == nil {
					err = g.Add(e)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		digest(one, sum)
		for _, d := range parts {
			digest(d, sums)
		}
		if a, b := sum.Sum(), sums.Sum(); a != b {
			t.Errorf("digest %x, in parts %x", a, b)
		}
	})
}

func asBytes(words []string) (all [][]byte) {
	for _, w := range words {
		all = append(all, []byte(w))
	}
	return all
}

// TestSplitOtherLog: a command that ties keys which Groups has not seen together
// would read another part.
func TestSplitOtherLog(t *testing.T) {
	for _, line := range []string{"RENAME a b", "SINTERSTORE a b c d e f", "SORT l BY w:* STORE d"} {
		ran := false
		s := New(Options{}).NewSplitter(NewGroups(10), SplitterOptions{
			Parts: 1000, Room: 1 << 20, Fatal: func(error) bool { return true },
			Emit: func(int, []byte) error { ran = true; return nil },
		})
		if err := s.Do(0, 0, words(line)); !errors.Is(err, errOtherLog) {
			t.Errorf("%s: %v", line, err)
		}
		if _, _, _, err := s.Flush(); !errors.Is(err, errOtherLog) || ran {
			t.Errorf("%s: %v at the end", line, err)
		}
	}
}
