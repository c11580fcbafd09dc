package compress

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

var packed = []Format{LZ4, Gzip, Zstd}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pack(t testing.TB, f Format, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpack reads to the end and closes.
func unpack(r io.Reader) ([]byte, Format, error) {
	rc, f, err := NewReader(r)
	if err != nil {
		return nil, f, err
	}
	defer rc.Close()
	b, err := io.ReadAll(rc)
	return b, f, err
}

// sample is half text and half noise, so that it packs, but not to nothing.
func sample(n int) []byte {
	rnd := rand.New(rand.NewPCG(uint64(n), 3))
	b := make([]byte, 0, n+32)
	for len(b) < n {
		b = append(b, "user:session:"...)
		for range 12 {
			b = append(b, byte(rnd.Uint32()))
		}
	}
	return b[:n]
}

func wantUnpacked(t *testing.T, in []byte, format Format, want []byte) {
	t.Helper()
	for name, r := range map[string]io.Reader{
		"whole":      bytes.NewReader(in),
		"one byte":   iotest.OneByteReader(bytes.NewReader(in)),
		"data+EOF":   iotest.DataErrReader(bytes.NewReader(in)),
		"half reads": iotest.HalfReader(bytes.NewReader(in)),
	} {
		got, f, err := unpack(r)
		if err != nil || f != format || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, format %v, error %v; want %d bytes, format %v", name, len(got), f, err, len(want), format)
		}
	}
}

// wantDamage asks for an *Error that says the format, and returns it.
func wantDamage(t *testing.T, in []byte, format Format) error {
	t.Helper()
	_, f, err := unpack(bytes.NewReader(in))
	var damage *Error
	if !errors.As(err, &damage) || f != format || damage.Format != format {
		t.Errorf("% x: format %v, error %v; want an Error on %v", in[:min(len(in), 48)], f, err, format)
	}
	return err
}

const toolText = "REDIS0011\xfa\x09redis-ver"

// toolFrames were made of toolText by the usual tools: lz4 1.9.4, gzip 1.12,
// zstd 1.5.4.
var toolFrames = []struct {
	name   string
	format Format
	hex    string
}{
	{"lz4", LZ4, "04224d18 6440 a7 14000080 524544495330303131fa0972656469732d766572 00000000 bf21e6c1"},
	{"lz4 -BD --content-size", LZ4, "04224d18 6c40 1400000000000000 4d 14000080 524544495330303131fa0972656469732d766572 00000000 bf21e6c1"},
	{"lz4 -BX -B4", LZ4, "04224d18 7440 bd 14000080 524544495330303131fa0972656469732d766572 bf21e6c1 00000000 bf21e6c1"},
	{"gzip -n", Gzip, "1f8b0800000000000003 0b7275f10c36303034fcc559949a9259ac5b965a0400 fb0703a6 14000000"},
	{"zstd", Zstd, "28b52ffd 0458 a10000 524544495330303131fa0972656469732d766572 0d08a7d6"},
	{"zstd --no-check", Zstd, "28b52ffd 0058 a10000 524544495330303131fa0972656469732d766572"},
	{"skippable, zstd", Zstd, "5e2a4d18 03000000 616263 28b52ffd 0458 a10000 524544495330303131fa0972656469732d766572 0d08a7d6"},
}

func TestReadWhatToolsWrite(t *testing.T) {
	for _, c := range toolFrames {
		t.Run(c.name, func(t *testing.T) {
			one := unhex(t, c.hex)
			wantUnpacked(t, one, c.format, []byte(toolText))
			wantUnpacked(t, bytes.Repeat(one, 3), c.format, bytes.Repeat([]byte(toolText), 3))
		})
	}
}

// TestCutTwoFrames cuts two frames in a row at each byte.
func TestCutTwoFrames(t *testing.T) {
	for _, c := range toolFrames {
		t.Run(c.name, func(t *testing.T) {
			one := unhex(t, c.hex)
			two := bytes.Repeat(one, 2)
			for cut := range two {
				switch {
				case cut < magicLen:
					wantUnpacked(t, two[:cut], None, two[:cut])
				case cut == len(one):
					wantUnpacked(t, two[:cut], c.format, []byte(toolText))
				case c.name == "skippable, zstd" && (cut-11)%len(one) == 0:
					// Between the skippable frame and the next.
					if _, _, err := unpack(bytes.NewReader(two[:cut])); err != nil {
						t.Errorf("cut at %d: %v", cut, err)
					}
				default:
					if err := wantDamage(t, two[:cut], c.format); !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Errorf("cut at %d: error %v is not that of a cut stream", cut, err)
					}
				}
			}
		})
	}
}

func TestCutLong(t *testing.T) {
	data := sample(200_000)
	for _, f := range packed {
		whole := pack(t, f, data)
		for cut := magicLen; cut < len(whole); cut += 1 + len(whole)/100 {
			if err := wantDamage(t, whole[:cut], f); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%v cut at %d of %d: error %v is not that of a cut stream", f, cut, len(whole), err)
			}
		}
	}
}

// TestFlippedBits: with a checksum there, no damage gives other data without
// an error.
func TestFlippedBits(t *testing.T) {
	for _, c := range toolFrames {
		if c.name == "zstd --no-check" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			whole := unhex(t, c.hex)
			for i := range len(whole) * 8 {
				bad := bytes.Clone(whole)
				bad[i/8] ^= 1 << (i % 8)
				got, f, err := unpack(bytes.NewReader(bad))
				if f == c.format && err == nil && string(got) != toolText {
					t.Errorf("bit %d of byte %d: read %q without an error", i%8, i/8, got)
				}
				if f == None && !bytes.Equal(got, bad) {
					t.Errorf("bit %d of byte %d: uncompressed bytes changed", i%8, i/8)
				}
			}
		})
	}
}

func TestBytesAfterTheEnd(t *testing.T) {
	for _, c := range toolFrames {
		whole := unhex(t, c.hex)
		for _, tail := range []string{"\x00", "\x00\x00\x00\x00", "x", "garbage behind"} {
			wantDamage(t, append(bytes.Clone(whole), tail...), c.format)
		}
	}
}

func TestNoneIsUnchanged(t *testing.T) {
	for _, s := range []string{
		"", "R", "RE", "RED", "REDIS0011", "*3\r\n$3\r\nSET\r\n",
		"\x1f", "\x1f\x8b", "\x1f\x8b\x08", "\x28\xb5\x2f", "\x04\x22\x4d", "\x50\x2a\x4d",
		"\x02\x21\x4c\x18 old lz4", "\x28\xb5\x2f\xfe", "\x60\x2a\x4d\x18", "\x04\x22\x4d\x19", "\x1f\x8c\x08\x00",
	} {
		wantUnpacked(t, []byte(s), None, []byte(s))
	}
}

// reads gives one element for each Read and fails the test if asked for more.
type reads struct {
	t    *testing.T
	each []string
	last []byte // what the last Read was given to fill
}

func (r *reads) Read(b []byte) (int, error) {
	if len(r.each) == 0 {
		r.t.Fatal("read on with nothing left: a live stream would block here")
	}
	r.last = b
	n := copy(b, r.each[0])
	if r.each[0] = r.each[0][n:]; r.each[0] == "" {
		r.each = r.each[1:]
	}
	return n, nil
}

func TestNoneHandsOnAtOnce(t *testing.T) {
	src := &reads{t: t, each: []string{"*", "1\r\n$4\r\nPI", "NG\r\n", "+"}}
	rc, f, err := NewReader(src)
	if err != nil || f != None {
		t.Fatalf("format %v, error %v", f, err)
	}
	buf := make([]byte, 100)
	for _, want := range []string{"*", "1\r\n$4\r\nPI", "NG\r\n", "+"} {
		n, err := rc.Read(buf)
		if err != nil || string(buf[:n]) != want {
			t.Errorf("read %q, error %v; want %q", buf[:n], err, want)
		}
		if want != "*" && &src.last[0] != &buf[0] {
			t.Error("bytes were not read into the caller's memory")
		}
	}
}

type failingReader struct {
	data []byte
	err  error
}

func (r *failingReader) Read(b []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, r.err
	}
	n := copy(b, r.data)
	r.data = r.data[n:]
	return n, nil
}

// TestReaderBelowFails: its error comes back as it is, wherever it strikes and
// however it looks.
func TestReaderBelowFails(t *testing.T) {
	for _, cause := range []error{
		errors.New("disk on fire"),
		io.ErrUnexpectedEOF,
		&os.PathError{Op: "read", Path: "dump.rdb.lz4", Err: io.EOF},
	} {
		for _, c := range toolFrames {
			whole := unhex(t, c.hex)
			for at := range len(whole) + 1 {
				_, _, err := unpack(&failingReader{whole[:at], cause})
				if err != cause {
					t.Errorf("%s, %v at %d: got %v", c.name, cause, at, err)
				}
			}
		}
		got, f, err := unpack(&failingReader{[]byte("REDIS"), cause})
		if string(got) != "REDIS" || f != None || err != cause {
			t.Errorf("uncompressed: %q, format %v, error %v", got, f, err)
		}
	}
}

type idleReader struct{ data []byte }

func (r *idleReader) Read(b []byte) (n int, err error) {
	n = copy(b, r.data)
	r.data = r.data[n:]
	return n, nil
}

func TestReaderBelowIsIdle(t *testing.T) {
	for _, c := range toolFrames {
		whole := unhex(t, c.hex)
		for _, at := range []int{0, 2, 5, 8, len(whole) - 1, len(whole)} {
			if _, _, err := unpack(&idleReader{whole[:at]}); err != io.ErrNoProgress {
				t.Errorf("%s, nothing after %d: got %v", c.name, at, err)
			}
		}
	}
}

func TestErrorsStay(t *testing.T) {
	for _, f := range packed {
		whole := pack(t, f, sample(1000))
		rc, _, err := NewReader(bytes.NewReader(whole[:len(whole)-1]))
		if err != nil {
			t.Fatal(err)
		}
		_, first := io.ReadAll(rc)
		n, second := rc.Read(make([]byte, 10))
		if n != 0 || first == nil || second != first {
			t.Errorf("%v: %v, then %d bytes and %v", f, first, n, second)
		}
	}
}

func TestReadAfterClose(t *testing.T) {
	for _, f := range append(packed, None) {
		rc, _, err := NewReader(bytes.NewReader(pack(t, f, sample(1000))))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := rc.Close(); err != nil {
				t.Errorf("%v: close: %v", f, err)
			}
		}
		if _, err := rc.Read(make([]byte, 10)); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%v: read after close: %v", f, err)
		}
	}
}

// zstdFrame has the given window descriptor and the three bytes "one".
func zstdFrame(window byte) []byte {
	return []byte("\x28\xb5\x2f\xfd\x00" + string(rune(window)) + "\x19\x00\x00one")
}

func TestZstdWindow(t *testing.T) {
	const mib32 = (25 - 10) << 3
	for _, c := range []struct {
		name string
		in   []byte
		ok   bool
	}{
		{"32 MiB", zstdFrame(mib32), true},
		{"36 MiB", zstdFrame(mib32 + 1), false},
		{"128 MiB", zstdFrame((27 - 10) << 3), false},
		{"zstd --ultra -22 < FILE", unhex(t, "28b52ffd 0488 a10000 524544495330303131fa0972656469732d766572 0d08a7d6"), false},
		{"largest that 7 bits name", zstdFrame(0x7f), false},
		{"frame of 4 GiB in one segment", []byte("\x28\xb5\x2f\xfd\xa0\xff\xff\xff\xff\x19\x00\x00one"), false},
		{"frame of 2^63 bytes in one segment", []byte("\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x00\x00\x00\x80\x19\x00\x00one"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got, _, err := unpack(bytes.NewReader(c.in))
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			if c.ok {
				if string(got) != "one" || err != nil {
					t.Errorf("got %q, error %v", got, err)
				}
				if allocated > 36<<20 {
					t.Errorf("allocated %d bytes", allocated)
				}
				return
			}
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrUnsupported) {
				t.Errorf("got %q, error %v; want ErrUnsupported", got, err)
			}
			if allocated > 1<<20 {
				t.Errorf("allocated %d bytes for a frame that is refused", allocated)
			}
		})
	}
}

func TestZstdDictionary(t *testing.T) {
	_, _, err := unpack(strings.NewReader("\x28\xb5\x2f\xfd\x01\x58\x07\x19\x00\x00one"))
	if !errors.Is(err, ErrUnsupported) {
		t.Errorf("got %v; want ErrUnsupported", err)
	}
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"\x1f\x8b\x08\x00", "gzip stream: unexpected EOF"},
		{"\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x03", "gzip stream: invalid header"},
		{string(zstdFrame(0x7f)), "zstd stream: not supported: window above 32 MiB"},
	} {
		if _, _, err := unpack(strings.NewReader(c.in)); err == nil || err.Error() != c.want {
			t.Errorf("got %q, want %q", err, c.want)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, c := range toolFrames {
		f.Add(unhex(f, c.hex))
	}
	for _, format := range packed {
		f.Add(pack(f, format, sample(300)))
	}
	// However the bytes come in and are asked for, the outcome is one.
	f.Fuzz(func(t *testing.T, in []byte) {
		const most = 1 << 20
		read := func(r io.Reader, chunk int) (out []byte, err error) {
			rc, _, err := NewReader(r)
			if err != nil {
				t.Fatalf("no format, though the reader did not fail: %v", err)
			}
			defer rc.Close()
			buf := make([]byte, chunk)
			for len(out) < most && err == nil {
				var n int
				n, err = rc.Read(buf)
				out = append(out, buf[:n]...)
			}
			return out[:min(len(out), most)], err
		}
		big, errBig := read(bytes.NewReader(in), 1<<16)
		small, errSmall := read(iotest.HalfReader(bytes.NewReader(in)), 101)
		if len(big) == most || len(small) == most {
			return
		}
		if !bytes.Equal(big, small) || (errBig == io.EOF) != (errSmall == io.EOF) {
			t.Errorf("%d bytes and %v, or %d bytes and %v", len(big), errBig, len(small), errSmall)
		}
	})
}

func BenchmarkReader(b *testing.B) {
	data := sample(8 << 20)
	for _, f := range append(packed, None) {
		b.Run(f.String(), func(b *testing.B) {
			in := pack(b, f, data)
			buf := make([]byte, 256<<10)
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				rc, _, err := NewReader(bytes.NewReader(in))
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = rc.Read(buf)
				}
				if err != io.EOF {
					b.Fatal(err)
				}
				rc.Close()
			}
		})
	}
}
