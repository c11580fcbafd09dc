package rdbwire

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"testing"
)

// simpleString is String and its text in one, for strings that are not packed.
// end is where the string ends.
func simpleString(b []byte) (kind Kind, text string, size, end uint64, err error) {
	if len(b) == 0 {
		return 0, "", 0, 0, ErrShort
	}
	if b[0] < 0xC0 {
		v, n, err := simpleLength(b)
		if err != nil {
			return 0, "", 0, 0, err
		}
		if v <= uint64(len(b)-n) {
			text = string(b[n : n+int(v)])
		}
		return Plain, text, v, uint64(n) + v, nil
	}
	if width := 1 << (b[0] - 0xC0); b[0] <= 0xC2 {
		if len(b) < 1+width {
			return 0, "", 0, 0, ErrShort
		}
		var raw [8]byte
		copy(raw[8-width:], b[1:1+width])
		v := int64(binary.LittleEndian.Uint64(raw[:])) >> (64 - 8*width)
		text = strconv.FormatInt(v, 10)
		return Integer, text, uint64(len(text)), uint64(1 + width), nil
	}
	if b[0] != 0xC3 {
		return 0, "", 0, 0, errSimple
	}
	packed, n, err := simpleLength(b[1:])
	if err != nil {
		return 0, "", 0, 0, err
	}
	size, m, err := simpleLength(b[1+n:])
	return Compressed, "", size, uint64(1+n+m) + packed, err
}

// FuzzSkipStrings holds SkipStrings against a walk string by string, and the
// heads of the strings against those of the twin.
func FuzzSkipStrings(f *testing.F) {
	for _, s := range []string{
		"", "\x05hello", "\xC0\xFF", "\xC1\x80\x00", "\xC2\x40\xE2\x01\x00", "\xC3\x09\x3C\x01aa\xE0\x2F\x00\x01aa", "\xC4", "\xC5",
		"\x40\x40" + strings.Repeat("b", 64), "\x80\x00\x00\x00\x02hi", "\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "\x01a\x01b\xC0\x05\x00\x03abc",
	} {
		f.Add([]byte(s), uint64(3))
		f.Add([]byte(s+s+s), uint64(math.MaxUint64))
	}
	f.Fuzz(func(t *testing.T, b []byte, count uint64) {
		h, err := String(b)
		kind, text, size, end, wantErr := simpleString(b)
		if kindOf(err) != kindOf(wantErr) {
			t.Fatalf("% x: %v, want %v", b, err, wantErr)
		}
		if err == nil {
			if h.Kind != kind || h.Size != size || uint64(h.Len)+h.Body != end || h.Len > len(b) {
				t.Errorf("% x: %+v, want kind %d, size %d, end %d", b, h, kind, size, end)
			}
			if kind == Integer && strconv.FormatInt(h.Int, 10) != text {
				t.Errorf("% x: integer %d, want %s", b, h.Int, text)
			}
		}
		checkSkipStrings(t, b, count%100)
		checkSkipStrings(t, b, count)
	})
}

// checkSkipStrings holds SkipStrings against the twin.
func checkSkipStrings(t *testing.T, b []byte, count uint64) {
	t.Helper()
	n, left, unpacked, missing, err := SkipStrings(b, count)
	at, wantLeft, wantUnpacked := uint64(0), count, uint64(0)
	var wantErr error
	lacks := uint64(0)
	for ; wantLeft > 0; wantLeft-- {
		kind, _, size, length, err := simpleString(b[at:])
		if err == ErrShort {
			wantErr, lacks = err, 1
			break
		}
		if err != nil {
			wantErr = err
			break
		}
		if have := uint64(len(b)) - at; length > have || kind == Plain && length < size {
			wantErr, lacks = ErrShort, length-have
			break
		}
		at += length
		if kind == Compressed {
			var carry uint64
			if wantUnpacked, carry = bits.Add64(wantUnpacked, size, 0); carry > 0 {
				wantUnpacked = math.MaxUint64
			}
		}
	}
	if uint64(n) != at || left != wantLeft || unpacked != wantUnpacked || kindOf(err) != kindOf(wantErr) {
		t.Errorf("% x, %d strings: %d, %d left, %d unpacked, %v; want %d, %d, %d, %v", b, count, n, left, unpacked, err, at, wantLeft, wantUnpacked, wantErr)
	}
	if err == ErrShort && (missing == 0 || missing > lacks) {
		t.Errorf("% x, %d strings: %d bytes are said to lack, it is %d", b, count, missing, lacks)
	}
}
