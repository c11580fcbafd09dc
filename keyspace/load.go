package keyspace

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// Load adds an entry of a snapshot: a key, which must not be there, or a
// library of functions. Other records about a file say nothing of the data. The
// value is read to its end; strings must come whole.
func (d *Dataset) Load(e *entry.Entry) error {
	if e.Meta != nil {
		if e.Meta.Kind == entry.MetaFunction {
			return d.loadLibrary(e.Meta)
		}
		return nil
	}
	x := Executor{ds: d}
	r := x.lookupIn(e.DB, e.Key)
	if r.ok() {
		return &entry.CorruptError{Place: placeOf(e), Err: errTwice}
	}
	return r.load(e, e.ExpireAt)
}

var errTwice = fmt.Errorf("the key appears twice")

func placeOf(e *entry.Entry) entry.Place {
	return entry.Place{Offset: e.Offset, DB: e.DB, Key: append([]byte{}, e.Key...), Element: -1}
}

func (d *Dataset) loadLibrary(m *entry.Meta) error {
	if m.Name != nil { // of a release candidate: no server reads it
		return nil
	}
	return d.addLibrary(m.Value, true)
}

// load makes r, which is not there, a key with the value of e.
func (r *ref) load(e *entry.Entry, expireAt int64) error {
	if expireAt < 0 {
		expireAt = entry.NoExpire
	}
	v := e.Value
	if e.Type == entry.String {
		if !v.Next() {
			return v.Err()
		}
		if err := r.replace(entry.String, v.Elem().Data, expireAt); err != nil {
			return err
		}
		v.Next()
		return v.Err()
	}
	var object any
	switch e.Type {
	case entry.Stream:
		s := newStream()
		if err := s.load(e); err != nil {
			return err
		}
		object = s
	case entry.Module, entry.Array, entry.PathHash, entry.Cron:
		if e.Vectors != nil {
			s, err := loadVectorSet(e)
			if err != nil {
				return err
			}
			object = s
			break
		}
		o, err := loadOpaque(e)
		if err != nil {
			return err
		}
		object = o
	}
	if err := r.create(e.Type, expireAt); err != nil {
		return err
	}
	if object != nil {
		return r.d.setObject(r.at, object)
	}
	n := 0
	var one [1][]byte
	var zeros [][]byte // members whose scores have a sign that a large set keeps
	for v.Next() {
		m := v.Elem()
		n++
		var err error
		switch e.Type {
		case entry.List:
			one[0] = m.Data
			err = r.push(false, one[:])
		case entry.Set:
			_, err = r.addMember(m.Data)
		case entry.ZSet:
			if math.IsNaN(m.Score) {
				return &entry.CorruptError{Place: placeOf(e), Err: errNaN}
			}
			if e.Encoding == entry.Listpack || e.Encoding == entry.Ziplist { // taken over as it is
				err = r.setScores(m.Data, m.Score, m.Score)
				break
			}
			if len(zeros) > 0 { // of a member that stands twice the last counts
				zeros = slices.DeleteFunc(zeros, func(z []byte) bool { return bytes.Equal(z, m.Data) })
			}
			if m.Score == 0 && math.Signbit(m.Score) && r.object() == nil {
				zeros = append(zeros, bytes.Clone(m.Data))
			}
			err = r.setScore(m.Data, m.Score)
		case entry.Hash:
			at := m.ExpireAt
			if at < 0 {
				at = entry.NoExpire
			}
			err = r.setField(m.Data, m.Value, at)
		}
		if err != nil {
			return err
		}
	}
	if _, large := r.object().(*sortedSet); large {
		for _, m := range zeros {
			if err := r.setScore(m, math.Copysign(0, -1)); err != nil {
				return err
			}
		}
	}
	if n == 0 && v.Err() == nil {
		r.remove() // servers leave out what has no elements
	}
	return v.Err()
}

// cmdRestore is RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds]
// [FREQ counter].
func cmdRestore(x *Executor, args [][]byte) error {
	if x.ds.o.Restore == nil {
		return &UnsupportedError{Command: "RESTORE", Reason: "nothing is there to decode the payload"}
	}
	replace, absolute := false, false
	for i := 4; i < len(args); i++ {
		switch {
		case equalFold(args[i], "REPLACE"):
			replace = true
		case equalFold(args[i], "ABSTTL"):
			absolute = true
		case i+1 < len(args) && (equalFold(args[i], "IDLETIME") || equalFold(args[i], "FREQ")):
			if _, err := intArg(args[i+1]); err != nil {
				return err
			}
			i++
		default:
			return errSyntax
		}
	}
	if r := x.lookup(args[1]); r.ok() && !replace {
		return errBusyKey
	}
	ttl, err := intArg(args[2])
	if err != nil {
		return err
	}
	if ttl < 0 {
		return ReplyError("ERR Invalid TTL value, must be >= 0")
	}
	expireAt := entry.NoExpire
	if ttl > 0 {
		expireAt = ttl
		if !absolute {
			expireAt += x.ds.o.Now()
		}
	}
	e, err := x.ds.o.Restore(args[3])
	if err != nil {
		return fmt.Errorf("RESTORE: %w", err)
	}
	// The value is known to be sound only when all of it has been read.
	trial := &Dataset{o: x.ds.o, shards: []shard{{dbs: map[int]*dict{}, signedZero: x.ds.o.SignedZero}}}
	y := Executor{ds: trial}
	fresh := y.lookup(args[1])
	if err := fresh.load(e, expireAt); err != nil {
		return fmt.Errorf("RESTORE: %w", err)
	}
	x.remove(args[1])
	if !fresh.ok() || fresh.d.n == 0 {
		return nil
	}
	return x.adopt(fresh)
}

// adopt moves a key of another data set here.
func (x *Executor) adopt(from ref) error {
	r := x.lookup(from.key)
	typ, expireAt, o := from.typ(), from.expireAt(), from.object()
	if o == nil {
		return r.replace(typ, from.value(), expireAt)
	}
	if err := r.create(typ, expireAt); err != nil {
		return err
	}
	return r.d.setObject(r.at, o)
}
