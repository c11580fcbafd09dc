package rdb

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/crc64"
	"github.com/rdbtool/rdbtool/internal/lzf"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
	"github.com/rdbtool/rdbtool/internal/spool"
)

// EncoderOptions say what an Encoder writes for.
type EncoderOptions struct {
	Target Target
	// Lose is told of everything that the target cannot hold. e is borrowed.
	// Without it, a loss that is not minor is an *entry.UnsupportedError.
	Lose func(e *entry.Entry, l Loss)
	// Flush takes the bytes of a large record out of the way: it is called with
	// what has been appended so far and returns the buffer to go on with. It
	// may be nil: then a record is built in memory.
	Flush func(b []byte) ([]byte, error)
	// Whole says that all keys of the source are written, in its own format:
	// what the source says of its data set as a whole, such as its place in a
	// replication stream, stays true and is kept.
	Whole bool
	// Base says that the file is the base of an append-only file.
	Base bool
	// TempDir is where records that must be held as a whole go when they are
	// large.
	TempDir string
}

// Encoder turns entries into the records of a target.
//
// A value that the target reads as it stands in its file is copied, after all
// of it has been read and found sound. Any other is written anew: in the
// encoding that the entry names if the target has it, else in the one that the
// target would choose under its default settings.
type Encoder struct {
	o      EncoderOptions
	packer lzf.Compressor
	packed []byte // of the string being written

	// of the record being written
	e       *entry.Entry
	payload bool   // of RESTORE: no attributes, no key
	out     []byte // what the caller gave, and the record
	begin   int    // in out: where the record, or what has not been flushed of it, begins
	crc     uint64 // of what has been flushed
	err     error  // the first

	elems stage        // elements of a value written anew
	nodes spool.Buffer // of a list or stream: written anew, or as they stand in a large record
	node  nodeBuilder  // of a stream
	tail  tailBuilder  // of a stream
	parts []byte       // of a string that comes in parts
	blob  []byte       // being built
	ints  []int64      // of a set
	all   []member     // of a sorted set or hash
	score []byte
	// listed is a node of a list
	listed []byte
}

// NewEncoder returns an Encoder. One goroutine may use it at a time.
func NewEncoder(o EncoderOptions) *Encoder {
	x := &Encoder{o: o}
	x.elems.spool.Dir, x.nodes.Dir = o.TempDir, o.TempDir
	return x
}

// SetFlush replaces EncoderOptions.Flush.
func (x *Encoder) SetFlush(flush func(b []byte) ([]byte, error)) { x.o.Flush = flush }

// AppendEntry appends the record of a key: its attributes, type, key and
// value. It reads e.Value from its start, where it must stand, to its end.
// Nothing is appended for a key that the target cannot hold. After an error
// the record is incomplete.
func (x *Encoder) AppendEntry(dst []byte, e *entry.Entry) ([]byte, error) {
	return x.append(dst, e, false)
}

// AppendDump appends what DUMP answers for the value of e, the payload of
// RESTORE:
//
//	[F3 ...] type value | version u16 LE | CRC64 u64 LE
//
// Nothing is appended for a key that the target cannot hold.
func (x *Encoder) AppendDump(dst []byte, e *entry.Entry) ([]byte, error) {
	return x.append(dst, e, true)
}

func (x *Encoder) append(dst []byte, e *entry.Entry, payload bool) ([]byte, error) {
	x.e, x.payload, x.out, x.begin, x.crc, x.err = e, payload, dst, len(dst), 0, nil
	if what, lost := x.o.Target.loses(e); lost {
		x.lose(what, 1)
		for e.Value.Next() {
		}
		x.fail(e.Value.Err())
		return x.out, x.err
	}
	d := sourceOf(e)
	if d != nil && x.copies(d) {
		x.copy(d)
	} else {
		x.encode(d)
	}
	if payload && x.err == nil {
		x.out = binary.LittleEndian.AppendUint16(x.out, uint16(x.o.Target.Version.Number))
		crc := crc64.Update(x.crc, x.out[x.begin:])
		x.out = binary.LittleEndian.AppendUint64(x.out, crc)
	}
	return x.out, x.err
}

func (x *Encoder) fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

// errLoss is the reason of an error for what a target cannot hold.
func (x *Encoder) lose(what LossKind, n int64) {
	switch {
	case n == 0:
	case x.o.Lose != nil:
		x.o.Lose(x.e, Loss{What: what, Count: n})
	case !what.Minor():
		x.fail(x.unsupported(x.o.Target.Name + " cannot hold " + what.String()))
	}
}

func (x *Encoder) place() entry.Place {
	return entry.Place{Offset: x.e.Offset, DB: x.e.DB, Key: append([]byte{}, x.e.Key...), Element: -1}
}

func (x *Encoder) unsupported(what string) error {
	return &entry.UnsupportedError{Place: x.place(), What: what}
}

// corrupt is the error for a value that no server would load.
func (x *Encoder) corrupt(text string) error {
	return &entry.CorruptError{Place: x.place(), Err: errors.New(text)}
}

// loses tells which kind of key the target lacks, if e is of one.
func (t *Target) loses(e *entry.Entry) (what LossKind, lost bool) {
	switch e.Type {
	case entry.Stream:
		return LostStream, t.StreamVersion() == 0
	case entry.Module:
		if e.Module.Name() == vectorSetName {
			return LostVectorSet, !t.HasVectorSets()
		}
		return LostModule, !t.HasModules()
	case entry.Array:
		return LostArray, !t.holdsType(Redis, typeArray)
	case entry.PathHash:
		return LostPathHash, !t.holdsType(Valkey, typePathHash)
	case entry.Cron:
		return LostCron, !t.holdsType(Redis, typeCron)
	}
	return 0, false
}

// Holds reports whether the target can hold keys of the kind of e, if perhaps
// not all that they carry.
func (t *Target) Holds(e *entry.Entry) bool {
	_, lost := t.loses(e)
	return !lost
}

// flushSize is when the bytes of a large record are handed on.
const flushSize = 256 << 10

// spill hands on what has been written of a large record.
func (x *Encoder) spill() {
	if x.o.Flush == nil || len(x.out) < flushSize || x.err != nil {
		return
	}
	if x.payload {
		x.crc = crc64.Update(x.crc, x.out[x.begin:])
	}
	x.out, x.err = x.o.Flush(x.out)
	x.begin = len(x.out)
}

// prefix writes what stands before the value.
func (x *Encoder) prefix(typ byte) {
	e, t := x.e, &x.o.Target
	if !x.payload {
		if e.ExpireAt != entry.NoExpire {
			x.out = append(x.out, opExpireMs)
			x.out = binary.LittleEndian.AppendUint64(x.out, uint64(e.ExpireAt))
		}
		switch {
		case e.Freq < 0 && e.Idle < 0:
		case t.format() < 9:
			x.lose(LostAccess, 1)
		default:
			if e.Idle >= 0 {
				x.out = rdbwire.AppendLength(append(x.out, opIdle), uint64(e.Idle))
			}
			if e.Freq >= 0 {
				x.out = append(x.out, opFreq, byte(e.Freq))
			}
		}
	}
	if len(e.KeyMeta) > 0 {
		if t.Version.Family == Redis && t.Version.Number >= 13 {
			x.keyMeta()
		} else {
			x.lose(LostKeyMeta, int64(len(e.KeyMeta)))
		}
	}
	x.out = append(x.out, typ)
	if !x.payload {
		x.text(e.Key)
	}
}

// keyMeta writes what readKeyMeta reads.
func (x *Encoder) keyMeta() {
	x.out = rdbwire.AppendLength(append(x.out, opKeyMeta), uint64(len(x.e.KeyMeta)))
	for i := range x.e.KeyMeta {
		m := &x.e.KeyMeta[i]
		spec, ok := classSpec(m)
		if !ok {
			x.fail(x.corrupt("key metadata of the class " + m.Class))
		}
		if !moduleItems(m.Data) {
			x.fail(x.corrupt("key metadata is not made of module items"))
		}
		x.out = binary.LittleEndian.AppendUint32(x.out, spec)
		x.out = append(x.out, m.Data...)
	}
}

// text writes a string as a server does.
func (x *Encoder) text(s []byte) { x.out = x.appendText(x.out, s) }

// appendText appends a string as a server does: a number where it is one,
// packed where that pays.
func (x *Encoder) appendText(dst, s []byte) []byte {
	if len(s) > maxUnpackedText {
		packed, ok := x.packer.Compress(x.packed[:0], s)
		if cap(packed) > cap(x.packed) {
			x.packed = packed
		}
		if ok {
			x.packed = packed
			dst = rdbwire.AppendLZFHead(dst, uint64(len(x.packed)), uint64(len(s)))
			return append(dst, x.packed...)
		}
	}
	return rdbwire.AppendText(dst, s)
}

// maxUnpackedText is the longest string that servers never try to pack.
const maxUnpackedText = 20

// copies reports whether the target reads the value as it stands in its file.
func (x *Encoder) copies(d *decoder) bool {
	t, v := &x.o.Target, d.version
	typ := byte(d.e.RDBType)
	switch {
	case !t.holdsType(v.Family, typ):
		return false
	case t.Version.Number < 8 && (v.Family != Redis || v.Number >= 8):
		return false // a length of 64 bits may stand anywhere
	case x.payload && (typ == typeTemplatePackRef || typ == typeTemplateArrayRef):
		return false // the template is not in the payload
	case d.e.Type == entry.Module && d.e.Vectors == nil && d.e.Module.Name() == vectorSetName:
		return t.HasVectorSets()
	}
	return true
}

// copy writes a value that is copied. It is read whole on the way: the copy
// holds nothing that this package cannot read.
func (x *Encoder) copy(d *decoder) {
	if d.e.Type == entry.Stream {
		x.copyStream(d)
		return
	}
	x.prefix(byte(x.e.RDBType))
	if !d.large {
		x.walk()
		x.out = append(x.out, d.in.buf[d.value-d.in.base:d.end]...)
		return
	}
	x.out = append(x.out, d.lead...)
	d.in.setTap(func(p []byte) {
		x.out = append(x.out, p...)
		x.spill()
	})
	defer d.in.setTap(nil)
	x.walk()
}

// walk reads the value to its end.
func (x *Encoder) walk() {
	v := x.e.Value
	if x.e.Type == entry.ZSet {
		for v.Next() {
			if math.IsNaN(v.Elem().Score) {
				x.fail(x.corrupt("a score is not a number"))
			}
		}
	} else {
		for v.Next() {
		}
	}
	x.fail(v.Err())
}

// encode writes a value anew.
func (x *Encoder) encode(d *decoder) {
	switch x.e.Type {
	case entry.String:
		x.encodeString()
	case entry.List:
		x.encodeList()
	case entry.Set:
		x.encodeSet()
	case entry.ZSet:
		x.encodeZSet()
	case entry.Hash:
		x.encodeHash()
	case entry.Stream:
		x.encodeStream(d)
	case entry.Module:
		x.encodeModule(d)
	case entry.Array:
		x.encodeArray()
	case entry.PathHash:
		x.encodePathHash()
	case entry.Cron:
		x.encodeCron()
	default:
		x.fail(x.unsupported("type " + x.e.Type.String()))
	}
}

// whole returns the string of the current element, all its parts.
func (x *Encoder) whole(v entry.Value) []byte {
	e := v.Elem()
	if !e.More {
		return partOf(x.e.Type, e)
	}
	x.parts = x.parts[:0]
	for {
		x.parts = append(x.parts, partOf(x.e.Type, e)...)
		if !e.More || !v.Next() {
			return x.parts
		}
		e = v.Elem()
	}
}

// partOf returns the string of an element that may come in parts.
func partOf(t entry.Type, e *entry.Elem) []byte {
	if t == entry.Hash {
		return e.Value
	}
	return e.Data
}
