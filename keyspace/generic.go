package keyspace

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

func cmdDel(x *Executor, args [][]byte) error {
	for _, key := range args[1:] {
		x.remove(key)
	}
	return nil
}

func cmdPersist(x *Executor, args [][]byte) error {
	r := x.lookup(args[1])
	if !r.ok() {
		return nil
	}
	return r.d.setExpireAt(r.at, entry.NoExpire)
}

// cmdExpire is EXPIRE, PEXPIRE, EXPIREAT and PEXPIREAT. A time in the past is
// kept: the log has a DEL where a server took the key away.
func cmdExpire(x *Executor, args [][]byte) error {
	unit, absolute := expireKind(args[0])
	at, err := x.expireArg(args[2], unit, absolute)
	if err != nil {
		return err
	}
	flags, err := expireFlags(args[3:])
	if err != nil {
		return err
	}
	r := x.lookup(args[1])
	if !r.ok() || !flags.allow(r.expireAt(), at) {
		return nil
	}
	return r.d.setExpireAt(r.at, at)
}

// expireKind tells the unit of EXPIRE and its relatives from the name: P for
// milliseconds, AT for absolute times.
func expireKind(name []byte) (unit int64, absolute bool) {
	if name[0]|0x20 == 'h' {
		name = name[1:]
	}
	unit = 1000
	if name[0]|0x20 == 'p' {
		unit = 1
	}
	return unit, name[len(name)-1]|0x20 == 't'
}

// expireArg reads a time that may lie in the past: the result is 0 then, if
// not later.
func (x *Executor) expireArg(b []byte, unit int64, absolute bool) (int64, error) {
	n, err := intArg(b)
	if err != nil {
		return 0, err
	}
	if n > math.MaxInt64/unit || n < math.MinInt64/unit {
		return 0, errExpireTime
	}
	n *= unit
	if !absolute {
		now := x.ds.o.Now()
		if n > math.MaxInt64-now {
			return 0, errExpireTime
		}
		n += now
	}
	return max(n, 0), nil
}

// expireWhen are the conditions of EXPIRE.
type expireWhen struct{ nx, xx, gt, lt bool }

func expireFlags(args [][]byte) (f expireWhen, err error) {
	for _, a := range args {
		if !f.word(a) {
			return f, ReplyError("ERR Unsupported option " + string(a))
		}
	}
	return f, f.check()
}

// word takes one of the words NX, XX, GT, LT.
func (f *expireWhen) word(a []byte) bool {
	switch {
	case equalFold(a, "NX"):
		f.nx = true
	case equalFold(a, "XX"):
		f.xx = true
	case equalFold(a, "GT"):
		f.gt = true
	case equalFold(a, "LT"):
		f.lt = true
	default:
		return false
	}
	return true
}

func (f *expireWhen) check() error {
	if f.nx && (f.xx || f.gt || f.lt) {
		return ReplyError("ERR NX and XX, GT or LT options at the same time are not compatible")
	}
	if f.gt && f.lt {
		return ReplyError("ERR GT and LT options at the same time are not compatible")
	}
	return nil
}

// allow reports whether a deadline may replace another one, NoExpire for none.
func (f *expireWhen) allow(now, at int64) bool {
	has := now != entry.NoExpire
	switch {
	case f.nx && has, f.xx && !has:
		return false
	case f.gt && (!has || at <= now):
		return false
	case f.lt && has && at >= now:
		return false
	}
	return true
}

// cmdRename is RENAME and RENAMENX.
func cmdRename(x *Executor, args [][]byte) error {
	src := x.lookup(args[1])
	if !src.ok() {
		return errNoKey
	}
	if string(args[1]) == string(args[2]) {
		return nil
	}
	if len(args[0]) == len("RENAMENX") {
		if dst := x.lookup(args[2]); dst.ok() {
			return nil
		}
	}
	x.remove(args[2])
	return x.move(x.lookup(args[1]), x.db, args[2])
}

// move takes a key to another name or database, where nothing may stand.
func (x *Executor) move(src ref, db int, name []byte) error {
	typ, expireAt := src.typ(), src.expireAt()
	var value []byte
	o := src.object()
	if o == nil {
		value = x.keep(src.value())
	}
	src.remove()
	dst := x.lookupIn(db, name)
	if err := dst.replace(typ, value, expireAt); err != nil || o == nil {
		return err
	}
	return dst.d.setObject(dst.at, o)
}

func cmdMove(x *Executor, args [][]byte) error {
	db, err := dbArg(args[2])
	if err != nil {
		return err
	}
	if db == x.db {
		return ReplyError("ERR source and destination objects are the same")
	}
	src := x.lookup(args[1])
	if dst := x.lookupIn(db, args[1]); !src.ok() || dst.ok() {
		return nil
	}
	return x.move(src, db, args[1])
}

// cmdCopy is COPY source destination [DB n] [REPLACE].
func cmdCopy(x *Executor, args [][]byte) error {
	db, replace := x.db, false
	for i := 3; i < len(args); i++ {
		switch {
		case equalFold(args[i], "REPLACE"):
			replace = true
		case equalFold(args[i], "DB") && i+1 < len(args):
			var err error
			if db, err = dbArg(args[i+1]); err != nil {
				return err
			}
			i++
		default:
			return errSyntax
		}
	}
	if db == x.db && string(args[1]) == string(args[2]) {
		return ReplyError("ERR source and destination objects are the same")
	}
	src := x.lookup(args[1])
	if !src.ok() {
		return nil
	}
	if dst := x.lookupIn(db, args[2]); dst.ok() {
		if !replace {
			return nil
		}
		dst.remove()
		src = x.lookup(args[1])
	}
	typ, expireAt := src.typ(), src.expireAt()
	o := src.object()
	var value []byte
	if o == nil {
		value = x.keep(src.value())
	}
	dst := x.lookupIn(db, args[2])
	if err := dst.replace(typ, value, expireAt); err != nil || o == nil {
		return err
	}
	c, err := o.(cloner).clone()
	if err != nil {
		return err
	}
	return dst.d.setObject(dst.at, c)
}

// cloner is what all objects are.
type cloner interface{ clone() (any, error) }

func cmdSwapDB(x *Executor, args [][]byte) error {
	a, err := dbArg(args[1])
	if err != nil {
		return ReplyError("ERR invalid first DB index")
	}
	b, err := dbArg(args[2])
	if err != nil {
		return ReplyError("ERR invalid second DB index")
	}
	for i := range x.ds.shards {
		s := &x.ds.shards[i]
		s.dbs[a], s.dbs[b] = s.db(b), s.db(a)
	}
	return nil
}

// cmdFlush is FLUSHDB and FLUSHALL, which leaves functions alone.
func cmdFlush(x *Executor, args [][]byte) error {
	if len(args) > 2 || len(args) == 2 && !equalFold(args[1], "SYNC") && !equalFold(args[1], "ASYNC") {
		return errSyntax
	}
	all := len(args[0]) == len("FLUSHALL")
	for i := range x.ds.shards {
		s := &x.ds.shards[i]
		if all {
			clear(s.dbs)
		} else {
			delete(s.dbs, x.db)
		}
	}
	return nil
}
