package convert

import (
	"io"
	"os"
)

// spool keeps bytes that are needed once more: in memory while they are few,
// in a temporary file without a name when they are not.
type spool struct {
	dir  string // of the temporary file, "" for the system's
	mem  []byte // the bytes not in file yet
	file *os.File
	size int64
	// named: the file could not be removed while it is open
	named bool
}

const (
	// spoolMemory is what a spool holds in memory.
	spoolMemory = 1 << 20
	spoolChunk  = 64 << 10
)

func (s *spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if len(s.mem)+len(p) <= spoolMemory {
		s.mem = append(s.mem, p...)
		return len(p), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "rdbtool-*")
		if err != nil {
			return 0, err
		}
		// The file needs no name. Where an open file cannot be removed, reset
		// removes it.
		s.named = os.Remove(f.Name()) != nil
		s.file = f
	}
	if _, err := s.file.Write(s.mem); err != nil {
		return 0, err
	}
	s.mem = s.mem[:0]
	return s.file.Write(p)
}

// each calls do with all bytes written, piece by piece.
func (s *spool) each(do func(p []byte) error) error {
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		buf := make([]byte, spoolChunk)
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
		n := min(len(mem), spoolChunk)
		if err := do(mem[:n]); err != nil {
			return err
		}
		mem = mem[n:]
	}
	return nil
}

// reset forgets all bytes.
func (s *spool) reset() {
	s.mem, s.size = s.mem[:0], 0
	if s.file != nil {
		s.file.Close()
		if s.named {
			os.Remove(s.file.Name())
		}
		s.file = nil
	}
}

// close gives back what the spool holds.
func (s *spool) close() {
	s.reset()
	s.mem = nil
}
