package entry

import (
	"bytes"
	"slices"
)

// MetaKind tells what a record that is not a key is about.
type MetaKind uint8

// The kinds of records that are not keys.
const (
	MetaHeader       MetaKind = iota // Name: "REDIS" or "VALKEY"; Nums: version
	MetaAux                          // Name, Value
	MetaFunction                     // Value: the library's source; Name, Engine, Desc where the record has them
	MetaModuleAux                    // Module; Nums: when (1 before the keys, 2 after); Value: items as they stand
	MetaSelectDB                     // Nums: db
	MetaResizeDB                     // Nums: keys, keys with an expiry
	MetaSlotInfo                     // Nums: slot, keys, keys with an expiry
	MetaSlotImport                   // Name: job; Nums: first slot, last slot, first ...
	MetaHashTemplate                 // Nums: id; Names: fields
	MetaUpdate                       // Value: one RESP command (Valkey 9.2 forkless save)
	numMetaKinds
)

var metaNames = [numMetaKinds]string{
	"header", "aux", "function", "module_aux", "selectdb", "resizedb", "slot_info", "slot_import", "hash_template", "update",
}

func (k MetaKind) String() string {
	if k < numMetaKinds {
		return metaNames[k]
	}
	return "meta"
}

// Meta is a record about the file or the data set as a whole. Its bytes are
// borrowed like an entry's key.
type Meta struct {
	Kind   MetaKind
	Name   []byte
	Value  []byte
	Engine []byte // of a function library in the form of Redis 7.0 RC
	Desc   []byte // likewise
	Names  [][]byte
	Nums   []uint64
	Module ModuleID
}

// Clone returns a copy of m that shares no bytes with its source.
func (m *Meta) Clone() *Meta {
	c := *m
	c.Name, c.Value = bytes.Clone(m.Name), bytes.Clone(m.Value)
	c.Engine, c.Desc = bytes.Clone(m.Engine), bytes.Clone(m.Desc)
	c.Names, c.Nums = cloneAll(m.Names), slices.Clone(m.Nums)
	return &c
}
