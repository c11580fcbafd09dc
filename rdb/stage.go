package rdb

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"

	"github.com/rdbtool/rdbtool/internal/spool"
)

// stage holds the elements of a value until all of them are known: how many
// there are and how long they are decides how they are written. Few are held in
// memory, many in a temporary file.
type stage struct {
	mem   []byte
	spool spool.Buffer
	out   bool // elements are in spool

	n       int64
	longest int // string

	reader staged
}

// maxStaged is what a stage holds in memory by itself.
const maxStaged = 1 << 20

func (s *stage) reset() {
	s.mem, s.out, s.n, s.longest = s.mem[:0], false, 0, 0
	s.spool.Reset()
}

func (s *stage) close() {
	if cap(s.mem) > maxStaged {
		s.mem = nil
	}
	s.spool.Close()
}

// add takes an element: two strings and a number, as the type needs them.
//
//	uvarint length, a, uvarint length, b, u64 number
func (s *stage) add(a, b []byte, number uint64) error {
	s.n++
	s.longest = max(s.longest, len(a), len(b))
	s.mem = binary.AppendUvarint(s.mem, uint64(len(a)))
	s.mem = append(s.mem, a...)
	s.mem = binary.AppendUvarint(s.mem, uint64(len(b)))
	s.mem = append(s.mem, b...)
	s.mem = binary.LittleEndian.AppendUint64(s.mem, number)
	if len(s.mem) < maxStaged {
		return nil
	}
	s.out = true
	_, err := s.spool.Write(s.mem)
	s.mem = s.mem[:0]
	return err
}

// staged reads a stage.
type staged struct {
	mem    []byte        // what is left in memory
	r      *bufio.Reader // else
	a, b   []byte        // borrowed until the next call
	number uint64
	bufs   [2][]byte
	err    error
}

// read returns a reader of the stage, which takes the place of the last one.
func (s *stage) read() *staged {
	if !s.out {
		s.reader = staged{mem: s.mem}
		return &s.reader
	}
	r, err := s.spool.Reader()
	if err != nil {
		return &staged{err: err}
	}
	return &staged{r: bufio.NewReaderSize(io.MultiReader(r, bytes.NewReader(s.mem)), flushSize)}
}

func (s *staged) next() bool {
	if s.err != nil {
		return false
	}
	if s.r != nil {
		return s.nextOut()
	}
	if len(s.mem) == 0 {
		return false
	}
	s.a = s.take()
	s.b = s.take()
	s.number = binary.LittleEndian.Uint64(s.mem)
	s.mem = s.mem[8:]
	return true
}

func (s *staged) take() []byte {
	n, k := binary.Uvarint(s.mem)
	p := s.mem[k : k+int(n) : k+int(n)]
	s.mem = s.mem[k+int(n):]
	return p
}

func (s *staged) nextOut() bool {
	for i := range s.bufs {
		n, err := binary.ReadUvarint(s.r)
		if err != nil {
			if i > 0 || err != io.EOF {
				s.err = err
			}
			return false
		}
		if uint64(cap(s.bufs[i])) < n {
			s.bufs[i] = make([]byte, n)
		}
		s.bufs[i] = s.bufs[i][:n]
		if _, s.err = io.ReadFull(s.r, s.bufs[i]); s.err != nil {
			return false
		}
	}
	s.a, s.b = s.bufs[0], s.bufs[1]
	var number [8]byte
	_, s.err = io.ReadFull(s.r, number[:])
	s.number = binary.LittleEndian.Uint64(number[:])
	return s.err == nil
}
