package keyspace

import (
	"github.com/rdbtool/rdbtool/entry"
)

const (
	errXAddArity  = ReplyError("ERR wrong number of arguments for 'xadd' command")
	errXAddZero   = ReplyError("ERR The ID specified in XADD must be greater than 0-0")
	errXAddFull   = ReplyError("ERR The stream has exhausted the last possible ID, unable to add more items")
	errXAddSmall  = ReplyError("ERR The ID specified in XADD is equal or smaller than the target stream top item")
	errXAddLarge  = ReplyError("ERR Elements are too large to be stored")
	errXAddNoIID  = ReplyError("ERR XADD of a log says that this iid was known, but it is not")
	maxStreamSize = 1 << 30 // bytes of an entry
)

// stream returns the stream of a key, nil if there is no such key.
func (x *Executor) stream(key []byte) (*stream, error) {
	o, err := x.object(key, entry.Stream)
	s, _ := o.(*stream)
	return s, err
}

// cmdXAdd executes
//
//	XADD key [NOMKSTREAM] [policy] [IDMP producer iid | IDMPAUTO producer]
//	    [MAXLEN|MINID [=|~] threshold [LIMIT n]] id field value ...
//
// In a log IDs are resolved, but for one case: IDMP with "*" is a message that
// the stream holds already. Nothing is appended then.
func cmdXAdd(x *Executor, args [][]byte) error {
	o, at, err := parseStreamArgs(args, true)
	if err != nil {
		return err
	}
	if len(args)-at < 3 || (len(args)-at)%2 == 0 {
		return errXAddArity
	}
	fields := args[at+1:]
	if o.idGiven && o.seqGiven && o.id == (entry.StreamID{}) {
		return errXAddZero
	}
	s, err := x.stream(args[1])
	if err != nil || s == nil && o.noMkstream {
		return err
	}
	known := s != nil
	if !known {
		s = newStream()
	}
	if o.idmp {
		if o.iid == nil {
			o.iid = autoIID(fields)
		}
		if s.idmp.has(o.producer, o.iid) {
			s.idmp.duplicates++
			return nil
		}
		if !o.idGiven {
			return errXAddNoIID
		}
	}
	id, err := s.nextID(&o, x)
	if err != nil {
		return err
	}
	size := 0
	for _, f := range fields {
		size += len(f)
	}
	if size > maxStreamSize {
		return errXAddLarge
	}
	if !known {
		if err := x.addObject(args[1], entry.Stream, s); err != nil {
			return err
		}
	}
	s.append(id, fields)
	if o.idmp {
		s.remember(o.producer, o.iid, id)
	}
	if o.trim.by != trimNot {
		s.trim(&o.trim)
	}
	return nil
}

// nextID returns the ID of the entry that is to be appended.
func (s *stream) nextID(o *streamArgs, x *Executor) (id entry.StreamID, err error) {
	if s.last == maxStreamID {
		return id, errXAddFull
	}
	switch {
	case o.idGiven && o.seqGiven:
		id = o.id
	case o.idGiven && o.id.Ms == s.last.Ms:
		id = s.last
		if id.Seq++; id.Seq == 0 {
			return id, errXAddSmall
		}
	case o.idGiven:
		id = o.id
	default:
		if id.Ms = uint64(max(x.ds.o.Now(), 0)); id.Ms <= s.last.Ms {
			id, _ = nextStreamID(s.last)
		}
	}
	if !s.last.Less(id) {
		return id, errXAddSmall
	}
	return id, nil
}
