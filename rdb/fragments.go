package rdb

import (
	"errors"
	"fmt"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/lzf"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// fragmentSize is the longest string that is given whole where fragments were
// asked for.
const fragmentSize = 256 << 10

// errFragments says that a string must be read in fragments.
var errFragments = errors.New("string is to be read in fragments")

// fragments reads the string at the start of a window in parts.
type fragments struct {
	left   uint64 // bytes of the body still in the file
	total  int64  // of the string
	packed bool
	lzf    lzf.Stream
	active bool
}

// begin consumes the head of the string. The head is in memory.
func (f *fragments) begin(d *decoder) error {
	h, err := rdbwire.String(d.in.rest())
	if err != nil {
		return err
	}
	if src := d.in.src; src.size >= 0 {
		if left := uint64(max(src.size-d.in.offset()-int64(h.Len), 0)); h.Body > left {
			return &reason{fmt.Sprintf("length %d exceeds the %d bytes left", h.Body, left), entry.ErrTruncated}
		}
	}
	f.left, f.packed, f.active = h.Body, h.Kind == rdbwire.Compressed, true
	f.total = int64(min(h.Size, math.MaxInt64))
	if f.packed {
		if h.Size/lzf.MaxRatio > h.Body || h.Size > math.MaxInt64 {
			return fmt.Errorf("lzf: %w: %d bytes from %d packed", lzf.ErrLength, h.Size, h.Body)
		}
		f.lzf.Reset(int64(h.Size))
	}
	d.in.pos += h.Len
	return nil
}

// next returns the next part and whether more follow. It is borrowed until the
// window moves.
func (f *fragments) next(d *decoder) (part []byte, more bool, err error) {
	for {
		if len(d.in.rest()) == 0 && f.left > 0 {
			if err := d.in.fill(1); err != nil {
				return nil, false, err
			}
		}
		in := d.in.rest()
		if uint64(len(in)) > f.left {
			in = in[:f.left]
		}
		n := min(len(in), fragmentSize)
		part = in[:n:n]
		if f.packed {
			if part, n, err = f.lzf.Next(in); err != nil {
				return nil, false, fmt.Errorf("lzf: %w", err)
			}
			if n == 0 && uint64(len(in)) < f.left { // the token at the end of in is cut
				if err := d.in.fill(1); err != nil {
					return nil, false, err
				}
				continue
			}
		}
		d.in.pos += n
		f.left -= uint64(n)
		f.active = f.left > 0 && n > 0
		if f.packed && !f.active {
			if err := f.lzf.Finish(); err != nil {
				return nil, false, fmt.Errorf("lzf: %w", err)
			}
		}
		return part, f.active, nil
	}
}
