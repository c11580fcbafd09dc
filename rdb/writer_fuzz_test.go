package rdb_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// FuzzWriter writes what it reads, for its own server and for another, copied
// and anew. Whatever can be read must come back as it was, if nothing is
// reported lost.
func FuzzWriter(f *testing.F) {
	names := targetNames()
	i := 0
	for _, b := range smallFiles() {
		if i++; i%3 == 0 {
			f.Add(unseal(b), byte(i)) // without a checksum to get right
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, choice byte) {
		if len(b) > 1<<16 {
			return
		}
		source := rdb.NewReader(bytes.NewReader(b), nil)
		for _, err := range source.Entries() {
			if err != nil {
				return
			}
		}
		target, err := rdb.ParseTarget(names[int(choice)%len(names)])
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []rdb.Target{rdb.TargetOf(source.Version()), target} {
			for _, anew := range []bool{false, true} {
				out, lost, err := rewrite(b, to, anew)
				if err != nil {
					// What no server would load is refused: not a number, a member
					// twice, damage, which in a layout that no server at hand
					// writes is not told from something new.
					var corrupt *entry.CorruptError
					var unsupported *entry.UnsupportedError
					if !errors.As(err, &corrupt) && !(errors.As(err, &unsupported) && strings.Contains(err.Error(), "development sources")) {
						t.Fatalf("%s, anew %v: %v", to.Name, anew, err)
					}
					continue
				}
				got, want := lower(undeclared(lines(t, out, false))), lower(undeclared(lines(t, b, false)))
				if len(lost) > 0 {
					continue
				}
				for _, list := range [][]string{got, want} {
					for i, line := range list {
						if !strings.HasPrefix(line, "db") || strings.Contains(line, " stream") || strings.Contains(line, " list") || strings.Contains(line, " string") {
							continue
						}
						// Compact encodings have an order of their own.
						words := strings.Fields(line)
						slices.Sort(words)
						list[i] = strings.Join(words, " ")
					}
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s, anew %v:\n%q\nwant\n%q", to.Name, anew, got, want)
				}
			}
		}
	})
}
