package memory

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rdbtool/rdbtool/memory/size"
)

// maxKey is how many bytes of a key's name a report keeps.
const maxKey = 1 << 10

// keyOf returns a key as the report has it.
func keyOf(r *record, key []byte, a size.Allocator) Key {
	return Key{
		DB: r.db, Key: keyName(key), Type: r.typeName(), Encoding: r.encoding,
		Bytes: r.usage[a], Elements: r.elements, ExpireAt: r.expireAt,
	}
}

// keyName writes a key as the dump does, and cuts it.
func keyName(key []byte) string {
	more := ""
	if len(key) > maxKey {
		more = fmt.Sprintf("... (%d bytes)", len(key))
		key = key[:maxKey]
		for n := 1; n < utf8.UTFMax && !utf8.Valid(key[len(key)-n:]); n++ {
			if utf8.Valid(key[:len(key)-n]) { // cut inside a character
				key = key[:len(key)-n]
				break
			}
		}
	}
	if text := string(key); utf8.ValidString(text) && !strings.HasPrefix(text, "base64:") {
		return text + more
	}
	return "base64:" + base64.StdEncoding.EncodeToString(key) + more
}

// topKeys are the largest keys, by allocator, and those of the most elements. Of
// equal ones the first is kept.
type topKeys struct {
	bytes    [size.Allocators]topList
	elements topList
}

// topList holds the n keys of the highest figure, in order.
type topList struct {
	n    int
	keys []topKey
}

type topKey struct {
	figure int64
	key    Key
	usage  size.Bytes
}

func (t *topKeys) init(n int) {
	for a := range t.bytes {
		t.bytes[a].n = n
	}
	t.elements.n = n
}

func (t *topKeys) add(r *record, key []byte) {
	for a := range t.bytes {
		t.bytes[a].add(r.usage[a], r, key)
	}
	if r.elements > 1 {
		t.elements.add(r.elements, r, key)
	}
}

func (l *topList) add(figure int64, r *record, key []byte) {
	if len(l.keys) == l.n && figure <= l.keys[l.n-1].figure {
		return
	}
	i, _ := slices.BinarySearchFunc(l.keys, figure, func(k topKey, f int64) int {
		if k.figure >= f {
			return -1 // behind all that are as large
		}
		return 1
	})
	if len(l.keys) == l.n {
		l.keys = l.keys[:l.n-1]
	}
	l.keys = slices.Insert(l.keys, i, topKey{figure, keyOf(r, key, 0), r.usage})
}

func (l *topList) report(a size.Allocator) []Key {
	out := make([]Key, len(l.keys))
	for i, k := range l.keys {
		out[i] = k.key
		out[i].Bytes = k.usage[a]
	}
	return out
}

func (t *topKeys) byBytes(a size.Allocator) []Key    { return t.bytes[a].report(a) }
func (t *topKeys) byElements(a size.Allocator) []Key { return t.elements.report(a) }

// mergeTop returns the n keys of the highest figure of several lists.
func mergeTop(n int, keys []Key, figure func(*Key) int64) []Key {
	slices.SortStableFunc(keys, func(x, y Key) int { return cmp.Compare(figure(&y), figure(&x)) })
	return keys[:min(n, len(keys))]
}
