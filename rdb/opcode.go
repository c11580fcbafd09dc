package rdb

import (
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// The opcodes: bytes that stand where a value's type may stand.
const (
	opSlotNum       = 121 // Redis Enterprise
	opRAMLRU        = 107 // Redis Enterprise
	opHashTemplate  = 242 // Redis
	opUpdate        = 242 // Valkey
	opKeyMeta       = 243 // Redis
	opSlotImport    = 243 // Valkey
	opSlotInfo      = 244
	opFunction      = 245
	opFunctionPreGA = 246
	opModuleAux     = 247
	opIdle          = 248
	opFreq          = 249
	opAux           = 250
	opResizeDB      = 251
	opExpireMs      = 252
	opExpire        = 253
	opSelectDB      = 254
	opEOF           = 255
)

// unit is the smallest step through a file.
type unit uint8

const (
	unitKey  unit = iota // type and key: the value follows
	unitMeta             // a record that is no key
	unitAttr             // an attribute of the key to come
	unitEOF
)

// heads reads what stands before values: opcodes, attributes and keys.
//
//	[FC ms8 | FD u32] [F8 len | F9 u8] [F3 ...] type str value
type heads struct {
	state
	arena arena

	// of the unit just read
	meta entry.Meta
	typ  byte
	info *typeInfo
	key  []byte

	attr attributes // of the key to come, until clearAttributes

	// skim passes over keys and long values without unpacking them; unpacked
	// is then the size that they would have.
	skim     bool
	unpacked uint64

	seen [256]int64 // opcodes and types read, by byte
}

// attributes are what opcodes say about the key that follows them.
type attributes struct {
	pending  bool
	expireAt int64
	idle     int64
	freq     int16
	keyMeta  []entry.KeyMeta
}

func (h *heads) clearAttributes() {
	if !h.attr.pending && h.attr.expireAt == entry.NoExpire {
		return // nothing has been said since
	}
	h.attr = attributes{expireAt: entry.NoExpire, idle: -1, freq: -1, keyMeta: h.attr.keyMeta[:0]}
}

// next reads the unit at the start of b and returns its length, of a key
// without the value. When b ends too early nothing has changed: err is
// rdbwire.ErrShort and missing a lower bound of the bytes that b lacks.
func (h *heads) next(b []byte) (n int, u unit, missing uint64, err error) {
	p := parser{b: b, arena: &h.arena}
	h.arena.reset()
	h.unpacked = 0
	op := p.u8()
	if p.err != nil {
		return 0, 0, 1, p.err
	}
	if h.info = &h.types[op]; h.info.layout != layUnknown && !(h.dragonfly && op >= typeTemplatePackRef) {
		h.typ = op
		if h.skim {
			h.unpacked = p.skipText()
		} else {
			h.key = p.text()
		}
		if p.err == nil {
			h.seen[op]++
		}
		return p.n, unitKey, p.missing, p.err
	}
	h.meta = entry.Meta{Nums: h.meta.Nums[:0], Names: h.meta.Names[:0]}
	switch u, err = h.opcode(&p, op); {
	case err != nil:
		return 0, u, 0, err
	case p.err == rdbwire.ErrShort:
		return 0, u, p.missing, p.err
	case p.err != nil && op == opHashTemplate: // opUpdate in the other family
		return 0, u, 0, unproven(p.err)
	case p.err != nil:
		return 0, u, 0, p.err
	}
	h.seen[op]++
	return p.n, u, 0, nil
}

// opcode reads what follows the opcode op and, if all of it is there, puts it
// into effect.
func (h *heads) opcode(p *parser, op byte) (unit, error) {
	m := &h.meta
	num := func() { m.Nums = append(m.Nums, p.length()) }
	switch op {
	case opExpireMs:
		if v := int64(p.u64()); p.err == nil {
			h.attr.pending, h.attr.expireAt = true, v
		}
		return unitAttr, nil
	case opExpire:
		if v := int64(int32(p.u32())); p.err == nil {
			h.attr.pending, h.attr.expireAt = true, v*1000
		}
		return unitAttr, nil
	case opIdle:
		if v := int64(p.length()); p.err == nil {
			h.attr.pending, h.attr.idle = true, v
		}
		return unitAttr, nil
	case opFreq:
		if v := int16(p.u8()); p.err == nil {
			h.attr.pending, h.attr.freq = true, v
		}
		return unitAttr, nil
	case opRAMLRU, opSlotNum:
		if h.version.Family == Valkey {
			return unitMeta, unknownByte{op, &h.grammar}
		}
		p.length()
		h.attr.pending = h.attr.pending || p.err == nil
		return unitAttr, nil
	case opSelectDB:
		m.Kind = entry.MetaSelectDB
		if num(); p.err == nil {
			if m.Nums[0] > maxDB {
				return unitMeta, fmt.Errorf("database number %d", m.Nums[0])
			}
			h.db = int(m.Nums[0])
		}
	case opResizeDB:
		m.Kind = entry.MetaResizeDB
		num()
		num()
	case opAux:
		if m.Kind, m.Name = entry.MetaAux, p.text(); h.skim {
			h.unpacked = p.skipText()
		} else {
			m.Value = p.text()
		}
		if p.err == nil && string(m.Name) == "df-ver" {
			h.dragonfly = true
		}
	case opFunction:
		if m.Kind = entry.MetaFunction; h.skim {
			h.unpacked = p.skipText()
		} else {
			m.Value = p.text()
		}
	case opFunctionPreGA:
		m.Kind, m.Name, m.Engine = entry.MetaFunction, p.text(), p.text()
		if p.length() != 0 {
			m.Desc = p.text()
		}
		m.Value = p.text()
	case opModuleAux:
		m.Kind, m.Module = entry.MetaModuleAux, entry.ModuleID(p.length())
		if when := p.length(); p.err == nil && when != 2 {
			return unitMeta, fmt.Errorf("module aux begins with opcode %d, 2 is due", when)
		}
		num()
		m.Value = p.module()
	case opSlotInfo:
		m.Kind = entry.MetaSlotInfo
		num()
		num()
		num()
	case opHashTemplate: // opUpdate in the other family
		if h.version.Family == Valkey {
			return unitMeta, unproven(h.update(p))
		}
		return unitMeta, unproven(h.template(p))
	case opKeyMeta: // opSlotImport in the other family
		if h.version.Family == Valkey {
			return unitMeta, h.slotImport(p)
		}
		return unitAttr, h.readKeyMeta(p)
	case opEOF:
		return unitEOF, nil
	default:
		return unitMeta, unknownByte{op, &h.grammar}
	}
	return unitMeta, nil
}

// maxDB is the highest database number that a server can be configured to have.
const maxDB = 1<<31 - 1
