package salvage

import (
	"errors"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/rdb"
)

// fronts are the readable fronts of damaged collections, written anew as
// records, by where in the file the damaged piece begins.
type fronts struct {
	file     spool.Sections
	sections map[int64]*spool.Section
}

// of returns the front of the piece at off, nil if there is none.
func (f *fronts) of(off int64) (io.Reader, error) {
	sec, ok := f.sections[off]
	if !ok {
		return nil, nil
	}
	return f.file.Reader(sec), nil
}

func (f *fronts) close() { f.file.Close() }

// write makes the front of the key in a damaged piece. It returns the elements
// in it, 0 if there is none: only lists, sets, sorted sets and hashes have one.
func (f *fronts) write(p *rdb.Prober, pc *piece) (int64, error) {
	e, err := p.Open(pc.from, pc.state, pc.to)
	if err != nil {
		return 0, p.Err()
	}
	switch e.Type {
	case entry.List, entry.Set, entry.ZSet, entry.Hash:
	default:
		return 0, nil
	}
	v := &frontValue{Value: e.Value}
	e.Value = v
	sec := &spool.Section{}
	put := func(b []byte) ([]byte, error) { return b[:0], f.file.Append(sec, b) }
	v0 := p.Version()
	x := rdb.NewEncoder(rdb.EncoderOptions{Target: rdb.TargetOf(v0), Flush: put, Lose: func(*entry.Entry, rdb.Loss) {}, TempDir: f.file.Dir})
	b, err := x.AppendEntry(nil, e)
	if err == nil {
		_, err = put(b)
	}
	var corrupt *entry.CorruptError
	if v.n == 0 || errors.As(err, &corrupt) {
		return 0, p.Err()
	}
	if err != nil {
		return 0, err
	}
	if f.sections == nil {
		f.sections = map[int64]*spool.Section{}
	}
	f.sections[pc.from] = sec
	return v.n, nil
}

// frontValue ends where its value is damaged.
type frontValue struct {
	entry.Value
	n int64
}

func (v *frontValue) Next() bool {
	if !v.Value.Next() {
		return false
	}
	v.n++
	return true
}

func (v *frontValue) Err() error { return nil }
