package convert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/rdb"
)

// maxDamageAlloc is what the dump of a damaged small file may allocate.
const maxDamageAlloc = 64 << 20

// smallFixtures are the example and the nearly empty files that servers write
// as the base of an append-only file.
func smallFixtures(t *testing.T) map[string][]byte {
	t.Helper()
	cases, err := fixtures.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	small := map[string][]byte{"example": fixtures.Example()}
	for _, c := range cases {
		if len(c.RDB) < 4096 {
			small[c.String()] = c.RDB
		}
	}
	if len(small) < 5 {
		t.Fatalf("%d small fixtures", len(small))
	}
	return small
}

// dumpDamaged dumps data and holds what happens against the promises: damage
// is an error of the right kind, costs little memory, and no line but complete
// ones comes before it.
func dumpDamaged(t *testing.T, data []byte, o DumpOptions) error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var out bytes.Buffer
	err := Dump(context.Background(), bytes.NewReader(data), rdb.Options{Name: "f", Size: int64(len(data))}, &out, o)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > maxDamageAlloc {
		t.Errorf("%d bytes allocated", n)
	}
	for _, line := range strings.SplitAfter(out.String(), "\n") {
		if line != "" && (!strings.HasSuffix(line, "\n") || !json.Valid([]byte(line))) {
			t.Errorf("incomplete line %q", line)
		}
	}
	return err
}

func TestEveryPrefixIsDamage(t *testing.T) {
	for name, data := range smallFixtures(t) {
		for n := range data {
			err := dumpDamaged(t, data[:n], DumpOptions{Jobs: 1 + n%2})
			var corrupt *entry.CorruptError
			if !errors.As(err, &corrupt) {
				t.Errorf("%s cut at %d: %v", name, n, err)
			}
		}
	}
}

// With the checksum on, no changed byte goes unnoticed.
func TestEveryChangedByteIsDamage(t *testing.T) {
	masks := []byte{0x01, 0x10, 0x80, 0xff}
	if testing.Short() {
		masks = masks[:1]
	}
	for name, data := range smallFixtures(t) {
		whole, err := rdb.Summarize(context.Background(), bytes.NewReader(data), rdb.Options{}, 1, testTime)
		if err != nil || whole.Checksum != rdb.ChecksumOK {
			t.Fatalf("%s: %v, checksum %s", name, err, whole.Checksum)
		}
		changed := bytes.Clone(data)
		for i := range data {
			for _, mask := range masks {
				changed[i] = data[i] ^ mask
				err := dumpDamaged(t, changed, DumpOptions{Jobs: 1 + i%2})
				var corrupt *entry.CorruptError
				if !errors.As(err, &corrupt) && !errors.Is(err, entry.ErrUnsupported) {
					t.Errorf("%s, byte %d ^ %#x: %v", name, i, mask, err)
				}
			}
			changed[i] = data[i]
		}
	}
}

// Without a checksum a changed byte may go unnoticed, but never crashes.
func TestChangedBytesWithoutChecksum(t *testing.T) {
	data := bytes.Clone(fixtures.Example())
	clear(data[len(data)-8:])
	changed := bytes.Clone(data)
	for i := range len(data) - 8 {
		for _, mask := range []byte{0x01, 0x80, 0xff} {
			changed[i] = data[i] ^ mask
			if err := dumpDamaged(t, changed, DumpOptions{Jobs: 1 + i%2}); errors.Is(err, io.EOF) {
				t.Errorf("byte %d ^ %#x: io.EOF gets out", i, mask)
			}
		}
		changed[i] = data[i]
	}
}
