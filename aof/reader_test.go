package aof_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/fixtures"
)

// command returns a command as it stands in a file.
func command(args ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b.String()
}

func writer(t *testing.T, dir string) func(name, text string) {
	return func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// transcript reads all of r and returns it as text, with the error at the end.
func transcript(r io.Reader, o aof.Options) (string, *aof.Reader, error) {
	var b strings.Builder
	in := aof.NewReader(r, &o)
	for {
		c, err := in.Next()
		if err != nil {
			fmt.Fprintf(&b, "valid %d %v", in.ValidUpTo(), err)
			if err == io.EOF {
				err = nil
			}
			return b.String(), in, err
		}
		fmt.Fprintf(&b, "%d+%d db%d %v %q %q\n", c.Offset, c.Size, c.DB, c.InTx, c.Args, c.Annotation)
	}
}

func TestReader(t *testing.T) {
	text := command("SELECT", "2") + "#TS:1700000000\r\n" + command("set", "k\r\n", "") + command("multi") + command("DEL", "a", "b") + "#x\r\n" + command("Exec") + command("FOO")
	got, _, err := transcript(strings.NewReader(text), aof.Options{Annotations: true})
	if err != nil {
		t.Fatal(err)
	}
	want := `0+23 db2 false ["SELECT" "2"] ""
23+16 db2 false [] "#TS:1700000000"
39+28 db2 false ["set" "k\r\n" ""] ""
67+15 db2 true ["multi"] ""
82+27 db2 true ["DEL" "a" "b"] ""
109+4 db2 true [] "#x"
113+14 db2 true ["Exec"] ""
127+13 db2 false ["FOO"] ""
valid 140 EOF`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, _, _ := transcript(strings.NewReader(text), aof.Options{}); strings.Contains(got, "#") {
		t.Errorf("annotations that nobody asked for:\n%s", got)
	}
}

// What is wrong is told apart, with the offset of the bad byte.
func TestDamage(t *testing.T) {
	set := command("SET", "k", "v")
	for _, tt := range []struct {
		name, text string
		is         error
		offset     int64
		valid      int64
		says       string
	}{
		{"cut tail", set + set[:20], entry.ErrTruncated, 27, 27, "ends inside a command"},
		{"cut number", set + "*", entry.ErrTruncated, 27, 27, ""},
		{"cut line end", set[:26], entry.ErrTruncated, 0, 0, ""},
		{"cut annotation", set + "#TS:1", entry.ErrTruncated, 27, 27, ""},
		{"cut in a transaction", set + command("MULTI") + set[:5], aof.ErrOpenTransaction, 42, 27, "transaction that begins at 0x1b"},
		{"cut in a transaction is a cut", set + command("MULTI") + set[:5], entry.ErrTruncated, 42, 27, ""},
		{"no EXEC", set + command("MULTI") + set, aof.ErrOpenTransaction, 27, 27, "before the EXEC of this MULTI"},
		{"garbage", set + "hello\r\n", aof.ErrFormat, 27, 27, `"hello\r\n" where '*' is due`},
		{"zero bytes", set + "\x00\x00\x00", aof.ErrFormat, 27, 27, "zero bytes"},
		{"blank line", set + "\r\n" + set, aof.ErrFormat, 27, 27, ""},
		{"inline command", "SET k v\r\n", aof.ErrFormat, 0, 0, ""},
		{"no arguments", "*0\r\n", aof.ErrFormat, 1, 0, "command of 0 arguments"},
		{"negative number", "*-1\r\n", aof.ErrFormat, 1, 0, ""},
		{"negative length", "*1\r\n$-5\r\n", aof.ErrFormat, 5, 0, "begins at 0x0"},
		{"bare line feed", "*1\n$4\r\nPING\r\n", aof.ErrFormat, 2, 0, "line feed without a carriage return"},
		{"bare line feed behind a length", "*1\r\n$4\nPING\r\n", aof.ErrFormat, 6, 0, "line feed without a carriage return"},
		{"carriage return alone", "*1\r\n$4\rXPING\r\n", aof.ErrFormat, 7, 0, "where a line feed is due"},
		{"wrong end of an argument", "*1\r\n$4\r\nPINGXY", aof.ErrFormat, 12, 0, `"XY" where the line end`},
		{"length too small", "*1\r\n$3\r\nPING\r\n", aof.ErrFormat, 11, 0, ""},
		{"leading zero", "*1\r\n$04\r\nPING\r\n", aof.ErrFormat, 5, 0, "begins with a zero"},
		{"two digits with a leading zero", "*01\r\n$4\r\nPING\r\n", aof.ErrFormat, 1, 0, "begins with a zero"},
		{"huge number", "*1\r\n$99999999999999999999\r\n", aof.ErrFormat, 4, 0, "too large"},
		{"letters in a number", "*1x\r\n$4\r\nPING\r\n", aof.ErrFormat, 2, 0, ""},
		{"long annotation", "#" + strings.Repeat("x", 2000) + "\r\n", aof.ErrFormat, 0, 0, "more than 1024 bytes"},
		{"annotation with a bare line feed", "#x\n" + set, aof.ErrFormat, 2, 0, ""},
		{"nested MULTI", command("MULTI") + command("MULTI"), aof.ErrTransaction, 15, 0, "MULTI inside the transaction"},
		{"EXEC alone", set + command("exec"), aof.ErrTransaction, 27, 27, "outside of a transaction"},
		{"wrong arity", set + command("GETSET", "k"), aof.ErrArity, 27, 27, `"GETSET" with 1 arguments, 2 are due`},
		{"too few", command("hset", "k", "f"), aof.ErrArity, 0, 0, "at least 3 are due"},
		{"SELECT of a word", command("SELECT", "x"), aof.ErrSelect, 0, 0, ""},
		{"SELECT below zero", command("SELECT", "-1"), aof.ErrSelect, 0, 0, ""},
		{"damaged RDB part", "REDIS0009\xfe\x00\x00\x01k\x01v\xff12345678" + set, aof.ErrPreamble, 17, 0, "RDB part"},
		{"damaged RDB part is a checksum", "REDIS0009\xfe\x00\x00\x01k\x01v\xff12345678" + set, entry.ErrChecksum, 17, 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, r, err := transcript(strings.NewReader(tt.text), aof.Options{Name: "a.aof", Size: int64(len(tt.text))})
			var c *entry.CorruptError
			if !errors.Is(err, tt.is) || !errors.As(err, &c) {
				t.Fatalf("error %v, want %v", err, tt.is)
			}
			if c.Offset != tt.offset || r.ValidUpTo() != tt.valid || !strings.Contains(err.Error(), tt.says) || c.File != "a.aof" {
				t.Errorf("%v\noffset %d, valid up to %d; want %d and %d, %q", err, c.Offset, r.ValidUpTo(), tt.offset, tt.valid, tt.says)
			}
			if _, again := r.Next(); again != err {
				t.Errorf("the error does not stick: %v", again)
			}
		})
	}
}

// small is a log with all that a log can hold.
func small(t testing.TB) []byte {
	text := command("SELECT", "0") + command("MULTI") + command("SET", "k", "v") + command("EXEC") + "#TS:5\r\n" + command("INCR", "n")
	return append(preamble(t), text...)
}

// preamble is an RDB file.
func preamble(t testing.TB) []byte {
	t.Helper()
	return fixtures.Example()
}

// Cut anywhere, a file is whole up to the last command outside a transaction.
func TestEveryPrefix(t *testing.T) {
	b := small(t)
	ends := map[int64]bool{}
	r := aof.NewReader(bytes.NewReader(b), nil)
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		ends[r.ValidUpTo()] = true
	}
	begin := int64(len(preamble(t)))
	ends[begin] = true
	last := begin
	for n := range b {
		if int64(n) < begin {
			continue
		}
		if ends[int64(n)] {
			last = int64(n)
		}
		_, r, err := transcript(bytes.NewReader(b[:n]), aof.Options{})
		switch {
		case last == int64(n) && err == nil && r.ValidUpTo() == last:
		case n < len(b) && bytes.HasSuffix(b[:n], []byte("#TS:5\r\n")) && err == nil:
			last = int64(n)
		case last == int64(n) || !errors.Is(err, entry.ErrTruncated) || r.ValidUpTo() != last:
			t.Fatalf("cut at %d: valid up to %d, want %d: %v", n, r.ValidUpTo(), last, err)
		}
	}
}

// No byte can be changed so that the reader crashes or calls it something other
// than damage.
func TestEveryFlip(t *testing.T) {
	b := small(t)[len(preamble(t)):]
	for i := range b {
		for _, mask := range []byte{1, 2, 0x10, 0x80} {
			c := bytes.Clone(b)
			c[i] ^= mask
			_, _, err := transcript(bytes.NewReader(c), aof.Options{})
			var corrupt *entry.CorruptError
			if err != nil && !errors.As(err, &corrupt) {
				t.Fatalf("byte %d ^ %x: %v", i, mask, err)
			}
		}
	}
}

// simple is a second reader, for whole files without annotations or
// transactions: the commands up to the first thing that is wrong.
func simple(b []byte) (commands [][][]byte, clean bool) {
	number := func(mark byte) (int, bool) {
		end := bytes.Index(b, []byte("\r\n"))
		if len(b) == 0 || b[0] != mark || end < 2 || end > 12 || b[1] == '0' && end > 2 {
			return 0, false
		}
		v := 0
		for _, c := range b[1:end] {
			if c < '0' || c > '9' {
				return 0, false
			}
			v = v*10 + int(c-'0')
		}
		b = b[end+2:]
		return v, true
	}
	for len(b) > 0 {
		argc, ok := number('*')
		if !ok || argc == 0 {
			return commands, false
		}
		var args [][]byte
		for range argc {
			n, ok := number('$')
			if !ok || n+2 > len(b) || string(b[n:n+2]) != "\r\n" {
				return commands, false
			}
			args = append(args, b[:n])
			b = b[n+2:]
		}
		commands = append(commands, args)
	}
	return commands, true
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(command("SELECT", "1")+command("SET", "key", strings.Repeat("v", 120))), byte(3))
	f.Add([]byte(command("MULTI")+"#TS:1\r\n"+command("EXEC")), byte(1))
	f.Add(small(f), byte(7))
	f.Add([]byte("*1\r\n$100\r\nx"), byte(0))
	f.Fuzz(func(t *testing.T, b []byte, size byte) {
		want, _, err := transcript(bytes.NewReader(b), aof.Options{Annotations: true})
		got, _, _ := transcript(iotest.OneByteReader(bytes.NewReader(b)), aof.Options{Annotations: true})
		if size > 0 {
			got, _, _ = transcript(&bySize{b, int(size)}, aof.Options{Annotations: true})
		}
		if got != want {
			t.Fatalf("depends on the sizes of reads:\n%s\n%s", got, want)
		}
		var c *entry.CorruptError
		if err != nil && !errors.As(err, &c) && !errors.Is(err, entry.ErrUnsupported) {
			t.Fatalf("no damage: %v", err)
		}
		if bytes.HasPrefix(b, []byte("REDIS")) || bytes.HasPrefix(b, []byte("VALKEY")) || bytes.Contains(b, []byte("#")) {
			return
		}
		commands, clean := simple(b)
		if err == nil && !clean {
			t.Fatal("reads what is no command")
		}
		known := errors.Is(err, aof.ErrArity) || errors.Is(err, aof.ErrTransaction) || errors.Is(err, aof.ErrSelect) || errors.Is(err, aof.ErrOpenTransaction)
		if clean && err != nil && !known {
			t.Fatalf("refuses commands: %v", err)
		}
		if n := strings.Count(want, "\n"); n > len(commands) || err == nil && n != len(commands) {
			t.Fatalf("%d commands, want %d", n, len(commands))
		}
	})
}

// bySize reads that many bytes at a time.
type bySize struct {
	b []byte
	n int
}

func (r *bySize) Read(p []byte) (int, error) {
	if len(r.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.n)], r.b)
	r.b = r.b[n:]
	return n, nil
}

// A failure to read is no damage.
func TestSourceFails(t *testing.T) {
	broken := errors.New("broken")
	for n := range len(command("SET", "k", "v")) {
		r := aof.NewReader(io.MultiReader(strings.NewReader(command("SET", "k", "v")[:n]), iotest.ErrReader(broken)), nil)
		var corrupt *entry.CorruptError
		if _, err := r.Next(); !errors.Is(err, broken) || errors.As(err, &corrupt) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// A length that promises gigabytes takes no memory before they arrive.
func TestHostileLengths(t *testing.T) {
	for _, text := range []string{"*1073741823\r\n", "*1\r\n$1000000000\r\nx", "*1000000\r\n$1\r\nx\r\n"} {
		allocated := testing.AllocsPerRun(1, func() {
			if _, _, err := transcript(strings.NewReader(text), aof.Options{}); !errors.Is(err, entry.ErrTruncated) {
				t.Errorf("%q: %v", text, err)
			}
		})
		if allocated > 100 {
			t.Errorf("%q: %v allocations", text, allocated)
		}
	}
	_, _, err := transcript(strings.NewReader("*1\r\n$5000\r\n"+strings.Repeat("x", 5000)+"\r\n"), aof.Options{MaxCommand: 1000})
	if !errors.Is(err, entry.ErrTooLarge) {
		t.Errorf("a command above the limit: %v", err)
	}
}

func BenchmarkReader(b *testing.B) {
	var text bytes.Buffer
	for i := range 20000 {
		text.WriteString(command("SET", fmt.Sprintf("key:%08d", i), strings.Repeat("v", i%40)))
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r := aof.NewReader(bytes.NewReader(text.Bytes()), nil)
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// zeros is a source of so many zero bytes.
type zeros int64

func (z *zeros) Read(b []byte) (int, error) {
	n := min(int64(len(b)), int64(*z))
	if *z -= zeros(n); n == 0 {
		return 0, io.EOF
	}
	clear(b[:n])
	return int(n), nil
}

// A large value of a file whose size is known is held once, and room for a length that is
// wrong is made as far as the file goes at the most.
func TestLargeCommandRoom(t *testing.T) {
	const size = 100 << 20
	for _, announced := range []int{size, size + 1<<20, 1 << 29} {
		head := fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n", announced)
		value, tail := zeros(size), "\r\n"+command("PING")
		src := io.MultiReader(strings.NewReader(head), &value, strings.NewReader(tail))
		r := aof.NewReader(src, &aof.Options{Size: int64(len(head) + size + len(tail))})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, err := r.Next()
		runtime.ReadMemStats(&after)
		if whole := announced == size; whole != (err == nil) || whole && len(c.Args[2]) != size {
			t.Fatalf("%d announced: %v", announced, err)
		}
		most := uint64(size + size/4)
		if announced > size {
			most = 4 * size // as many bytes as a source of unknown size costs
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%d announced, %d bytes there: %d allocated", announced, size, got)
		}
	}
}
