package aof

import (
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/rdb"
)

// EncoderOptions say what an Encoder writes for.
type EncoderOptions struct {
	Target rdb.Target
	// Restore writes every key as one RESTORE command. Without it that is the
	// form of values only that no other command rebuilds.
	Restore bool
	// Replace lets RESTORE and FUNCTION LOAD replace what is there.
	Replace bool
	// Lose is told of everything that the commands cannot carry over. e is
	// borrowed. Without it, a loss that is not minor is an
	// *entry.UnsupportedError.
	Lose func(e *entry.Entry, l rdb.Loss)
	// Flush takes the commands of a large record out of the way: it is called
	// with what has been appended so far and returns the buffer to go on with.
	// It may be nil: then a record is built in memory.
	Flush func(b []byte) ([]byte, error)
	// TempDir is where large payloads of RESTORE wait until their length is
	// known.
	TempDir string
}

// Encoder turns entries into the commands that a server's own rewrite would
// write for them.
type Encoder struct {
	o    EncoderOptions
	dump *rdb.Encoder

	// of the entry being written
	e   *entry.Entry
	out []byte
	err error // the first

	head     []byte // what each command of a collection begins with
	digits   int    // of the number of arguments in head
	start    int    // in out: of the command being written
	items    int    // in it
	expiring []field
	texts    []byte // the names in expiring
	payload  []byte
	spool    spool.Buffer
	stream   streamState
}

// field is a hash field that expires.
type field struct {
	name, value []byte
	at          int64
}

// NewEncoder returns an Encoder. One goroutine may use it at a time.
func NewEncoder(o EncoderOptions) *Encoder {
	x := &Encoder{o: o, spool: spool.Buffer{Dir: o.TempDir}}
	x.dump = rdb.NewEncoder(rdb.EncoderOptions{Target: o.Target, TempDir: o.TempDir, Lose: func(e *entry.Entry, l rdb.Loss) { x.lose(l.What, l.Count) }})
	return x
}

// SetFlush replaces EncoderOptions.Flush.
func (x *Encoder) SetFlush(flush func(b []byte) ([]byte, error)) { x.o.Flush = flush }

const (
	// flushSize is when the commands of a large record are handed on.
	flushSize = 256 << 10
	// maxItems is how many elements servers put into one command.
	maxItems = 64
)

// AppendEntry appends the commands that rebuild a key. It reads e.Value from
// its start, where it must stand, to its end. Nothing is appended for a key
// that the target cannot hold. After an error the commands are incomplete.
func (x *Encoder) AppendEntry(dst []byte, e *entry.Entry) ([]byte, error) {
	x.e, x.out, x.err, x.items = e, dst, nil, 0
	before := len(dst)
	if x.restores() {
		x.restore()
		return x.out, x.err
	}
	flushed := false
	if flush := x.o.Flush; flush != nil {
		x.o.Flush = func(b []byte) ([]byte, error) {
			flushed = true
			return flush(b)
		}
		defer func() { x.o.Flush = flush }()
	}
	switch e.Type {
	case entry.String:
		x.str()
	case entry.List:
		x.strings("RPUSH")
	case entry.Set:
		x.strings("SADD")
	case entry.ZSet:
		if x.scores() && x.again(before, flushed) {
			return x.out, x.err
		}
	case entry.Hash:
		x.fields()
	case entry.Stream:
		if x.rebuildStream() && x.again(before, flushed) {
			return x.out, x.err
		}
		x.streamLosses()
	case entry.Array:
		x.array()
	}
	x.fail(e.Value.Err())
	if x.err != nil || len(x.out) == before && !flushed {
		return x.out, x.err
	}
	if e.Idle >= 0 || e.Freq >= 0 {
		x.lose(rdb.LostAccess, 1)
	}
	x.expireKey()
	return x.out, x.err
}

// again writes the key as RESTORE in place of the commands behind
// x.out[:before], which do not say all that there is to say. It reports false
// where that cannot be done: they have been flushed, or the value can be read
// once only.
func (x *Encoder) again(before int, flushed bool) bool {
	if x.err != nil || flushed || !rdb.Rewind(x.e) {
		return false
	}
	x.out = x.out[:before]
	x.restore()
	return true
}

// AppendMeta appends what rebuilds a record that is no key: a function library.
func (x *Encoder) AppendMeta(dst []byte, e *entry.Entry) ([]byte, error) {
	x.e, x.out, x.err = e, dst, nil
	switch m := e.Meta; m.Kind {
	case entry.MetaFunction:
		switch {
		case m.Name != nil:
			x.lose(rdb.LostOldFunction, 1)
		case !x.o.Target.HasFunctions():
			x.lose(rdb.LostFunction, 1)
		case x.o.Replace:
			x.out = AppendCommand(x.out, "FUNCTION", []byte("LOAD"), []byte("REPLACE"), m.Value)
		default:
			x.out = AppendCommand(x.out, "FUNCTION", []byte("LOAD"), m.Value)
		}
	case entry.MetaModuleAux:
		x.lose(rdb.LostModuleAux, 1)
	case entry.MetaSlotImport:
		x.lose(rdb.LostSlotImport, 1)
	case entry.MetaUpdate:
		x.out = append(x.out, m.Value...)
	case entry.MetaAux:
		switch string(m.Name) {
		case "lua":
			x.lose(rdb.LostScript, 1)
		case "keydb-subexpire-when":
			x.lose(rdb.LostMemberExpiry, 1)
		}
	}
	return x.out, x.err
}

func (x *Encoder) fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

func (x *Encoder) lose(what rdb.LossKind, n int64) {
	switch {
	case n == 0:
	case x.o.Lose != nil:
		x.o.Lose(x.e, rdb.Loss{What: what, Count: n})
	case !what.Minor():
		place := entry.Place{Offset: x.e.Offset, DB: x.e.DB, Key: append([]byte{}, x.e.Key...), Element: -1}
		x.fail(&entry.UnsupportedError{Place: place, What: x.o.Target.Name + " cannot hold " + what.String()})
	}
}

// spill hands on what has been written of a large record.
func (x *Encoder) spill() {
	if x.o.Flush != nil && len(x.out) >= flushSize && x.err == nil {
		x.out, x.err = x.o.Flush(x.out)
	}
}

// expireKey writes when the key expires.
func (x *Encoder) expireKey() {
	if x.e.ExpireAt != entry.NoExpire {
		x.out = AppendArg(AppendHead(x.out, 3, "PEXPIREAT"), x.e.Key)
		x.out = appendInt(x.out, x.e.ExpireAt)
	}
}
