package rdb

import (
	"strconv"

	"github.com/rdbtool/rdbtool/internal/intset"
	"github.com/rdbtool/rdbtool/internal/listpack"
	"github.com/rdbtool/rdbtool/internal/ziplist"
)

// walker walks the entries of a listpack, ziplist or intset.
type walker struct {
	packing packing
	lp      listpack.Reader
	zl      ziplist.Reader
	is      intset.Reader
}

func (w *walker) open(p packing, raw []byte) (err error) {
	switch w.packing = p; p {
	case packListpack:
		w.lp, err = listpack.Open(raw)
	case packZiplist:
		w.zl, err = ziplist.Open(raw)
	case packIntset:
		w.is, err = intset.Open(raw)
	}
	return err
}

// next returns the next entry: its bytes, or nil and a number.
func (w *walker) next() (s []byte, num int64, ok bool) {
	switch w.packing {
	case packListpack:
		return w.lp.Next()
	case packZiplist:
		return w.zl.Next()
	default:
		num, ok = w.is.Next()
		return nil, num, ok
	}
}

func (w *walker) err() error {
	switch w.packing {
	case packListpack:
		return w.lp.Err()
	case packZiplist:
		return w.zl.Err()
	default:
		return nil
	}
}

func (w *walker) len() int {
	switch w.packing {
	case packListpack:
		return w.lp.Len()
	case packZiplist:
		return w.zl.Len()
	default:
		return w.is.Len()
	}
}

// index returns how many entries have been read.
func (w *walker) index() int {
	switch w.packing {
	case packListpack:
		return w.lp.Index()
	case packZiplist:
		return w.zl.Index()
	default:
		return w.is.Index()
	}
}

// digits is room for the text of integers.
type digits struct{ buf [3][20]byte }

// text returns an entry as bytes; slot keeps the texts of one element apart.
func (t *digits) text(s []byte, num int64, slot int) []byte {
	if s != nil {
		return s
	}
	return strconv.AppendInt(t.buf[slot][:0], num, 10)
}
