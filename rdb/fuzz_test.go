package rdb_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// FuzzReader holds the ways of reading against each other: whatever the bytes
// are, all give the same records and the same error, in whatever pieces the
// bytes arrive. The error is one about the file.
func FuzzReader(f *testing.F) {
	for _, b := range damagedFiles() {
		f.Add(b, uint16(7))
		f.Add(unseal(append(b, make([]byte, 8)...)), uint16(1))
	}
	for _, c := range errorCases() {
		f.Add(c.in, uint16(3))
	}
	f.Add(compressed(f, file("VALKEY081", record(0, "k", str("v")))), uint16(5))
	list := modes()
	f.Fuzz(func(t *testing.T, b []byte, n uint16) {
		if len(b) > 1<<16 {
			return // reading it in pieces takes time that grows with its square
		}
		for _, o := range []rdb.Options{{Meta: true, MaxString: 8 << 20}, {Fragments: true, Size: int64(len(b)), MaxString: 8 << 20}} {
			want := readSerially(bytes.NewReader(b), o, everything)
			checkDamage(t, func() string { return "reader" }, cleared(want))
			size := max(int(n), 1+len(b)/256)
			same(t, "reader in pieces", want, readSerially(&pieces{b, size}, o, everything))
			for _, m := range list[2:4] {
				same(t, m.name, want, m.read(bytes.NewReader(b), o, everything))
			}
			skipped := readSerially(bytes.NewReader(b), o, mixed)
			same(t, "skipping, in pieces", skipped, list[3].read(&pieces{b, size}, o, mixed))
			if want.err == nil && skipped.err != nil {
				t.Errorf("skipping finds damage that reading does not: %v", skipped.err)
			}
			if errors.Is(skipped.err, entry.ErrChecksum) != errors.Is(want.err, entry.ErrChecksum) && want.err == nil {
				t.Errorf("skipping: %v, reading: %v", skipped.err, want.err)
			}
		}
	})
}

// cleared drops the trailer: a file may be read to its end with a checksum that
// holds.
func cleared(out outcome) outcome {
	out.trailer = rdb.Trailer{}
	return out
}

// FuzzDumpDecoder reads payloads of any bytes: errors about them, no panics.
func FuzzDumpDecoder(f *testing.F) {
	for _, c := range valueCases() {
		if len(c.value) < 1000 {
			f.Add(c.typ, c.value, uint16(12))
			f.Add(c.typ, c.value, uint16(80))
		}
	}
	d := rdb.NewDumpDecoder(&rdb.Options{MaxString: 8 << 20})
	f.Fuzz(func(t *testing.T, typ byte, value []byte, version uint16) {
		payload := append([]byte{typ}, value...)
		payload = binary.LittleEndian.AppendUint16(payload, version)
		payload = append(payload, make([]byte, 8)...) // a checksum of 0 is not checked
		e, err := d.Decode(payload)
		if err == nil {
			for e.Value.Next() {
			}
			err = e.Value.Err()
		}
		var c *entry.CorruptError
		var u *entry.UnsupportedError
		if err != nil && !errors.As(err, &c) && !errors.As(err, &u) {
			t.Fatal(err)
		}
	})
}
