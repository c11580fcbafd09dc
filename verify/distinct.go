package verify

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"

	"github.com/rdbtool/rdbtool/internal/spool"
)

// distinct finds what comes twice among any number of byte strings, in bounded
// memory. It keeps 128 bits of hash for each, in a table as long as that holds
// them, then in a temporary file. The seeds are those of the process, so nobody
// can make strings up that collide.
//
//	add ---> table ---(full)---> 64 sections of a file, by the top bits of the hash
//	                                          |
//	finish <---- table, section by section ---+
type distinct struct {
	seeds *seeds
	slots []hashed // open addressing; tag < 0 is free
	spare []hashed // what slots may grow into
	n     int
	limit int // in the table

	file  spool.Sections
	parts []part // nil as long as the table holds all
}

// seeds are those of the two halves of a hash.
type seeds [2]maphash.Seed

func newSeeds() *seeds { return &seeds{maphash.MakeSeed(), maphash.MakeSeed()} }

// hashed is a string by its hash, and the tag that the caller knows it by.
type hashed struct {
	hi, lo uint64
	tag    int64
}

// part is a section of the file with what is still to be written of it.
type part struct {
	spool.Section
	buf []byte
}

const (
	distinctParts   = 64
	distinctRecord  = 24
	distinctBuffer  = 4096 / distinctRecord * distinctRecord
	distinctLimit   = 1 << 16 // in a table of 3 MB
	distinctInitial = 64
)

// of returns the hash of s, in a name space of its own for each space.
func (s *seeds) of(space uint64, b []byte, tag int64) hashed {
	return hashed{maphash.Bytes(s[0], b) + space*0x9E3779B97F4A7C15, maphash.Bytes(s[1], b) ^ space, tag}
}

// reset forgets everything. What it costs depends on what comes, not on what was
// there.
func (d *distinct) reset() error {
	if d.limit == 0 {
		d.limit = distinctLimit
	}
	d.slots, d.n = d.slots[:0], 0
	return d.close()
}

func (d *distinct) close() error {
	d.parts = nil
	return d.file.Close()
}

// add takes a string and returns the tag of an equal one before it, -1 if there
// is none or it is not yet known: see finish. Tags are not negative.
func (d *distinct) add(h hashed) (first int64, err error) {
	if d.parts == nil && d.n < d.limit {
		return d.insert(h), nil
	}
	if d.parts == nil {
		d.parts = make([]part, distinctParts)
		for _, s := range d.slots {
			if s.tag >= 0 {
				if err := d.spill(s); err != nil {
					return -1, err
				}
			}
		}
	}
	return -1, d.spill(h)
}

// insert puts h into the table. It returns the tag of the equal one that is
// there, which stays.
func (d *distinct) insert(h hashed) (first int64) {
	if 4*d.n >= 3*len(d.slots) {
		d.grow()
	}
	mask := uint64(len(d.slots) - 1)
	for i := h.lo & mask; ; i = (i + 1) & mask {
		s := &d.slots[i]
		switch {
		case s.tag < 0:
			*s = h
			d.n++
			return -1
		case s.hi == h.hi && s.lo == h.lo:
			return s.tag
		}
	}
}

// grow doubles the table. Tables and what they grew out of are used again.
func (d *distinct) grow() {
	old := d.slots
	n := max(2*len(old), distinctInitial)
	if d.spare = d.spare[:0]; cap(d.spare) < n {
		d.spare = make([]hashed, n)
	}
	d.slots, d.spare = d.spare[:n], old
	d.clear()
	for _, s := range old {
		if s.tag >= 0 {
			d.insert(s)
		}
	}
}

// clear frees all slots.
func (d *distinct) clear() {
	for i := range d.slots {
		d.slots[i].tag = -1
	}
	d.n = 0
}

func (d *distinct) spill(h hashed) error {
	p := &d.parts[h.hi>>(64-6)]
	if p.buf == nil {
		p.buf = make([]byte, 0, distinctBuffer)
	}
	p.buf = binary.LittleEndian.AppendUint64(p.buf, h.hi)
	p.buf = binary.LittleEndian.AppendUint64(p.buf, h.lo)
	p.buf = binary.LittleEndian.AppendUint64(p.buf, uint64(h.tag))
	if len(p.buf) < distinctBuffer {
		return nil
	}
	return d.flush(p)
}

func (d *distinct) flush(p *part) error {
	if err := d.file.Append(&p.Section, p.buf); err != nil {
		return fmt.Errorf("temporary file: %w", err)
	}
	p.buf = p.buf[:0]
	return nil
}

// finish tells of the equal ones that add could not know yet: the tags of the
// first and of a later one, in no order.
func (d *distinct) finish(twice func(first, later int64)) error {
	parts := d.parts
	d.parts = nil
	for i := range parts {
		p := &parts[i]
		if err := d.flush(p); err != nil {
			return err
		}
		// A part with more strings than the table may hold is read several
		// times, for a share of its hashes each.
		rounds := uint64(p.Size()/distinctRecord/int64(d.limit)) + 1
		for round := range rounds {
			if err := d.search(p, round, rounds, twice); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *distinct) search(p *part, round, rounds uint64, twice func(first, later int64)) error {
	d.clear()
	r := d.file.Reader(&p.Section)
	b := p.buf[:distinctBuffer]
	for {
		n, err := io.ReadFull(r, b)
		for rec := b[:n-n%distinctRecord]; len(rec) > 0; rec = rec[distinctRecord:] {
			h := hashed{binary.LittleEndian.Uint64(rec), binary.LittleEndian.Uint64(rec[8:]), int64(binary.LittleEndian.Uint64(rec[16:]))}
			if h.lo>>32%rounds != round {
				continue
			}
			if first := d.insert(h); first >= 0 && first != h.tag {
				twice(min(first, h.tag), max(first, h.tag))
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
