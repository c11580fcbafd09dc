package salvage

import (
	"encoding/binary"
	"io"
	"iter"

	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// RDB returns the file that holds what is kept: the records as they stand, with
// the database numbers, counts of keys and the checksum that they need.
//
//	magic | kept | SELECTDB? | RESIZEDB | kept | front of a value | ... | FF checksum
func (s *Salvaged) RDB() io.Reader {
	return &stream{s: s, lit: []byte(s.Version.String())}
}

// stream is the salvaged file.
type stream struct {
	s    *Salvaged
	lit  []byte    // to be given first
	body io.Reader // then this, if it is set
	i    int       // the next piece
	db   int       // that the reader of the stream is in
	crc  uint64
	done bool

	// entered, if set, is told where pieces begin in the stream.
	entered func(piece int, at int64)
	at      int64
}

func (t *stream) Read(b []byte) (n int, err error) {
	for n == 0 && len(b) > 0 {
		switch {
		case len(t.lit) > 0:
			n = copy(b, t.lit)
			t.lit = t.lit[n:]
		case t.body != nil:
			if n, err = t.body.Read(b); err == io.EOF {
				t.body, err = nil, nil
			}
			if err != nil {
				return n, err
			}
		case t.done:
			return 0, io.EOF
		default:
			if err := t.next(); err != nil {
				return 0, err
			}
			continue
		}
		t.crc = crc64.Update(t.crc, b[:n])
		t.at += int64(n)
	}
	return n, nil
}

// next goes to the next piece.
func (t *stream) next() error {
	s := t.s
	if t.i == len(s.plan.pieces) {
		t.lit, t.done = []byte{opEOF}, true
		if s.Version.HasChecksum() {
			t.lit = binary.LittleEndian.AppendUint64(t.lit, crc64.Update(t.crc, t.lit))
		}
		return nil
	}
	p := &s.plan.pieces[t.i]
	t.i++
	switch p.kind {
	case sizes:
		t.enter(p)
		if c := s.counts[p.state.DB()]; c != nil {
			t.lit = rdbwire.AppendLength(append(t.lit, opResizeDB), uint64(c.keys))
			t.lit = rdbwire.AppendLength(t.lit, uint64(c.expires))
		}
	case kept:
		t.enter(p)
		t.body = &section{src: s.src, at: p.from, end: p.to}
		t.db = p.after
	case lost, gap:
		front, err := s.fronts.of(p.from)
		if front == nil || err != nil {
			return err
		}
		t.enter(p)
		t.body = front
	}
	if t.entered != nil {
		t.entered(t.i-1, t.at+int64(len(t.lit)))
	}
	return nil
}

// enter selects the database that the piece begins in.
func (t *stream) enter(p *piece) {
	if db := p.state.DB(); db != t.db {
		t.lit = rdbwire.AppendLength(append(t.lit, opSelectDB), uint64(db))
		t.db = db
	}
}

// Piece is a part of the file.
type Piece struct {
	From, To int64
	DB       int  // selected at From
	Records  bool // the bytes are records
	Damaged  bool // they are one record whose value is damaged
}

// Pieces returns the parts of the file up to its end mark, in their order:
// records, and stretches in which none can be told.
func (s *Salvaged) Pieces() iter.Seq[Piece] {
	return func(yield func(Piece) bool) {
		for i := range s.plan.pieces {
			p := &s.plan.pieces[i]
			if !yield(Piece{p.from, p.to, p.state.DB(), p.kind != gap, p.kind == lost}) {
				return
			}
		}
	}
}

// section reads a part of a file. That the file ends inside it is an error.
type section struct {
	src     io.ReaderAt
	at, end int64
}

func (s *section) Read(b []byte) (int, error) {
	if s.at >= s.end {
		return 0, io.EOF
	}
	n, err := s.src.ReadAt(b[:min(int64(len(b)), s.end-s.at)], s.at)
	s.at += int64(n)
	if n == 0 && err == io.EOF {
		return 0, errNoChange
	}
	if n > 0 {
		err = nil
	}
	return n, err
}

// Quarantine returns the bytes of all that is not kept, span after span: see
// Report.Spans.
func (s *Salvaged) Quarantine() io.Reader { return &remains{s: s} }

type remains struct {
	s    *Salvaged
	i    int
	body section
}

func (r *remains) Read(b []byte) (int, error) {
	for r.body.at == r.body.end {
		p := r.s.plan.pieces
		if r.i == len(p) {
			return 0, io.EOF
		}
		if k := p[r.i].kind; k == gap || k == lost {
			r.body = section{src: r.s.original, at: p[r.i].from, end: p[r.i].to}
		}
		r.i++
	}
	return r.body.Read(b)
}

// Commands returns the commands of an append-only file that follow its RDB part.
// It is empty if there are none, or the end of the RDB part has not been found.
func (s *Salvaged) Commands() io.Reader {
	return &section{src: s.src, at: s.size - s.CommandBytes, end: s.size}
}
