package rdbwire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ItemKind is the opcode before an item of a module value.
type ItemKind uint8

// The opcodes of module items. A value is items up to ItemEOF.
const (
	ItemEOF ItemKind = iota
	ItemSint
	ItemUint
	ItemFloat
	ItemDouble
	ItemString
)

func (k ItemKind) String() string {
	names := [...]string{"end", "signed integer", "unsigned integer", "float", "double", "string"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("opcode %d", uint8(k))
}

// Item is one item of a module value.
type Item struct {
	Kind  ItemKind
	Uint  uint64  // of ItemUint; two's complement of ItemSint
	Float float64 // of ItemFloat and ItemDouble
	Head  Head    // of ItemString; its body is not part of the item's bytes
}

// ModuleItem decodes the item at the start of b and returns it with the number
// of bytes that it takes; of a string these are the bytes before its body.
func ModuleItem(b []byte) (it Item, n int, err error) {
	op, n, err := Length(b)
	if err != nil {
		return it, 0, err
	}
	if op > uint64(ItemString) {
		return it, 0, wrong(ErrModule, "module opcode %d is unknown", op)
	}
	it.Kind = ItemKind(op)
	b = b[n:]
	switch it.Kind {
	case ItemSint, ItemUint:
		v, m, err := Length(b)
		it.Uint = v
		return it, n + m, err
	case ItemFloat:
		if len(b) < 4 {
			return it, 0, ErrShort
		}
		it.Float = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		return it, n + 4, nil
	case ItemDouble:
		if len(b) < 8 {
			return it, 0, ErrShort
		}
		it.Float = math.Float64frombits(binary.LittleEndian.Uint64(b))
		return it, n + 8, nil
	case ItemString:
		it.Head, err = String(b)
		return it, n + it.Head.Len, err
	}
	return it, n, nil
}

// SkipModule passes over the items at the start of b up to and with ItemEOF.
// Its results are those of SkipStrings.
func SkipModule(b []byte) (n int, unpacked, missing uint64, err error) {
	for {
		it, m, err := ModuleItem(b[n:])
		if err == ErrShort {
			return 0, unpacked, 1, err
		}
		if err != nil {
			return n, unpacked, 0, err
		}
		n += m
		switch it.Kind {
		case ItemEOF:
			return n, unpacked, 0, nil
		case ItemString:
			if have := uint64(len(b) - n); it.Head.Body > have {
				return 0, unpacked, it.Head.Body - have, ErrShort
			}
			n += int(it.Head.Body)
			if it.Head.Kind == Compressed {
				unpacked = addSaturated(unpacked, it.Head.Size)
			}
		}
	}
}
