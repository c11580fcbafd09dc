package rdb_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/rdb"
)

// smallFiles are files of every type, opcode and family, by name.
func smallFiles() map[string][]byte {
	m := map[string][]byte{}
	for _, c := range valueCases() {
		m["value, "+c.name+", "+c.magic] = c.file()
	}
	for _, c := range recordCases() {
		m["records, "+c.name] = c.file()
	}
	return m
}

// joinedFiles are files of many records: all cases of one version, several
// times, so that they make more than one batch.
func joinedFiles(times int) map[string][]byte {
	bodies := map[string][]byte{}
	for _, c := range valueCases() {
		body := cat(record(c.typ, "k", c.value))
		if c.before == nil {
			bodies[c.magic] = append(bodies[c.magic], body...)
		}
	}
	for _, c := range recordCases() {
		if !strings.Contains(c.name, "242") && !strings.Contains(c.name, "attribute of no key") {
			bodies[c.magic] = append(bodies[c.magic], c.body...)
		}
	}
	files := map[string][]byte{}
	for magic, body := range bodies {
		files[magic] = file(magic, repeat(times, body))
	}
	return files
}

// TestAlike reads small files in every mode and from every source, wholly and
// with values unread or half read.
func TestAlike(t *testing.T) {
	files := smallFiles()
	if testing.Short() {
		files = damagedFiles() // fewer, and of every type too
	}
	for name, b := range files {
		alike(t, name, b, sources(true), rdb.Options{Meta: true})
	}
}

// TestAlikeInBatches does so with files of many batches, in which the records
// fall differently each time.
func TestAlikeInBatches(t *testing.T) {
	small := joinedFiles(1)
	for _, magic := range []string{"REDIS0009", "REDIS0012", "VALKEY080"} {
		alike(t, magic, small[magic], sources(true), rdb.Options{Meta: true})
	}
	if testing.Short() {
		return
	}
	b := joinedFiles(3 << 19 / len(small["REDIS0012"]))["REDIS0012"]
	alike(t, "in batches", b, sources(false), rdb.Options{Size: int64(len(b))})
}

// alike holds all ways to read b against the simplest.
func alike(t *testing.T, name string, b []byte, from map[string]func([]byte) io.Reader, o rdb.Options) {
	t.Helper()
	for how, p := range map[string]pick{"whole": everything, "mixed": mixed} {
		want := readSerially(from["at once"](b), o, p)
		if want.err != nil {
			t.Errorf("%s: %v", name, want.err)
			return
		}
		for source, open := range from {
			for _, m := range modes() {
				same(t, strings.Join([]string{name, how, source, m.name}, ", "), want, m.read(open(b), o, p))
			}
		}
	}
}

// TestOffsets: records stand one behind the other, from the magic to the
// footer, and a record's bytes are that record alone.
func TestOffsets(t *testing.T) {
	for name, b := range smallFiles() {
		if strings.Contains(name, "between attribute and key") || strings.Contains(name, "attribute of no key") {
			continue // records inside another, or of nothing
		}
		checkOffsets(t, name, b)
	}
	for magic, b := range joinedFiles(1) {
		if magic != "REDIS0009" {
			checkOffsets(t, magic, b)
		}
	}
}

func checkOffsets(t *testing.T, name string, b []byte) {
	r := rdb.NewReader(bytes.NewReader(b), &rdb.Options{Meta: true})
	at := int64(0)
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if e.Offset != at {
			t.Errorf("%s: a record at %d, the one before ends at %d", name, e.Offset, at)
			return
		}
		if e.Size <= 0 {
			t.Errorf("%s: a record of %d bytes at %d", name, e.Size, at)
			return
		}
		at += e.Size
	}
	if b[at] != 0xFF || r.Trailer().Footer != at+1 {
		t.Errorf("%s: the last record ends at %d, the footer begins at %d", name, at, r.Trailer().Footer)
	}
}
