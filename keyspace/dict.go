package keyspace

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
)

// dict maps byte strings to small blocks of bytes: the keys of a database, the
// fields of a large hash, the members of a large set. The table has a slot for
// each: the upper half of the key's hash, and the handle of the block.
//
//	tag u8 | class u8 | key size u16 | value size u32 | [key size u32] | [expiry i64] | key | value
//
// A key size of 65535 says that the real one follows. All numbers are little
// endian.
type dict struct {
	arena
	slots   []slot
	n       int
	objects []any // that blocks with tagObject refer to, by the number that is their value
	unused  []uint32

	signedZero bool // see Options
}

type slot struct {
	tag uint32
	h   handle // 0: an empty slot
}

// The tag of a block: a type of the caller's in the low bits, and flags.
const (
	tagType   = 0x1f
	tagLong   = 0x20 // the key size is a u32
	tagExpire = 0x40
	tagObject = 0x80
	tagFree   = 0x1f // a type and flags of no block in use
)

const (
	headSize  = 8
	longKey   = math.MaxUint16
	firstSize = 16 // slots of the smallest table
)

// seed is for the tables of a process. The order of a table shows nowhere.
var seed = maphash.MakeSeed()

func hashOf(key []byte) uint32 { return uint32(maphash.Bytes(seed, key) >> 32) }

// block is what stands at a handle.
type block []byte

func (b block) typ() byte { return b[0] & tagType }

// expireAt returns when the key or field expires, -1 for never.
func (b block) expireAt() int64 {
	if b[0]&tagExpire == 0 {
		return -1
	}
	expiry, _, _, _ := b.frame()
	return int64(binary.LittleEndian.Uint64(b[expiry:]))
}

// frame returns where the expiry, the key and the value begin, and where the
// value ends.
func (b block) frame() (expiry, key, value, end int) {
	n := int(binary.LittleEndian.Uint16(b[2:]))
	expiry = headSize
	if b[0]&tagLong != 0 {
		n = int(binary.LittleEndian.Uint32(b[headSize:]))
		expiry += 4
	}
	key = expiry
	if b[0]&tagExpire != 0 {
		key += 8
	}
	value = key + n
	return expiry, key, value, value + int(binary.LittleEndian.Uint32(b[4:]))
}

func (b block) key() []byte {
	_, k, v, _ := b.frame()
	return b[k:v:v]
}

func (b block) value() []byte {
	_, _, v, end := b.frame()
	return b[v:end:end]
}

// find returns the slot of a key, -1 if it is not there.
func (d *dict) find(key []byte) int {
	if d.n == 0 {
		return -1
	}
	return d.findTag(key, hashOf(key))
}

// findTag is find for a key whose hash is known.
func (d *dict) findTag(key []byte, tag uint32) int {
	if d.n == 0 {
		return -1
	}
	mask := uint32(len(d.slots) - 1)
	for i := tag & mask; ; i = (i + 1) & mask {
		s := d.slots[i]
		if s.h == 0 {
			return -1
		}
		if s.tag == tag && bytes.Equal(block(d.at(s.h)).key(), key) {
			return int(i)
		}
	}
}

// block returns what stands at a slot.
func (d *dict) block(at int) block { return d.at(d.slots[at].h) }

// insert adds a key that is not there, with room for a value of n bytes, and
// returns its slot. Slots found before are void.
func (d *dict) insert(tag byte, key []byte, expireAt int64, n int) (int, error) {
	if d.n >= len(d.slots)/8*7 {
		if len(d.slots) > math.MaxInt32/2 {
			return 0, ErrFull
		}
		d.resize(max(2*len(d.slots), firstSize))
	}
	h, err := d.make(tag, key, expireAt, n)
	if err != nil {
		return 0, err
	}
	d.n++
	return d.put(slot{hashOf(key), h}), nil
}

// make allocates and fills a block up to its value.
func (d *dict) make(tag byte, key []byte, expireAt int64, n int) (handle, error) {
	size := headSize + len(key) + n
	if len(key) >= longKey {
		size, tag = size+4, tag|tagLong
	} else {
		tag &^= tagLong
	}
	if expireAt >= 0 {
		size, tag = size+8, tag|tagExpire
	} else {
		tag &^= tagExpire
	}
	if uint64(n) > math.MaxUint32 || uint64(len(key)) > math.MaxUint32 {
		return 0, ErrFull
	}
	h, class := d.alloc(size)
	if h == 0 {
		return 0, ErrFull
	}
	b := d.at(h)
	b[0], b[1] = tag, class
	binary.LittleEndian.PutUint16(b[2:], uint16(min(len(key), longKey)))
	binary.LittleEndian.PutUint32(b[4:], uint32(n))
	at := headSize
	if tag&tagLong != 0 {
		binary.LittleEndian.PutUint32(b[at:], uint32(len(key)))
		at += 4
	}
	if tag&tagExpire != 0 {
		binary.LittleEndian.PutUint64(b[at:], uint64(expireAt))
		at += 8
	}
	copy(b[at:], key)
	return h, nil
}

func (d *dict) put(s slot) int {
	mask := uint32(len(d.slots) - 1)
	i := s.tag & mask
	for d.slots[i].h != 0 {
		i = (i + 1) & mask
	}
	d.slots[i] = s
	return int(i)
}

func (d *dict) resize(n int) {
	old := d.slots
	d.slots = make([]slot, n)
	for _, s := range old {
		if s.h != 0 {
			d.put(s)
		}
	}
}

// remove takes a key out. Slots found before are void.
func (d *dict) remove(at int) {
	b := d.block(at)
	if b[0]&tagObject != 0 {
		d.dropObject(b)
	}
	d.release(d.slots[at].h, b[1])
	d.n--
	// What stands behind in the same run may have been put off by this key.
	mask := uint32(len(d.slots) - 1)
	hole := uint32(at)
	for i := (hole + 1) & mask; d.slots[i].h != 0; i = (i + 1) & mask {
		if home := d.slots[i].tag & mask; (i-home)&mask >= (i-hole)&mask {
			d.slots[hole] = d.slots[i]
			hole = i
		}
	}
	d.slots[hole] = slot{}
}

// setExpireAt sets when a key or field expires, -1 for never.
func (d *dict) setExpireAt(at int, when int64) error {
	b := d.block(at)
	expiry, key, value, end := b.frame()
	if has := b[0]&tagExpire != 0; has && when >= 0 {
		binary.LittleEndian.PutUint64(b[expiry:], uint64(when))
		return nil
	} else if !has && when < 0 {
		return nil
	}
	h, err := d.make(b[0], b[key:value], when, end-value)
	if err != nil {
		return err
	}
	fresh := block(d.at(h))
	_, _, v, _ := fresh.frame()
	copy(fresh[v:], b[value:end])
	d.release(d.slots[at].h, b[1])
	d.slots[at].h = h
	return nil
}

// splice replaces del bytes of the value at off by room for ins bytes, and
// returns it to be filled.
func (d *dict) splice(at, off, del, ins int) ([]byte, error) {
	b := d.block(at)
	_, key, value, end := b.frame()
	from, grown := value+off, end-value-del+ins
	if uint64(grown) > math.MaxUint32 {
		return nil, ErrFull
	}
	if size := value + grown; b[1] == ownSlab && size <= len(b) && size > len(b)/2 ||
		b[1] != ownSlab && size <= classSize(b[1]) && size >= classSize(b[1])/2 {
		copy(b[from+ins:size], b[from+del:end])
		binary.LittleEndian.PutUint32(b[4:], uint32(grown))
		return b[from : from+ins : from+ins], nil
	}
	room := grown
	if value+grown > maxClassed && grown > end-value {
		room += grown / 4 // what grows at its end all the time is not copied each time
	}
	h, err := d.make(b[0], b[key:value], b.expireAt(), room)
	if err != nil {
		return nil, err
	}
	fresh := block(d.at(h))
	binary.LittleEndian.PutUint32(fresh[4:], uint32(grown))
	copy(fresh[value:], b[value:from])
	copy(fresh[from+ins:value+grown], b[from+del:end])
	d.release(d.slots[at].h, b[1])
	d.slots[at].h = h
	return fresh[from : from+ins : from+ins], nil
}

// setValue replaces a value by bytes that are not those of a block of d.
func (d *dict) setValue(at int, value []byte) error {
	_, _, v, end := d.block(at).frame()
	room, err := d.splice(at, 0, end-v, len(value))
	copy(room, value)
	return err
}

// setType changes the caller's bits of the tag.
func (d *dict) setType(at int, typ byte) {
	b := d.block(at)
	b[0] = b[0]&^tagType | typ
}

// object returns the object that a block with tagObject refers to.
func (d *dict) object(at int) any {
	return d.objects[binary.LittleEndian.Uint32(d.block(at).value())]
}

// setObject puts an object in place of a value.
func (d *dict) setObject(at int, o any) error {
	if b := d.block(at); b[0]&tagObject != 0 {
		d.objects[binary.LittleEndian.Uint32(b.value())] = o
		return nil
	}
	var i uint32
	if k := len(d.unused); k > 0 {
		i, d.unused = d.unused[k-1], d.unused[:k-1]
		d.objects[i] = o
	} else {
		i = uint32(len(d.objects))
		d.objects = append(d.objects, o)
	}
	if err := d.setValue(at, binary.LittleEndian.AppendUint32(nil, i)); err != nil {
		return err
	}
	d.block(at)[0] |= tagObject
	return nil
}

// takeObject makes a block with an object one with an empty value.
func (d *dict) takeObject(at int) error {
	b := d.block(at)
	if b[0]&tagObject == 0 {
		return nil
	}
	d.dropObject(b)
	b[0] &^= tagObject
	return d.setValue(at, nil)
}

func (d *dict) dropObject(b block) {
	i := binary.LittleEndian.Uint32(b.value())
	d.objects[i] = nil
	d.unused = append(d.unused, i)
}

// compact moves all blocks into slabs without free blocks between them, in the
// order in which they stand. Handles and slots from before are void.
func (d *dict) compact() {
	old := d.arena
	d.arena = arena{}
	clear(d.slots)
	for i := range old.slabs {
		one := arena{slabs: old.slabs[i : i+1], ends: old.ends[i : i+1]}
		one.each(func(b block) bool {
			var h handle
			if b[1] == ownSlab {
				h = d.keepSlab(old.slabs[i])
			} else {
				_, _, _, end := b.frame()
				var class uint8
				h, class = d.alloc(end) // there were handles for as much before
				fresh := d.at(h)
				copy(fresh, b[:end])
				fresh[1] = class
			}
			d.put(slot{hashOf(b.key()), h})
			return true
		})
		old.slabs[i] = nil
	}
}

// clone returns a copy, without objects.
func (d *dict) clone() (any, error) {
	c := *d
	c.slots = slices.Clone(d.slots)
	c.slabs, c.ends, c.holes = slices.Clone(d.slabs), slices.Clone(d.ends), slices.Clone(d.holes)
	for i := range c.slabs {
		c.slabs[i] = bytes.Clone(c.slabs[i])
	}
	return &c, nil
}
