package rdbwire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestLength(t *testing.T) {
	for _, tt := range []struct {
		in   string
		v    uint64
		n    int
		fail string // "" for none, "short", or part of the text
	}{
		{in: "\x00", v: 0, n: 1},
		{in: "\x3f", v: 63, n: 1},
		{in: "\x40\x40", v: 64, n: 2},
		{in: "\x7f\xff", v: 16383, n: 2},
		{in: "\x80\x00\x00\x40\x00", v: 16384, n: 5},
		{in: "\x80\x00\x00\x00\x01", v: 1, n: 5}, // longer than needed
		{in: "\x81\xff\xff\xff\xff\xff\xff\xff\xff", v: math.MaxUint64, n: 9},
		{in: "", fail: "short"},
		{in: "\x40", fail: "short"},
		{in: "\x80\x00\x00\x00", fail: "short"},
		{in: "\x81\x00\x00\x00\x00\x00\x00\x00", fail: "short"},
		{in: "\x82", fail: "starts no length"},
		{in: "\xbf\x00", fail: "starts no length"},
		{in: "\xc0\x01", fail: "starts a special string"},
	} {
		v, n, err := Length([]byte(tt.in + "tail")[:len(tt.in)])
		if !failsAs(err, tt.fail) || err == nil && (v != tt.v || n != tt.n) {
			t.Errorf("%q: %d, %d, %v", tt.in, v, n, err)
		}
	}
}

func failsAs(err error, want string) bool {
	switch want {
	case "":
		return err == nil
	case "short":
		return err == ErrShort
	}
	return err != nil && err != ErrShort && strings.Contains(err.Error(), want)
}

func TestString(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Head
		fail string
	}{
		{in: "\x05hello", want: Head{Kind: Plain, Len: 1, Body: 5, Size: 5}},
		{in: "\x00", want: Head{Kind: Plain, Len: 1}},
		{in: "\xc0\xff", want: Head{Kind: Integer, Len: 2, Size: 2, Int: -1}},
		{in: "\xc1\x80\x00", want: Head{Kind: Integer, Len: 3, Size: 3, Int: 128}},
		{in: "\xc2\x40\xe2\x01\x00", want: Head{Kind: Integer, Len: 5, Size: 6, Int: 123456}},
		{in: "\xc3\x09\x3c", want: Head{Kind: Compressed, Len: 3, Body: 9, Size: 60}},
		{in: "\xc3\x40\x64\x80\x00\x01\x00\x00", want: Head{Kind: Compressed, Len: 8, Body: 100, Size: 65536}},
		{in: "", fail: "short"},
		{in: "\xc0", fail: "short"},
		{in: "\xc1\x00", fail: "short"},
		{in: "\xc2\x00\x00\x00", fail: "short"},
		{in: "\xc3", fail: "short"},
		{in: "\xc3\x09", fail: "short"},
		{in: "\xc3\xc0\x00", fail: "special string"},
		{in: "\xc4", fail: "Redis Enterprise"},
		{in: "\xc5", fail: "starts no string"},
		{in: "\xff", fail: "starts no string"},
	} {
		got, err := String([]byte(tt.in))
		if !failsAs(err, tt.fail) || err == nil && got != tt.want {
			t.Errorf("%q: %+v, %v", tt.in, got, err)
		}
	}
}

func TestSkipStrings(t *testing.T) {
	all := "\x01a" + "\xc0\x05" + "\x40\x02bb" + "\xc3\x02\x14xx" + "\x00"
	n, left, unpacked, _, err := SkipStrings([]byte(all+"more"), 5)
	if n != len(all) || left != 0 || unpacked != 20 || err != nil {
		t.Errorf("%d bytes, %d left, %d unpacked, %v", n, left, unpacked, err)
	}
	for cut := range all {
		n, left, _, missing, err := SkipStrings([]byte(all[:cut]), 5)
		if err != ErrShort || n > cut || left == 0 || missing == 0 {
			t.Errorf("cut at %d: %d bytes, %d left, %d missing, %v", cut, n, left, missing, err)
		}
		if missing > uint64(len(all)-cut) {
			t.Errorf("cut at %d: %d missing is no lower bound", cut, missing)
		}
	}
	if _, _, _, missing, err := SkipStrings([]byte("\x81\x80\x00\x00\x00\x00\x00\x00\x00x"), 1); err != ErrShort || missing != 1<<63-1 {
		t.Errorf("2^63: %d missing, %v", missing, err)
	}
	bombs := strings.Repeat("\xc3\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff", 2)
	if _, _, unpacked, _, err := SkipStrings([]byte(bombs), 2); unpacked != math.MaxUint64 || err != nil {
		t.Errorf("two of 2^64-1: %d unpacked, %v", unpacked, err)
	}
}

func TestTextDouble(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want float64
		n    int
		fail string
	}{
		{in: "\x032.5", want: 2.5, n: 4},
		{in: "\x18-9.9999999999999995e-008", want: -1e-7, n: 25},
		{in: "\xfe", want: math.Inf(1), n: 1},
		{in: "\xff", want: math.Inf(-1), n: 1},
		{in: "\x02-0", want: math.Copysign(0, -1), n: 3},
		{in: "\x051e999", want: math.Inf(1), n: 6},
		{in: "\x032.", fail: "short"},
		{in: "", fail: "short"},
		{in: "\x04abcd", fail: "no number"},
		{in: "\x00", fail: "no number"},
		{in: "\x040x10", fail: "no number"},
		{in: "\x031_0", fail: "no number"},
		{in: "\x08Infinity", fail: "no number"},
	} {
		f, n, err := TextDouble([]byte(tt.in))
		if !failsAs(err, tt.fail) || err == nil && (math.Float64bits(f) != math.Float64bits(tt.want) || n != tt.n) {
			t.Errorf("%q: %v, %d, %v", tt.in, f, n, err)
		}
	}
	if f, _, err := TextDouble([]byte{253}); err != nil || !math.IsNaN(f) {
		t.Errorf("253: %v, %v", f, err)
	}
}

func TestSkipModule(t *testing.T) {
	body := "\x01\x05" + "\x02\x40\x64" + "\x03\x00\x00\xc0\x3f" + "\x04\x00\x00\x00\x00\x00\x00\xf0\x3f" + "\x05\x05hello" + "\x05\xc3\x02\x14xx" + "\x00"
	n, unpacked, _, err := SkipModule([]byte(body + "more"))
	if n != len(body) || unpacked != 20 || err != nil {
		t.Errorf("%d bytes, %d unpacked, %v", n, unpacked, err)
	}
	for cut := range body {
		if _, _, missing, err := SkipModule([]byte(body[:cut])); err != ErrShort || missing == 0 || missing > uint64(len(body)-cut) {
			t.Errorf("cut at %d: %d missing, %v", cut, missing, err)
		}
	}
	if _, _, _, err := SkipModule([]byte("\x06\x00")); !failsAs(err, "module opcode 6 is unknown") {
		t.Errorf("opcode 6: %v", err)
	}
	it, _, err := ModuleItem([]byte(body[5:]))
	if err != nil || it.Kind != ItemFloat || it.Float != 1.5 {
		t.Errorf("float: %+v, %v", it, err)
	}
}

// readString is the plain twin of String and of the walk over its body.
func readString(r *bytes.Reader) (size int, err error) {
	length := func() (uint64, error) {
		c, err := r.ReadByte()
		if err != nil {
			return 0, ErrShort
		}
		n := 0
		switch {
		case c>>6 == 0:
			return uint64(c), nil
		case c>>6 == 1:
			d, err := r.ReadByte()
			if err != nil {
				return 0, ErrShort
			}
			return uint64(c&0x3f)*256 + uint64(d), nil
		case c == 0x80:
			n = 4
		case c == 0x81:
			n = 8
		default:
			return 0, errors.New("no length")
		}
		v := uint64(0)
		for range n {
			d, err := r.ReadByte()
			if err != nil {
				return 0, ErrShort
			}
			v = v<<8 | uint64(d)
		}
		return v, nil
	}
	body := func(n uint64) error {
		if n > uint64(r.Len()) {
			return ErrShort
		}
		_, err := r.Seek(int64(n), 1)
		return err
	}
	c, err := r.ReadByte()
	if err != nil {
		return 0, ErrShort
	}
	if c < 0xC0 {
		r.UnreadByte()
		n, err := length()
		if err != nil {
			return 0, err
		}
		return int(n), body(n)
	}
	var raw [4]byte
	switch c {
	case 0xC0, 0xC1, 0xC2:
		n := 1 << (c - 0xC0)
		if m, _ := r.Read(raw[:n]); m < n {
			return 0, ErrShort
		}
		v := int64(int8(raw[0]))
		if n == 2 {
			v = int64(int16(binary.LittleEndian.Uint16(raw[:])))
		} else if n == 4 {
			v = int64(int32(binary.LittleEndian.Uint32(raw[:])))
		}
		return len(strconv.FormatInt(v, 10)), nil
	case 0xC3:
		packed, err := length()
		if err != nil {
			return 0, err
		}
		size, err := length()
		if err != nil {
			return 0, err
		}
		return int(size), body(packed)
	}
	return 0, errors.New("no string")
}

func FuzzString(f *testing.F) {
	for _, s := range []string{"\x05hello", "\xc0\xff", "\xc1\x80\x00", "\xc2\x40\xe2\x01\x00", "\xc3\x02\x3cxx", "\x40\x40", "\x80\x00\x00\x00\x01x", "\x81\x80\x00\x00\x00\x00\x00\x00\x00", "\xc4", "\x82"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		size, want := readString(r)
		used := len(b) - r.Len()
		n, left, _, missing, err := SkipStrings(b, 1)
		switch {
		case (err == nil) != (want == nil) || (err == ErrShort) != (want == ErrShort):
			t.Fatalf("%v, the twin says %v", err, want)
		case err == nil && (n != used || left != 0):
			t.Fatalf("%d bytes, the twin read %d", n, used)
		case err == ErrShort && missing == 0:
			t.Fatal("short, but nothing is missing")
		}
		if h, err := String(b); err == nil && want == nil && int(h.Size) != size {
			t.Fatalf("size %d, the twin says %d", h.Size, size)
		}
	})
}

func BenchmarkSkipStrings(b *testing.B) {
	var data []byte
	const count = 10000
	for i := range count {
		s := strings.Repeat("x", i%60)
		data = append(append(data, byte(len(s))), s...)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for range b.N {
		if _, left, _, _, err := SkipStrings(data, count); left != 0 || err != nil {
			b.Fatal(left, err)
		}
	}
}
