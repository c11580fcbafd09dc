package keyspace

import (
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
)

// hash finds a hash, and makes one where there is no key if so asked.
func (x *Executor) hash(key []byte, make bool) (ref, error) {
	r, err := x.typed(key, entry.Hash)
	if err == nil && make && !r.ok() {
		err = r.create(entry.Hash, entry.NoExpire)
	}
	return r, err
}

// cmdHSet is HSET and HMSET. Fields that are set do not expire any more.
func cmdHSet(x *Executor, args [][]byte) error {
	if len(args)%2 != 0 {
		return errArity("hset")
	}
	r, err := x.hash(args[1], true)
	if err != nil {
		return err
	}
	for i := 2; i < len(args); i += 2 {
		if err := r.setField(args[i], args[i+1], entry.NoExpire); err != nil {
			return err
		}
	}
	return nil
}

func cmdHSetNX(x *Executor, args [][]byte) error {
	r, err := x.hash(args[1], true)
	if err != nil {
		return err
	}
	if _, _, ok := r.field(args[2]); ok {
		return nil
	}
	return r.setField(args[2], args[3], entry.NoExpire)
}

func cmdHDel(x *Executor, args [][]byte) error {
	r, err := x.hash(args[1], false)
	if err != nil || !r.ok() {
		return err
	}
	return r.removeFields(args[2:])
}

func (r *ref) removeFields(names [][]byte) error {
	for _, name := range names {
		if gone, err := r.removeField(name); gone || err != nil {
			return err
		}
	}
	return nil
}

func cmdHIncrBy(x *Executor, args [][]byte) error {
	by, err := intArg(args[3])
	if err != nil {
		return err
	}
	r, err := x.hash(args[1], false)
	if err != nil {
		return err
	}
	var n int64
	expireAt := entry.NoExpire
	if r.ok() {
		value, at, has := r.field(args[2])
		if has {
			if n, has = parseInt(value); !has {
				return errHashNotInt
			}
			expireAt = at
		}
	}
	sum, ok := add(n, by)
	if !ok {
		return errOverflow
	}
	if r, err = x.hash(args[1], true); err != nil {
		return err
	}
	x.double = strconv.AppendInt(x.double[:0], sum, 10)
	return r.setField(args[2], x.double, expireAt)
}

func cmdHIncrByFloat(x *Executor, args [][]byte) error {
	r, err := x.hash(args[1], false)
	if err != nil {
		return err
	}
	old, expireAt := []byte("0"), entry.NoExpire
	if r.ok() {
		if value, at, ok := r.field(args[2]); ok {
			old, expireAt = value, at
		}
	}
	if x.double, err = addFloat(x.double[:0], old, args[3], errHashNotFloat); err != nil {
		return err
	}
	if r, err = x.hash(args[1], true); err != nil {
		return err
	}
	return r.setField(args[2], x.double, expireAt)
}

// fieldNames reads FIELDS n field ... to the end of args, or with pairs FIELDS n
// field value ...
func fieldNames(args [][]byte, pairs bool) ([][]byte, error) {
	if len(args) < 2 || !equalFold(args[0], "FIELDS") {
		return nil, ReplyError("ERR Mandatory argument FIELDS is missing or not at the right position")
	}
	n, ok := parseInt(args[1])
	if !ok || n < 1 {
		return nil, errNumFields
	}
	per := 1
	if pairs {
		per = 2
	}
	if n > int64(len(args)) || int(n)*per != len(args)-2 {
		return nil, errFieldsCount
	}
	return args[2:], nil
}

// cmdHExpire is HEXPIRE, HPEXPIRE, HEXPIREAT and HPEXPIREAT key time
// [NX|XX|GT|LT] FIELDS n field ...
func cmdHExpire(x *Executor, args [][]byte) error {
	unit, absolute := expireKind(args[0])
	at, err := x.expireArg(args[2], unit, absolute)
	if err != nil {
		return err
	}
	if at > maxFieldExpiry {
		return errExpireTime
	}
	var when expireWhen
	rest := args[3:]
	for len(rest) > 0 && when.word(rest[0]) {
		rest = rest[1:]
	}
	if err := when.check(); err != nil {
		return err
	}
	names, err := fieldNames(rest, false)
	if err != nil {
		return err
	}
	r, err := x.hash(args[1], false)
	if err != nil || !r.ok() {
		return err
	}
	for _, name := range names {
		if _, now, ok := r.field(name); !ok || !when.allow(now, at) {
			continue
		}
		if err := r.setFieldExpiry(name, at); err != nil {
			return err
		}
	}
	return nil
}

// maxFieldExpiry is the latest time that any server takes.
const maxFieldExpiry = 1<<63 - 1

func cmdHPersist(x *Executor, args [][]byte) error {
	names, err := fieldNames(args[2:], false)
	if err != nil {
		return err
	}
	r, err := x.hash(args[1], false)
	if err != nil || !r.ok() {
		return err
	}
	for _, name := range names {
		if _, at, ok := r.field(name); ok && at >= 0 {
			if err := r.setFieldExpiry(name, entry.NoExpire); err != nil {
				return err
			}
		}
	}
	return nil
}

// cmdHSetEX is HSETEX key [FNX|FXX] [NX|XX] [EX ...|KEEPTTL] FIELDS n field value ...
func cmdHSetEX(x *Executor, args [][]byte) error {
	var o setOptions
	o.expireAt = entry.NoExpire
	fnx, fxx := false, false
	rest := args[2:]
	var err error
	for ; len(rest) > 0 && !equalFold(rest[0], "FIELDS"); rest = rest[1:] {
		a := rest[0]
		switch unit, absolute, timed := timeWord(a); {
		case equalFold(a, "FNX"):
			fnx = true
		case equalFold(a, "FXX"):
			fxx = true
		case equalFold(a, "NX"):
			o.nx = true
		case equalFold(a, "XX"):
			o.xx = true
		case equalFold(a, "KEEPTTL"):
			o.keep = true
		case timed && len(rest) > 1 && o.expireAt < 0:
			if o.expireAt, err = x.deadline(rest[1], unit, absolute); err != nil {
				return err
			}
			rest = rest[1:]
		default:
			return errSyntax
		}
	}
	if fnx && fxx || o.nx && o.xx || o.keep && o.expireAt >= 0 {
		return errSyntax
	}
	pairs, err := fieldNames(rest, true)
	if err != nil {
		return err
	}
	r, err := x.hash(args[1], false)
	if err != nil || o.nx && r.ok() || o.xx && !r.ok() {
		return err
	}
	if fnx || fxx {
		for i := 0; i < len(pairs); i += 2 {
			has := false
			if r.ok() {
				_, _, has = r.field(pairs[i])
			}
			if has != fxx {
				return nil
			}
		}
	}
	if r, err = x.hash(args[1], true); err != nil {
		return err
	}
	for i := 0; i < len(pairs); i += 2 {
		at := o.expireAt
		if o.keep {
			_, at, _ = r.field(pairs[i])
		}
		if err := r.setField(pairs[i], pairs[i+1], at); err != nil {
			return err
		}
	}
	return nil
}

// cmdHGetEX is HGETEX key [EX ...|PERSIST] FIELDS n field ...
func cmdHGetEX(x *Executor, args [][]byte) error {
	rest := args[2:]
	expireAt, persist := entry.NoExpire, false
	var err error
	for ; len(rest) > 0 && !equalFold(rest[0], "FIELDS"); rest = rest[1:] {
		switch unit, absolute, timed := timeWord(rest[0]); {
		case equalFold(rest[0], "PERSIST"):
			persist = true
		case timed && len(rest) > 1 && expireAt < 0:
			if expireAt, err = x.deadline(rest[1], unit, absolute); err != nil {
				return err
			}
			rest = rest[1:]
		default:
			return errSyntax
		}
	}
	if persist && expireAt >= 0 {
		return errSyntax
	}
	names, err := fieldNames(rest, false)
	if err != nil {
		return err
	}
	r, err := x.hash(args[1], false)
	if err != nil || !r.ok() || !persist && expireAt < 0 {
		return err
	}
	for _, name := range names {
		if _, _, ok := r.field(name); ok {
			if err := r.setFieldExpiry(name, expireAt); err != nil {
				return err
			}
		}
	}
	return nil
}

func cmdHGetDel(x *Executor, args [][]byte) error {
	names, err := fieldNames(args[2:], false)
	if err != nil {
		return err
	}
	r, err := x.hash(args[1], false)
	if err != nil || !r.ok() {
		return err
	}
	return r.removeFields(names)
}
