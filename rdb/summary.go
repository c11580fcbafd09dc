package rdb

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/rdbtool/rdbtool/entry"
)

// Summary is what a file says about itself and holds, without the values.
type Summary struct {
	Version Version
	Aux     []AuxField
	Keys    int64
	Expires int64 // keys with an expiry
	DBs     []DBSummary
	Types   []TypeSummary
	Expiry  ExpirySummary
	WithLRU int64 // keys with an idle time
	WithLFU int64 // keys with an access frequency

	Functions []FunctionSummary
	Modules   []ModuleSummary
	Opcodes   []OpcodeCount
	Slots     int // cluster slots that the file names

	Checksum ChecksumState
	Trailer  Trailer
	Complete bool // the file was read to its end
}

// AuxField is a name and a value from the head of the file.
type AuxField struct{ Name, Value string }

// DBSummary counts the keys of one database.
type DBSummary struct {
	DB            int
	Keys, Expires int64
	Bytes         int64 // of the records
}

// TypeSummary counts the keys of one type in one encoding.
type TypeSummary struct {
	Type     entry.Type
	Encoding entry.Encoding
	Keys     int64
	Bytes    int64 // of the records
}

// ExpirySummary counts keys by when they expire.
type ExpirySummary struct {
	None, Past, Hour, Day, Week, Later int64
}

// FunctionSummary is a function library.
type FunctionSummary struct {
	Name, Engine string
	Bytes        int
}

// ModuleSummary is a module type that keys or aux records use.
type ModuleSummary struct {
	ID        entry.ModuleID
	Keys, Aux int64
	Bytes     int64
}

// OpcodeCount is how often an opcode or type byte occurs.
type OpcodeCount struct {
	Byte  byte
	Name  string
	Count int64
}

// ChecksumState is what is known about a file's checksum.
type ChecksumState string

// The states of a checksum.
const (
	ChecksumUnknown  ChecksumState = "unknown"  // the end of the file was not reached
	ChecksumOK       ChecksumState = "ok"       // it holds
	ChecksumBad      ChecksumState = "mismatch" // it does not
	ChecksumDisabled ChecksumState = "disabled" // the writer computed none
	ChecksumNone     ChecksumState = "none"     // the version has none
)

// AuxValue returns the value of the aux field of that name.
func (s *Summary) AuxValue(name string) (string, bool) {
	for _, f := range s.Aux {
		if f.Name == name {
			return f.Value, true
		}
	}
	return "", false
}

// maxAux bounds the aux fields that a summary keeps: files of cluster nodes
// and of KeyDB have one for each slot or key.
const maxAux = 64

// Summarize reads src to its end. Expiries are held against now. At damage the
// summary is of what stands before it, and comes with the error.
func Summarize(ctx context.Context, src io.Reader, o Options, jobs int, now time.Time) (*Summary, error) {
	o.Meta, o.Fragments = true, true
	sum := &Summary{}
	total := newTally(now.UnixMilli())
	t, rest, err := Process(ctx, src, &o, Processor[*tally]{
		Jobs: jobs,
		New:  func() *tally { return newTally(now.UnixMilli()) },
		Work: func(b *Batch, r *tally, _ func() error) error { return r.add(b) },
		Emit: func(r *tally) error {
			total.merge(r)
			*r = *newTally(r.now)
			return nil
		},
	})
	sum.Complete = err == nil
	sum.Version, sum.Trailer = t.Version, t
	total.fill(sum)
	switch {
	case err == nil && !t.Version.HasChecksum():
		sum.Checksum = ChecksumNone
	case err == nil && t.Stored == 0:
		sum.Checksum = ChecksumDisabled
	case err == nil:
		sum.Checksum = ChecksumOK
	case errors.Is(err, entry.ErrChecksum):
		sum.Checksum = ChecksumBad
	default:
		sum.Checksum = ChecksumUnknown
	}
	if err == nil {
		err = t.CheckRest(o.Name, rest)
	}
	return sum, err
}

// tally is the summary of a part of the file.
type tally struct {
	now       int64
	aux       []AuxField
	dbs       map[int]*DBSummary
	types     map[typeKey]*TypeSummary
	modules   map[entry.ModuleID]*ModuleSummary
	functions []FunctionSummary
	expiry    ExpirySummary
	lru, lfu  int64
	slots     int
	seen      [256]int64
}

type typeKey struct {
	typ      entry.Type
	encoding entry.Encoding
}

func newTally(now int64) *tally {
	return &tally{now: now, dbs: map[int]*DBSummary{}, types: map[typeKey]*TypeSummary{}, modules: map[entry.ModuleID]*ModuleSummary{}}
}

// of returns the element of that key, a new one if there is none.
func of[K comparable, V any](m map[K]*V, key K) *V {
	v, ok := m[key]
	if !ok {
		v = new(V)
		m[key] = v
	}
	return v
}

func (t *tally) add(b *Batch) error {
	defer func() {
		for i, n := range b.dec.seen {
			t.seen[i] += n
		}
	}()
	for {
		e, err := b.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e.Meta != nil {
			t.addMeta(e.Meta)
			continue
		}
		if e.Size < 0 { // known once the value has been read
			for e.Value.Next() {
			}
			if err := e.Value.Err(); err != nil {
				return err
			}
		}
		t.addKey(e)
	}
}

func (t *tally) addKey(e *entry.Entry) {
	expires := int64(0)
	if e.ExpireAt != entry.NoExpire {
		expires = 1
	}
	db := of(t.dbs, e.DB)
	db.Keys, db.Expires, db.Bytes = db.Keys+1, db.Expires+expires, db.Bytes+e.Size
	typ := of(t.types, typeKey{e.Type, e.Encoding})
	typ.Keys, typ.Bytes = typ.Keys+1, typ.Bytes+e.Size
	if e.Module != 0 {
		m := of(t.modules, e.Module)
		m.Keys, m.Bytes = m.Keys+1, m.Bytes+e.Size
	}
	if e.Idle >= 0 {
		t.lru++
	}
	if e.Freq >= 0 {
		t.lfu++
	}
	const hour = int64(time.Hour / time.Millisecond)
	switch at := e.ExpireAt; {
	case expires == 0:
		t.expiry.None++
	case at <= t.now:
		t.expiry.Past++
	case at <= t.now+hour:
		t.expiry.Hour++
	case at <= t.now+24*hour:
		t.expiry.Day++
	case at <= t.now+7*24*hour:
		t.expiry.Week++
	default:
		t.expiry.Later++
	}
}

func (t *tally) addMeta(m *entry.Meta) {
	switch m.Kind {
	case entry.MetaAux:
		if string(m.Name) == "slot-info" {
			t.slots++
		} else if len(t.aux) < maxAux {
			t.aux = append(t.aux, AuxField{string(m.Name), string(m.Value)})
		}
	case entry.MetaSlotInfo:
		t.slots++
	case entry.MetaFunction:
		t.functions = append(t.functions, summarizeFunction(m))
	case entry.MetaModuleAux:
		mod := of(t.modules, m.Module)
		mod.Aux, mod.Bytes = mod.Aux+1, mod.Bytes+int64(len(m.Value))
	}
}

// summarizeFunction takes the name and engine of a library from its record or
// from the first line of its source: #!lua name=mylib.
func summarizeFunction(m *entry.Meta) FunctionSummary {
	f := FunctionSummary{Name: string(m.Name), Engine: string(m.Engine), Bytes: len(m.Value)}
	if f.Name == "" {
		name, engine := FunctionLibrary(m.Value)
		f.Name, f.Engine = string(name), string(engine)
	}
	return f
}

// FunctionLibrary returns the name and the engine that the first line of a
// library's source gives, nil where it does not.
func FunctionLibrary(source []byte) (name, engine []byte) {
	line, _, _ := bytes.Cut(source, []byte("\n"))
	line, ok := bytes.CutPrefix(line, []byte("#!"))
	if !ok {
		return nil, nil
	}
	for i, word := range bytes.Fields(line) {
		if i == 0 {
			engine = word
		} else if v, ok := bytes.CutPrefix(word, []byte("name=")); ok {
			name = v
		}
	}
	return name, engine
}

// merge adds what o has counted in a later part of the file.
func (t *tally) merge(o *tally) {
	for _, f := range o.aux {
		if len(t.aux) < maxAux {
			t.aux = append(t.aux, f)
		}
	}
	t.functions = append(t.functions, o.functions...)
	for k, v := range o.dbs {
		db := of(t.dbs, k)
		db.Keys, db.Expires, db.Bytes = db.Keys+v.Keys, db.Expires+v.Expires, db.Bytes+v.Bytes
	}
	for k, v := range o.types {
		typ := of(t.types, k)
		typ.Keys, typ.Bytes = typ.Keys+v.Keys, typ.Bytes+v.Bytes
	}
	for k, v := range o.modules {
		m := of(t.modules, k)
		m.Keys, m.Aux, m.Bytes = m.Keys+v.Keys, m.Aux+v.Aux, m.Bytes+v.Bytes
	}
	x, y := &t.expiry, &o.expiry
	*x = ExpirySummary{x.None + y.None, x.Past + y.Past, x.Hour + y.Hour, x.Day + y.Day, x.Week + y.Week, x.Later + y.Later}
	t.lru, t.lfu, t.slots = t.lru+o.lru, t.lfu+o.lfu, t.slots+o.slots
	for i, n := range o.seen {
		t.seen[i] += n
	}
}

// fill writes what has been counted into s, in a fixed order.
func (t *tally) fill(s *Summary) {
	s.Aux, s.Functions, s.Expiry, s.WithLRU, s.WithLFU, s.Slots = t.aux, t.functions, t.expiry, t.lru, t.lfu, t.slots
	for n, db := range t.dbs {
		db.DB = n
		s.DBs = append(s.DBs, *db)
		s.Keys, s.Expires = s.Keys+db.Keys, s.Expires+db.Expires
	}
	slices.SortFunc(s.DBs, func(a, b DBSummary) int { return cmp.Compare(a.DB, b.DB) })
	for k, typ := range t.types {
		typ.Type, typ.Encoding = k.typ, k.encoding
		s.Types = append(s.Types, *typ)
	}
	slices.SortFunc(s.Types, func(a, b TypeSummary) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(b.Keys, a.Keys), cmp.Compare(a.Encoding, b.Encoding))
	})
	for id, m := range t.modules {
		m.ID = id
		s.Modules = append(s.Modules, *m)
	}
	slices.SortFunc(s.Modules, func(a, b ModuleSummary) int {
		return cmp.Or(cmp.Compare(a.ID.Name(), b.ID.Name()), cmp.Compare(a.ID, b.ID))
	})
	for i, n := range t.seen {
		if n > 0 && i > typeCron {
			s.Opcodes = append(s.Opcodes, OpcodeCount{byte(i), opcodeName(s.Version.Family, byte(i)), n})
		}
	}
}

// opcodeName names an opcode as the servers' sources do.
func opcodeName(f Family, op byte) string {
	switch {
	case f == Valkey && op == opUpdate:
		return "UPDATE"
	case f == Valkey && op == opSlotImport:
		return "SLOT_IMPORT"
	}
	names := map[byte]string{
		opRAMLRU: "RAM_LRU", opSlotNum: "SLOT_NUM", opHashTemplate: "HASH_TEMPLATE", opKeyMeta: "KEY_META", opSlotInfo: "SLOT_INFO",
		opFunction: "FUNCTION2", opFunctionPreGA: "FUNCTION_PRE_GA", opModuleAux: "MODULE_AUX", opIdle: "IDLE", opFreq: "FREQ",
		opAux: "AUX", opResizeDB: "RESIZEDB", opExpireMs: "EXPIRETIME_MS", opExpire: "EXPIRETIME", opSelectDB: "SELECTDB", opEOF: "EOF",
	}
	if name, ok := names[op]; ok {
		return name
	}
	return fmt.Sprintf("0x%02x", op)
}
