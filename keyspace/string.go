package keyspace

import (
	"math"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
)

// maxString is the longest string that servers make.
const maxString = 512 << 20

// setOptions are those of SET, GETEX, SETEX and MSETEX.
type setOptions struct {
	nx, xx, keep, persist bool
	expireAt              int64
	compare               string // IFEQ, IFNE, IFDEQ, IFDNE
	with                  []byte
}

// parseSetOptions reads the words from args on.
func (x *Executor) parseSetOptions(args [][]byte) (o setOptions, err error) {
	o.expireAt = entry.NoExpire
	timed := false
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case equalFold(a, "NX"):
			o.nx = true
		case equalFold(a, "XX"):
			o.xx = true
		case equalFold(a, "GET"):
		case equalFold(a, "KEEPTTL"):
			o.keep = true
		case equalFold(a, "PERSIST"):
			o.persist = true
		case i+1 == len(args):
			return o, errSyntax
		case equalFold(a, "IFEQ"), equalFold(a, "IFNE"), equalFold(a, "IFDEQ"), equalFold(a, "IFDNE"):
			if o.compare != "" {
				return o, errSyntax
			}
			o.compare, o.with = string(upper(a)), args[i+1]
			i++
		default:
			unit, absolute, ok := timeWord(a)
			if !ok || timed {
				return o, errSyntax
			}
			timed = true
			if o.expireAt, err = x.deadline(args[i+1], unit, absolute); err != nil {
				return o, err
			}
			i++
		}
	}
	if o.nx && o.xx || timed && (o.keep || o.persist) || o.keep && o.persist || o.compare != "" && (o.nx || o.xx) {
		return o, errSyntax
	}
	return o, nil
}

func upper(b []byte) []byte {
	u := make([]byte, len(b))
	for i, c := range b {
		if c-'a' < 26 {
			c -= 'a' - 'A'
		}
		u[i] = c
	}
	return u
}

// timeWord tells what EX, PX, EXAT and PXAT mean: milliseconds of the unit, and
// whether the time counts from 1970.
func timeWord(b []byte) (unit int64, absolute, ok bool) {
	switch {
	case equalFold(b, "EX"):
		return 1000, false, true
	case equalFold(b, "PX"):
		return 1, false, true
	case equalFold(b, "EXAT"):
		return 1000, true, true
	case equalFold(b, "PXAT"):
		return 1, true, true
	}
	return 0, false, false
}

// deadline reads a time that must be positive.
func (x *Executor) deadline(b []byte, unit int64, absolute bool) (int64, error) {
	n, err := intArg(b)
	if err != nil {
		return 0, err
	}
	if n <= 0 || n > math.MaxInt64/unit {
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
	return n, nil
}

func cmdSet(x *Executor, args [][]byte) error {
	r := x.lookup(args[1])
	if len(args) == 3 {
		return r.replace(entry.String, args[2], entry.NoExpire)
	}
	o, err := x.parseSetOptions(args[3:])
	if err != nil {
		return err
	}
	if o.persist {
		return errSyntax
	}
	if o.nx && r.ok() || o.xx && !r.ok() {
		return nil
	}
	if o.compare != "" {
		if holds, err := r.compares(o.compare, o.with); err != nil || !holds {
			return err
		}
	}
	if o.keep && r.ok() {
		o.expireAt = r.expireAt()
	}
	return r.replace(entry.String, args[2], o.expireAt)
}

// compares tells whether the condition of SET or DELEX holds.
func (r *ref) compares(word string, with []byte) (bool, error) {
	if !r.ok() {
		return word == "IFNE" || word == "IFDNE", nil
	}
	if r.typ() != entry.String {
		return false, errWrongType
	}
	switch word {
	case "IFEQ":
		return string(r.value()) == string(with), nil
	case "IFNE":
		return string(r.value()) != string(with), nil
	}
	return false, &UnsupportedError{Command: word, Reason: "the digest of a value"}
}

func cmdSetNX(x *Executor, args [][]byte) error {
	r := x.lookup(args[1])
	if r.ok() {
		return nil
	}
	return r.replace(entry.String, args[2], entry.NoExpire)
}

// cmdSetEX is SETEX and PSETEX: key, time, value.
func cmdSetEX(x *Executor, args [][]byte) error {
	unit := int64(1000)
	if equalFold(args[0], "PSETEX") {
		unit = 1
	}
	at, err := x.deadline(args[2], unit, false)
	if err != nil {
		return err
	}
	r := x.lookup(args[1])
	return r.replace(entry.String, args[3], at)
}

func cmdGetSet(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.String)
	if err != nil {
		return err
	}
	return r.replace(entry.String, args[2], entry.NoExpire)
}

func cmdGetDel(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.String)
	if err == nil && r.ok() {
		r.remove()
	}
	return err
}

func cmdGetEX(x *Executor, args [][]byte) error {
	o, err := x.parseSetOptions(args[2:])
	if err != nil {
		return err
	}
	if o.nx || o.xx || o.keep || o.compare != "" {
		return errSyntax
	}
	r, err := x.typed(args[1], entry.String)
	if err != nil || !r.ok() || o.expireAt < 0 && !o.persist {
		return err
	}
	return r.d.setExpireAt(r.at, o.expireAt)
}

func cmdMSet(x *Executor, args [][]byte) error {
	if len(args)%2 == 0 {
		return errArity("mset")
	}
	return x.setAll(args[1:], setOptions{expireAt: entry.NoExpire})
}

func cmdMSetNX(x *Executor, args [][]byte) error {
	if len(args)%2 == 0 {
		return errArity("msetnx")
	}
	return x.setAll(args[1:], setOptions{expireAt: entry.NoExpire, nx: true})
}

// cmdMSetEX is MSETEX n key value ... [NX|XX] [EX ...|KEEPTTL].
func cmdMSetEX(x *Executor, args [][]byte) error {
	n, err := intArg(args[1])
	if err != nil || n <= 0 || n > int64(len(args)-2)/2 {
		return ReplyError("ERR invalid numkeys value")
	}
	o, err := x.parseSetOptions(args[2+2*n:])
	if err != nil {
		return err
	}
	if o.persist || o.compare != "" {
		return errSyntax
	}
	return x.setAll(args[2:2+2*n], o)
}

func (x *Executor) setAll(pairs [][]byte, o setOptions) error {
	if o.nx || o.xx {
		for i := 0; i < len(pairs); i += 2 {
			if r := x.lookup(pairs[i]); r.ok() != o.xx {
				return nil
			}
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		r := x.lookup(pairs[i])
		at := o.expireAt
		if o.keep && r.ok() {
			at = r.expireAt()
		}
		if err := r.replace(entry.String, pairs[i+1], at); err != nil {
			return err
		}
	}
	return nil
}

func cmdAppend(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.String)
	if err != nil {
		return err
	}
	if !r.ok() {
		return r.replace(entry.String, args[2], entry.NoExpire)
	}
	n := len(r.value())
	if n+len(args[2]) > maxString {
		return errTooLong
	}
	room, err := r.d.splice(r.at, n, 0, len(args[2]))
	copy(room, args[2])
	return err
}

func cmdSetRange(x *Executor, args [][]byte) error {
	off, err := intArg(args[2])
	if err != nil {
		return err
	}
	if off < 0 {
		return ReplyError("ERR offset is out of range")
	}
	r, err := x.typed(args[1], entry.String)
	if err != nil {
		return err
	}
	if len(args[3]) == 0 {
		return nil
	}
	if off > maxString || off+int64(len(args[3])) > maxString {
		return errTooLong
	}
	if !r.ok() {
		if err := r.create(entry.String, entry.NoExpire); err != nil {
			return err
		}
	}
	if err := r.growString(int(off) + len(args[3])); err != nil {
		return err
	}
	copy(r.value()[off:], args[3])
	return nil
}

// growString makes a string at least n bytes long, with zeros.
func (r *ref) growString(n int) error {
	have := len(r.value())
	if n <= have {
		return nil
	}
	room, err := r.d.splice(r.at, have, 0, n-have)
	clear(room)
	return err
}

// cmdIncr is INCR, DECR, INCRBY and DECRBY.
func cmdIncr(x *Executor, args [][]byte) error {
	by := int64(1)
	if len(args) == 3 {
		var err error
		if by, err = intArg(args[2]); err != nil {
			return err
		}
	}
	if args[0][0]|0x20 == 'd' {
		if by == math.MinInt64 {
			return ReplyError("ERR decrement would overflow")
		}
		by = -by
	}
	r, err := x.typed(args[1], entry.String)
	if err != nil {
		return err
	}
	var n int64
	if r.ok() {
		if n, err = intArg(r.value()); err != nil {
			return err
		}
	}
	sum, ok := add(n, by)
	if !ok {
		return errOverflow
	}
	x.double = strconv.AppendInt(x.double[:0], sum, 10)
	if r.ok() {
		return r.d.setValue(r.at, x.double)
	}
	return r.replace(entry.String, x.double, entry.NoExpire)
}

func add(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum > a) == (b > 0)
}

func cmdIncrByFloat(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.String)
	if err != nil {
		return err
	}
	old := []byte("0")
	if r.ok() {
		old = r.value()
	}
	sum, err := addFloat(x.double[:0], old, args[2], errNotFloat)
	if err != nil {
		return err
	}
	x.double = sum
	if r.ok() {
		return r.d.setValue(r.at, sum)
	}
	return r.replace(entry.String, sum, entry.NoExpire)
}

// addFloat appends the sum of two numbers as INCRBYFLOAT writes it.
func addFloat(dst, a, b []byte, reason ReplyError) ([]byte, error) {
	sum, ok := fpconv.AddLongDouble(dst, a, b)
	if !ok {
		return dst, reason
	}
	return sum, nil
}

func cmdDelIfEq(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.String)
	if err == nil && r.ok() && string(r.value()) == string(args[2]) {
		r.remove()
	}
	return err
}

// cmdDelEX is DELEX key [IFEQ|IFNE value].
func cmdDelEX(x *Executor, args [][]byte) error {
	r := x.lookup(args[1])
	switch {
	case len(args) != 2 && len(args) != 4:
		return errSyntax
	case len(args) == 4:
		o, err := x.parseSetOptions(args[2:])
		if err != nil {
			return err
		}
		if o.compare == "" {
			return errSyntax
		}
		if !r.ok() {
			return nil
		}
		if holds, err := r.compares(o.compare, o.with); err != nil || !holds {
			return err
		}
	}
	if r.ok() {
		r.remove()
	}
	return nil
}
