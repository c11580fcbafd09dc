package compress

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"
)

func TestRoundTrip(t *testing.T) {
	for _, f := range append(packed, None) {
		for _, size := range []int{0, 1, 3, 4, 100, 65_536, 1 << 20, 2<<20 + 17} {
			data := sample(size)
			wantFormat := f
			var out bytes.Buffer
			w, err := NewWriter(&out, f)
			if err != nil {
				t.Fatal(err)
			}
			for step, rest := 1, data; len(rest) > 0; step *= 3 {
				n := min(step, len(rest))
				if m, err := w.Write(rest[:n]); m != n || err != nil {
					t.Fatalf("%v: wrote %d of %d, error %v", f, m, n, err)
				}
				rest = rest[n:]
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got, format, err := unpack(&out)
			if err != nil || format != wantFormat || !bytes.Equal(got, data) {
				t.Errorf("%v, %d bytes: got %d bytes, format %v, error %v", f, size, len(got), format, err)
			}
		}
	}
}

// TestToolsReadOurs asks the usual tools, where they are installed.
func TestToolsReadOurs(t *testing.T) {
	for f, tool := range map[Format]string{LZ4: "lz4", Gzip: "gzip", Zstd: "zstd"} {
		t.Run(tool, func(t *testing.T) {
			path, err := exec.LookPath(tool)
			if err != nil {
				t.Skip(err)
			}
			data := sample(2 << 20)
			for name, in := range map[string][]byte{"one": data, "empty": nil} {
				cmd := exec.Command(path, "-dc")
				cmd.Stdin = bytes.NewReader(pack(t, f, in))
				got, err := cmd.Output()
				if err != nil || !bytes.Equal(got, in) {
					t.Errorf("%s: %d bytes, error %v; want %d bytes", name, len(got), err, len(in))
				}
			}
		})
	}
}

func TestNonePassesEachWrite(t *testing.T) {
	var sizes []int
	w, err := NewWriter(writerFunc(func(b []byte) (int, error) {
		sizes = append(sizes, len(b))
		return len(b), nil
	}), None)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{5, 100_000, 1} {
		if _, err := w.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	if len(sizes) != 3 || sizes[0] != 5 || sizes[1] != 100_000 || sizes[2] != 1 {
		t.Errorf("writes of %v bytes arrived", sizes)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestWriterBelowFails: its error comes back as it is, at the latest from Close,
// and the writer below is not called again.
func TestWriterBelowFails(t *testing.T) {
	cause := &os.PathError{Op: "write", Path: "out.zst", Err: errors.New("no space left on device")}
	data := sample(4 << 20)
	before := runtime.NumGoroutine()
	for _, f := range append(packed, None) {
		for _, room := range []int{0, 1, 5, 100_000, 3 << 19} {
			left, failed := room, false
			w, err := NewWriter(writerFunc(func(b []byte) (int, error) {
				if failed {
					t.Errorf("%v, room %d: written to after it failed", f, room)
				}
				if len(b) > left {
					failed = true
					return left, cause
				}
				left -= len(b)
				return len(b), nil
			}), f)
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < len(data) && err == nil; at += 1 << 20 {
				_, err = w.Write(data[at : at+1<<20])
			}
			if err != nil && err != error(cause) {
				t.Errorf("%v, room %d: write: %v", f, room, err)
			}
			if err := w.Close(); err != error(cause) {
				t.Errorf("%v, room %d: close: %v", f, room, err)
			}
			if _, err := w.Write([]byte("x")); err != error(cause) {
				t.Errorf("%v, room %d: write after close: %v", f, room, err)
			}
		}
	}
	for wait := 0; runtime.NumGoroutine() > before; wait++ {
		if wait == 200 {
			t.Fatalf("%d goroutines left, %d before", runtime.NumGoroutine(), before)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestShortWriteBelow(t *testing.T) {
	for _, f := range append(packed, None) {
		w, err := NewWriter(writerFunc(func(b []byte) (int, error) { return len(b) / 2, nil }), f)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte("hello"))
		if err := w.Close(); err != io.ErrShortWrite {
			t.Errorf("%v: close: %v", f, err)
		}
	}
}

func TestWriteAfterClose(t *testing.T) {
	for _, f := range append(packed, None) {
		var out bytes.Buffer
		w, err := NewWriter(&out, f)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Errorf("%v: close: %v", f, err)
		}
		size := out.Len()
		if _, err := w.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%v: write after close: %v", f, err)
		}
		if err := w.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%v: second close: %v", f, err)
		}
		if out.Len() != size {
			t.Errorf("%v: bytes written after close", f)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	if w, err := NewWriter(io.Discard, 9); w != nil || err == nil {
		t.Errorf("got %v, error %v", w, err)
	}
}

func TestFormatByName(t *testing.T) {
	for _, c := range []struct {
		name   string
		format Format
		base   string
	}{
		{"dump.rdb", None, "dump.rdb"},
		{"dump.rdb.lz4", LZ4, "dump.rdb"},
		{"a/b.gz/dump.rdb.gz", Gzip, "a/b.gz/dump.rdb"},
		{"a.zst/dump.rdb", None, "a.zst/dump.rdb"},
		{"x.zst", Zstd, "x"},
		{"x.gz.zst", Zstd, "x.gz"},
		{"x.GZ", None, "x.GZ"},
		{"gz", None, "gz"},
		{".gz", None, ".gz"},
		{"dir/.lz4", None, "dir/.lz4"},
		{"", None, ""},
		{"-", None, "-"},
	} {
		if f, base := FormatByName(c.name); f != c.format || base != c.base {
			t.Errorf("%q: %v, %q; want %v, %q", c.name, f, base, c.format, c.base)
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	data := sample(8 << 20)
	for _, f := range append(packed, None) {
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			var size int
			for b.Loop() {
				size = len(pack(b, f, data))
			}
			b.ReportMetric(float64(size)/float64(len(data)), "ratio")
		})
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add(uint8(LZ4), []byte("hello"), 2)
	f.Add(uint8(Gzip), []byte(""), 1)
	f.Add(uint8(Zstd), sample(300), 100)
	f.Fuzz(func(t *testing.T, format uint8, data []byte, chunk int) {
		want := Format(format % 4)
		if want == None {
			return // may happen to look compressed
		}
		var out bytes.Buffer
		w, err := NewWriter(&out, want)
		if err != nil {
			t.Fatal(err)
		}
		for rest := data; len(rest) > 0; {
			n := min(max(chunk, 1), len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, f, err := unpack(&out)
		if err != nil || f != want || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes became %d, format %v, error %v", strconv.Itoa(chunk), len(data), len(got), f, err)
		}
	})
}
