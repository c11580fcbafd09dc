package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
)

// Up to so many elements and bytes a hash or set stays in its block: looking
// through them costs less than a table then.
const (
	maxPackedElems = 128
	maxPackedBytes = 8 << 10
)

// hasMember reports whether a set has a member. r must exist.
func (r *ref) hasMember(s []byte) bool {
	if d, ok := r.object().(*dict); ok {
		return d.find(s) >= 0
	}
	_, _, _, ok := findItem(r.value(), s, 1)
	return ok
}

// addMember adds a member to a set, which exists but may be empty.
func (r *ref) addMember(s []byte) (added bool, err error) {
	if d, ok := r.object().(*dict); ok {
		if d.find(s) >= 0 {
			return false, nil
		}
		_, err := d.insert(0, s, entry.NoExpire, 0)
		return true, err
	}
	b := r.value()
	_, _, n, ok := findItem(b, s, 1)
	if ok {
		return false, nil
	}
	if size := itemSize(s); n < maxPackedElems && len(b)+size <= maxPackedBytes {
		room, err := r.d.splice(r.at, len(b), 0, size)
		if err == nil {
			putItem(room, s)
		}
		return true, err
	}
	d := &dict{}
	for rest := b; len(rest) > 0; {
		var item []byte
		item, rest = nextItem(rest)
		if _, err := d.insert(0, item, entry.NoExpire, 0); err != nil {
			return false, err
		}
	}
	if _, err := d.insert(0, s, entry.NoExpire, 0); err != nil {
		return false, err
	}
	return true, r.d.setObject(r.at, d)
}

// removeMember takes a member out of a set. The key goes with the last one: r is
// void then, and gone is true.
func (r *ref) removeMember(s []byte) (removed, gone bool, err error) {
	if d, ok := r.object().(*dict); ok {
		at := d.find(s)
		if at < 0 {
			return false, false, nil
		}
		d.remove(at)
		if d.n == 0 {
			r.remove()
		}
		return true, d.n == 0, nil
	}
	b := r.value()
	start, end, _, ok := findItem(b, s, 1)
	if !ok {
		return false, false, nil
	}
	if end-start == len(b) {
		r.remove()
		return true, true, nil
	}
	_, err = r.d.splice(r.at, start, end-start, 0)
	return true, false, err
}

// members calls yield with each member, which is borrowed until the data set
// changes.
func (r *ref) members(yield func(s []byte) bool) {
	if d, ok := r.object().(*dict); ok {
		d.each(func(b block) bool { return yield(b.key()) })
		return
	}
	for rest := r.value(); len(rest) > 0; {
		var item []byte
		if item, rest = nextItem(rest); !yield(item) {
			return
		}
	}
}

func (r *ref) memberCount() int {
	if d, ok := r.object().(*dict); ok {
		return d.n
	}
	return countItems(r.value())
}

// takeMembers makes r a set of the members of d, which it keeps.
func (r *ref) takeMembers(d *dict) error {
	if d.n == 0 {
		if r.ok() {
			r.remove()
		}
		return nil
	}
	size := 0
	d.each(func(b block) bool {
		size += itemSize(b.key())
		return true
	})
	if err := r.replace(entry.Set, nil, entry.NoExpire); err != nil {
		return err
	}
	if d.n > maxPackedElems || size > maxPackedBytes {
		return r.d.setObject(r.at, d)
	}
	room, err := r.d.splice(r.at, 0, 0, size)
	if err != nil {
		return err
	}
	d.each(func(b block) bool {
		room = putItem(room, b.key())
		return true
	})
	return nil
}
