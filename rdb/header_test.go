package rdb_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/pierrec/lz4/v4"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

func TestKnownVersions(t *testing.T) {
	var magics []string
	for n := 1; n <= 15; n++ {
		magics = append(magics, fmt.Sprintf("REDIS%04d", n))
	}
	for _, magic := range append(magics, "VALKEY080", "VALKEY081") {
		r := rdb.NewReader(bytes.NewReader(file(magic, record(0, "k", str("v")))), &rdb.Options{Meta: true})
		e, err := r.Next()
		if err != nil {
			t.Errorf("%s: %v", magic, err)
			continue
		}
		if m := e.Meta; m == nil || m.Kind != entry.MetaHeader || e.Offset != 0 || e.Size != 9 {
			t.Errorf("%s: the first record is %+v", magic, e)
		} else if name := string(m.Name); !strings.HasPrefix(magic, name) || magic != fmt.Sprintf("%s%0*d", name, 9-len(name), m.Nums[0]) {
			t.Errorf("%s: header %s %d", magic, name, m.Nums)
		}
		if v := r.Version(); v.String() != magic || !v.Known() {
			t.Errorf("%s: version %s", magic, v)
		}
		for err == nil {
			_, err = r.Next()
		}
		tr := r.Trailer()
		if err != io.EOF || tr.Version.String() != magic || tr.Stored != tr.Computed {
			t.Errorf("%s: %v, %+v", magic, err, tr)
		}
		if old := magic < "REDIS0005"; tr.Checked() == old {
			t.Errorf("%s: checked: %t", magic, tr.Checked())
		}
	}
}

func TestUnknownVersions(t *testing.T) {
	for _, magic := range []string{"REDIS0000", "REDIS0016", "REDIS0079", "REDIS0080", "REDIS0081", "REDIS1002", "REDIS9999", "VALKEY000", "VALKEY011", "VALKEY079", "VALKEY082", "VALKEY999"} {
		for _, m := range modes() {
			out := m.read(bytes.NewReader(file(magic, record(0, "k", str("v")))), rdb.Options{Meta: true, Name: "dump.rdb"}, everything)
			want := "dump.rdb: offset 0x0: header: RDB version " + magic + ": not supported"
			if !errors.Is(out.err, entry.ErrUnsupported) || out.err.Error() != want || len(out.lines) > 0 {
				t.Errorf("%s, %s: %q, %v", m.name, magic, out.lines, out.err)
			}
		}
	}
}

func TestNoRDB(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "offset 0x0: the file is empty"},
		{"R", "offset 0x0: header: the file ends inside a record"},
		{"REDIS", "offset 0x0: header: the file ends inside a record"},
		{"REDIS001", "offset 0x0: header: the file ends inside a record"},
		{"VALKEY08", "offset 0x0: header: the file ends inside a record"},
		{"REDIS0011", "offset 0x9: the file ends without an end mark"},
		{"hello", `offset 0x0: not an RDB file: it begins with "hello"`},
		{"hello, world", `offset 0x0: not an RDB file: it begins with "hello, wo"`},
		{"REDIS00x1 ", `offset 0x0: not an RDB file: it begins with "REDIS00x1"`},
		{"VALKEY-80", `offset 0x0: not an RDB file: it begins with "VALKEY-80"`},
		{"redis0011", `offset 0x0: not an RDB file: it begins with "redis0011"`},
		{"*2\r\n$6\r\nSELECT\r\n", `offset 0x0: not an RDB file: it begins with "*2\r\n$6\r\nS"`},
	} {
		for _, m := range modes() {
			out := m.read(strings.NewReader(c.in), rdb.Options{}, everything)
			var corrupt *entry.CorruptError
			if !errors.As(out.err, &corrupt) || out.err.Error() != c.want {
				t.Errorf("%s, %q:\n got %v\nwant %s", m.name, c.in, out.err, c.want)
			}
			if cut := strings.Contains(c.want, "the file ends") || c.in == ""; cut != errors.Is(out.err, entry.ErrTruncated) {
				t.Errorf("%s, %q: truncated is %t", m.name, c.in, !cut)
			}
		}
	}
}

// TestRest reads what follows a file: nothing, a few bytes, the commands of an
// append-only file.
func TestRest(t *testing.T) {
	commands := "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n"
	large := record(0, "large", str(strings.Repeat("large", 1<<19)))
	for name, body := range map[string][]byte{
		"small": cat(aux("aof-preamble", "1"), record(0, "k", str("v"))),
		"large": cat(large, record(0, "k", str("v"))),
		"last":  large,
		"empty": nil,
	} {
		for _, magic := range []string{"REDIS0009", "REDIS0004"} {
			whole := file(magic, body)
			for _, rest := range []string{"", "\n", commands, strings.Repeat(commands, 5000)} {
				if testing.Short() && (rest == "\n" || magic == "REDIS0004") {
					continue
				}
				for from, open := range sources(len(whole)+len(rest) < 1000) {
					for _, m := range modes() {
						out := m.read(open(cat(whole, rest)), rdb.Options{}, everything)
						if out.err != nil {
							t.Errorf("%s, %s, %s, %s: %v", name, magic, m.name, from, out.err)
							continue
						}
						if got, err := io.ReadAll(out.rest); string(got) != rest || err != nil {
							t.Errorf("%s, %s, %s, %s: the rest is %.60q... (%d bytes), not %.60q... (%d bytes), %v", name, magic, m.name, from, got, len(got), rest, len(rest), err)
						}
						if end := out.trailer.End; end != int64(len(whole)) {
							t.Errorf("%s, %s, %s, %s: end at %d, not %d", name, magic, m.name, from, end, len(whole))
						}
						if n := out.trailer.Footer; magic == "REDIS0009" && n != int64(len(whole)-8) {
							t.Errorf("%s, %s, %s: footer at %d, not %d", name, m.name, from, n, len(whole)-8)
						}
					}
				}
			}
		}
	}
}

// TestRestWithoutWaiting reads a preamble from a connection on which nothing
// follows yet.
func TestRestWithoutWaiting(t *testing.T) {
	b := file("REDIS0009", record(0, "k", str("v")))
	for _, m := range modes() {
		src := io.MultiReader(bytes.NewReader(b), iotest.ErrReader(errors.New("read behind the footer")))
		if out := m.read(src, rdb.Options{}, everything); out.err != nil {
			t.Errorf("%s: %v", m.name, out.err)
		}
	}
}

func TestCheckRest(t *testing.T) {
	trailer := rdb.Trailer{End: 0x20}
	broken := errors.New("broken")
	for _, c := range []struct {
		rest io.Reader
		want string
	}{
		{strings.NewReader(""), "<nil>"},
		{strings.NewReader("junk"), `f: offset 0x20: footer: bytes follow it: "junk"`},
		{iotest.OneByteReader(strings.NewReader("junk")), `f: offset 0x20: footer: bytes follow it: "junk"`},
		{iotest.ErrReader(broken), "broken"},
	} {
		if err := trailer.CheckRest("f", c.rest); fmt.Sprint(err) != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	for _, commands := range []string{"*1\r\n$4\r\nPING\r\n", "#TS:1\r\n"} {
		if err := trailer.CheckRest("f", strings.NewReader(commands)); !errors.Is(err, entry.ErrUnsupported) {
			t.Errorf("%q: %v", commands, err)
		}
	}
}

// Diskless replication: $EOF:<mark>\r\n <file> <mark>

const eofMark = "0123456789abcdef0123456789abcdef01234567"

func replicated(b []byte) []byte { return cat("$EOF:", eofMark, "\r\n", b, eofMark) }

func TestReplicationStream(t *testing.T) {
	for _, magic := range []string{"REDIS0003", "REDIS0012", "VALKEY080"} {
		b := file(magic, record(0, "k", str("v")))
		for from, open := range sources(true) {
			for _, m := range modes() {
				out := m.read(open(cat(replicated(b), "*1\r\n$4\r\nPING\r\n")), rdb.Options{Meta: true}, everything)
				if out.err != nil {
					t.Errorf("%s, %s, %s: %v", magic, m.name, from, out.err)
					continue
				}
				want := []string{`@47+9 header`, `@56+5 db0 "k" string/raw[1]: "v"`}
				for i := range want {
					if !strings.HasPrefix(out.lines[i], want[i]) {
						t.Errorf("%s, %s, %s: %s", magic, m.name, from, out.lines[i])
					}
				}
				if rest, _ := io.ReadAll(out.rest); string(rest) != "*1\r\n$4\r\nPING\r\n" {
					t.Errorf("%s, %s, %s: rest %q", magic, m.name, from, rest)
				}
				if end := out.trailer.End; end != int64(len(replicated(b))) {
					t.Errorf("%s, %s, %s: end %d", magic, m.name, from, end)
				}
			}
		}
	}
}

func TestReplicationStreamDamage(t *testing.T) {
	b := replicated(file("REDIS0009", record(0, "k", str("v"))))
	for _, c := range []struct {
		in   []byte
		want string
	}{
		{b[:20], "offset 0x0: replication stream: the file ends inside a record"},
		{cat(b[:45], "xx", b[47:]), "offset 0x2d: replication stream: no line end after the mark"},
		{cat(b[:len(b)-1], "x"), `offset 0x46: replication stream: ends with the mark "` + eofMark[:39] + `x", it began with "` + eofMark + `"`},
		{b[:len(b)-1], "offset 0x6d: footer: the file ends inside a record"},
	} {
		for _, m := range modes() {
			out := m.read(bytes.NewReader(c.in), rdb.Options{}, everything)
			var corrupt *entry.CorruptError
			if !errors.As(out.err, &corrupt) || out.err.Error() != c.want {
				t.Errorf("%s:\n got %v\nwant %s", m.name, out.err, c.want)
			}
		}
	}
}

// Valkey's compressed stream: VCS | 01 | codec | 00 | 01 | one frame

func compressed(t testing.TB, b []byte) []byte {
	var frame bytes.Buffer
	w := lz4.NewWriter(&frame)
	if err := w.Apply(lz4.BlockChecksumOption(true), lz4.ChecksumOption(true)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return cat(hx(`"VCS" 01 01 00 01`), frame.Bytes())
}

func TestCompressedStream(t *testing.T) {
	small := cat(aux("valkey-ver", "9.2.0"), record(0, "k", str("v")))
	large := cat(small, record(0, "large", str(strings.Repeat("0123456789", 400000))), record(0, "after", str("w")))
	for name, body := range map[string][]byte{"small": small, "large": large} {
		plain := file("VALKEY081", body)
		want := read(plain, rdb.Options{Meta: true})
		if want.err != nil {
			t.Fatal(want.err)
		}
		want.trailer.Wrapped = true
		packed := compressed(t, plain)
		for from, open := range sources(name == "small") {
			for _, m := range modes() {
				same(t, name+", "+m.name+", "+from, want, m.read(open(packed), rdb.Options{Meta: true, Size: int64(len(packed))}, everything))
			}
		}
	}
}

func TestCompressedStreamRefused(t *testing.T) {
	plain := file("VALKEY081", record(0, "k", str("v")))
	packed := compressed(t, plain)
	with := func(at int, b byte) []byte {
		out := bytes.Clone(packed)
		out[at] = b
		return out
	}
	for name, in := range map[string][]byte{
		"version 2":  with(3, 2),
		"codec zstd": with(4, 2),
		"reserved":   with(5, 1),
		"kind":       with(6, 2),
	} {
		out := readSerially(bytes.NewReader(in), rdb.Options{}, everything)
		if !errors.Is(out.err, entry.ErrUnsupported) {
			t.Errorf("%s: %v", name, out.err)
		}
	}
	for name, in := range map[string][]byte{
		"no frame":         packed[:7],
		"cut":              packed[:len(packed)/2],
		"bad block":        with(len(packed)/2, packed[len(packed)/2]^0xFF),
		"no RDB":           compressed(t, []byte("hello, world")),
		"not an LZ4 frame": cat(packed[:7], plain),
	} {
		out := readSerially(bytes.NewReader(in), rdb.Options{}, everything)
		var corrupt *entry.CorruptError
		if !errors.As(out.err, &corrupt) {
			t.Errorf("%s: %v", name, out.err)
		}
	}
}

// TestCompressedReplicationStream: the mark of a replication stream stands
// behind the compressed file, not in it. Reading it is not supported, or right.
func TestCompressedReplicationStream(t *testing.T) {
	in := replicated(compressed(t, file("VALKEY081", record(0, "k", str("v")))))
	out := readSerially(bytes.NewReader(in), rdb.Options{}, everything)
	if out.err != nil && !errors.Is(out.err, entry.ErrUnsupported) {
		t.Errorf("an intact stream is called damaged: %v", out.err)
	}
}
