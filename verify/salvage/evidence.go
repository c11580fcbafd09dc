package salvage

import (
	"bytes"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// evidence weighs how likely it is that bytes are a record of the file, and no
// bytes that look like one. Weights are in bits: the binary logarithm of how
// much likelier the bytes are as a record than as anything else.
//
// What the keys and types of a file look like is learnt from the records read
// before. Bytes of zero are never evidence: they abound in damage, and in
// values.
type evidence struct {
	bytes [256]float64 // of keys
	types [256]float64
	total struct{ bytes, types float64 }
	// weight is that of a byte in a key: see prepare.
	weight [256]float64
	// longest is the length of the longest key.
	longest int
	// unsized says that databases do not announce their keys: nothing need
	// follow their numbers.
	unsized bool
	keys    int // learnt from
	// prepared is how many of them the weights are of.
	prepared int
	slots    int            // opcodes that tell the slot of the keys behind them
	attrs    [attrKinds]int // how many of them have which
	odds     [256]int       // how many of them have a byte that is no text
	begins   beginnings
	fixed    bool // nothing more is learnt
}

func newEvidence() *evidence {
	e := &evidence{begins: beginnings{}, prepared: -1}
	for b := range e.bytes { // a key is likely to be text
		e.bytes[b] = 0.1
		if isText(byte(b)) {
			e.bytes[b] = 2
		}
		e.total.bytes += e.bytes[b]
	}
	for t := range 33 {
		e.types[t] = 0.5
		e.total.types += e.types[t]
	}
	e.prepare()
	return e
}

// learn takes the key and the type of a record that is known to be one.
func (e *evidence) learn(r *record) {
	if r.first == opSlot && !e.fixed {
		e.slots++
	}
	if r.kind != rdb.KeyRecord || r.damaged || r.empty || e.fixed {
		return
	}
	e.keys++
	for i := range e.attrs {
		if r.attrs>>i&1 != 0 {
			e.attrs[i]++
		}
	}
	e.longest = max(e.longest, int(r.keyLen))
	e.types[r.first]++
	e.total.types++
	sample := r.key()
	for i, b := range sample {
		e.bytes[b]++
		if !isText(b) && bytes.IndexByte(sample[:i], b) < 0 {
			e.odds[b]++
		}
	}
	e.total.bytes += float64(len(sample))
	e.begins.learn(sample)
	if e.keys&(e.keys-1) == 0 || e.keys%1024 == 0 {
		e.prepare()
	}
}

// fewLearnt is how many keys are learnt from at once, not only when nothing can
// speak against them any more.
const fewLearnt = 64

const (
	// maxLearnt is how much of a key is looked at.
	maxLearnt = 64
	// longKey is how long a key may be where those before were short.
	longKey = 64
	// manySame is how many bytes in a row that are the same count: numbers have zeros.
	manySame = 8
)

const (
	maxKeyBits   = 64
	minKeyBits   = -18
	longFormBits = -100
	impossible   = -20 // below, it is no record
	minHeadBits  = 4   // what a head needs to be one
	emptyKeyBits = -100
	noKeyBits    = -30 // a key of very many bytes, text that is none
	damagedBits  = -12 // a value that its lengths tell the end of, and that is wrong
	blobBits     = 32  // sizes, end marks and back lengths that agree
	streamBits   = 64
	endBits      = 60  // the end mark, where the end is due
	attrBits     = -24 // attributes that no key of the file has
)

// key returns the weight of a key. Of many bytes in a row that are the same only the first
// count: those of values are often so.
func (e *evidence) key(k []byte) float64 {
	switch {
	case len(k) == 0:
		return emptyKeyBits
	case len(k) > 2*e.longest+longKey:
		return noKeyBits
	}
	bits, run := 0.0, 0
	for i, b := range k[:min(len(k), maxLearnt)] {
		if run++; i > 0 && b != k[i-1] {
			run = 1
		}
		if run <= manySame {
			bits += e.weight[b]
		}
	}
	return max(min(bits, maxKeyBits), minKeyBits)
}

// record returns the weight of a record, and that of what stands before the value.
func (e *evidence) record(r *rdb.Record) (bits, head float64) {
	if r.Kind == rdb.MetaRecord {
		return e.meta(r.Meta), 0
	}
	bits = e.key(r.Key)
	if r.LongForm {
		bits += longFormBits
	}
	typ := 8 + math.Log2((e.types[r.First]+0.01)/e.total.types)
	if r.First == 0 {
		typ = min(typ, 3)
	}
	bits += max(min(typ, 6), -8)
	if r.ExpireAt != entry.NoExpire {
		if meant(r.ExpireAt) {
			bits += 20
		} else {
			bits -= 8
		}
	}
	head = bits
	switch {
	case r.Damage != nil, empty(r):
		return min(bits, 12) + damagedBits, head
	case r.Type == entry.Module:
		if r.Module>>32 == 0 { // a name of nine characters takes more
			return bits + noKeyBits, head
		}
		bits += 20
	case r.Type == entry.Stream: // its last element is what stands behind the entries
		bits += min(streamBits, 16*float64(r.Elements-1))
	case r.Type == entry.String && r.Tight:
		bits += 16
	case r.Tight:
		bits += blobBits
	case r.Type != entry.String:
		bits += min(float64(r.Elements), 12)
	}
	return bits, head
}

// empty reports whether r is a collection of nothing.
func empty(r *rdb.Record) bool {
	return r.Kind == rdb.KeyRecord && r.Elements == 0 && r.Damage == nil && r.Type != entry.Stream && r.Type != entry.Module
}

// Expiries that clients mean, in Unix ms: 2001 to 2128.
const (
	earliestExpiry = 1_000_000_000_000
	latestExpiry   = 5_000_000_000_000
)

func (e *evidence) meta(m *entry.Meta) float64 {
	switch m.Kind {
	case entry.MetaSelectDB:
		if m.Nums[0] < 64 && (!e.unsized || m.Nums[0] < 16) {
			return weakBits
		}
		return 0
	case entry.MetaResizeDB:
		if !e.unsized && m.Nums[0] > 0 && m.Nums[1] <= m.Nums[0] && m.Nums[0] < 1<<40 {
			return weakBits
		}
		return -10
	case entry.MetaAux:
		return e.text(m.Name)
	case entry.MetaFunction:
		return e.text(m.Value)
	case entry.MetaModuleAux:
		return 24
	case entry.MetaSlotImport:
		return e.text(m.Name)
	}
	return 2
}

// misplaced reports whether r is a record that servers write before all databases only.
//
//	functions | slot imports | templates of hashes | FE db FB keys expires | keys ...
func misplaced(r *rdb.Record, inDB int) bool {
	if inDB < 0 || r.Kind != rdb.MetaRecord {
		return false
	}
	switch r.Meta.Kind {
	case entry.MetaFunction, entry.MetaSlotImport, entry.MetaHashTemplate:
		return true
	}
	return false
}

// text returns the weight of what must be text: the name of a field, a program.
func (e *evidence) text(b []byte) float64 {
	if len(b) == 0 {
		return noKeyBits
	}
	bits := 0.0
	for _, c := range b[:min(len(b), maxLearnt)] {
		if c >= 0x80 || c < 0x20 && c != '\n' && c != '\t' && c != '\r' {
			return noKeyBits
		}
		bits++
	}
	return min(bits, 24)
}

// mayBegin reports whether the bytes at off look like the beginning of a key's
// record, whatever follows. cut says that they are too few to tell.
func (e *evidence) mayBegin(p *rdb.Prober, off int64) (looks, cut bool) {
	b := p.Bytes(off, 1)
	if len(b) == 0 {
		return false, true
	}
	if !p.May(b[0]) {
		return false, false
	}
	if b[0] == opEOF {
		return off+1+footerLen <= p.Size(), false
	}
	r, ok := p.HeadAt(off, rdb.State{})
	if !ok {
		return false, p.Size()-off < int64(2*e.longest+longKey) && e.headIsCut(p, off)
	}
	return !r.LongForm && e.key(r.Key) >= minHeadBits && e.odd(r.Key) == 0, false
}

// odd returns how many bytes of a key are none that keys are made of.
func (e *evidence) odd(key []byte) (n int) {
	for _, b := range key[:min(len(key), maxLearnt)] {
		if e.bytes[b]/e.total.bytes < 1.0/4096 || !isText(b) && e.once(b) {
			n++
		}
	}
	return n
}

// once reports whether a byte stood in no key, or in a single one of many: that may have
// been none.
func (e *evidence) once(b byte) bool {
	return e.odds[b] == 0 || e.odds[b] == 1 && e.keys >= fewLearnt
}

func isText(b byte) bool { return b >= 0x20 && b < 0x7f }

// oddCost is what the first record behind a gap is less worth if its key has so many
// bytes that keys do not have.
func oddCost(n int) float64 {
	if n == 0 {
		return 0
	}
	return 30 + 8*float64(n-1)
}

// strange reports whether a key has a control character that others do not have.
func (e *evidence) strange(key []byte) bool {
	for _, b := range key[:min(len(key), maxLearnt)] {
		if b < 0x20 && e.once(b) {
			return true
		}
	}
	return false
}

// headIsCut reports whether what stands before a value goes on to the end of
// the file at least.
func (e *evidence) headIsCut(p *rdb.Prober, off int64) bool {
	_, err := p.At(off, rdb.State{})
	return err == entry.ErrTruncated
}

// enterBytes is how many bytes mayEnter looks at.
const enterBytes = 2 + maxLearnt

// mayEnter reports whether the first record behind a gap may begin with b. It is
// quick: most bytes of a damaged place end here.
func (e *evidence) mayEnter(b []byte) bool {
	if len(b) < enterBytes {
		return true
	}
	switch c := b[0]; {
	case c == opSelectDB && !e.unsized:
		return sizedAt(b)
	case c == opExpireMs: // from 2001 to 2128
		return b[7] == 0 && b[8] == 0 && b[6] < 5 && (b[6] > 0 || b[5] > 0xE0)
	case c >= firstOpcode:
		return true
	}
	n := int(b[1])
	switch {
	case n == 0 || n == 0x80 || n == 0x81:
		return n > 0 && e.longest > 1<<13
	case n >= 0x80:
		return n >= 0xC0 && n <= 0xC3
	case n >= 0x40:
		if n = (n&0x3f)<<8 | int(b[2]); n < 64 || n > 2*e.longest+longKey {
			return false
		}
		b = b[3:]
	default:
		b = b[2 : 2+n]
	}
	bits := 0.0
	for _, c := range b[:min(len(b), n, maxLearnt)] {
		bits += e.weight[c]
	}
	return bits >= enterBits
}

// enterBits is what the key of the first record behind a gap must weigh.
const enterBits = -8

// prepare works out what each byte of a key weighs.
func (e *evidence) prepare() {
	if e.fixed || e.prepared == e.keys {
		return
	}
	e.prepared = e.keys
	for b := range e.weight {
		e.weight[b] = 8 + math.Log2(e.bytes[b]/e.total.bytes)
	}
}
