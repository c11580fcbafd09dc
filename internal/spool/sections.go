package spool

import (
	"io"
	"os"
	"sync"
)

// Sections is a temporary file in which many sequences of bytes grow at the same
// time. Several goroutines may use it. The zero Sections is ready; after use it
// must be closed.
type Sections struct {
	// Dir is where the file goes, "" for the system's place.
	Dir string

	mu    sync.Mutex
	file  *os.File
	named bool
	end   int64
}

// Section is one of the sequences. It belongs to one goroutine at a time.
type Section struct {
	spans []span
	size  int64
}

// span is bytes of the file that belong to a section.
type span struct{ from, to int64 }

// Size returns the number of bytes in the section.
func (s *Section) Size() int64 { return s.size }

// Append appends b to a section.
func (f *Sections) Append(s *Section, b []byte) error {
	at, file, err := f.reserve(int64(len(b)))
	if err != nil {
		return err
	}
	if _, err := file.WriteAt(b, at); err != nil {
		return err
	}
	to := at + int64(len(b))
	if n := len(s.spans); n > 0 && s.spans[n-1].to == at {
		s.spans[n-1].to = to
	} else {
		s.spans = append(s.spans, span{at, to})
	}
	s.size += int64(len(b))
	return nil
}

// reserve takes the next n bytes of the file.
func (f *Sections) reserve(n int64) (at int64, file *os.File, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		if f.file, f.named, err = temporary(f.Dir); err != nil {
			return 0, nil, err
		}
	}
	at = f.end
	f.end += n
	return at, f.file, nil
}

// Reader returns a reader of a section as it is now.
func (f *Sections) Reader(s *Section) io.Reader {
	return &sectionReader{f: f.file, spans: s.spans}
}

type sectionReader struct {
	f     *os.File
	spans []span
	at    int64 // in the first span
}

func (r *sectionReader) Read(p []byte) (int, error) {
	if len(r.spans) == 0 {
		return 0, io.EOF
	}
	s := r.spans[0]
	p = p[:min(int64(len(p)), s.to-s.from-r.at)]
	n, err := r.f.ReadAt(p, s.from+r.at)
	if err == io.EOF && n < len(p) {
		err = io.ErrUnexpectedEOF
	}
	if r.at += int64(n); r.at == s.to-s.from {
		r.spans, r.at = r.spans[1:], 0
	}
	if n == len(p) {
		err = nil
	}
	return n, err
}

// Close removes the file.
func (f *Sections) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	if f.named {
		if e := os.Remove(f.file.Name()); err == nil {
			err = e
		}
	}
	f.file = nil
	return err
}
