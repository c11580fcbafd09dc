package rdb

import (
	"errors"
	"io"
	"math"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// Prober reads single records at any place of a file, in any order. It is for
// whoever cannot trust the lengths that lead from one record to the next.
//
//	At(off)   [attributes] type key value    |    opcode ...    |    FF
//	          ^ Offset              ^ Value  ^ End
//
// One goroutine may use it at a time.
type Prober struct {
	// Strict is for places that are only guessed to begin a record: what no
	// server of the file's version writes is then refused, and no more is
	// held in memory, or read for one record, than strings of servers take.
	Strict bool

	src   io.ReaderAt
	size  int64
	opts  Options
	head  heads
	batch Batch // of a record in memory
	far   Batch // of one that is not
	in    source
	begin [256]bool // bytes that may begin a record in Strict

	buf  []byte // of the file; buf[0] stands at base
	base int64
	err  error // of the source
	left int64 // what may still be read for large records in Strict
}

// State is what a place in a file inherits from the records before it. The
// zero State is that behind the magic.
type State struct {
	db, known int
	dragonfly bool
}

// DB returns the database that keys belong to.
func (s State) DB() int { return s.db }

// InDB returns s with another database.
func (s State) InDB(db int) State {
	s.db = db
	return s
}

// Behind returns s with what the records before the state of say about how to
// read later ones, other than the database.
func (s State) Behind(of State) State {
	s.known, s.dragonfly = max(s.known, of.known), s.dragonfly || of.dragonfly
	return s
}

// RecordKind tells what a Record is.
type RecordKind uint8

// The kinds of records.
const (
	KeyRecord  RecordKind = iota
	MetaRecord            // no key: Meta is set
	EndRecord             // the end mark, without the checksum
)

// Record is a record that a Prober has found. Key and Meta are borrowed until
// the next call.
type Record struct {
	Kind   RecordKind
	Offset int64 // of the first byte, that of an attribute if there are any
	Bare   int64 // of the type byte of a key, behind the attributes
	Value  int64 // of the first byte of a key's value
	End    int64 // of the first byte behind the record
	First  byte  // opcode, or RDB type

	Key      []byte
	LongForm bool // the length of the key takes more bytes than it needs: no server writes that
	Type     entry.Type
	ExpireAt int64 // Unix ms, entry.NoExpire if none
	Module   entry.ModuleID
	Elements int64 // of the value, as many as could be read
	// Tight says that the bytes of the value themselves prove where it ends:
	// a blob that holds its size. A length that is wrong by a few
	// bytes would not have passed.
	Tight bool
	Meta  *entry.Meta
	After State // for the record behind this one

	// Damage is what is wrong with a value whose lengths tell all the same
	// where it ends. It is an *entry.CorruptError or *entry.UnsupportedError.
	Damage error
}

const (
	// probeRead is what is read of the file at once.
	probeRead = 256 << 10
	// maxDamaged is the largest record whose end is looked for by its lengths
	// after its value has been found to be damaged.
	maxDamaged = 16 << 20
	// strictString is the largest key or blob in Strict.
	strictString = 4 << 20
)

// HeaderLen is the length of the magic and version that a file begins with.
const HeaderLen = headerLen

// ParseVersion returns the version that a file begins with. ok is false if b,
// of HeaderLen bytes, is no magic.
func ParseVersion(b []byte) (v Version, ok bool) {
	if len(b) < headerLen {
		return v, false
	}
	return parseVersion(b[:headerLen])
}

// NewProber returns a Prober of the first size bytes of src, which are a file
// of version v.
func NewProber(src io.ReaderAt, size int64, v Version, o *Options) *Prober {
	p := &Prober{src: src, size: size, left: math.MaxInt64}
	if o != nil {
		p.opts = *o
	}
	p.opts.Size, p.opts.Meta = size, false
	p.head.grammar = grammar{version: v, types: &typesOf[v.Family], templates: &templates{byID: map[uint64]template{}}}
	p.batch.dec.opts, p.far.dec.opts = &p.opts, &p.opts
	t := TargetOf(v)
	for b := range p.begin {
		p.begin[b] = t.holdsType(v.Family, byte(b))
	}
	format := t.format()
	for b, since := range map[byte]int{
		opEOF: 1, opSelectDB: 1, opExpire: 1, opExpireMs: 3, opResizeDB: 7, opAux: 7, opFreq: 9, opIdle: 9, opModuleAux: 9, opFunction: 10,
	} {
		p.begin[b] = format >= since
	}
	p.begin[opSlotInfo] = v.Family == Valkey || format >= 11 // Valkey 8.0 writes 11
	p.begin[opKeyMeta] = v.Family == Valkey || format >= 13
	return p
}

// Size returns how many bytes of the source are looked at.
func (p *Prober) Size() int64 { return p.size }

// Limit has records that reach over the byte at n not be read on, until the function
// that it returns is called.
func (p *Prober) Limit(n int64) (restore func()) {
	size := p.size
	p.size = min(size, n)
	return func() { p.size = size }
}

// BeStrict sets Strict until the function that it returns is called.
func (p *Prober) BeStrict() (restore func()) {
	was := p.Strict
	p.Strict = true
	return func() { p.Strict = was }
}

// Err returns why the source could not be read. At then gives no records.
func (p *Prober) Err() error { return p.err }

// Allow sets how many bytes may be read for large records in Strict.
func (p *Prober) Allow(n int64) { p.left = n }

// Bytes returns n bytes at off, or as many as the source has there. They are
// borrowed until the next call.
func (p *Prober) Bytes(off int64, n int) []byte {
	b := p.view(off, n)
	return b[:min(n, len(b)):min(n, len(b))]
}

// May reports whether a record can begin with the byte b. It is a fraction of
// the work of At.
func (p *Prober) May(b byte) bool { return p.begin[b] }

// view returns what is in memory of the bytes from off on, n of them at least
// where the source has them.
func (p *Prober) view(off int64, n int) []byte {
	if off < p.base || off > p.base+int64(len(p.buf)) {
		p.buf, p.base = p.buf[:0], off
	}
	at := int(off - p.base)
	n = int(min(int64(n), p.size-off))
	if len(p.buf)-at >= n || p.err != nil {
		return p.buf[at : at+int(min(int64(len(p.buf)-at), max(p.size-off, 0)))]
	}
	want := int(min(int64(max(n, probeRead)), p.size-off))
	kept := p.buf[at:]
	if want+slack > cap(p.buf) || cap(p.buf) > maxBatch+slack && want <= probeRead {
		p.buf = append(make([]byte, 0, want+slack), kept...)
	} else {
		p.buf = p.buf[:copy(p.buf, kept)]
	}
	p.base = off
	have := len(p.buf)
	k, err := p.src.ReadAt(p.buf[have:want], off+int64(have))
	p.buf = p.buf[:have+k]
	if k < want-have {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		p.err = err
	}
	return p.buf
}

// errRefused is the reason of Strict.
var errRefused = errors.New("no record that a server of this version writes")

// errPackedNothing is the reason where a string of no bytes is compressed: no server does
// that, and it would prove by itself where any value ends.
var errPackedNothing = errors.New("no bytes, compressed")

// At reads the record at off, with all that its value holds. The error is why
// no record can be told there; it has no place in it.
func (p *Prober) At(off int64, st State) (r Record, err error) {
	for need := 512; ; {
		b := p.view(off, need)
		var missing uint64
		r, missing, err = p.record(off, b, st)
		behind := uint64(p.size - off - int64(len(b)))
		switch {
		case p.err != nil:
			return r, p.err
		case err == errUnpacked:
			return p.large(off, st)
		case err != rdbwire.ErrShort:
			return r, err
		case missing > behind:
			return r, entry.ErrTruncated
		case uint64(len(b))+missing <= maxBatch:
		case r.Value > 0:
			return p.large(off, st)
		case p.Strict || uint64(len(b))+missing > maxDamaged:
			return r, entry.ErrTooLarge
		}
		need = max(len(b)+int(missing), min(2*len(b), maxBatch))
	}
}

// In reads the record that b begins with, as if nothing followed it.
func (p *Prober) In(b []byte, st State) (Record, error) {
	buf, base, size := p.buf, p.base, p.size
	p.buf, p.base, p.size = b, 0, int64(len(b))
	r, _, err := p.record(0, b, st)
	p.buf, p.base, p.size = buf, base, size
	if err == rdbwire.ErrShort {
		err = entry.ErrTruncated
	}
	return r, err
}

func (p *Prober) enter(st State) {
	h := &p.head
	h.db, h.known, h.dragonfly = st.db, st.known, st.dragonfly
	h.attr = attributes{expireAt: entry.NoExpire, idle: -1, freq: -1}
	h.arena.limit = maxUnpacked
}

func (p *Prober) leave() State {
	h := &p.head
	return State{db: h.db, known: h.known, dragonfly: h.dragonfly}
}

// record reads the record at the start of b, which stands at off.
func (p *Prober) record(off int64, b []byte, st State) (r Record, missing uint64, err error) {
	p.enter(st)
	h := &p.head
	r = Record{Offset: off, ExpireAt: entry.NoExpire}
	at := 0
	for {
		if p.Strict && at < len(b) && !p.begin[b[at]] {
			return r, 0, errRefused
		}
		n, u, missing, err := h.next(b[at:])
		if err != nil {
			return r, missing, err
		}
		r.First = b[at]
		r.LongForm = u == unitKey && longForm(b[at+1:], len(h.key))
		at += n
		switch u {
		case unitEOF:
			if h.attr.pending {
				return r, 0, errors.New("the end mark follows the attributes of a key")
			}
			r.Kind, r.End, r.After = EndRecord, off+int64(at), p.leave()
			return r, 0, nil
		case unitMeta:
			if !h.attr.pending {
				r.Kind, r.Meta, r.End, r.After = MetaRecord, &h.meta, off+int64(at), p.leave()
				return r, 0, nil
			}
		case unitKey:
			r.Key, r.Type, r.ExpireAt, r.After = h.key, h.info.typ, h.attr.expireAt, p.leave()
			r.Bare, r.Value = off+int64(at-n), off+int64(at)
			missing, err := p.value(&r, b, at, st)
			return r, missing, err
		}
	}
}

// longForm reports whether the length of a key of n bytes, at the start of b, is
// longer than it need be.
func longForm(b []byte, n int) bool {
	return b[0] >= 0x40 && b[0] < 0x80 && n < 1<<6 || b[0] == 0x80 && n < 1<<14 || b[0] == 0x81
}

// value reads the value at b[at:] of the record at the start of b.
func (p *Prober) value(r *Record, b []byte, at int, st State) (missing uint64, err error) {
	h := &p.head
	if h.info.layout == layString {
		head, err := rdbwire.String(b[at:])
		if err != nil {
			return 1, err
		}
		r.Elements = 1
		if head.Kind != rdbwire.Compressed {
			if left := uint64(p.size - r.Value - int64(head.Len)); head.Body > left {
				return 0, entry.ErrTruncated
			}
			r.End = r.Value + int64(head.Len) + int64(head.Body)
			return 0, nil
		}
	}
	n, unpacked, missing, err := h.skipValue(b[at:], h.typ)
	if err != nil {
		return missing, err
	}
	if unpacked > maxUnpacked {
		return 0, errUnpacked
	}
	r.End = r.Value + int64(n)
	d := &p.batch
	d.start = state{grammar: h.grammar, db: st.db}
	d.start.known, d.start.dragonfly = st.known, st.dragonfly
	d.data, d.base, d.ends, d.large = b[:at+n], r.Offset, append(d.ends[:0], int32(at+n)), false
	d.open()
	e, err := d.Next()
	if err == nil {
		r.Module = e.Module
		r.Elements, err = walkValue(e)
	}
	if h.info.layout == layString && unpacked == 0 && err == nil {
		err = &entry.CorruptError{Place: entry.Place{Offset: r.Offset, DB: st.db, Key: append([]byte{}, h.key...), Element: -1, Construct: "string"}, Err: errPackedNothing}
	}
	r.Key, r.Tight = h.key, tight(h.info)
	if err != nil {
		r.Damage, r.Tight = err, false
	}
	return 0, nil
}

// tight reports whether values of that kind prove by themselves where they end.
// A string gets here if it is compressed.
func tight(info *typeInfo) bool {
	switch info.layout {
	case layString, layBlob, layBlobMin, layModule:
		return true
	}
	return false
}

// walkValue reads a value to its end and returns how many elements it has.
func walkValue(e *entry.Entry) (n int64, err error) {
	v := e.Value
	for v.Next() {
		el := v.Elem()
		if !el.More {
			n++
		}
		if e.Type == entry.ZSet && math.IsNaN(el.Score) {
			place := entry.Place{Offset: e.Offset, DB: e.DB, Key: append([]byte{}, e.Key...), Element: n - 1, Construct: e.Encoding.String()}
			return n, &entry.CorruptError{Place: place, Err: errors.New("a score is not a number")}
		}
	}
	return n, v.Err()
}

// bareAt returns where the type of the key at off stands, behind its attributes.
func (p *Prober) bareAt(off int64, st State) int64 {
	b := p.view(off, 4<<10)
	p.enter(st)
	for at := 0; ; {
		n, u, _, err := p.head.next(b[at:])
		if err != nil || u == unitKey { // a long key is cut
			return off + int64(at)
		}
		at += n
	}
}

// HeadAt reads what stands before the value of the key at off. ok is false if
// there is none.
func (p *Prober) HeadAt(off int64, st State) (r Record, ok bool) {
	b := p.view(off, 4<<10)
	p.enter(st)
	h := &p.head
	r = Record{Offset: off, ExpireAt: entry.NoExpire}
	for at := 0; ; {
		n, u, _, err := h.next(b[at:])
		if err != nil || u == unitEOF || u == unitMeta && !h.attr.pending {
			return r, false
		}
		r.First = b[at]
		r.LongForm = u == unitKey && longForm(b[at+1:], len(h.key))
		if at += n; u == unitKey {
			r.Bare = off + int64(at-n)
			r.Key, r.Type, r.ExpireAt, r.Value, r.After = h.key, h.info.typ, h.attr.expireAt, off+int64(at), p.leave()
			return r, true
		}
	}
}

// Version returns the version of the file.
func (p *Prober) Version() Version { return p.head.version }
