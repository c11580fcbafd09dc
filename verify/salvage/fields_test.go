package salvage

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// soonest is when the first field of a hash expires, in Unix ms.
const soonest = 1_900_000_000_000

// expiringHash appends a hash whose fields each have an expiry, one in a hundred at least.
func (w *builder) expiringHash(key string, fields int) {
	w.b = append(w.b, typeHashTTL)
	w.text(key)
	w.b = binary.LittleEndian.AppendUint64(w.b, soonest)
	w.b = rdbwire.AppendLength(w.b, uint64(fields))
	for i := range fields {
		expires := byte(0)
		if i%100 == 50 {
			expires = 1
		}
		w.b = append(w.b, expires)
		w.text(fmt.Sprintf("field:%d", i*11%fields))
		w.text(fmt.Sprintf("value:%d", i))
	}
}

// fieldsOf returns a file of 200 keys with two large hashes whose fields expire. Before each
// key stands what attributes returns.
func fieldsOf(t *testing.T, attributes func(i int) []byte) *original {
	const n = 200
	w := newBuilder(n)
	w.b = slices.Replace(w.b, 0, 9, []byte("REDIS0012")...)
	for i := range n {
		w.b = append(w.b, attributes(i)...)
		switch i {
		case 0, 120:
			w.expiringHash(userKey(i), 700)
		default:
			w.string(userKey(i), fmt.Sprint("value of it ", i))
		}
	}
	return newOriginal(t, w.end(false))
}

// The fields of a damaged hash are no keys though there are more of them than keys, nor tell
// they what keys look like: without attributes, where each key has some.
func TestSalvageFieldsAreNoKeys(t *testing.T) {
	for name, attributes := range map[string]func(i int) []byte{
		"bare":      func(int) []byte { return nil },
		"frequency": func(i int) []byte { return []byte{opFreq, byte(i % 9)} },
		"idle":      func(i int) []byte { return []byte{opIdle, byte(i % 60)} },
	} {
		o := fieldsOf(t, attributes)
		for _, i := range []int{0, 120} {
			r := o.records[i]
			for at := o.value(i) + 12; at < r.end; at += (r.end - r.off) / 13 {
				file := withSum(o.file, false)
				copy(file[at:min(at+16, r.end)], "\xf3\xfd\x80\xfe\x91\x00\x00\xff\xc7\xfc\x44\xd1\xe9\xa8\xb2\xf0")
				checkHits(t, fmt.Sprint(name, ", hash ", i, ", byte ", at-r.off), o, file, map[int]bool{i: true})
			}
		}
	}
}

// Nor are those of a whole hash behind a damaged record.
func TestSalvageFieldsBehindDamage(t *testing.T) {
	o := fieldsOf(t, func(int) []byte { return nil })
	for _, hit := range []map[int]bool{{119: true}, {118: true, 119: true}, {119: true, 121: true}, {60: true, 119: true, 180: true}} {
		file := withSum(o.file, false)
		for i := range hit {
			for at := o.value(i); at < o.records[i].end; at++ {
				file[at] = 0xf3 ^ byte(at)
			}
		}
		checkHits(t, fmt.Sprint(hit), o, file, hit)
	}
}

// Large items that are all one byte are no keys, though the nodes of a list look like lists:
//
//	12 key 2 | 01 "ccc..." | 01 "ccc..."
func TestSalvageItemsOfOneByte(t *testing.T) {
	const n = 200
	w := newBuilder(n)
	w.b = slices.Replace(w.b, 0, 9, []byte("REDIS0012")...)
	for i := range n {
		if i%50 != 30 {
			w.string(userKey(i), fmt.Sprint("value of it ", i))
			continue
		}
		w.b = append(w.b, 18)
		w.text(userKey(i))
		w.b = append(w.b, 8)
		for range 8 {
			w.b = append(w.b, 1)
			w.text(strings.Repeat("c", 60))
		}
	}
	o := newOriginal(t, w.end(false))
	for i := 1; i < n; i += 9 {
		if i%50 == 30 {
			continue
		}
		file := withSum(o.file, false)
		file[o.value(i)] -= 3 // leaves a rest
		checkHits(t, fmt.Sprint("record ", i), o, file, map[int]bool{i: true})
	}
}

// A key that expires later than clients mean keeps that behind damage, where the number of
// keys that expire tells so.
func TestSalvageLateExpiry(t *testing.T) {
	const n = 200
	w := newBuilder(n)
	w.b[len(w.b)-1] = 1 // expires
	for i := range n {
		if i == 50 {
			w.b = binary.LittleEndian.AppendUint64(append(w.b, opExpireMs), 1<<62)
		}
		w.string(userKey(i), fmt.Sprint("value of it ", i))
	}
	o := newOriginal(t, w.end(false))
	file := withSum(o.file, false)
	for at := o.value(49); at < o.records[49].end; at++ {
		file[at] = 0xf3
	}
	checkHits(t, "late", o, file, map[int]bool{49: true})
}
