package keyspace

import (
	"bytes"

	"github.com/rdbtool/rdbtool/entry"
)

func isLeft(name []byte) bool { return name[0]|0x20 == 'l' }

// cmdPush is LPUSH, RPUSH, and with X only where the list exists.
func cmdPush(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.List)
	if err != nil || len(args[0]) == len("LPUSHX") && !r.ok() {
		return err
	}
	return r.push(isLeft(args[0]), args[2:])
}

// cmdPop is LPOP and RPOP key [count].
func cmdPop(x *Executor, args [][]byte) error {
	count := int64(1)
	if len(args) > 3 {
		return errArity("lpop")
	}
	if len(args) == 3 {
		n, ok := parseInt(args[2])
		if !ok || n < 0 {
			return ReplyError("ERR value is out of range, must be positive")
		}
		count = n
	}
	r, err := x.typed(args[1], entry.List)
	if err != nil || !r.ok() || count == 0 {
		return err
	}
	return r.popMany(isLeft(args[0]), count)
}

func (r *ref) popMany(head bool, count int64) error {
	if count == 1 {
		_, err := r.pop(nil, head)
		return err
	}
	l := r.listOf()
	n := int(min(count, int64(l.n)))
	if head {
		l.trim(n, l.n)
	} else {
		l.trim(0, l.n-n)
	}
	return r.storeList(l)
}

// cmdBPop is BLPOP and BRPOP key ... timeout: the first key that has something.
func cmdBPop(x *Executor, args [][]byte) error {
	for _, key := range args[1 : len(args)-1] {
		r, err := x.typed(key, entry.List)
		if err != nil {
			return err
		}
		if r.ok() {
			_, err := r.pop(nil, args[0][1]|0x20 == 'l')
			return err
		}
	}
	return nil
}

// side reads LEFT or RIGHT.
func side(b []byte) (left bool, err error) {
	switch {
	case equalFold(b, "LEFT"):
		return true, nil
	case equalFold(b, "RIGHT"):
		return false, nil
	}
	return false, errSyntax
}

// cmdLMove is LMOVE and BLMOVE source destination LEFT|RIGHT LEFT|RIGHT
// [timeout].
func cmdLMove(x *Executor, args [][]byte) error {
	from, err := side(args[3])
	if err != nil {
		return err
	}
	to, err := side(args[4])
	if err != nil {
		return err
	}
	return x.moveElement(args[1], args[2], from, to)
}

func cmdRPopLPush(x *Executor, args [][]byte) error {
	return x.moveElement(args[1], args[2], false, true)
}

func (x *Executor) moveElement(from, to []byte, fromHead, toHead bool) error {
	src, err := x.typed(from, entry.List)
	if err != nil || !src.ok() {
		return err
	}
	if _, err := x.typed(to, entry.List); err != nil {
		return err
	}
	if bytes.Equal(from, to) && src.listOf().n == 1 {
		return nil // the key is not gone meanwhile, and keeps its expiry
	}
	if x.scratch, err = src.pop(x.scratch[:0], fromHead); err != nil {
		return err
	}
	dst := x.lookup(to)
	return dst.push(toHead, [][]byte{x.scratch})
}

// cmdLMPop is LMPOP n key ... LEFT|RIGHT [COUNT count], and BLMPOP with a
// timeout in front.
func cmdLMPop(x *Executor, args [][]byte) error {
	if args[0][0]|0x20 == 'b' {
		args = args[1:]
	}
	keys, rest, err := numKeys(args[1:])
	if err != nil {
		return err
	}
	if len(rest) != 1 && len(rest) != 3 {
		return errSyntax
	}
	left, err := side(rest[0])
	if err != nil {
		return err
	}
	count := int64(1)
	if len(rest) == 3 {
		if count, err = countWord(rest[1:]); err != nil {
			return err
		}
	}
	for _, key := range keys {
		r, err := x.typed(key, entry.List)
		if err != nil {
			return err
		}
		if r.ok() {
			return r.popMany(left, count)
		}
	}
	return nil
}

// countWord reads COUNT n, n above 0.
func countWord(args [][]byte) (int64, error) {
	if !equalFold(args[0], "COUNT") {
		return 0, errSyntax
	}
	n, ok := parseInt(args[1])
	if !ok || n <= 0 {
		return 0, ReplyError("ERR count should be greater than 0")
	}
	return n, nil
}

// numKeys reads a number of keys and the keys.
func numKeys(args [][]byte) (keys, rest [][]byte, err error) {
	n, ok := parseInt(args[0])
	switch {
	case !ok || n <= 0:
		return nil, nil, ReplyError("ERR numkeys should be greater than 0")
	case n > int64(len(args)-1):
		return nil, nil, errSyntax
	}
	return args[1 : 1+n], args[1+n:], nil
}

func cmdLSet(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.List)
	if err != nil {
		return err
	}
	if !r.ok() {
		return errNoKey
	}
	i, err := intArg(args[2])
	if err != nil {
		return err
	}
	l := r.listOf()
	// Since Redis 7.2 servers cut the index to 32 bits; before, they refuse one
	// that this changes, and log nothing.
	if i = int64(int32(i)); i < 0 {
		i += int64(l.n)
	}
	if i < 0 || i >= int64(l.n) {
		return errIndexRange
	}
	l.set(int(i), args[3])
	return r.storeList(l)
}

// cmdLInsert is LINSERT key BEFORE|AFTER pivot element.
func cmdLInsert(x *Executor, args [][]byte) error {
	after := equalFold(args[2], "AFTER")
	if !after && !equalFold(args[2], "BEFORE") {
		return errSyntax
	}
	r, err := x.typed(args[1], entry.List)
	if err != nil || !r.ok() {
		return err
	}
	l := r.listOf()
	i := l.find(args[3])
	if i < 0 {
		return nil
	}
	if after {
		i++
	}
	l.insert(i, args[4])
	return r.storeList(l)
}

func cmdLRem(x *Executor, args [][]byte) error {
	count, err := intArg(args[2])
	if err != nil {
		return err
	}
	r, err := x.typed(args[1], entry.List)
	if err != nil || !r.ok() {
		return err
	}
	l := r.listOf()
	n := l.n
	switch {
	case count > 0:
		n = int(min(count, int64(n)))
	case count < 0 && -count > 0:
		n = int(min(-count, int64(n)))
	}
	l.removeAll(args[3], n, count < 0)
	return r.storeList(l)
}

func cmdLTrim(x *Executor, args [][]byte) error {
	start, err := intArg(args[2])
	if err != nil {
		return err
	}
	stop, err := intArg(args[3])
	if err != nil {
		return err
	}
	r, err := x.typed(args[1], entry.List)
	if err != nil || !r.ok() {
		return err
	}
	l := r.listOf()
	from, to := span(start, stop, l.n)
	l.trim(from, to)
	return r.storeList(l)
}

// span turns two indexes, both included and from the end if negative, into a
// range of n elements. It is empty as 0, 0.
func span(start, stop int64, n int) (from, to int) {
	if start < 0 {
		start = max(start+int64(n), 0)
	}
	if stop < 0 {
		stop += int64(n)
	}
	if start > stop || start >= int64(n) {
		return 0, 0
	}
	return int(start), int(min(stop, int64(n)-1)) + 1
}
