package rdbwire

import (
	"math"
	"testing"
)

func TestModuleItem(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Item
		n    int
	}{
		{"\x00", Item{Kind: ItemEOF}, 1},
		{"\x01\x07", Item{Kind: ItemSint, Uint: 7}, 2},
		{"\x01\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", Item{Kind: ItemSint, Uint: math.MaxUint64 - 1}, 10},
		{"\x02\x50\x00", Item{Kind: ItemUint, Uint: 4096}, 3},
		{"\x03\x00\x00\xC0\x3F", Item{Kind: ItemFloat, Float: 1.5}, 5},
		{"\x04\x00\x00\x00\x00\x00\x00\xF0\x3F", Item{Kind: ItemDouble, Float: 1}, 9},
		{"\x05\x02e1", Item{Kind: ItemString, Head: Head{Kind: Plain, Len: 1, Body: 2, Size: 2}}, 2},
		{"\x05\xC0\x05", Item{Kind: ItemString, Head: Head{Kind: Integer, Len: 2, Size: 1, Int: 5}}, 3},
		{"\x40\x02\x07", Item{Kind: ItemUint, Uint: 7}, 3}, // an opcode in a long form
	} {
		got, n, err := ModuleItem([]byte(c.in))
		if got != c.want || n != c.n || err != nil {
			t.Errorf("%x: %+v, %d, %v, want %+v, %d", c.in, got, n, err, c.want, c.n)
		}
		for k := range c.n {
			if _, _, err := ModuleItem([]byte(c.in[:k])); err != ErrShort {
				t.Errorf("%x: %v, want %v", c.in[:k], err, ErrShort)
			}
		}
	}
	for in, want := range map[string]string{
		"\x06":     "module opcode 6 is unknown",
		"\x40\xFF": "module opcode 255 is unknown",
		"\x02\xC0": "a length is due, byte 0xc0 starts a special string",
		"\x05\xC9": "byte 0xc9 starts no string",
		"\x90":     "byte 0x90 starts no length",
	} {
		if _, _, err := ModuleItem([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%x: %v, want %s", in, err, want)
		}
	}
}

func TestItemKindNames(t *testing.T) {
	for k, want := range map[ItemKind]string{ItemEOF: "end", ItemSint: "signed integer", ItemString: "string", 6: "opcode 6", 255: "opcode 255"} {
		if k.String() != want {
			t.Errorf("%d: %s, want %s", k, k, want)
		}
	}
}

func TestSkipModuleStops(t *testing.T) {
	if _, _, missing, err := SkipModule([]byte("\x05\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")); err != ErrShort || missing != math.MaxUint64 {
		t.Errorf("the longest string: %d missing, %v", missing, err)
	}
	if n, _, _, err := SkipModule([]byte("\x02\x01\x06")); n != 2 || kindOf(err) != "damage" {
		t.Errorf("unknown opcode: at %d, %v", n, err)
	}
}

// FuzzModule holds SkipModule against a walk item by item.
func FuzzModule(f *testing.F) {
	for _, s := range []string{"", "\x00", "\x01\x07\x00", "\x02\x50\x00\x00", "\x03\x00\x00\xC0\x3F\x00", "\x04\x00\x00\x00\x00\x00\x00\xF0\x3F\x00", "\x05\x02e1\x00", "\x05\xC3\x01\x05a\x05\xC0\x01\x00", "\x06", "\x05\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, unpacked, missing, err := SkipModule(b)
		want, wantUnpacked, wantErr := 0, uint64(0), error(nil)
		for {
			it, m, err := ModuleItem(b[want:])
			if err != nil {
				wantErr = err
				break
			}
			if want+m > len(b) {
				t.Fatalf("% x: an item of %d bytes", b[want:], m)
			}
			if it.Kind == ItemString && it.Head.Body > uint64(len(b)-want-m) {
				wantErr = ErrShort
				break
			}
			want += m + int(it.Head.Body)
			if it.Head.Kind == Compressed {
				wantUnpacked = addSaturated(wantUnpacked, it.Head.Size)
			}
			if it.Kind == ItemEOF {
				break
			}
		}
		if kindOf(err) != kindOf(wantErr) || unpacked != wantUnpacked || err != ErrShort && n != want {
			t.Errorf("% x: %d, %d, %v, want %d, %d, %v", b, n, unpacked, err, want, wantUnpacked, wantErr)
		}
		if (err == ErrShort) != (missing > 0) {
			t.Errorf("% x: %d missing, %v", b, missing, err)
		}
	})
}

func BenchmarkSkipModule(b *testing.B) {
	var in []byte
	for range 1000 {
		in = append(in, "\x02\x03\x05\x08itemitem\x04\x00\x00\x00\x00\x00\x00\xF0\x3F"...)
	}
	in = append(in, 0)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if n, _, _, err := SkipModule(in); n != len(in) || err != nil {
			b.Fatal(n, err)
		}
	}
}
