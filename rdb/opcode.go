package rdb

import (
	"errors"
	"fmt"
	"sync"

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

// grammar is what earlier records of a file say about how to read later ones.
type grammar struct {
	version   Version
	types     *[256]typeInfo
	dragonfly bool // the writer gives some numbers other meanings
	// templates are the field names of shared hash layouts, those of the whole
	// file; only the first known of them stand before the current position.
	templates *templates
	known     int
}

// templates are the hash templates that the scanner has met. Batches on other
// goroutines look them up.
type templates struct {
	mu   sync.RWMutex
	byID map[uint64]template
}

type template struct {
	names   [][]byte
	ordinal int // among the templates of the file
}

// lookup returns the names of a template defined before the current position.
func (g *grammar) lookup(id uint64) (names [][]byte, ok bool) {
	g.templates.mu.RLock()
	defer g.templates.mu.RUnlock()
	t, ok := g.templates.byID[id]
	return t.names, ok && t.ordinal < g.known
}

// define adds a template, unless it is there because this very record has been
// read before. It returns false where another one has that ID.
func (g *grammar) define(id uint64, names [][]byte) bool {
	g.templates.mu.Lock()
	defer g.templates.mu.Unlock()
	t, ok := g.templates.byID[id]
	if ok && t.ordinal != g.known {
		return false
	}
	if !ok {
		g.templates.byID[id] = template{names, g.known}
	}
	g.known++
	return true
}

// state is what a position in a file inherits from the records before it. No
// attribute is ever pending where a batch begins.
type state struct {
	grammar
	db int
}

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

// unknownByte says that a byte where an opcode or a type is due is neither.
type unknownByte struct {
	b byte
	g *grammar
}

func (u unknownByte) Error() string {
	text := fmt.Sprintf("byte 0x%02x (%d) is no opcode or type of a %s file", u.b, u.b, u.g.version)
	other := Valkey - u.g.version.Family
	switch {
	case u.g.dragonfly:
		return text + " that rdbtool reads: Dragonfly's own"
	case u.b == typeModulePreGA:
		return "module value of a Redis 4.0 release candidate (type 6)"
	case typesOf[other][u.b].layout != layUnknown:
		return text + ", it is one of " + other.String() + " files"
	}
	return text
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

// maxKeyMeta is how many classes may attach metadata to a key.
const maxKeyMeta = 7

// readKeyMeta reads the metadata of module classes:
//
//	F3 | len n | n x ( u32 LE class | items ... 00 )
//
// A class is four characters of six bits, five bits of version and three of
// flags, from the top down.
func (h *heads) readKeyMeta(p *parser) error {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	n := p.length()
	if len(h.attr.keyMeta) > 0 {
		return errors.New("a second block of metadata for the same key")
	}
	if p.err == nil && n > maxKeyMeta {
		return fmt.Errorf("%d classes of key metadata, %d at most are possible", n, maxKeyMeta)
	}
	classes := make([]entry.KeyMeta, 0, maxKeyMeta)
	for ; n > 0 && p.err == nil; n-- {
		spec := p.u32()
		var name [4]byte
		for i := range name {
			name[i] = alphabet[spec>>(26-6*i)&63]
		}
		data := append([]byte(nil), p.module()...) // a later unit may move the bytes
		classes = append(classes, entry.KeyMeta{Class: string(name[:]), Version: int(spec >> 3 & 31), Flags: uint8(spec & 7), Data: data})
	}
	if p.err == nil {
		h.attr.pending, h.attr.keyMeta = true, classes
	}
	return nil
}

// template reads a shared hash layout and registers it:
//
//	F2 | len id | len n | n x str name
func (h *heads) template(p *parser) error {
	id, n := p.length(), p.length()
	if p.err == nil && n == 0 {
		return fmt.Errorf("hash template %d has no fields", id)
	}
	names := p.names(n)
	if p.err != nil {
		return nil
	}
	if !h.define(id, names) {
		return fmt.Errorf("hash template %d is defined twice", id)
	}
	h.meta.Kind, h.meta.Names, h.meta.Nums = entry.MetaHashTemplate, names, append(h.meta.Nums, id)
	return nil
}

// maxSlots is the number of cluster hash slots.
const maxSlots = 16384

// slotImport reads which slots a node was importing:
//
//	F3 | str job | len n | n x ( len first slot, len last slot )
func (h *heads) slotImport(p *parser) error {
	m := &h.meta
	m.Kind, m.Name = entry.MetaSlotImport, p.text()
	n := p.length()
	if n > maxSlots {
		return fmt.Errorf("%d ranges of slots", n)
	}
	for ; n > 0 && p.err == nil; n-- {
		first, last := p.length(), p.length()
		if p.err == nil && (first > last || last >= maxSlots) {
			return fmt.Errorf("slots %d to %d", first, last)
		}
		m.Nums = append(m.Nums, first, last)
	}
	return nil
}

// update reads the command that a Valkey server saved among the keys of a
// replication stream: one RESP array of bulk strings.
func (h *heads) update(p *parser) error {
	h.meta.Kind = entry.MetaUpdate
	start := p.n
	for n := p.respNumber('*'); n > 0 && p.err == nil; n-- {
		size := p.respNumber('$')
		if p.err != nil {
			break
		}
		p.bytes(size)
		if end := p.bytes(2); p.err == nil && string(end) != "\r\n" {
			return fmt.Errorf("argument of a saved command ends with %q", end)
		}
	}
	if p.err == nil {
		h.meta.Value = p.b[start:p.n:p.n]
	}
	return nil
}

// respNumber reads "<mark><digits>\r\n".
func (p *parser) respNumber(mark byte) int {
	if c := p.u8(); p.err == nil && c != mark {
		p.failf("byte 0x%02x in a saved command, %q is due", c, mark)
	}
	n := 0
	for p.err == nil {
		switch c := p.u8(); {
		case p.err != nil:
		case c >= '0' && c <= '9' && n < 1<<30/10:
			n = n*10 + int(c-'0')
		case c == '\r':
			if c := p.u8(); p.err == nil && c != '\n' {
				p.failf("byte 0x%02x in a saved command, a line feed is due", c)
			}
			return n
		default:
			p.failf("byte 0x%02x in the number of a saved command", c)
		}
	}
	return 0
}
