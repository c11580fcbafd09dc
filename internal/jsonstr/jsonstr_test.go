package jsonstr

import (
	"bytes"
	"math/rand"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppend(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", `""`},
		{"plain", "user:123:profile", `"user:123:profile"`},
		{"json", `{"sku":"a1b2","qty":3}`, `"{\"sku\":\"a1b2\",\"qty\":3}"`},
		{"backslashes", `\\`, `"\\\\"`},
		{"short escapes", "\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"other controls", "\x00\x01\x1f\x0b", `"\u0000\u0001\u001f\u000b"`},
		{"delete and html", "\x7f<>&/", "\"\x7f<>&/\""},
		{"line separator", "\u2028", "\"\u2028\""},
		{"korean", "안녕 \"하세요\"", `"안녕 \"하세요\""`},
		{"replacement character", "\ufffd", "\"\ufffd\""},
		{"latin-1", "caf\xe9", `"base64:Y2Fm6Q=="`},
		{"surrogate", "\xed\xa0\x80", `"base64:7aCA"`},
		{"overlong", "\xc0\xaf", `"base64:wK8="`},
		{"cut rune", "ok\xe2\x82", `"base64:b2vigg=="`},
		{"prefix alone", "base64:", `"base64:YmFzZTY0Og=="`},
		{"prefix and text", "base64:YQ==", `"base64:YmFzZTY0OllRPT0="`},
		{"almost the prefix", "base64", `"base64"`},
		{"prefix in upper case", "Base64:YQ==", `"Base64:YQ=="`},
		{"prefix further on", " base64:YQ==", `" base64:YQ=="`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(Append(nil, []byte(c.in))); got != c.want {
				t.Errorf("Append = %s, want %s", got, c.want)
			}
			check(t, []byte(c.in))
		})
	}
}

func TestModes(t *testing.T) {
	for _, c := range []struct{ mode, in, want string }{
		{"auto", "abc", `"abc"`},
		{"base64", "abc", `"base64:YWJj"`},
		{"base64", "", `"base64:"`},
		{"hex", "a\xffc", `"61ff63"`},
		{"hex", "", `""`},
		{"sha256", "abc", `"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"`},
	} {
		mode, err := ParseMode(c.mode)
		if err != nil {
			t.Fatal(err)
		}
		if mode.String() != c.mode {
			t.Errorf("String = %q, want %q", mode, c.mode)
		}
		if got := string(mode.Append(nil, []byte(c.in))); got != c.want {
			t.Errorf("%v.Append(%q) = %s, want %s", mode, c.in, got, c.want)
		}
	}
	for _, name := range []string{"", "AUTO", "base32", "auto "} {
		if _, err := ParseMode(name); err == nil || !strings.Contains(err.Error(), "auto, base64, hex or sha256") {
			t.Errorf("ParseMode(%q) = %v", name, err)
		}
	}
	if got := Mode(9).String(); got != "mode(9)" {
		t.Errorf("String = %q", got)
	}
}

// Every kind of byte at every place of strings of every length up to three blocks, in surroundings that are clean and that
// are not.
func TestEveryPlaceAndLength(t *testing.T) {
	kinds := []byte("\x00\x07\b\t\n\v\f\r\x0e\x1f !\"#[\\]\x7f\x80\x8a\xa2\xdc\xff")
	for _, around := range []string{"x", `"`, "x\\", "가", "\n."} {
		for n := 0; n <= 50; n++ {
			base := []byte(strings.Repeat(around, n))[:n]
			check(t, base)
			for at := range n {
				for _, c := range kinds {
					s := bytes.Clone(base)
					s[at] = c
					for name, k := range kernels {
						if got := run(t, k, s, true); !bytes.Equal(got, twinEscaped(nil, s)) {
							t.Fatalf("kernel %s: %q for %q", name, got, s)
						}
					}
					if got, want := Append(nil, s), twin(nil, s); !bytes.Equal(got, want) {
						t.Fatalf("Append(%q) = %q, want %q", s, got, want)
					}
				}
			}
		}
	}
}

func TestEveryByte(t *testing.T) {
	for c := range 256 {
		for _, n := range []int{1, 8, 9, 16, 33} {
			check(t, bytes.Repeat([]byte{byte(c)}, n))
			s := bytes.Repeat([]byte("."), n)
			s[n/2] = byte(c)
			check(t, s)
		}
	}
}

// All pairs of bytes with many third and fourth ones, at places where the steps of both validators begin and end.
func TestValidExhaustive(t *testing.T) {
	edge := []byte{0x41, 0x7f, 0x80, 0x9f, 0xbf, 0xc2, 0xff}
	try := func(s []byte) {
		want := utf8.Valid(s)
		if got := validGo(s); got != want {
			t.Fatalf("validGo(%x) = %v", s, got)
		}
		if got := valid(s); got != want {
			t.Fatalf("valid(%x) = %v", s, got)
		}
	}
	for a := range 256 {
		for b := range 256 {
			for _, c := range edge {
				for _, d := range edge {
					for _, at := range []int{13, 16} {
						s := []byte("0123456789abcdef0123456789")
						copy(s[at:], []byte{byte(a), byte(b), c, d})
						try(s)
						try(s[at:])
						try(s[:at+4])
					}
				}
			}
		}
	}
	for n := 16; n < 70; n++ {
		for at := range n {
			for _, tail := range []string{"é", "가", "😀", "\xe2\x82", "\xf0\x9f\x98", "\xed\xbf\xbf", "\xf4\x90\x80\x80"} {
				s := bytes.Repeat([]byte("."), n)
				copy(s[at:], tail)
				try(s)
			}
		}
	}
}

// Strings above the size up to which room is reserved at once, with something special at the borders of the pieces.
func TestLongStrings(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for _, n := range []int{pieceLen - 1, wholeMax - 1, wholeMax, wholeMax + 1, 3 * pieceLen, 5*wholeMax + 17} {
		for _, around := range []string{"x", "\"", "\x00", "x\x01", "한", "a\xff"} {
			s := []byte(strings.Repeat(around, n))[:n]
			if around == "한" {
				s = s[:n/3*3]
			}
			check(t, s)
			s = bytes.Clone(s)
			s[rnd.Intn(len(s))] = 0xff
			check(t, s)
			s[len(s)-1] = 0x80
			check(t, s)
		}
	}
}

// A value of a megabyte must not leave behind a buffer of six.
func TestLongStringReservesLittle(t *testing.T) {
	s := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	if got := cap(Append(nil, s)); got > 2*len(s) {
		t.Errorf("%d bytes for %d of text", got, len(s))
	}
}

func TestNoAllocation(t *testing.T) {
	dst := make([]byte, 0, 1<<20)
	for _, s := range []string{"", "key", `{"a":"b"}`, "base64:", "한국어 \x00 text", "\xff\xfe", strings.Repeat("\x01", 20000), strings.Repeat("\xff", 20000)} {
		in := []byte(s)
		for mode := Auto; mode <= SHA256; mode++ {
			if n := testing.AllocsPerRun(10, func() { mode.Append(dst, in) }); n != 0 {
				t.Errorf("%v.Append(%.20q) allocates %v times", mode, s, n)
			}
		}
		if n := testing.AllocsPerRun(10, func() { Append(dst[:0:6*len(in)+50], in) }); n != 0 && len(s) <= wholeMax {
			t.Errorf("Append(%.20q) allocates %v times in the documented room", s, n)
		}
	}
}

func FuzzAppend(f *testing.F) {
	for _, s := range []string{"", "user:1", `{"sku":"a1b2c3d4","qty":3,"price":12.34}`, "base64:x", "tab\tnul\x00", "한국어 텍스트와 \"ascii\" text", "\xff", "\xf0\x9f\x98\x80\\", "0123456789abcde\xe2\x82\xac"} {
		f.Add([]byte(s), uint16(1))
		f.Add([]byte(s), uint16(40))
	}
	f.Fuzz(func(t *testing.T, s []byte, times uint16) {
		check(t, s)
		if n := int(times) % 64 * len(s); n <= 2*wholeMax {
			check(t, bytes.Repeat(s, int(times)%64))
		}
	})
}
