package aof

import (
	"bytes"
	"errors"
	"io"

	"github.com/rdbtool/rdbtool/entry"
)

// Gap is a stretch of a file that is no commands.
type Gap struct {
	Offset, End int64
	// Found says that commands go on at End. Else the file ends there.
	Found bool
}

// What must be seen to believe in commands behind damage.
const (
	// minRun is how many commands must stand in a row. At the exact end of the
	// file one is enough.
	minRun = 3
	// tornRun is how many must stand in a row if the damage is no more than that
	// the file seems to end inside a command, and the last of them is cut: that
	// may just as well be a cut value that holds commands.
	tornRun = 16
	// runBytes is how far a row of commands is followed.
	runBytes = 1 << 20
	// maxAhead is the longest command that is looked for behind damage.
	maxAhead = 64 << 20
)

// Resync finds the commands behind damage after Next has failed because of bytes
// that are no command (ErrFormat), a command that the file ends in
// (entry.ErrTruncated) or one that is too large (entry.ErrTooLarge). Next goes on
// there. What has been known of the database and the transaction still holds:
// whether that is right nobody can tell. If nothing follows, or after another
// failure, the error of Next stays.
//
// A command is believed in if several stand in a row, and the row does not look
// like the text of an argument of the damaged command:
//
//	*3..$3..SET..$1..k..$70..*2..$4..INCR..$1..a..*2..$4..INCR..$1..b....*1
//	^ damaged            ^    ^ a row that ends where the argument does   ^ found
func (r *Reader) Resync() (Gap, error) {
	torn := errors.Is(r.err, entry.ErrTruncated)
	if errors.Is(r.err, ErrPreamble) || !torn && !errors.Is(r.err, ErrFormat) && !errors.Is(r.err, entry.ErrTooLarge) {
		return Gap{}, r.err
	}
	s := &search{r: r, torn: torn, begin: r.base + int64(r.pos)}
	gap := Gap{Offset: s.begin}
	found, err := s.run()
	if gap.End = r.base + int64(r.pos); err != nil {
		r.err = err
		return gap, err
	}
	if gap.Found = found; found {
		r.err = nil
	}
	return gap, nil
}

// search looks for commands behind damage. The reader stands where it has come to.
type search struct {
	r     *Reader
	torn  bool
	begin int64
	inArg int64 // end of the argument that the search is in, by all it can see
	text  int64 // where the last argument begins that it has met
	stars int64 // before this place is no '*' that has not been looked at
	work  int64 // arguments parsed
}

// run moves the reader to the next command, or to the end of the file.
func (s *search) run() (found bool, err error) {
	r := s.r
	for step := 1; ; {
		s.pass(step)
		b := r.buf[r.pos:]
		if len(b) == 0 {
			if r.eof == io.EOF {
				return false, nil
			}
			step = 0
			if err := r.fill(1); err != nil && err != io.EOF {
				return false, err
			}
			continue
		}
		star := s.star(b)
		// Before the argument that the search is in ends, no other begins.
		if left := s.inArg - (r.base + int64(r.pos)); left > 0 && int64(star) >= left {
			step = int(left)
			continue
		} else if left <= 0 {
			if d := bytes.IndexByte(b[:star], '$'); d >= 0 {
				s.pass(d)
				if err := s.argument(); err != nil {
					return false, err
				}
				step = 1
				continue
			}
		}
		if step = star; star == len(b) {
			continue
		}
		s.pass(star)
		if found, step, err = s.row(); found || err != nil {
			return found, err
		}
	}
}

// pass moves the reader by n bytes.
func (s *search) pass(n int) { s.r.pos = min(s.r.pos+n, len(s.r.buf)) }

// star returns where in b, which is all in memory, the next '*' is, or the length
// of b. No byte is looked at twice for that.
func (s *search) star(b []byte) int {
	at := s.r.base + int64(s.r.pos)
	from := int(min(max(s.stars-at, 0), int64(len(b))))
	i := bytes.IndexByte(b[from:], '*')
	if i < 0 {
		i = len(b) - from
	}
	s.stars = at + int64(from+i)
	return from + i
}

// argument looks at the argument that seems to begin where the reader is.
func (s *search) argument() error {
	r := s.r
	if err := s.ahead(maxHeader); err != nil {
		return err
	}
	b := r.buf[r.pos:]
	size, at, missing, wrong := header(b, 0, '$')
	if missing > 0 || wrong != nil {
		return nil
	}
	if s.text = r.base + int64(r.pos+at); size > runBytes {
		return nil
	}
	end := at + int(size)
	if err := s.ahead(end + 3); err != nil {
		return err
	}
	// What follows an argument is another, a command, a line or nothing.
	b = r.buf[r.pos:]
	if len(b) >= end+2 && b[end] == '\r' && b[end+1] == '\n' && (len(b) == end+2 || bytes.IndexByte([]byte("$*#"), b[end+2]) >= 0) {
		s.inArg = r.base + int64(r.pos+end)
	}
	return nil
}

// maxHeader is more than a header line takes.
const maxHeader = 24

// ahead makes sure that n bytes are in memory, or all there are.
func (s *search) ahead(n int) error {
	r := s.r
	for len(r.buf)-r.pos < n && r.eof != io.EOF {
		if err := r.fill(n - (len(r.buf) - r.pos)); err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

// row follows the commands that stand in a row from where the reader is, and tells
// whether they can be believed in. Else step is how many bytes to pass.
func (s *search) row() (found bool, step int, err error) {
	r := s.r
	p, known := 0, 0
	isText := r.base+int64(r.pos) == s.text
	past := func() bool { return !isText && r.base+int64(r.pos+p) > s.inArg }
	for {
		if err := s.ahead(p + 1); err != nil {
			return false, 0, err
		}
		b := r.buf[r.pos+p:]
		if len(b) == 0 {
			found = (known >= 1 && !s.torn || known >= minRun) && past()
			return found, max(p, 1), nil
		}
		if p > runBytes && known >= minRun && past() {
			return true, 0, nil
		}
		n, missing, whole := s.one(b)
		switch {
		case missing > 0 && r.eof == io.EOF:
			found = (known >= minRun && !s.torn || known >= tornRun) && past()
			return found, max(p, 1), nil
		case missing > 0 && len(b)+missing <= maxAhead:
			// A command is parsed from its start each time, so what is read doubles.
			if err := s.ahead(p + len(b) + max(missing, len(b))); err != nil {
				return false, 0, err
			}
		case !whole:
			// Behind commands in an argument stands the line end of that.
			inside := bytes.HasPrefix(b, []byte("\r\n"))
			return known >= minRun && !inside && past(), max(p, 1), nil
		default:
			if b[0] == '*' && lookup(r.args[0]).id != 0 {
				known++
			}
			p += n
		}
	}
}

// one parses a command or a line at the start of b.
func (s *search) one(b []byte) (n, missing int, whole bool) {
	if b[0] == '#' {
		end := bytes.IndexByte(b[:min(len(b), maxAnnotation)], '\n')
		if end < 0 && len(b) < maxAnnotation {
			return 0, 1, false
		}
		return end + 1, 0, end > 0 && b[end-1] == '\r'
	}
	// Bytes made for it could be parsed over and over again.
	passed := s.r.base + int64(s.r.pos) - s.begin
	if s.work > 8*passed+64*runBytes {
		return 0, 0, false
	}
	n, missing, wrong := s.r.parse(b)
	s.work += int64(len(s.r.args)) + 1
	if missing > 0 || wrong != nil {
		return 0, missing, false
	}
	args := s.r.args
	known := lookup(args[0])
	return n, 0, known.id != 0 && known.arity.allows(len(args)) || known.id == 0 && isName(args[0])
}

// isName reports whether a command of a module could be called that.
func isName(b []byte) bool {
	for _, c := range b {
		if c|0x20-'a' > 25 && c-'0' > 9 && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return len(b) > 1 && len(b) <= maxName && b[0]|0x20-'a' <= 25
}

// maxName is more than names of commands have.
const maxName = 64
