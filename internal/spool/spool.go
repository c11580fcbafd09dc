// Package spool keeps bytes that are needed once more: in memory while they are
// few, in a temporary file without a name when they are not.
package spool

import (
	"bytes"
	"io"
	"os"
)

// Buffer keeps bytes that are needed once more. The zero Buffer is empty and
// ready. After use it must be closed.
type Buffer struct {
	// Dir is where the temporary file goes, "" for the system's place.
	Dir string

	mem  []byte // the bytes not in file yet
	file *os.File
	size int64
	// named: the file could not be removed while it is open
	named bool
}

const (
	// memory is what a Buffer holds in memory.
	memory = 1 << 20
	chunk  = 64 << 10
)

// Size returns the number of bytes in the buffer.
func (s *Buffer) Size() int64 { return s.size }

// Write appends p.
func (s *Buffer) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if len(s.mem)+len(p) <= memory {
		s.mem = append(s.mem, p...)
		return len(p), nil
	}
	if s.file == nil {
		f, named, err := temporary(s.Dir)
		if err != nil {
			return 0, err
		}
		s.file, s.named = f, named
	}
	if _, err := s.file.Write(s.mem); err != nil {
		return 0, err
	}
	s.mem = s.mem[:0]
	return s.file.Write(p)
}

// temporary makes a file without a name. Where an open file cannot be removed it
// is named, and to be removed when it has been closed.
func temporary(dir string) (f *os.File, named bool, err error) {
	if f, err = os.CreateTemp(dir, "rdbtool-*"); err != nil {
		return nil, false, err
	}
	return f, os.Remove(f.Name()) != nil, nil
}

// Each calls do with all bytes written, piece by piece.
func (s *Buffer) Each(do func(p []byte) error) error {
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		buf := make([]byte, chunk)
		for {
			n, err := s.file.Read(buf)
			if n > 0 {
				if err := do(buf[:n]); err != nil {
					return err
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
	}
	for mem := s.mem; len(mem) > 0; {
		n := min(len(mem), chunk)
		if err := do(mem[:n]); err != nil {
			return err
		}
		mem = mem[n:]
	}
	return nil
}

// Reset forgets all bytes.
func (s *Buffer) Reset() {
	s.mem, s.size = s.mem[:0], 0
	if s.file != nil {
		s.file.Close()
		if s.named {
			os.Remove(s.file.Name())
		}
		s.file = nil
	}
}

// Close gives back what the spool holds.
func (s *Buffer) Close() {
	s.Reset()
	s.mem = nil
}

// Reader returns a reader of all bytes written. The buffer must not be written
// while it is in use.
func (s *Buffer) Reader() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.mem), nil
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return io.MultiReader(s.file, bytes.NewReader(s.mem)), nil
}
