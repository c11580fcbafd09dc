package rdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// manyKeys is a file of n string keys, "k0" to "k<n-1>", in several batches.
func manyKeys(n int) []byte {
	var body []byte
	for i := range n {
		body = append(body, record(0, fmt.Sprintf("k%d", i), str(words(uint64(i%10), 200)))...)
	}
	return file("REDIS0009", body)
}

// keysOf is a Work that collects keys.
func keysOf(b *rdb.Batch, keys *[]string, _ func() error) error {
	for {
		e, err := b.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		*keys = append(*keys, string(e.Key))
	}
}

func newKeys() *[]string { return new([]string) }

func TestProcessKeepsTheOrder(t *testing.T) {
	const n = 20000
	b := manyKeys(n)
	for _, jobs := range []int{-1, 0, 1, 2, 3, 5, 16, 100} {
		var got []string
		batches := 0
		_, _, err := rdb.Process(context.Background(), bytes.NewReader(b), nil, rdb.Processor[*[]string]{
			Jobs: jobs, New: newKeys, Work: keysOf,
			Emit: func(keys *[]string) error {
				batches++
				got = append(got, *keys...)
				*keys = (*keys)[:0]
				return nil
			},
		})
		if err != nil || len(got) != n || batches < 3 {
			t.Errorf("%d jobs: %d keys in %d batches, %v", jobs, len(got), batches, err)
		}
		for i, k := range got {
			if k != fmt.Sprintf("k%d", i) {
				t.Errorf("%d jobs: key %d is %s", jobs, i, k)
				break
			}
		}
	}
}

// TestProcessStops: an error of any of its functions, or of the context, ends
// the work at once, and what was before it has been emitted.
func TestProcessStops(t *testing.T) {
	b := manyKeys(20000)
	broken := errors.New("broken")
	for _, jobs := range []int{1, 2, 5} {
		run := func(ctx context.Context, change func(p *rdb.Processor[*[]string])) (got []string, err error) {
			p := rdb.Processor[*[]string]{Jobs: jobs, New: newKeys, Work: keysOf, Emit: func(keys *[]string) error {
				got = append(got, *keys...)
				*keys = (*keys)[:0]
				return nil
			}}
			change(&p)
			_, rest, err := rdb.Process(ctx, iotest.HalfReader(bytes.NewReader(b)), nil, p)
			if err != nil && rest != nil {
				t.Errorf("%d jobs: a rest although there is an error", jobs)
			}
			return got, err
		}
		inOrder := func(name string, got []string) {
			for i, k := range got {
				if k != fmt.Sprintf("k%d", i) {
					t.Errorf("%s, %d jobs: key %d is %s", name, jobs, i, k)
					return
				}
			}
		}

		got, err := run(context.Background(), func(p *rdb.Processor[*[]string]) {
			p.Work = func(b *rdb.Batch, keys *[]string, flush func() error) error {
				for {
					e, err := b.Next()
					if err != nil {
						return nil
					}
					if string(e.Key) == "k15000" {
						return broken
					}
					*keys = append(*keys, string(e.Key))
				}
			}
		})
		if err != broken || len(got) != 15000 {
			t.Errorf("work, %d jobs: %d keys, %v", jobs, len(got), err)
		}
		inOrder("work", got)

		emitted := 0
		_, err = run(context.Background(), func(p *rdb.Processor[*[]string]) {
			p.Emit = func(*[]string) error {
				if emitted++; emitted == 2 {
					return broken
				}
				return nil
			}
		})
		if err != broken || emitted != 2 {
			t.Errorf("emit, %d jobs: %d times, %v", jobs, emitted, err)
		}

		_, err = run(context.Background(), func(p *rdb.Processor[*[]string]) {
			p.Header = func(*entry.Entry) error { return broken }
			p.Work = func(*rdb.Batch, *[]string, func() error) error {
				t.Errorf("header, %d jobs: work is called", jobs)
				return nil
			}
		})
		if err != broken {
			t.Errorf("header, %d jobs: %v", jobs, err)
		}

		ctx, cancel := context.WithCancel(context.Background())
		got, err = run(ctx, func(p *rdb.Processor[*[]string]) {
			emit := p.Emit
			p.Emit = func(keys *[]string) error {
				cancel()
				return emit(keys)
			}
		})
		if !errors.Is(err, context.Canceled) || len(got) == 20000 {
			t.Errorf("canceled, %d jobs: %d keys, %v", jobs, len(got), err)
		}
		inOrder("canceled", got)
		if _, err = run(ctx, func(*rdb.Processor[*[]string]) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled before, %d jobs: %v", jobs, err)
		}
	}
}

// TestProcessUnreadBatches: batches may be left unread, large ones too; the
// checksum is verified all the same.
func TestProcessUnreadBatches(t *testing.T) {
	large := record(0, "large", str(words(1, huge)))
	good := file("REDIS0009", record(0, "k", str("v")), large, large, record(0, "k", str("v")))
	bad := bytes.Clone(good)
	bad[len(bad)-1] ^= 1
	for _, jobs := range []int{1, 2} {
		for _, b := range [][]byte{good, bad} {
			p := rdb.Processor[int]{
				Jobs: jobs, New: func() int { return 0 }, Emit: func(int) error { return nil },
				Work: func(*rdb.Batch, int, func() error) error { return nil },
			}
			tr, _, err := rdb.Process(context.Background(), bytes.NewReader(b), nil, p)
			if want := &b[0] == &bad[0]; errors.Is(err, entry.ErrChecksum) != want || tr.End != int64(len(b)) {
				t.Errorf("%d jobs: bad is %t: %v, end %d of %d", jobs, want, err, tr.End, len(b))
			}
		}
	}
}

// TestProcessFlushes: work on a large record emits as it goes on.
func TestProcessFlushes(t *testing.T) {
	hash, want := many(60000, func(i int) ([]byte, string) {
		return strs(fmt.Sprintf("a field with the number %d", i), "a value of some length"), fmt.Sprintf("a field with the number %d", i)
	})
	b := file("REDIS0009", record(0, "before", str("v")), record(4, "large", hash), record(0, "after", str("v")))
	want = append(append([]string{"before"}, want...), "after")
	for _, jobs := range []int{1, 2, 5} {
		var got []string
		emitted := 0
		_, _, err := rdb.Process(context.Background(), bytes.NewReader(b), nil, rdb.Processor[*[]string]{
			Jobs: jobs, New: newKeys,
			Work: func(b *rdb.Batch, fields *[]string, flush func() error) error {
				for {
					e, err := b.Next()
					if err != nil {
						return nil
					}
					if !b.Large() {
						*fields = append(*fields, string(e.Key))
						continue
					}
					for elem, err := range entry.Elems(e.Value) {
						if err != nil {
							return err
						}
						if *fields = append(*fields, string(elem.Data)); len(*fields) == 1000 {
							if err := flush(); err != nil {
								return err
							}
						}
					}
				}
			},
			Emit: func(fields *[]string) error {
				emitted++
				got = append(got, *fields...)
				*fields = (*fields)[:0]
				return nil
			},
		})
		if err != nil || emitted < 60 || !slices.Equal(got, want) {
			t.Errorf("%d jobs: %d elements in %d parts, %v", jobs, len(got), emitted, err)
		}
	}
}

// TestProcessWithoutLeaks: nothing reads the source after Process has returned.
func TestProcessWithoutLeaks(t *testing.T) {
	src := &closing{r: bytes.NewReader(manyKeys(20000))}
	broken := errors.New("broken")
	_, _, err := rdb.Process(context.Background(), src, nil, rdb.Processor[int]{
		Jobs: 4, New: func() int { return 0 }, Emit: func(int) error { return broken },
		Work: func(*rdb.Batch, int, func() error) error { return nil },
	})
	src.closed = true // a data race, if it is still being read
	if err != broken {
		t.Error(err)
	}
}

type closing struct {
	r      io.Reader
	closed bool
}

func (c *closing) Read(p []byte) (int, error) {
	if c.closed {
		return 0, io.ErrClosedPipe
	}
	return c.r.Read(p)
}

// TestEntriesLoop: a loop may be left and taken up again.
func TestEntriesLoop(t *testing.T) {
	r := rdb.NewReader(bytes.NewReader(manyKeys(10)), nil)
	n := 0
	for range 3 {
		for e, err := range r.Entries() {
			if err != nil || string(e.Key) != fmt.Sprintf("k%d", n) {
				t.Fatalf("%s, %v", e.Key, err)
			}
			if n++; n == 4 || n == 7 {
				break
			}
		}
	}
	if n != 10 {
		t.Errorf("%d keys", n)
	}
}

func TestMaxString(t *testing.T) {
	text := words(1, huge)
	for name, body := range map[string][]byte{
		"value":           record(0, "k", str(text)),
		"packed value":    record(0, "k", strLZF(text)),
		"key":             record(0, text, str("v")),
		"packed key":      cat(0, strLZF(text), str("v")),
		"field":           record(4, "k", cat(1, str(text), str("v"))),
		"blob":            record(16, "k", blob(listpack("f", text))),
		"packed blob":     record(16, "k", strLZF(string(listpack("f", text)))),
		"module value":    record(7, "k", cat(num64(moduleID("ReJSON-RL", 3)), itemStr(text), 0)),
		"function":        cat(0xF5, str(text)),
		"packed function": cat(0xF5, strLZF(text)),
	} {
		b := file("REDIS0010", body)
		for _, m := range modes() {
			o := rdb.Options{Meta: true, MaxString: int64(len(text)) + 100}
			if out := m.read(bytes.NewReader(b), o, everything); out.err != nil {
				t.Errorf("%s, %s, at the limit: %v", m.name, name, out.err)
			}
			o.MaxString = int64(len(text)) - 1
			out := m.read(bytes.NewReader(b), o, everything)
			var corrupt *entry.CorruptError
			if !errors.Is(out.err, entry.ErrTooLarge) || !errors.As(out.err, &corrupt) {
				t.Errorf("%s, %s, above the limit: %v", m.name, name, out.err)
			}
			if o.Fragments = true; name == "value" || name == "packed value" || name == "module value" {
				if out := m.read(bytes.NewReader(b), o, everything); out.err != nil {
					t.Errorf("%s, %s, in fragments: %v", m.name, name, out.err)
				}
			}
		}
	}
}

// TestSizeFindsLies: with the size of the file known, a length that goes beyond
// it is found before its bytes are read.
func TestSizeFindsLies(t *testing.T) {
	for name, value := range map[string][]byte{
		"string":        cat(num64(1<<40), "only this"),
		"packed string": cat(0xC3, num64(1<<40), num64(1<<41), "only this"),
		"bomb":          cat(0xC3, num(9), num64(1<<62), "only this"),
	} {
		b := unsealed("REDIS0009", record(0, "k", value), repeat(huge, []byte{1}))
		for _, fragments := range []bool{false, true} {
			src := bytes.NewReader(b)
			out := readSerially(src, rdb.Options{Size: int64(len(b)), Fragments: fragments}, everything)
			var corrupt *entry.CorruptError
			if !errors.As(out.err, &corrupt) || src.Len() == 0 {
				t.Errorf("%s, fragments %t: %d bytes left: %v", name, fragments, src.Len(), out.err)
			}
		}
	}
}

// TestBlob: compact values are also to be had as one block, before the cursor
// moves.
func TestBlob(t *testing.T) {
	lp, zl, zm, is := listpack("f", "v"), ziplist("f", 1), zipmap("f", "v"), intset(2, 1, 2)
	for _, c := range []struct {
		typ   byte
		value []byte
		raw   []byte
		n     int
	}{
		{16, blob(lp), lp, 2}, {17, str("no listpack"), nil, -1}, {10, blob(zl), zl, 2}, {9, blob(zm), zm, 1}, {11, blob(is), is, 2},
		{25, cat(ms8(0), blob(listpack("f", "v", 0))), listpack("f", "v", 0), 3},
		{20, strLZF(string(listpack(words(1, 100)))), listpack(words(1, 100)), 1},
		{16, blob(cat(lp[:4], 0xFF, 0xFF, lp[6:])), cat(lp[:4], 0xFF, 0xFF, lp[6:]), -1},
	} {
		r := rdb.NewReader(bytes.NewReader(file("REDIS0012", record(c.typ, "k", c.value))), nil)
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		v, ok := e.Value.(entry.Blob)
		if !ok {
			t.Errorf("type %d is no blob", c.typ)
			continue
		}
		for range 2 {
			if raw, n := v.Blob(); !bytes.Equal(raw, c.raw) || n != c.n {
				t.Errorf("type %d: % x, %d, want % x, %d", c.typ, raw, n, c.raw, c.n)
			}
		}
		elems := 0
		for v.Next() {
			elems++
		}
		if (c.raw == nil) != (v.Err() != nil) || (c.raw == nil) != (elems == 0) {
			t.Errorf("type %d: %d elements behind the blob, %v", c.typ, elems, v.Err())
		}
	}
}

// TestUnreadDamage: damage inside a blob that nobody reads does not stop the
// reader; once it has been met it does.
func TestUnreadDamage(t *testing.T) {
	b := file("REDIS0012", record(16, "k", blob(listpack("f"))), record(0, "next", str("v")))
	out := readSerially(bytes.NewReader(b), rdb.Options{}, func(*entry.Entry) int { return 0 })
	if out.err != nil || len(out.lines) != 2 {
		t.Errorf("unread: %q, %v", out.lines, out.err)
	}
	r := rdb.NewReader(bytes.NewReader(b), nil)
	e, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	for e.Value.Next() {
	}
	want := e.Value.Err()
	if _, err := r.Next(); err == nil || err != want {
		t.Errorf("met: %v, then %v", want, err)
	}
}
