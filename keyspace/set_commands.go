package keyspace

import "github.com/rdbtool/rdbtool/entry"

func cmdSAdd(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.Set)
	if err != nil {
		return err
	}
	if !r.ok() {
		if err := r.create(entry.Set, entry.NoExpire); err != nil {
			return err
		}
	}
	for _, s := range args[2:] {
		if _, err := r.addMember(s); err != nil {
			return err
		}
	}
	return nil
}

func cmdSRem(x *Executor, args [][]byte) error {
	r, err := x.typed(args[1], entry.Set)
	if err != nil || !r.ok() {
		return err
	}
	for _, s := range args[2:] {
		if _, gone, err := r.removeMember(s); gone || err != nil {
			return err
		}
	}
	return nil
}

// cmdSPop is SPOP key [count], which servers log as SREM. Which members go is
// known only if all do.
func cmdSPop(x *Executor, args [][]byte) error {
	count := int64(1)
	if len(args) > 3 {
		return errSyntax
	}
	if len(args) == 3 {
		n, ok := parseInt(args[2])
		if !ok || n < 0 {
			return ReplyError("ERR value is out of range, must be positive")
		}
		count = n
	}
	r, err := x.typed(args[1], entry.Set)
	if err != nil || !r.ok() || count == 0 {
		return err
	}
	if count < int64(r.memberCount()) {
		return &UnsupportedError{Command: "SPOP", Reason: "the server chose the members at random"}
	}
	r.remove()
	return nil
}

func cmdSMove(x *Executor, args [][]byte) error {
	src, err := x.typed(args[1], entry.Set)
	if err != nil || !src.ok() {
		return err
	}
	if dst, err := x.typed(args[2], entry.Set); err != nil || !src.hasMember(args[3]) || dst.ok() && string(args[1]) == string(args[2]) {
		return err
	}
	if _, _, err := src.removeMember(args[3]); err != nil {
		return err
	}
	dst := x.lookup(args[2])
	if !dst.ok() {
		if err := dst.create(entry.Set, entry.NoExpire); err != nil {
			return err
		}
	}
	_, err = dst.addMember(args[3])
	return err
}

// cmdSetOp is SINTERSTORE, SUNIONSTORE and SDIFFSTORE destination key ...
func cmdSetOp(x *Executor, args [][]byte) error {
	sets := make([]ref, 0, len(args)-2)
	for _, key := range args[2:] {
		r, err := x.typed(key, entry.Set)
		if err != nil {
			return err
		}
		sets = append(sets, r)
	}
	result := &dict{}
	var err error
	add := func(s []byte) bool {
		if result.find(s) < 0 {
			_, err = result.insert(0, s, entry.NoExpire, 0)
		}
		return err == nil
	}
	first := sets[0]
	switch c := args[0][1] | 0x20; {
	case c == 'u':
		for _, r := range sets {
			if r.ok() {
				r.members(add)
			}
		}
	case first.ok():
		in := c == 'i'
		first.members(func(s []byte) bool {
			for _, r := range sets[1:] {
				if has := r.ok() && r.hasMember(s); has != in {
					return true
				}
			}
			return add(s)
		})
	}
	if err != nil {
		return err
	}
	dst := x.lookup(args[1])
	return dst.takeMembers(result)
}
