package rdb_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// snapshot is a whole file: a string and a hash, without a checksum.
const snapshot = "REDIS0012" + "\xfe\x00" + // SELECTDB 0
	"\xfc\x00\x38\xd3\x60\xba\x01\x00\x00" + // expires 2030-01-01
	"\x00" + "\x08greeting" + "\x05hello" + // string
	"\x04" + "\x04user" + "\x02" + "\x04name" + "\x03Ada" + "\x03age" + "\xc0\x24" + // hash of two fields
	"\xff" + "\x00\x00\x00\x00\x00\x00\x00\x00"

func ExampleReader() {
	r := rdb.NewReader(strings.NewReader(snapshot), nil)
	for e, err := range r.Entries() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("db %d: %s %q (%s)\n", e.DB, e.Type, e.Key, e.Encoding)
		if e.Type != entry.Hash {
			continue // an unread value is skipped
		}
		for e.Value.Next() {
			field := e.Value.Elem()
			fmt.Printf("  %s = %s\n", field.Data, field.Value)
		}
		if err := e.Value.Err(); err != nil {
			fmt.Println(err)
			return
		}
	}
	// Output:
	// db 0: string "greeting" (raw)
	// db 0: hash "user" (hashtable)
	//   name = Ada
	//   age = 36
}

// Keys are counted on all cores; the results come in the order of the file.
func ExampleProcess() {
	type count struct{ keys int }
	total := 0
	_, _, err := rdb.Process(context.Background(), strings.NewReader(snapshot), nil, rdb.Processor[*count]{
		Jobs: 4,
		New:  func() *count { return &count{} },
		Work: func(b *rdb.Batch, c *count, _ func() error) error {
			for _, err := range b.Entries() {
				if err != nil {
					return err
				}
				c.keys++
			}
			return nil
		},
		Emit: func(c *count) error {
			total += c.keys
			c.keys = 0
			return nil
		},
	})
	fmt.Println(total, err)
	// Output: 2 <nil>
}

// A damaged file names the place.
func ExampleReader_damage() {
	r := rdb.NewReader(strings.NewReader(snapshot[:48]), &rdb.Options{Name: "dump.rdb"})
	for _, err := range r.Entries() {
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output: dump.rdb: offset 0x30: db 0 key "user": the file ends inside a record
}
