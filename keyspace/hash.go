package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
)

// fieldIn finds a field in the packed items of a hash: where the pair begins,
// where its value does, and where it ends.
func fieldIn(b, field []byte) (start, value, end, n int, ok bool) {
	start, value, n, ok = findItem(b, field, 2)
	if !ok {
		return 0, 0, 0, n, false
	}
	_, rest := nextItem(b[value:])
	return start, value, len(b) - len(rest), n, true
}

// field returns the value of a field and when it expires. The bytes are
// borrowed. r must exist.
func (r *ref) field(name []byte) (value []byte, expireAt int64, ok bool) {
	if d, ok := r.object().(*dict); ok {
		at := d.find(name)
		if at < 0 {
			return nil, entry.NoExpire, false
		}
		b := d.block(at)
		return b.value(), b.expireAt(), true
	}
	b := r.value()
	_, at, _, _, ok := fieldIn(b, name)
	if !ok {
		return nil, entry.NoExpire, false
	}
	value, _ = nextItem(b[at:])
	return value, entry.NoExpire, true
}

// setField sets a field of a hash, which exists but may be empty.
func (r *ref) setField(name, value []byte, expireAt int64) error {
	d, large := r.object().(*dict)
	if !large {
		b := r.value()
		_, at, end, n, ok := fieldIn(b, name)
		size := itemSize(value)
		if ok && expireAt < 0 {
			room, err := r.d.splice(r.at, at, end-at, size)
			if err == nil {
				putItem(room, value)
			}
			return err
		}
		if size += itemSize(name); expireAt < 0 && n < maxPackedElems && len(b)+size <= maxPackedBytes {
			room, err := r.d.splice(r.at, len(b), 0, size)
			if err == nil {
				putItem(putItem(room, name), value)
			}
			return err
		}
		var err error
		if d, err = r.unpackHash(); err != nil {
			return err
		}
	}
	at := d.find(name)
	if at < 0 {
		at, err := d.insert(0, name, expireAt, len(value))
		if err == nil {
			copy(d.block(at).value(), value)
		}
		return err
	}
	if err := d.setExpireAt(at, expireAt); err != nil {
		return err
	}
	return d.setValue(at, value)
}

// unpackHash turns a packed hash into a table.
func (r *ref) unpackHash() (*dict, error) {
	d := &dict{}
	for rest := r.value(); len(rest) > 0; {
		var name, value []byte
		name, rest = nextItem(rest)
		value, rest = nextItem(rest)
		at, err := d.insert(0, name, entry.NoExpire, len(value))
		if err != nil {
			return nil, err
		}
		copy(d.block(at).value(), value)
	}
	return d, r.d.setObject(r.at, d)
}

// setFieldExpiry changes when a field, which exists, expires.
func (r *ref) setFieldExpiry(name []byte, expireAt int64) error {
	d, large := r.object().(*dict)
	if !large {
		if expireAt < 0 {
			return nil
		}
		var err error
		if d, err = r.unpackHash(); err != nil {
			return err
		}
	}
	return d.setExpireAt(d.find(name), expireAt)
}

// removeField takes a field out. The key goes with the last one: r is void
// then, and gone is true.
func (r *ref) removeField(name []byte) (gone bool, err error) {
	if d, ok := r.object().(*dict); ok {
		at := d.find(name)
		if at < 0 {
			return false, nil
		}
		d.remove(at)
		if d.n == 0 {
			r.remove()
		}
		return d.n == 0, nil
	}
	b := r.value()
	start, _, end, _, ok := fieldIn(b, name)
	if !ok {
		return false, nil
	}
	if end-start == len(b) {
		r.remove()
		return true, nil
	}
	_, err = r.d.splice(r.at, start, end-start, 0)
	return false, err
}
