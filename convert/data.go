package convert

import (
	"iter"
	"maps"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/keyspace"
	"github.com/rdbtool/rdbtool/rdb"
)

// Data is a data set that has been replayed: a *keyspace.Dataset, or one that
// lies on disk. Its Parts are to be read one after the other, or at the same
// time, and hold the libraries of functions, and then the keys database by
// database.
type Data interface {
	Parts() []iter.Seq2[*entry.Entry, error]
	// Len returns the number of keys.
	Len() int
}

// entriesOf gives all entries of a data set.
func entriesOf(d Data) iter.Seq2[*entry.Entry, error] {
	return func(yield func(*entry.Entry, error) bool) {
		for _, p := range d.Parts() {
			for e, err := range p {
				if !yield(e, err) {
					return
				}
			}
		}
	}
}

// dataOnDisk is a data set in a temporary file.
type dataOnDisk struct {
	file      spool.Sections
	functions *keyspace.Dataset
	parts     []map[int]*spool.Section // by number of the database
	keys      int
}

func (d *dataOnDisk) Len() int { return d.keys }

func (d *dataOnDisk) Parts() []iter.Seq2[*entry.Entry, error] {
	dbs := map[int]bool{}
	for _, p := range d.parts {
		for db := range p {
			dbs[db] = true
		}
	}
	all := []iter.Seq2[*entry.Entry, error]{d.functions.Functions()}
	for _, db := range slices.Sorted(maps.Keys(dbs)) {
		for _, p := range d.parts {
			if s := p[db]; s != nil {
				all = append(all, d.entries(s))
			}
		}
	}
	return all
}

// entries gives the keys of a section.
func (d *dataOnDisk) entries(s *spool.Section) iter.Seq2[*entry.Entry, error] {
	return func(yield func(*entry.Entry, error) bool) {
		r := newSpillReader(&d.file, s, rdb.NewDumpDecoder(nil))
		for r.next() {
			if r.kind == spilledKey {
				if !yield(&r.entry, nil) {
					return
				}
				continue
			}
			// As a data set in memory gives it.
			one := keyspace.New(keyspace.Options{})
			if err := one.Load(&r.entry); err != nil {
				yield(nil, err)
				return
			}
			for e, err := range one.Entries() {
				if !yield(e, err) {
					return
				}
			}
		}
		if r.err != nil {
			yield(nil, r.err)
		}
	}
}

// Close removes the file.
func (d *dataOnDisk) Close() error { return d.file.Close() }
