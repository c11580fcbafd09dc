package keyspace

import (
	"encoding/binary"

	"github.com/rdbtool/rdbtool/entry"
)

// DropExpired removes what has expired at a time in Unix milliseconds: keys, and
// fields of hashes. It returns how many of each.
func (d *Dataset) DropExpired(now int64) (keys, fields int64) {
	for i := range d.shards {
		for _, t := range d.shards[i].dbs {
			k, f := t.dropExpired(now)
			keys, fields = keys+k, fields+f
		}
	}
	return keys, fields
}

func (d *dict) dropExpired(now int64) (keys, fields int64) {
	var gone [][]byte
	d.each(func(b block) bool {
		if at := b.expireAt(); at >= 0 && at <= now {
			gone = append(gone, b.key())
			return true
		}
		if b[0]&tagObject == 0 || entry.Type(b.typ()) != entry.Hash {
			return true
		}
		h := d.objects[binary.LittleEndian.Uint32(b.value())].(*dict)
		n := h.dropFields(now)
		if fields += n; h.n == 0 {
			gone = append(gone, b.key())
		}
		return true
	})
	d.removeAll(gone)
	return int64(len(gone)), fields
}

// removeAll removes keys that blocks of d hold: one that has been freed keeps
// its key.
func (d *dict) removeAll(keys [][]byte) {
	for _, key := range keys {
		d.remove(d.find(key))
	}
}

// dropFields is dropExpired of the fields of a hash.
func (d *dict) dropFields(now int64) int64 {
	var gone [][]byte
	d.each(func(b block) bool {
		if at := b.expireAt(); at >= 0 && at <= now {
			gone = append(gone, b.key())
		}
		return true
	})
	d.removeAll(gone)
	return int64(len(gone))
}
