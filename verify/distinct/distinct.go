// Package distinct finds what comes twice among any number of byte strings, in bounded
// memory.
package distinct

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/rdbtool/rdbtool/internal/spool"
)

// Set keeps 128 bits of hash for each string, in a table as long as that holds
// them, then in a temporary file. The seeds are those of the process, so nobody
// can make strings up that collide.
//
//	Add ---> table ---(full)---> 64 sections of a file, by the top bits of the hash
//	                                          |
//	Finish <---- table, section by section ---+
//
// It must be closed.
type Set struct {
	// Limit is how many hashes the table holds at the most, 0 for 65,536: 3 MB.
	Limit int
	// Dir is where the temporary file goes, "" for the system's place.
	Dir string

	slots []Hash // open addressing; Tag < 0 is free
	spare []Hash // what slots may grow into
	n     int

	file  spool.Sections
	parts []part // nil as long as the table holds all
}

// Seeds are those of the two halves of a hash.
type Seeds [2]maphash.Seed

// NewSeeds returns seeds that nobody can know.
func NewSeeds() *Seeds { return &Seeds{maphash.MakeSeed(), maphash.MakeSeed()} }

// Hash is a string by its hash, and the tag that the caller knows it by.
type Hash struct {
	hi, lo uint64
	Tag    int64 // not negative
}

// part is a section of the file with what is still to be written of it.
type part struct {
	spool.Section
	buf []byte
}

const (
	sections     = 64
	hashBytes    = 24
	bufferBytes  = 4096 / hashBytes * hashBytes
	defaultLimit = 1 << 16 // in a table of 3 MB
	initialSlots = 64
)

// Of returns the hash of b, in a name space of its own for each space.
func (s *Seeds) Of(space uint64, b []byte, tag int64) Hash {
	return Hash{maphash.Bytes(s[0], b) + space*0x9E3779B97F4A7C15, maphash.Bytes(s[1], b) ^ space, tag}
}

// Reset forgets everything. What it costs depends on what comes, not on what was
// there.
func (d *Set) Reset() error {
	d.slots, d.n = d.slots[:0], 0
	return d.Close()
}

func (d *Set) limit() int {
	if d.Limit == 0 {
		return defaultLimit
	}
	return d.Limit
}

// Close removes the temporary file, if there is one.
func (d *Set) Close() error {
	d.parts = nil
	return d.file.Close()
}

// Add takes a string and returns the tag of an equal one before it, -1 if there
// is none or it is not yet known: see Finish. Tags are not negative.
func (d *Set) Add(h Hash) (first int64, err error) {
	if d.parts == nil && d.n < d.limit() {
		return d.insert(h), nil
	}
	if d.parts == nil {
		d.parts, d.file.Dir = make([]part, sections), d.Dir
		for _, s := range d.slots {
			if s.Tag >= 0 {
				if err := d.spill(s); err != nil {
					return -1, err
				}
			}
		}
	}
	return -1, d.spill(h)
}

// Spilled reports whether Finish has more to tell.
func (d *Set) Spilled() bool { return d.parts != nil }

// insert puts h into the table. It returns the tag of the equal one that is
// there, which stays.
func (d *Set) insert(h Hash) (first int64) {
	if 4*d.n >= 3*len(d.slots) {
		d.grow()
	}
	mask := uint64(len(d.slots) - 1)
	for i := h.lo & mask; ; i = (i + 1) & mask {
		s := &d.slots[i]
		switch {
		case s.Tag < 0:
			*s = h
			d.n++
			return -1
		case s.hi == h.hi && s.lo == h.lo:
			return s.Tag
		}
	}
}

// grow doubles the table. Tables and what they grew out of are used again.
func (d *Set) grow() {
	old := d.slots
	n := max(2*len(old), initialSlots)
	if d.spare = d.spare[:0]; cap(d.spare) < n {
		d.spare = make([]Hash, n)
	}
	d.slots, d.spare = d.spare[:n], old
	d.clear()
	for _, s := range old {
		if s.Tag >= 0 {
			d.insert(s)
		}
	}
}

// clear frees all slots.
func (d *Set) clear() {
	for i := range d.slots {
		d.slots[i].Tag = -1
	}
	d.n = 0
}

func (d *Set) spill(h Hash) error {
	p := &d.parts[h.hi>>(64-6)]
	if p.buf == nil {
		p.buf = make([]byte, 0, bufferBytes)
	}
	p.buf = binary.LittleEndian.AppendUint64(p.buf, h.hi)
	p.buf = binary.LittleEndian.AppendUint64(p.buf, h.lo)
	p.buf = binary.LittleEndian.AppendUint64(p.buf, uint64(h.Tag))
	if len(p.buf) < bufferBytes {
		return nil
	}
	return d.flush(p)
}

func (d *Set) flush(p *part) error {
	if err := d.file.Append(&p.Section, p.buf); err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	p.buf = p.buf[:0]
	return nil
}

// Finish tells of the equal ones that Add could not know yet: the tags of the
// first and of a later one, in no order.
func (d *Set) Finish(twice func(first, later int64)) error {
	parts := d.parts
	d.parts = nil
	for i := range parts {
		p := &parts[i]
		if err := d.flush(p); err != nil {
			return err
		}
		// A part with more strings than the table may hold is read several
		// times, for a share of its hashes each.
		rounds := uint64(p.Size()/hashBytes/int64(d.limit())) + 1
		for round := range rounds {
			if err := d.search(p, round, rounds, twice); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Set) search(p *part, round, rounds uint64, twice func(first, later int64)) error {
	d.clear()
	r := d.file.Reader(&p.Section)
	b := p.buf[:bufferBytes]
	for {
		n, err := io.ReadFull(r, b)
		for rec := b[:n-n%hashBytes]; len(rec) > 0; rec = rec[hashBytes:] {
			h := Hash{binary.LittleEndian.Uint64(rec), binary.LittleEndian.Uint64(rec[8:]), int64(binary.LittleEndian.Uint64(rec[16:]))}
			if h.lo>>32%rounds != round {
				continue
			}
			if first := d.insert(h); first >= 0 && first != h.Tag {
				twice(min(first, h.Tag), max(first, h.Tag))
			}
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return nil
		default:
			return fmt.Errorf("temporary file: %w", err)
		}
	}
}
