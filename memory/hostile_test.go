package memory_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/fixtures/damaged"
	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/memory/render"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

// try reports on a file that may be anything. There is a report or an error, never
// both, and the error says what is wrong with the bytes.
func try(t testing.TB, data []byte, o memory.Options) error {
	t.Helper()
	o.Name, o.Now = "a.rdb", now
	r, err := memory.Analyze(t.Context(), bytes.NewReader(data), rdb.Options{Name: o.Name, Size: int64(len(data)), MaxString: 1 << 26}, o)
	var corrupt *entry.CorruptError
	switch {
	case err == nil:
		addsUp(t, r)
		var b bytes.Buffer
		if err := render.Write(&b, r, render.JSON, render.Options{}); err != nil {
			t.Errorf("as JSON: %v", err)
		}
		if _, err := render.Parse(&b); err != nil {
			t.Errorf("a report is none any more: %v", err)
		}
	case r != nil:
		t.Errorf("a report and the error %v", err)
	case !errors.As(err, &corrupt) && !errors.Is(err, entry.ErrUnsupported):
		t.Errorf("error of no kind: %v", err)
	case strings.Contains(err.Error(), "\n"):
		t.Errorf("error of several lines: %v", err)
	}
	return err
}

func walked() memory.Options {
	return memory.Options{By: everyGrouping(), PerKey: func(*memory.PerKey) error { return nil }}
}

// All that is wrong with a file without a checksum is told.
func TestDamagedFiles(t *testing.T) {
	for _, f := range damaged.Files() {
		for _, o := range []memory.Options{{}, walked()} {
			err := try(t, f.Data, o)
			switch {
			case err == nil:
				t.Errorf("%s: no error", f.Name)
			case errors.Is(err, entry.ErrUnsupported) != (f.Class == damaged.Unsupported):
				t.Errorf("%s is %s: %v", f.Name, f.Class, err)
			}
		}
	}
	for _, f := range damaged.Unsound() {
		_ = try(t, f.Data, memory.Options{})
		_ = try(t, f.Data, walked())
	}
}

// The error for a blob is the one that the reader of its elements has.
func TestErrorHasItsPlace(t *testing.T) {
	for _, f := range damaged.Files() {
		if f.Name != "quicklist-node" && f.Name != "ziplist-tail" && f.Name != "listpack-count" {
			continue
		}
		o := walked()
		o.Name = f.Name + ".rdb"
		_, err := memory.Analyze(t.Context(), bytes.NewReader(f.Data), rdb.Options{Name: o.Name, Size: int64(len(f.Data))}, o)
		if err == nil || err.Error() != f.Error {
			t.Errorf("%s: %v\nwant %s", f.Name, err, f.Error)
		}
	}
}

// small are small files with much in them, one for each generation of the format.
func small() map[string][]byte {
	files := damaged.Sound()
	files["example"] = fixtures.Example()
	f := newFile("used-mem", "1000000")
	mixed(5, 6, func(string) *file { return f.freq(3).idle(90) })
	f.list("l").set("s", words(200, "m%d")...).hash("h", words(200, "m%d")...)
	files["plain"] = f.bytes()
	for name, f := range rare() {
		files[name] = f.bytes()
	}
	return files
}

// A file that is cut is never taken for a whole one.
func TestCutFiles(t *testing.T) {
	for name, data := range small() {
		if err := try(t, data, walked()); err != nil {
			t.Errorf("%s, whole: %v", name, err)
		}
		step := max(1, len(data)/120)
		for n := 0; n < len(data); n += step {
			if err := try(t, data[:n], memory.Options{Jobs: 1 + n%2}); err == nil {
				t.Errorf("%s: %d of %d bytes make a report", name, n, len(data))
			}
		}
	}
}

// Whatever a byte is changed to, there is a report that adds up or an error.
func TestChangedBytes(t *testing.T) {
	for name, data := range small() {
		if bytes.HasPrefix(data, []byte("REDIS")) && string(data[5:9]) >= "0005" || bytes.HasPrefix(data, []byte("VALKEY")) {
			clear(data[len(data)-8:]) // no checksum
		}
		reports := 0
		step := max(1, len(data)/60) // each call has its buffers: milliseconds
		for at := 9; at < len(data)-8; at += step {
			for _, mask := range []byte{0x01, 0x80} {
				data[at] ^= mask
				if try(t, data, walked()) == nil {
					reports++
				}
				data[at] ^= mask
			}
		}
		if reports == 0 {
			t.Errorf("%s: no change is harmless", name)
		}
	}
}

// Each file can be sized for each server.
func TestEveryTarget(t *testing.T) {
	for name, data := range small() {
		for _, server := range size.Servers() {
			target, err := rdb.ParseTarget(server)
			if err != nil {
				t.Fatal(err)
			}
			for _, state := range []size.State{size.Settled, size.Loaded} {
				o := walked()
				o.Target, o.State = target, state
				if err := try(t, data, o); err != nil {
					t.Errorf("%s for %s: %v", name, server, err)
				}
			}
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, data := range small() {
		f.Add(data, uint8(1))
	}
	for _, d := range damaged.Files() {
		f.Add(d.Data, uint8(0))
	}
	cases, err := fixtures.Corpus()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		if len(c.RDB) < 100_000 {
			f.Add(c.RDB, uint8(3))
		}
	}
	servers := size.Servers()
	f.Fuzz(func(t *testing.T, data []byte, how uint8) {
		o := memory.Options{By: everyGrouping(), MaxPatterns: 1 + int(how)%7, Jobs: 1}
		if how&1 != 0 {
			o.PerKey = func(*memory.PerKey) error { return nil }
		}
		if n := int(how >> 1); n < len(servers) {
			o.Target, _ = rdb.ParseTarget(servers[n])
		}
		_ = try(t, data, o)
	})
}
