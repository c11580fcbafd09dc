package entry

import (
	"bytes"
	"slices"
	"strings"
)

// NoExpire is the value of ExpireAt where nothing expires.
const NoExpire int64 = -1

// Entry is one record of a data set: a key with its metadata and value or,
// where the source was asked for them, a record about the file itself (Meta is
// then set and the fields about a key are zero).
type Entry struct {
	DB       int
	Key      []byte // borrowed until the next entry
	Type     Type
	Encoding Encoding // as in the file; EncodingUnknown if the source has none
	RDBType  int      // the type byte of an RDB record, -1 if there is none
	ExpireAt int64    // Unix ms, NoExpire if none
	Idle     int64    // seconds since the last access (LRU), -1 if not recorded
	Freq     int16    // logarithmic access counter (LFU), -1 if not recorded
	Offset   int64    // of the first byte of the record in its (unpacked) file
	Size     int64    // bytes of the record, -1 while unknown: see Value
	Len      int64    // elements that the record declares, -1 if unknown

	Module  ModuleID   // of a module value, else 0
	KeyMeta []KeyMeta  // module metadata attached to the key
	Vectors *VectorSet // of a vector set
	Array   *ArrayInfo // of an array

	// Value is the cursor over the elements, nil for a Meta record. A record
	// too large for one batch is read while the cursor moves: Size is -1 until
	// the cursor has come to its end.
	Value Value

	Meta *Meta // set for a record that is not a key
}

// Clone returns a copy of e that shares no bytes with its source. The value
// cursor is not copied: Value of the clone is nil.
func (e *Entry) Clone() *Entry {
	c := *e
	c.Key = bytes.Clone(e.Key)
	c.Value = nil
	c.KeyMeta = slices.Clone(e.KeyMeta)
	for i := range c.KeyMeta {
		c.KeyMeta[i].Data = bytes.Clone(c.KeyMeta[i].Data)
	}
	if e.Vectors != nil {
		v := *e.Vectors
		v.Projection = bytes.Clone(v.Projection)
		c.Vectors = &v
	}
	if e.Array != nil {
		a := *e.Array
		c.Array = &a
	}
	if e.Meta != nil {
		c.Meta = e.Meta.Clone()
	}
	return &c
}

// KeyMeta is what one module class attached to a key (opcode 243 of the Redis
// family).
type KeyMeta struct {
	Class   string // four characters
	Version int
	Flags   uint8
	Data    []byte // the serialized items with their closing opcode, borrowed
}

// ModuleID names a module's value type: nine characters of six bits and, in
// the low ten bits, the version of the encoding.
type ModuleID uint64

const moduleAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// Name returns the type's nine characters.
func (id ModuleID) Name() string {
	var name [9]byte
	for i := range name {
		name[i] = moduleAlphabet[id>>(58-6*i)&63]
	}
	return string(name[:])
}

// NewModuleID returns the ID of the value type of that name and version. ok is
// false if there is no such ID.
func NewModuleID(name string, version int) (id ModuleID, ok bool) {
	if len(name) != 9 || version < 0 || version > 1023 {
		return 0, false
	}
	for i := range len(name) {
		v := strings.IndexByte(moduleAlphabet, name[i])
		if v < 0 {
			return 0, false
		}
		id = id<<6 | ModuleID(v)
	}
	return id<<10 | ModuleID(version), true
}

// Version returns the version of the encoding, 0 to 1023.
func (id ModuleID) Version() int { return int(id & 1023) }
