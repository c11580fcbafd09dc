package rdb_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// outcome is what came of reading a file.
type outcome struct {
	lines   []string // one for each record, in order
	err     error    // nil at a clean end
	trailer rdb.Trailer
	rest    io.Reader // after a clean end
}

// same reports, in the test's name, where two outcomes differ.
func same(t *testing.T, label string, want, got outcome) {
	t.Helper()
	for i := range max(len(want.lines), len(got.lines)) {
		a, b := "nothing", "nothing"
		if i < len(want.lines) {
			a = want.lines[i]
		}
		if i < len(got.lines) {
			b = got.lines[i]
		}
		if a != b {
			t.Errorf("%s: record %d\n got %s\nwant %s", label, i, b, a)
			return
		}
	}
	if fmt.Sprint(want.err) != fmt.Sprint(got.err) {
		t.Errorf("%s: error\n got %v\nwant %v", label, got.err, want.err)
	}
	if want.err == nil && want.trailer != got.trailer {
		t.Errorf("%s: trailer\n got %+v\nwant %+v", label, got.trailer, want.trailer)
	}
}

// pick says how many elements of an entry's value a test reads.
type pick func(e *entry.Entry) int

func everything(*entry.Entry) int { return all }

// mixed leaves some values unread and some half read. Its choice depends on
// the file alone.
func mixed(e *entry.Entry) int { return int(e.Offset%4) - 1 }

// line renders e with where it stands. The size of a large record is taken
// after its value was read.
func line(e *entry.Entry, p pick) (string, error) {
	text, err := render(e, p(e))
	return fmt.Sprintf("@%d+%d %s", e.Offset, e.Size, text), err
}

// mode is a way to read a file.
type mode struct {
	name string
	read func(src io.Reader, o rdb.Options, p pick) outcome
}

func modes() []mode {
	list := []mode{{"reader", readSerially}}
	for _, jobs := range []int{0, 1, 2, 5} {
		list = append(list, mode{fmt.Sprintf("process-%d", jobs), func(src io.Reader, o rdb.Options, p pick) outcome {
			return readBatches(jobs, src, o, p)
		}})
	}
	return list
}

func readSerially(src io.Reader, o rdb.Options, p pick) (out outcome) {
	r := rdb.NewReader(src, &o)
	for {
		e, err := r.Next()
		if err == io.EOF {
			out.trailer, out.rest = r.Trailer(), r.Rest()
			return out
		}
		if err != nil {
			out.err = err
			return out
		}
		text, err := line(e, p)
		out.lines = append(out.lines, text)
		if err != nil {
			out.err = err
			return out
		}
	}
}

func readBatches(jobs int, src io.Reader, o rdb.Options, p pick) (out outcome) {
	var err error
	out.trailer, out.rest, err = rdb.Process(context.Background(), src, &o, rdb.Processor[*[]string]{
		Jobs: jobs,
		New:  func() *[]string { return new([]string) },
		Work: func(b *rdb.Batch, lines *[]string, flush func() error) error {
			for {
				e, err := b.Next()
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				text, err := line(e, p)
				*lines = append(*lines, text)
				if err != nil {
					return err
				}
				if b.Large() {
					if err := flush(); err != nil {
						return err
					}
				}
			}
		},
		Emit: func(lines *[]string) error {
			out.lines = append(out.lines, *lines...)
			*lines = (*lines)[:0]
			return nil
		},
		Header: func(e *entry.Entry) error {
			if o.Meta {
				text, err := line(e, p)
				out.lines = append(out.lines, text)
				return err
			}
			return nil
		},
	})
	out.err = err
	return out
}

// sources are ways in which the bytes of a file may arrive.
func sources(small bool) map[string]func(b []byte) io.Reader {
	m := map[string]func(b []byte) io.Reader{
		"at once":   func(b []byte) io.Reader { return bytes.NewReader(b) },
		"by 20000":  func(b []byte) io.Reader { return &pieces{b, 20000} },
		"by 100000": func(b []byte) io.Reader { return &pieces{b, 100000} },
		"by half":   func(b []byte) io.Reader { return iotest.HalfReader(bytes.NewReader(b)) },
		"with EOF":  func(b []byte) io.Reader { return &eager{pieces{b, 50000}} },
	}
	if small {
		m["by 1"] = func(b []byte) io.Reader { return iotest.OneByteReader(bytes.NewReader(b)) }
		m["by 4096"] = func(b []byte) io.Reader { return &pieces{b, 4096} }
		m["by 7"] = func(b []byte) io.Reader { return &pieces{b, 7} }
		m["with EOF, by 1024"] = func(b []byte) io.Reader { return iotest.DataErrReader(bytes.NewReader(b)) }
		m["now and then"] = func(b []byte) io.Reader { return &lazy{r: &pieces{b, 11}} }
	}
	return m
}

// pieces gives n bytes at a time.
type pieces struct {
	b []byte
	n int
}

func (p *pieces) Read(to []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(to[:min(p.n, len(to))], p.b)
	p.b = p.b[n:]
	return n, nil
}

// eager gives io.EOF along with the last bytes.
type eager struct{ pieces }

func (e *eager) Read(to []byte) (int, error) {
	n, err := e.pieces.Read(to)
	if len(e.b) == 0 {
		err = io.EOF
	}
	return n, err
}

// lazy gives nothing every other time, which io.Reader allows.
type lazy struct {
	r     io.Reader
	awake bool
}

func (l *lazy) Read(to []byte) (int, error) {
	if l.awake = !l.awake; !l.awake {
		return 0, nil
	}
	return l.r.Read(to)
}

// bounded runs f and ends the test binary with label if f does not come to an
// end.
func bounded(label func() string, f func()) {
	watch := time.AfterFunc(time.Minute, func() { panic("no end: " + label()) })
	defer watch.Stop()
	f()
}

// read reads b in the simplest mode.
func read(b []byte, o rdb.Options) outcome {
	return readSerially(bytes.NewReader(b), o, everything)
}

// entries renders the records of b without where they stand.
func entries(b []byte, o rdb.Options) ([]string, error) {
	var lines []string
	r := rdb.NewReader(bytes.NewReader(b), &o)
	for {
		e, err := r.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		text, err := render(e, all)
		lines = append(lines, text)
		if err != nil {
			return lines, err
		}
	}
}
