package aof

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// maxNumber bounds what a number in a header line may be.
const maxNumber = min(1<<40, math.MaxInt/2)

// parse reads the command at the start of b into args, which borrow from b, and
// returns its length. Where b ends too early missing is a lower bound of the
// bytes that it lacks. wrong says what is no part of a command, at b[n].
func (r *Reader) parse(b []byte) (n, missing int, wrong error) {
	argc, p, missing, wrong := header(b, 0, '*')
	if missing > 0 || wrong != nil {
		return p, missing, wrong
	}
	if argc < 1 {
		return 1, 0, fmt.Errorf("command of %d arguments", argc)
	}
	args := r.args[:0]
	for ; argc > 0; argc-- {
		// Most arguments are shorter than a hundred bytes, and wholly in b.
		size, at := 0, 0
		if rest := b[p:]; len(rest) > 5 && rest[0] == '$' {
			d := uint(rest[1] - '0')
			switch {
			case d > 9:
			case rest[2] == '\r' && rest[3] == '\n':
				size, at = int(d), p+4
			default:
				if e := uint(rest[2] - '0'); e <= 9 && d > 0 && rest[3] == '\r' && rest[4] == '\n' {
					size, at = int(d*10+e), p+5
				}
			}
		}
		if at == 0 {
			var v int64
			if v, at, missing, wrong = header(b, p, '$'); missing > 0 || wrong != nil {
				return at, missing, wrong
			}
			size = int(v)
		}
		end := at + size
		if end+2 > len(b) || end < at {
			r.args = args
			return 0, end + 2 - len(b), nil
		}
		if b[end] != '\r' || b[end+1] != '\n' {
			return end, 0, fmt.Errorf("%q where the line end behind an argument of %d bytes is due", b[end:end+2], size)
		}
		args = append(args, b[at:end:end])
		p = end + 2
	}
	r.args = args
	return p, 0, nil
}

// header reads "<mark><digits>\r\n" at b[p] and returns the number and what
// follows it, or where and what is wrong.
func header(b []byte, p int, mark byte) (v int64, end, missing int, wrong error) {
	if p == len(b) {
		return 0, p, 1, nil
	}
	if b[p] != mark {
		return 0, p, 0, fmt.Errorf("%s where %q is due", shown(b[p:]), mark)
	}
	i := p + 1
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if v = v*10 + int64(b[i]-'0'); v > maxNumber {
			return 0, p, 0, fmt.Errorf("number behind %q is too large", mark)
		}
		i++
	}
	switch {
	case i == len(b):
		return 0, p, 1, nil
	case i == p+1:
		return 0, i, 0, fmt.Errorf("%s where the number behind %q is due", shown(b[i:]), mark)
	case b[p+1] == '0' && i > p+2:
		return 0, p + 1, 0, fmt.Errorf("number behind %q begins with a zero", mark)
	case b[i] == '\n':
		return 0, i, 0, errBareLineFeed
	case b[i] != '\r':
		return 0, i, 0, fmt.Errorf("%s in the number behind %q", shown(b[i:]), mark)
	case i+1 == len(b):
		return 0, p, 1, nil
	case b[i+1] != '\n':
		return 0, i + 1, 0, fmt.Errorf("%s where a line feed is due", shown(b[i+1:]))
	}
	return v, i + 2, 0, nil
}

var errBareLineFeed = errors.New("line feed without a carriage return")

// maxShown is how many bytes a message shows.
const maxShown = 16

// shown returns the first bytes of b for a message.
func shown(b []byte) string {
	return strconv.Quote(string(b[:min(len(b), maxShown)]))
}
