package spool

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"
)

// Bytes come back in their order, whether they fit into memory or not, and as
// often as they are asked for.
func TestBuffer(t *testing.T) {
	b := Buffer{Dir: t.TempDir()}
	defer b.Close()
	for _, pieces := range []int{0, 1, 15, 16, 17, 40} {
		b.Reset()
		var want []byte
		for i := range pieces {
			p := bytes.Repeat([]byte{byte(i)}, memory/16)
			want = append(want, p...)
			if n, err := b.Write(p); n != len(p) || err != nil {
				t.Fatal(n, err)
			}
		}
		if b.Size() != int64(len(want)) {
			t.Errorf("%d pieces: size %d, want %d", pieces, b.Size(), len(want))
		}
		for range 2 {
			var got []byte
			if err := b.Each(func(p []byte) error { got = append(got, p...); return nil }); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%d pieces: Each gives %d bytes, want %d", pieces, len(got), len(want))
			}
			r, err := b.Reader()
			if err != nil {
				t.Fatal(err)
			}
			if got, err = io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d pieces: Reader gives %d bytes, want %d: %v", pieces, len(got), len(want), err)
			}
		}
	}
	if left, err := os.ReadDir(b.Dir); err != nil || len(left) > 0 {
		t.Errorf("files left in the folder: %v, %v", left, err)
	}
	stop := errors.New("stop")
	if err := b.Each(func([]byte) error { return stop }); err != stop {
		t.Errorf("Each: %v", err)
	}
}

// A folder that cannot be written is an error, not a loss.
func TestNoFolder(t *testing.T) {
	b := Buffer{Dir: t.TempDir() + "/none"}
	defer b.Close()
	if _, err := b.Write(make([]byte, memory+1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
