package render

import (
	"fmt"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

// keyBlocks are the largest keys and, where they were asked for, those with the
// most elements.
func (t *text) keyBlocks() ([]block, error) {
	n := t.o.Keys
	switch {
	case t.o.Rows < 0:
		n = max(len(t.r.TopBytes), len(t.r.TopElements))
	case n <= 0:
		n = usualKeys
	}
	var out []block
	add := func(head string, keys []memory.Key) error {
		if len(keys) == 0 {
			return nil
		}
		lines, err := grid(t.width, t.keyColumns(head, keys[:min(len(keys), n)]))
		out = append(out, block{head: true, lines: lines})
		return err
	}
	largest := "largest keys"
	if sampled(t.r) {
		largest = "largest of the sample"
	}
	if err := add(largest, t.r.TopBytes); err != nil {
		return nil, err
	}
	if t.o.Rows < 0 || t.o.Keys > 0 {
		if err := add("most elements", t.r.TopElements); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *text) keyColumns(head string, keys []memory.Key) []column {
	name := column{head: head, left: true}
	kind := column{head: "type", left: true, rank: 1}
	encoding := column{head: "encoding", left: true, rank: 4}
	elements := column{head: "elements"}
	bytes := column{head: "memory"}
	part := column{head: "share", rank: 3}
	expires := column{head: "expires", rank: 2}
	db := column{head: "db"}
	file := column{head: "file"}
	for i := range keys {
		k := &keys[i]
		name.addName(keyBytes(k.Key))
		kind.addWords(k.Type)
		encoding.addWords(k.Encoding)
		elements.add(human.Thousands(k.Elements))
		bytes.add(t.keyBytes(k, t.guessed(k)))
		part.add(percent(share(k.Bytes, t.r.Total.Bytes)))
		expires.add(expiryText(k.ExpireAt, t.r.Now))
		db.add(fmt.Sprint(k.DB))
		file.add(fmt.Sprintf("#%d", k.File+1))
	}
	columns := []column{name, kind, encoding, elements, bytes, part, expires}
	if databases(t.r) > 1 {
		columns = append(columns, db)
	}
	if len(t.r.Files) > 1 {
		columns = append(columns, file)
	}
	return columns
}

// guessed reports whether the size of a key may be an estimate: if any is, and
// the report does not say that all of its type are exact.
func (t *text) guessed(k *memory.Key) bool {
	total := &t.r.Total
	if total.Exact == total.Bytes {
		return false
	}
	for i := range t.r.Tables {
		for j := range t.r.Tables[i].Groups {
			g := &t.r.Tables[i].Groups[j]
			if t.r.Tables[i].By == "type" && g.Name == k.Type {
				return g.Exact != g.Bytes
			}
		}
	}
	return true
}
