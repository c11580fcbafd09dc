package entry

import "fmt"

// Type is the logical type of a value, as the TYPE command answers it.
type Type uint8

// The types. TypeNone stands for a record that is not a key.
const (
	TypeNone Type = iota
	String
	List
	Set
	ZSet
	Hash
	Stream
	Module
	Array    // Redis 8.8
	PathHash // Valkey 9.2
	Cron     // KeyDB
	numTypes
)

var typeNames = [numTypes]string{"none", "string", "list", "set", "zset", "hash", "stream", "module", "array", "path-hash", "cron"}

func (t Type) String() string {
	if t < numTypes {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// ParseType returns the type of that name.
func ParseType(name string) (Type, error) {
	for t := String; t < numTypes; t++ {
		if typeNames[t] == name {
			return t, nil
		}
	}
	return TypeNone, fmt.Errorf("unknown type %q: one of %s", name, typeNames[String:])
}

// Encoding is how a file holds a value. It is what the file says; a server
// that loads the file may choose another one.
type Encoding uint8

// The encodings.
const (
	EncodingUnknown Encoding = iota
	Raw
	Int
	LZF
	Listpack
	Ziplist
	Zipmap
	Intset
	Hashtable
	Skiplist
	Quicklist
	LinkedList
	StreamEncoding
	ModuleEncoding
	SlicedArray
	TemplateListpack
	TemplateArray
	numEncodings
)

var encodingNames = [numEncodings]string{
	"unknown", "raw", "int", "lzf", "listpack", "ziplist", "zipmap", "intset", "hashtable", "skiplist", "quicklist",
	"linkedlist", "stream", "module", "sliced-array", "template-listpack", "template-array",
}

func (e Encoding) String() string {
	if e < numEncodings {
		return encodingNames[e]
	}
	return fmt.Sprintf("encoding(%d)", uint8(e))
}

// ParseEncoding returns the encoding of that name.
func ParseEncoding(name string) (Encoding, error) {
	for e := Raw; e < numEncodings; e++ {
		if encodingNames[e] == name {
			return e, nil
		}
	}
	return EncodingUnknown, fmt.Errorf("unknown encoding %q", name)
}
