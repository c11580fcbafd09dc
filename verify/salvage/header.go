package salvage

import (
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// header reads the magic. One that is damaged in a few bytes is guessed.
func (s *salvage) header() error {
	var b [rdb.HeaderLen]byte
	n, err := s.src.ReadAt(b[:], 0)
	if n < len(b) && err != nil && err != io.EOF {
		return err
	}
	v, ok := rdb.ParseVersion(b[:n])
	if ok && v.Known() {
		s.version = v
		return nil
	}
	place := entry.Place{File: s.o.Name, Element: -1, Construct: "header"}
	guess, near := nearestVersion(b[:n])
	if ok { // a newer version, more likely than a damaged one
		return &entry.UnsupportedError{Place: place, What: "RDB version " + v.String()}
	}
	if n == 0 {
		return &entry.CorruptError{Place: place, Err: rdb.ErrEmpty}
	}
	if !near {
		return &entry.CorruptError{Place: place, Err: fmt.Errorf("not an RDB file: it begins with %q", b[:n])}
	}
	s.version = guess
	s.repaired = append(s.repaired, Repair{Offset: 0, Was: string(b[:]), Is: guess.String()})
	s.doubt(Low, fmt.Sprintf("the file begins with %q: %s is a guess", b[:n], guess))
	s.src = &patched{s.src, 0, []byte(guess.String())}
	return nil
}

// nearestVersion returns the version whose magic differs least from b, if it is
// the only one, or the newest of the common ones, and it differs in a few bytes only.
func nearestVersion(b []byte) (best rdb.Version, ok bool) {
	const most = 3
	least := most + 1
	if len(b) < rdb.HeaderLen {
		return best, false
	}
	for _, f := range []rdb.Family{rdb.Redis, rdb.Valkey} {
		for n := range 100 {
			v := rdb.Version{Family: f, Number: n}
			if !v.Known() {
				continue
			}
			apart := 0
			for i, c := range []byte(v.String()) {
				if b[i] != c {
					apart++
				}
			}
			common := f == rdb.Valkey || n <= 12
			if apart < least || apart == least && common {
				best, least = v, apart
			}
		}
	}
	return best, least <= most
}
