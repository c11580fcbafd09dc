package salvage

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/rdb"
)

// original is a file before it is damaged, with the places of its records.
type original struct {
	file    []byte
	records []place // in the order of the file
	byKey   map[string]int
}

// place is the record of a key.
type place struct {
	name     string // database and key
	off, end int
	typ      entry.Type
}

func (o *original) bytes(i int) []byte { return o.file[o.records[i].off:o.records[i].end] }

// value returns where the value of a record begins, behind its key.
func (o *original) value(i int) int {
	r := o.records[i]
	key := r.name[strings.IndexByte(r.name, '/')+1:]
	at := bytes.Index(o.bytes(i), []byte(key))
	if at < 0 {
		return r.end - 1 // the key is packed
	}
	return r.off + at + len(key)
}

func nameOf(e *entry.Entry) string { return fmt.Sprintf("%d/%s", e.DB, e.Key) }

// readRecords returns where the records of a file begin and end.
func readRecords(file []byte) (records []place, err error) {
	r := rdb.NewReader(bytes.NewReader(file), nil)
	for {
		e, err := r.Next()
		if err == io.EOF {
			return records, nil
		}
		if err != nil {
			return records, err
		}
		p := place{name: nameOf(e), off: int(e.Offset), typ: e.Type}
		for e.Value.Next() {
		}
		if err := e.Value.Err(); err != nil {
			return records, err
		}
		p.end = p.off + int(e.Size)
		records = append(records, p)
	}
}

func newOriginal(t testing.TB, file []byte) *original {
	t.Helper()
	o := &original{file: file, byKey: map[string]int{}}
	var err error
	if o.records, err = readRecords(file); err != nil {
		t.Fatal(err)
	}
	for i, r := range o.records {
		o.byKey[r.name] = i
	}
	return o
}

// twoHundred writes a file of 200 keys of every type and encoding that the target
// has, in two databases. sizes says whether it announces how many they are.
func twoHundred(t testing.TB, target string, sizes bool) *original {
	t.Helper()
	var lines strings.Builder
	line := func(db, i int, typ, encoding, more, value string) {
		fmt.Fprintf(&lines, `{"db":%d,"key":"%s:%04d","type":%q,"encoding":%q%s,"value":%s}`+"\n", db, []string{"user", "cart", "k", "session:token"}[i%4], i, typ, encoding, more, value)
	}
	list := func(n int, item func(i int) string) string {
		var items []string
		for i := range n {
			items = append(items, item(i))
		}
		return strings.Join(items, ",")
	}
	for i := range 200 {
		db := 0
		if i >= 150 {
			db = 3
		}
		more := ""
		if i%5 == 0 {
			more = fmt.Sprintf(`,"expire_at_ms":%d`, 1893456000000+int64(i)*1000)
		}
		words := func(k int) string {
			return fmt.Sprintf(`"%s-%d"`, []string{"red", "green", "blue", "salt"}[(i+k)%4], i*k+k)
		}
		switch i % 20 {
		case 0, 5:
			line(db, i, "string", "raw", more, fmt.Sprintf(`"value of %d"`, i))
		case 1:
			line(db, i, "string", "int", more, fmt.Sprintf(`"%d"`, i*i*i))
		case 2:
			line(db, i, "string", "lzf", more, `"`+strings.Repeat(fmt.Sprintf("many times %d ", i), 8)+`"`)
		case 3:
			line(db, i, "string", "raw", more, `"base64:AAECA/8A/gABAgMEBQYHCAkKCwwNDg8AAAAAAAAAAAAAAQ=="`)
		case 4:
			line(db, i, "list", "quicklist", more, "["+list(5, words)+"]")
		case 6:
			line(db, i, "set", "intset", more, "["+list(6, func(k int) string { return fmt.Sprintf(`"%d"`, i*k+k) })+"]")
		case 7:
			line(db, i, "set", "listpack", more, "["+list(5, words)+"]")
		case 8, 9:
			line(db, i, "set", "hashtable", more, "["+list(7, words)+"]")
		case 10:
			line(db, i, "zset", "listpack", more, "{"+list(5, func(k int) string { return fmt.Sprintf(`%s:%d.5`, words(k), k) })+"}")
		case 11, 12:
			line(db, i, "zset", "skiplist", more, "{"+list(7, func(k int) string { return fmt.Sprintf(`%s:%d.25`, words(k), k*i) })+"}")
		case 13, 14:
			line(db, i, "hash", "listpack", more, "{"+list(4, func(k int) string { return words(k) + ":" + words(k+7) })+"}")
		case 15, 16:
			line(db, i, "hash", "hashtable", more, "{"+list(6, func(k int) string { return words(k) + ":" + words(k+7) })+"}")
		case 17:
			line(db, i, "hash", "hashtable", more, "{"+list(4, func(k int) string {
				return fmt.Sprintf(`%s:{"value":%s,"expire_at_ms":%d}`, words(k), words(k+7), int64(1893456000000)+int64(k))
			})+"}")
		case 18:
			line(db, i, "stream", "stream", more, fmt.Sprintf(`{"entries":[%s],"length":5,"last_id":"%d-4","first_id":"%d-0","max_deleted_id":"0-0","entries_added":5,"groups":[]}`,
				list(5, func(k int) string {
					return fmt.Sprintf(`{"id":"%d-%d","fields":["f",%s]}`, int64(1700000000000)+int64(i), k, words(k))
				}), int64(1700000000000)+int64(i), int64(1700000000000)+int64(i)))
		case 19:
			line(db, i, "list", "quicklist", more, "["+list(3, func(k int) string { return `"` + strings.Repeat("long item ", 30+k) + `"` })+"]")
		}
	}
	tg, err := rdb.ParseTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	o := convert.Options{Target: tg, AllowLoss: true, Jobs: 1}
	if sizes {
		o.Sizes = map[int]rdb.Sizes{0: {Keys: 150, Expires: 30}, 3: {Keys: 50, Expires: 10}}
	}
	var out bytes.Buffer
	losses, err := convert.ToRDB(context.Background(), convert.Source{Reader: strings.NewReader(lines.String()), JSON: true}, &out, o)
	if err != nil {
		t.Fatal(err)
	}
	losses.Close()
	return newOriginal(t, out.Bytes())
}

// withSum returns the file with a checksum that holds, or with none.
func withSum(file []byte, sum bool) []byte {
	file = bytes.Clone(file)
	if v, ok := rdb.ParseVersion(file); ok && !v.HasChecksum() {
		return file
	}
	n := len(file) - 8
	crc := uint64(0)
	if sum {
		crc = crc64.Update(0, file[:n])
	}
	binary.LittleEndian.PutUint64(file[n:], crc)
	return file
}

// result is what came of a damaged file.
type result struct {
	lost     []string // names of the keys that are not there any more
	invented []string // names of those that no record of the source explains
	report   *Report
	file     []byte
}

// salvageOf salvages a file and holds the result against the original. A record
// that stands where hit is true for its number may differ: a changed value that no
// rule can see.
func salvageOf(t testing.TB, o *original, file []byte, hit func(i int) bool, so *Options) *result {
	t.Helper()
	s, err := File(context.Background(), bytes.NewReader(file), int64(len(file)), so)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := io.ReadAll(s.RDB())
	if err != nil {
		t.Fatal(err)
	}
	res := &result{report: &s.Report, file: out}
	records, err := readRecords(out)
	if err != nil {
		t.Fatalf("the result is damaged: %v", err)
	}
	if int64(len(records)) != s.Kept {
		t.Fatalf("%d keys in the result, the report says %d", len(records), s.Kept)
	}
	have := map[string]bool{}
	for _, r := range records {
		i, ok := o.byKey[r.name]
		have[r.name] = true
		if ok && bytes.Equal(out[r.off:r.end], o.bytes(i)) {
			continue
		}
		if ok && hit(i) { // changed, and there
			continue
		}
		res.invented = append(res.invented, r.name)
	}
	for i, r := range o.records {
		if !have[r.name] {
			res.lost = append(res.lost, o.records[i].name)
		}
	}
	return res
}
