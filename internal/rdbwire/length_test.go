package rdbwire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
)

var errSimple = errors.New("refused by the simple twin")

// kindOf sorts errors: none, input too short, anything else.
func kindOf(err error) string {
	switch err {
	case nil:
		return "none"
	case ErrShort:
		return "short"
	}
	return "damage"
}

func TestLongLengths(t *testing.T) {
	for _, c := range []struct {
		in   string
		want uint64
	}{
		{"\x40\x00", 0}, // longer than it needs to be
		{"\x43\xED", 1005},
		{"\x80\xFF\xFF\xFF\xFF", math.MaxUint32},
		{"\x81\x00\x00\x00\x01\x00\x00\x00\x00", 1 << 32},
		{"\x81\xBD\xE7\x2D\xA2\xBB\x1E\xB4\x00", 0xBDE72DA2BB1EB400},
	} {
		for _, tail := range []string{"", "\xFF", strings.Repeat("\xC5", 20)} {
			if v, n, err := Length([]byte(c.in + tail)); v != c.want || n != len(c.in) || err != nil {
				t.Errorf("%x: %d, %d, %v, want %d", c.in+tail, v, n, err, c.want)
			}
		}
	}
}

func TestLengthErrors(t *testing.T) {
	for c := 0x82; c <= 0xFF; c++ {
		_, n, err := Length([]byte{byte(c), 0, 0, 0, 0, 0, 0, 0, 0})
		if err == nil || err == ErrShort || n != 0 {
			t.Errorf("%02x: %d, %v", c, n, err)
		}
	}
}

// simpleLength is Length bit by bit.
func simpleLength(b []byte) (v uint64, n int, err error) {
	read := bytes.NewReader(b)
	first, err := read.ReadByte()
	if err != nil {
		return 0, 0, ErrShort
	}
	more := 0
	switch first >> 6 {
	case 0:
		v = uint64(first)
	case 1:
		v, more = uint64(first)-0x40, 1
	case 2:
		switch first {
		case 0x80:
			more = 4
		case 0x81:
			more = 8
		default:
			return 0, 0, errSimple
		}
	default:
		return 0, 0, errSimple
	}
	for range more {
		c, err := read.ReadByte()
		if err != nil {
			return 0, 0, ErrShort
		}
		v = v*256 + uint64(c)
	}
	return v, 1 + more, nil
}

func FuzzLength(f *testing.F) {
	for _, b := range [][]byte{{}, {0}, {0x3F}, {0x40}, {0x7F, 0xFF}, {0x80, 1, 2, 3, 4}, {0x81, 1, 2, 3, 4, 5, 6, 7, 8}, {0x82, 0}, {0xC0, 1}, {0xC3, 9, 60}, {0xFF}} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, n, err := Length(b)
		wantV, wantN, wantErr := simpleLength(b)
		if v != wantV || n != wantN || kindOf(err) != kindOf(wantErr) {
			t.Errorf("% x: %d, %d, %v, want %d, %d, %v", b, v, n, err, wantV, wantN, wantErr)
		}
		if err == nil {
			if _, _, err := Length(b[:n-1]); err != ErrShort {
				t.Errorf("% x: %v without its last byte", b[:n], err)
			}
		}
	})
}

func BenchmarkLength(b *testing.B) {
	for name, one := range map[string][]byte{
		"6-bit":  {0x2A},
		"14-bit": {0x43, 0xED},
		"32-bit": binary.BigEndian.AppendUint32([]byte{0x80}, 100000),
		"64-bit": binary.BigEndian.AppendUint64([]byte{0x81}, 1<<40),
	} {
		in := bytes.Repeat(one, 1000)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := in; len(rest) > 0; {
					_, n, err := Length(rest)
					if err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
			}
		})
	}
}
