package rdb

import (
	"bytes"
	"io"
	"testing"
)

// Offsets count from where the source begins in its file, those of errors too.
func TestOffset(t *testing.T) {
	const shift = 1000
	file := []byte("REDIS0004\xfe\x00\x00\x01k\x01v\x00\x01l\x01w\xff")
	read := func(offset int64) (offsets []int64, end Trailer) {
		r := NewReader(bytes.NewReader(file), &Options{Offset: offset, Size: offset + int64(len(file))})
		for e, err := range r.Entries() {
			if err != nil {
				t.Fatal(err)
			}
			offsets = append(offsets, e.Offset)
		}
		return offsets, r.Trailer()
	}
	plain, end := read(0)
	moved, movedEnd := read(shift)
	for i := range plain {
		if moved[i] != plain[i]+shift {
			t.Errorf("entry %d at %d, not %d", i, moved[i], plain[i]+shift)
		}
	}
	if len(plain) != 2 || movedEnd.End != end.End+shift {
		t.Errorf("%d entries, end %d", len(plain), movedEnd.End)
	}
	r := NewReader(bytes.NewReader(file[:15]), &Options{Offset: shift})
	for {
		if _, err := r.Next(); err == io.EOF {
			t.Fatal("read to the end")
		} else if err != nil {
			if want := "offset 0x3f7: db 0 key \"k\": the file ends inside a record"; err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
			return
		}
	}
}
