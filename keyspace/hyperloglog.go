package keyspace

import (
	"bytes"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/hll"
)

const (
	errNotHLL     = ReplyError("WRONGTYPE Key is not a valid HyperLogLog string value.")
	errCorruptHLL = ReplyError("INVALIDOBJ Corrupted HLL object detected")
)

// hyperLogLog returns a copy of the HyperLogLog at key, nil if there is no such
// key.
func (x *Executor) hyperLogLog(key []byte) (ref, []byte, error) {
	r, err := x.typed(key, entry.String)
	if err != nil || !r.ok() {
		return r, nil, err
	}
	b := bytes.Clone(r.value())
	if !hll.Valid(b) {
		return r, nil, errNotHLL
	}
	return r, b, nil
}

// storeHLL puts back a HyperLogLog.
func (r *ref) storeHLL(b []byte) error {
	if r.ok() {
		return r.d.setValue(r.at, b)
	}
	return r.replace(entry.String, b, entry.NoExpire)
}

func cmdPFAdd(x *Executor, args [][]byte) error {
	r, b, err := x.hyperLogLog(args[1])
	if err != nil {
		return err
	}
	changed := b == nil
	if changed {
		b = hll.New()
	}
	for _, elem := range args[2:] {
		var raised bool
		if b, raised, err = hll.Add(b, elem); err != nil {
			return errCorruptHLL
		}
		changed = changed || raised
	}
	if !changed {
		return nil
	}
	hll.Invalidate(b)
	return r.storeHLL(b)
}

func cmdPFMerge(x *Executor, args [][]byte) error {
	var all [][]byte
	var dst []byte
	for i, key := range args[1:] {
		_, b, err := x.hyperLogLog(key)
		if err != nil {
			return err
		}
		if i == 0 {
			dst = b
		}
		if b != nil {
			all = append(all, b)
		}
	}
	b, err := hll.Merge(dst, all...)
	if err == nil && x.ds.o.DenseMerge {
		b, err = hll.ToDense(b)
	}
	if err != nil {
		return errCorruptHLL
	}
	r := x.lookup(args[1])
	return r.storeHLL(b)
}

// cmdPFCount changes the cardinality that a key remembers, where it is the only
// one asked for.
func cmdPFCount(x *Executor, args [][]byte) error {
	if len(args) != 2 {
		return nil
	}
	r, b, err := x.hyperLogLog(args[1])
	if err != nil || b == nil || !hll.Stale(b) {
		return err
	}
	if err := hll.Refresh(b); err != nil {
		return errCorruptHLL
	}
	return r.storeHLL(b)
}

// cmdPFDebug is PFDEBUG TODENSE key. GETREG makes it dense too.
func cmdPFDebug(x *Executor, args [][]byte) error {
	if !equalFold(args[1], "TODENSE") && !equalFold(args[1], "GETREG") {
		return nil
	}
	r, b, err := x.hyperLogLog(args[2])
	if err != nil {
		return err
	}
	if b == nil {
		return ReplyError("ERR The specified key does not exist")
	}
	if b, err = hll.ToDense(b); err != nil {
		return errCorruptHLL
	}
	return r.storeHLL(b)
}
