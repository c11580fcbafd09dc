package keyspace

import (
	"bytes"
	"errors"

	"github.com/rdbtool/rdbtool/entry"
)

// Executor executes commands on a Dataset, as one connection of a client: it
// knows the selected database and the transaction that is open. It begins in
// database 0.
type Executor struct {
	ds     *Dataset
	db     int
	multi  bool
	queued [][][]byte
	name   []byte // of the command, in upper case

	known   [1 << knownBits]known
	met     met
	scratch []byte // of a command
	double  []byte // text of a number
}

// met is a key in the selected database that has been met before its command is
// executed: its hash and the dict where it is, or would be.
type met struct {
	key []byte
	tag uint32
	d   *dict
}

// NewExecutor returns an Executor of d. Those of one Dataset may not work at the
// same time.
func (d *Dataset) NewExecutor() *Executor { return &Executor{ds: d} }

// DB returns the number of the selected database.
func (x *Executor) DB() int { return x.db }

// Open reports whether a transaction is open: commands have been queued, and
// wait for EXEC.
func (x *Executor) Open() bool { return x.multi }

// Do executes a command: its name and arguments, which are borrowed until it
// returns. Commands of a transaction are executed by its EXEC, whose error
// joins theirs. See the package for errors.
func (x *Executor) Do(args [][]byte) error {
	if len(args) == 0 {
		return nil
	}
	c, name := x.command(args[0])
	if c == nil {
		return &UnsupportedError{Command: string(name), Reason: unknownCommand}
	}
	if !c.takes(len(args)) {
		return &ArityError{Command: string(name)}
	}
	if x.multi && !c.control {
		x.queued = append(x.queued, cloneAll(args))
		return nil
	}
	return c.do(x, args)
}

const knownBits = 6

// known are commands with short names, at a place that follows from the letters as
// a log has them.
type known struct {
	word uint64
	c    *command
}

// command finds a command by its name in any case.
func (x *Executor) command(name []byte) (*command, []byte) {
	word := uint64(len(name))
	if n := len(name); n > 0 && n < 8 {
		for _, c := range name {
			word = word<<8 | uint64(c)
		}
		if k := &x.known[word*0x9e3779b97f4a7c15>>(64-knownBits)]; k.word == word {
			x.name = append(x.name[:0], k.c.name...)
			return k.c, x.name
		}
	}
	x.name = x.name[:0]
	for _, c := range name[:min(len(name), 64)] {
		if c-'a' < 26 {
			c -= 'a' - 'A'
		}
		x.name = append(x.name, c)
	}
	c := x.ds.commands[string(x.name)]
	if c != nil && len(name) < 8 {
		x.known[word*0x9e3779b97f4a7c15>>(64-knownBits)] = known{word, c}
	}
	return c, x.name
}

// subcommand is the name of a subcommand for an error.
func subcommand(name []byte) string { return string(bytes.ToUpper(name[:min(len(name), 64)])) }

func cloneAll(args [][]byte) [][]byte {
	all := make([][]byte, len(args))
	n := 0
	for _, a := range args {
		n += len(a)
	}
	buf := make([]byte, 0, n)
	for i, a := range args {
		at := len(buf)
		buf = append(buf, a...)
		all[i] = buf[at:len(buf):len(buf)]
	}
	return all
}

func cmdMulti(x *Executor, _ [][]byte) error {
	if x.multi {
		return errNestedMulti
	}
	x.multi = true
	return nil
}

func cmdExec(x *Executor, _ [][]byte) error {
	if !x.multi {
		return errExec
	}
	queued := x.queued
	x.multi, x.queued = false, nil
	var all []error
	for _, args := range queued {
		if err := x.Do(args); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

func cmdDiscard(x *Executor, _ [][]byte) error {
	if !x.multi {
		return errDiscard
	}
	x.multi, x.queued = false, nil
	return nil
}

func cmdSelect(x *Executor, args [][]byte) error {
	n, err := dbArg(args[1])
	if err == nil {
		x.db = n
	}
	return err
}

func dbArg(b []byte) (int, error) {
	n, ok := parseInt(b)
	if !ok || n < 0 || n > maxDB {
		return 0, errDB
	}
	return int(n), nil
}

// cmdNothing is for what changes no data.
func cmdNothing(*Executor, [][]byte) error { return nil }

// ref is a key in its dict, or the dict where it would be. It is void after a
// key has been added to the dict or taken out of it.
type ref struct {
	d   *dict
	at  int
	key []byte
}

func (r *ref) ok() bool        { return r.at >= 0 }
func (r *ref) typ() entry.Type { return entry.Type(r.d.block(r.at).typ()) }
func (r *ref) value() []byte   { return r.d.block(r.at).value() }

// object returns what stands in place of a packed value, nil if it is packed.
func (r *ref) object() any {
	if r.d.block(r.at)[0]&tagObject == 0 {
		return nil
	}
	return r.d.object(r.at)
}

// expireAt returns when the key expires, NoExpire for never.
func (r *ref) expireAt() int64 { return r.d.block(r.at).expireAt() }

func (r *ref) remove() { r.d.remove(r.at) }

// lookup finds a key in the selected database.
func (x *Executor) lookup(key []byte) ref { return x.lookupIn(x.db, key) }

func (x *Executor) lookupIn(db int, key []byte) ref {
	if m := &x.met; db == x.db && len(key) > 0 && len(m.key) == len(key) && &m.key[0] == &key[0] {
		return ref{m.d, m.d.findTag(key, m.tag), key}
	}
	d := x.ds.shards[x.ds.shardOf(key)].db(db)
	return ref{d, d.find(key), key}
}

// typed finds a key that must have that type if it exists.
func (x *Executor) typed(key []byte, typ entry.Type) (ref, error) {
	r := x.lookup(key)
	if r.ok() && r.typ() != typ {
		return r, errWrongType
	}
	return r, nil
}

// create adds the key of r with an empty value.
func (r *ref) create(typ entry.Type, expireAt int64) (err error) {
	r.at, err = r.d.insert(byte(typ), r.key, expireAt, 0)
	return err
}

// replace makes r a key of that type with that value, whether or not it
// exists. The value may not be one of the same dict.
func (r *ref) replace(typ entry.Type, value []byte, expireAt int64) error {
	if !r.ok() {
		at, err := r.d.insert(byte(typ), r.key, expireAt, len(value))
		if err != nil {
			return err
		}
		r.at = at
		copy(r.value(), value)
		return nil
	}
	if err := r.d.takeObject(r.at); err != nil {
		return err
	}
	r.d.setType(r.at, byte(typ))
	if err := r.d.setExpireAt(r.at, expireAt); err != nil {
		return err
	}
	return r.d.setValue(r.at, value)
}

// object returns the object that is the value of a key, nil if there is no such
// key.
func (x *Executor) object(key []byte, typ entry.Type) (any, error) {
	r, err := x.typed(key, typ)
	if err != nil || !r.ok() {
		return nil, err
	}
	return r.object(), nil
}

// addObject adds a key, which must not be there.
func (x *Executor) addObject(key []byte, typ entry.Type, o any) error {
	r := x.lookup(key)
	if err := r.create(typ, entry.NoExpire); err != nil {
		return err
	}
	return r.d.setObject(r.at, o)
}

// remove takes out a key, if it is there.
func (x *Executor) remove(key []byte) bool {
	r := x.lookup(key)
	if r.ok() {
		r.remove()
	}
	return r.ok()
}

// keep copies b into the scratch space of the command.
func (x *Executor) keep(b []byte) []byte {
	x.scratch = append(x.scratch[:0], b...)
	return x.scratch
}
