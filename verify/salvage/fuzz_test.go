package salvage

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"testing"
)

// FuzzSalvage damages a good file, or takes the input for a file: whatever it
// is, the result is a whole file, and each of its records stands in the source.
//
// Of edits five bytes are one: place, kind and value.
func FuzzSalvage(f *testing.F) {
	o := twoHundred(f, "rdb-12", true)
	f.Add(true, []byte{0, 40, 0, 0, 7, 1, 90, 1, 0, 30})
	f.Add(true, []byte{3, 0, 2, 2, 0, 30, 9, 3, 0xff, 0xff})
	f.Add(false, o.file[:3000])
	f.Add(false, []byte("REDIS0011\xfe\x00\x00\x01k\x01v"))
	f.Fuzz(func(t *testing.T, edit bool, in []byte) {
		file := in
		if edit {
			file = edited(o.file, in)
		}
		s, err := File(context.Background(), bytes.NewReader(file), int64(len(file)), &Options{Partial: len(in)%2 == 1})
		if err != nil {
			return // no header
		}
		defer s.Close()
		out, err := io.ReadAll(s.RDB())
		if err != nil {
			t.Fatal(err)
		}
		keys, err := CountWhole(context.Background(), bytes.NewReader(out), "")
		if err != nil || keys != s.Kept {
			t.Fatalf("%d keys in the result, the report says %d: %v", keys, s.Kept, err)
		}
		if len(in)%2 == 1 || len(s.Repaired) > 0 {
			return // fronts of values are written anew, and repairs stand nowhere
		}
		records, err := readRecords(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			if !bytes.Contains(file, out[r.off:r.end]) {
				t.Fatalf("record %q does not stand in the source", r.name)
			}
		}
		if n, err := io.Copy(io.Discard, s.Quarantine()); err != nil || n != s.SpanBytes {
			t.Fatalf("%d bytes in quarantine, the report says %d: %v", n, s.SpanBytes, err)
		}
		if err := s.WriteJSON(io.Discard); err != nil {
			t.Fatal(err)
		}
	})
}

// edited applies edits: set a byte, clear some, cut some out, put some in.
func edited(file, edits []byte) []byte {
	file = bytes.Clone(file)
	for ; len(edits) >= 5 && len(file) > 600; edits = edits[5:] {
		at := int(binary.BigEndian.Uint16(edits)) % (len(file) - 520)
		n := 1 + int(binary.BigEndian.Uint16(edits[3:]))%512
		switch edits[2] % 4 {
		case 0:
			file[at] = edits[4]
		case 1:
			clear(file[at : at+n])
		case 2:
			file = append(file[:at:at], file[at+n:]...)
		case 3:
			file = append(append(bytes.Clone(file[:at]), edits...), file[at:]...)
		}
	}
	return file
}
