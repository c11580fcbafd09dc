package jsonstr

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkStream cuts s into fragments of the sizes given, in turn, and compares with the whole.
func checkStream(t testing.TB, st *Stream, s []byte, sizes []byte) {
	t.Helper()
	var fragments [][]byte
	for rest, i := s, 0; len(rest) > 0; i++ {
		n := len(rest)
		if len(sizes) > 0 {
			n = min(n, int(sizes[i%len(sizes)]))
			if n == 0 && i%len(sizes) == len(sizes)-1 {
				n = 1
			}
		}
		fragments = append(fragments, rest[:n:n])
		rest = rest[n:]
	}
	var c Checker
	for _, f := range fragments {
		if n, err := c.Write(f); n != len(f) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	}
	if want := utf8.Valid(s) && !bytes.HasPrefix(s, []byte(prefix)); c.Text() != want {
		t.Fatalf("Text = %v for %q in sizes %v", c.Text(), s, sizes)
	}
	stream := func(mode Mode, text bool) []byte {
		dst := st.Begin([]byte("lead"), mode, text)
		for _, f := range fragments {
			dst = st.Append(dst, f)
		}
		return st.End(dst)
	}
	for mode := Auto; mode <= SHA256; mode++ {
		want := mode.Append([]byte("lead"), s)
		if got := stream(mode, c.Text()); !bytes.Equal(got, want) {
			t.Fatalf("%v: %q in sizes %v = %q, want %q", mode, s, sizes, got, want)
		}
		if got := stream(mode, !c.Text()); mode != Auto && !bytes.Equal(got, want) {
			t.Fatalf("%v depends on the finding of a Checker", mode)
		}
	}
}

func TestStream(t *testing.T) {
	var st Stream
	for _, s := range []string{
		"", "a", "ab", "abc", "abcd", "base64:", "base64:x", "base64", `{"a":"b"}`,
		"한국어 텍스트", "😀😀", "é", "cut \xed\x95", "cut \xf0\x9f\x98", "\xf0\x9f\x98x", "\xed\xa0\x80", "\x80", "\xc0\x80",
		"tab\tnul\x00", strings.Repeat("가나다\"\\\n", 3000), strings.Repeat("\x00\xff", 5000),
	} {
		for _, sizes := range [][]byte{nil, {1}, {2}, {3}, {4}, {5}, {7}, {16}, {1, 2, 0, 3}, {0, 0, 1}, {250, 1}} {
			checkStream(t, &st, []byte(s), sizes)
		}
	}
}

func TestCheckerReset(t *testing.T) {
	var c Checker
	if !c.Text() {
		t.Error("nothing is not text")
	}
	c.Write([]byte("base64:\xff\xe2"))
	if c.Text() {
		t.Error("binary is text")
	}
	c.Reset()
	c.Write([]byte("ok"))
	if !c.Text() {
		t.Error("Reset keeps the verdict")
	}
}

func FuzzStream(f *testing.F) {
	f.Add([]byte("한국어 텍스트와 \"ascii\" text"), []byte{1, 2})
	f.Add([]byte("base64:abc"), []byte{3})
	f.Add([]byte("\xf0\x9f\x98\x80\xf0\x9f\x98"), []byte{1})
	f.Add(bytes.Repeat([]byte("\x00\"\xff"), 30), []byte{16, 1, 20})
	var st Stream
	f.Fuzz(func(t *testing.T, s, sizes []byte) {
		checkStream(t, &st, s, sizes)
	})
}
