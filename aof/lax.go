package aof

import (
	"io"
	"strings"
)

// maxLax bounds what is read for a command that has wrong line ends.
const maxLax = 16 << 20

// lax parses the command where the reader stands as servers do, which end a line
// at a line feed and skip two bytes behind an argument, whatever these are. It
// returns the length of the command, 0 if it is none for servers either: something
// else than a command follows it then.
func (r *Reader) lax() (n int, err error) {
	if r.o.Fault == nil {
		return 0, nil
	}
	for {
		b := r.buf[r.pos:]
		n, missing, ok := r.parseLax(b)
		switch {
		case !ok || missing > maxLax || n > maxLax:
			return 0, nil
		case missing == 0 && n < len(b):
			if !strings.ContainsRune("*#", rune(b[n])) {
				n = 0
			}
			return n, nil
		case r.eof == io.EOF && missing == 0:
			return n, nil
		case r.eof == io.EOF:
			return 0, nil
		}
		if err := r.fill(max(missing, 1)); err != nil && err != io.EOF {
			return 0, err
		}
	}
}

// parseLax is parse for lax.
func (r *Reader) parseLax(b []byte) (n, missing int, ok bool) {
	argc, p, missing, ok := laxHeader(b, 0, '*')
	if !ok || missing > 0 || argc < 1 {
		return 0, missing, ok && missing > 0
	}
	args := r.args[:0]
	for ; argc > 0; argc-- {
		size, at, missing, ok := laxHeader(b, p, '$')
		if !ok || missing > 0 {
			return 0, missing, ok
		}
		end := at + size
		if end+2 > len(b) {
			return 0, end + 2 - len(b), true
		}
		args = append(args, b[at:end:end])
		p = end + 2
	}
	r.args = args
	return p, 0, true
}

// laxHeader is header for lax.
func laxHeader(b []byte, p int, mark byte) (v, end, missing int, ok bool) {
	if p == len(b) {
		return 0, p, 1, true
	}
	i := p + 1
	for i < len(b) && b[i] >= '0' && b[i] <= '9' && v <= maxNumber/10-1 {
		v = v*10 + int(b[i]-'0')
		i++
	}
	digits := i - p - 1
	if i < len(b) && b[i] == '\r' {
		i++
	}
	switch {
	case b[p] != mark:
		return 0, p, 0, false
	case i == len(b):
		return 0, p, 1, true
	}
	return v, i + 1, 0, b[i] == '\n' && digits > 0
}
