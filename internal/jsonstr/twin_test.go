package jsonstr

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// twin is the rule of Auto as plainly as it can be said.
func twin(dst, s []byte) []byte {
	if !utf8.Valid(s) || bytes.HasPrefix(s, []byte("base64:")) {
		return append(dst, `"base64:`+base64.StdEncoding.EncodeToString(s)+`"`...)
	}
	return append(twinEscaped(append(dst, '"'), s), '"')
}

func twinEscaped(dst, s []byte) []byte {
	for _, c := range s {
		switch {
		case c == '"':
			dst = append(dst, `\"`...)
		case c == '\\':
			dst = append(dst, `\\`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c < 0x20:
			dst = fmt.Appendf(dst, `\u%04x`, c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// decode undoes what twin did, by an independent JSON parser.
func decode(t testing.TB, out []byte) []byte {
	t.Helper()
	var text string
	if err := json.Unmarshal(out, &text); err != nil {
		t.Fatalf("%q is not JSON: %v", out, err)
	}
	if rest, ok := strings.CutPrefix(text, "base64:"); ok {
		s, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		return s
	}
	return []byte(text)
}

// kernel is an escape function under test; all share one contract, except that some also stop at control bytes.
type kernel func(dst, src []byte, high bool) (read, wrote int)

// kernels are all that this machine can run.
var kernels = map[string]kernel{"go": escapeGo, "active": escape, "bytes": escapeBytes}

// run calls k on a copy of src that has neighbours on both sides, at most 1000 bytes at a time, until all is read or a byte
// >= 0x80 stops it. It fails when k reads differently with other neighbours or writes beyond the room it may use.
func run(t testing.TB, k kernel, src []byte, high bool) []byte {
	t.Helper()
	const guard = 0xa7
	var got [2][]byte
	buf := make([]byte, worst*min(len(src), 1000)+slack+64)
	for round, around := range [2]byte{'"', 0xff} {
		in := bytes.Repeat([]byte{around}, len(src)+64)
		copy(in[32:], src)
		in = in[32 : 32+len(src) : 32+len(src)]
		for at := 0; at < len(in); {
			rest := in[at:min(len(in), at+1000)]
			room := worst*len(rest) + slack
			beyond := buf[room : room+64]
			for i := range beyond {
				beyond[i] = guard
			}
			read, wrote := k(buf[:room:room], rest, high)
			if read < 0 || read > len(rest) || wrote < read || wrote > worst*read {
				t.Fatalf("read %d of %d, wrote %d", read, len(rest), wrote)
			}
			for i, c := range beyond {
				if c != guard {
					t.Fatalf("%q: byte %d beyond the room of %d was written", rest, i, room)
				}
			}
			got[round] = append(got[round], buf[:wrote]...)
			at += read
			if read == len(rest) {
				continue
			}
			if in[at] >= 0x80 && !high {
				break
			}
			one := twinEscaped(nil, in[at:at+1])
			if len(one) != worst {
				t.Fatalf("%q: stopped at byte %d", rest, read)
			}
			got[round] = append(got[round], one...)
			at++
		}
	}
	if !bytes.Equal(got[0], got[1]) {
		t.Fatalf("%q: the result depends on bytes outside the input", src)
	}
	return got[0]
}

// check holds everything to the twin for one string.
func check(t testing.TB, s []byte) {
	t.Helper()
	want := twin(nil, s)
	if back := decode(t, want); !bytes.Equal(back, s) {
		t.Fatalf("%q reads back as %q", s, back)
	}
	lead := []byte("lead")
	for _, room := range []int{0, 6*len(s) + 50, 7*len(s) + 500} {
		dst := append(make([]byte, 0, len(lead)+room), lead...)
		got, ok := bytes.CutPrefix(Append(dst, s), lead)
		if !ok || !bytes.Equal(got, want) {
			t.Fatalf("Append(%q) with room %d = %q, want %q", s, room, got, want)
		}
		got, ok = bytes.CutPrefix(AppendEscaped(dst, s), lead)
		if !ok || !bytes.Equal(got, twinEscaped(nil, s)) {
			t.Fatalf("AppendEscaped(%q) with room %d = %q", s, room, got)
		}
	}
	ascii := s
	if i := bytes.IndexFunc(s, func(r rune) bool { return r >= 0x80 }); i >= 0 {
		ascii = s[:i]
	}
	for name, k := range kernels {
		if got := run(t, k, s, true); !bytes.Equal(got, twinEscaped(nil, s)) {
			t.Fatalf("kernel %s: %q, want %q", name, got, twinEscaped(nil, s))
		}
		if got := run(t, k, s, false); !bytes.Equal(got, twinEscaped(nil, ascii)) {
			t.Fatalf("kernel %s, ascii only: %q, want %q", name, got, twinEscaped(nil, ascii))
		}
	}
	if got := valid(s); got != utf8.Valid(s) {
		t.Fatalf("valid(%q) = %v", s, got)
	}
	if got := validGo(s); got != utf8.Valid(s) {
		t.Fatalf("validGo(%q) = %v", s, got)
	}
	sum := sha256.Sum256(s)
	for mode, want := range map[Mode]string{
		Auto:   string(want),
		Base64: `"base64:` + base64.StdEncoding.EncodeToString(s) + `"`,
		Hex:    `"` + hex.EncodeToString(s) + `"`,
		SHA256: `"` + hex.EncodeToString(sum[:]) + `"`,
	} {
		if got := string(mode.Append([]byte("lead"), s)); got != "lead"+want {
			t.Fatalf("%v.Append(%q) = %q, want %q", mode, s, got, want)
		}
	}
}
