package keyspace

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

const (
	errXGroupKey = ReplyError("ERR The XGROUP subcommand requires the key to exist. " +
		"Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.")
	errBusyGroup   = ReplyError("BUSYGROUP Consumer Group name already exists")
	errEntriesRead = ReplyError("ERR value for ENTRIESREAD must be positive or -1")
)

// shown cuts a name off at a NUL, where the answers of servers end it.
func shown(name []byte) []byte {
	name, _, _ = bytes.Cut(name, []byte{0})
	return name
}

func errNoGroup(key, group []byte) error {
	return ReplyError(fmt.Sprintf("NOGROUP No such key '%s' or consumer group '%s'", shown(key), shown(group)))
}

// groupOf returns the stream of a key and its group of that name, or the answer
// of commands that need both.
func (x *Executor) groupOf(key, name []byte) (*stream, *streamGroup, error) {
	s, err := x.stream(key)
	if err != nil {
		return nil, nil, err
	}
	if s != nil {
		if g := s.group(name); g != nil {
			return s, g, nil
		}
	}
	return nil, nil, errNoGroup(key, name)
}

// cmdXGroup executes
//
//	XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD n]
//	XGROUP SETID key group id|$ [ENTRIESREAD n]
//	XGROUP DESTROY key group
//	XGROUP CREATECONSUMER key group consumer
//	XGROUP DELCONSUMER key group consumer
func cmdXGroup(x *Executor, args [][]byte) error {
	var do func(*Executor, [][]byte, *stream) error
	least, most := 5, 5
	switch sub := args[1]; {
	case equalFold(sub, "CREATE"):
		do, most = createGroup, len(args)
	case equalFold(sub, "SETID"):
		do, most = setGroupID, len(args)
	case equalFold(sub, "DESTROY"):
		do, least, most = destroyGroup, 4, 4
	case equalFold(sub, "CREATECONSUMER"):
		do = createConsumer
	case equalFold(sub, "DELCONSUMER"):
		do = deleteConsumer
	case equalFold(sub, "HELP"):
		return nil
	default:
		return &UnsupportedError{Command: "XGROUP " + subcommand(sub), Reason: unknownCommand}
	}
	if len(args) < least || len(args) > most {
		return &ArityError{Command: "XGROUP " + subcommand(args[1])}
	}
	s, err := x.stream(args[2])
	if err != nil {
		return err
	}
	return do(x, args, s)
}

// groupOptions reads the options behind the ID of CREATE and SETID.
func groupOptions(args [][]byte, create bool) (read int64, make bool, err error) {
	read = entry.Unknown
	for i := 5; i < len(args); i++ {
		switch {
		case create && equalFold(args[i], "MKSTREAM"):
			make = true
		case i+1 < len(args) && equalFold(args[i], "ENTRIESREAD"):
			i++
			if read, err = intArg(args[i]); err == nil && read < 0 && read != entry.Unknown {
				err = errEntriesRead
			}
		default:
			err = ReplyError(fmt.Sprintf("ERR unknown subcommand or wrong number of arguments for '%.128s'. Try XGROUP HELP.", shown(args[1])))
		}
		if err != nil {
			return 0, false, err
		}
	}
	return read, make, nil
}

func createGroup(x *Executor, args [][]byte, s *stream) error {
	read, create, err := groupOptions(args, true)
	if err != nil {
		return err
	}
	if s == nil && !create {
		return errXGroupKey
	}
	var id entry.StreamID
	if string(args[4]) != "$" {
		if id, err = streamIDArg(args[4]); err != nil {
			return err
		}
	} else if s != nil {
		id = s.last
	}
	if s == nil {
		s = newStream()
		if err := x.addObject(args[2], entry.Stream, s); err != nil {
			return err
		}
	}
	at, ok := s.findGroup(args[3])
	if ok {
		return errBusyGroup
	}
	g := &streamGroup{name: append(make([]byte, 0, len(args[3])), args[3]...), last: id, read: s.atMostAdded(read)}
	s.groups = slices.Insert(s.groups, at, g)
	return nil
}

// atMostAdded lowers a number of entries read to that of entries added, as
// Redis does since 8.6. Later releases refuse to load more than that.
func (s *stream) atMostAdded(read int64) int64 { return min(read, int64(s.added)) }

// namedGroup returns the group of a subcommand that needs it.
func namedGroup(args [][]byte, s *stream) (*streamGroup, error) {
	if s == nil {
		return nil, errXGroupKey
	}
	if g := s.group(args[3]); g != nil {
		return g, nil
	}
	return nil, ReplyError(fmt.Sprintf("NOGROUP No such consumer group '%s' for key name '%s'", shown(args[3]), shown(args[2])))
}

func setGroupID(_ *Executor, args [][]byte, s *stream) error {
	read, _, err := groupOptions(args, false)
	if err != nil {
		return err
	}
	g, err := namedGroup(args, s)
	if err != nil {
		return err
	}
	id := s.last
	if string(args[4]) != "$" {
		ok := false
		if id, ok = parseStreamBound(args[4]); !ok {
			return errStreamID
		}
	}
	g.last, g.read = id, s.atMostAdded(read)
	return nil
}

func destroyGroup(_ *Executor, args [][]byte, s *stream) error {
	if s == nil {
		return errXGroupKey
	}
	if at, ok := s.findGroup(args[3]); ok {
		s.groups = slices.Delete(s.groups, at, at+1)
	}
	return nil
}

func createConsumer(x *Executor, args [][]byte, s *stream) error {
	g, err := namedGroup(args, s)
	if err == nil {
		g.consumer(args[4], x.ds.o.Now())
	}
	return err
}

func deleteConsumer(_ *Executor, args [][]byte, s *stream) error {
	g, err := namedGroup(args, s)
	if err != nil {
		return err
	}
	if at, ok := g.findConsumer(args[4]); ok {
		g.deleteConsumer(at)
	}
	return nil
}

// cmdXAck executes XACK key group id ...
func cmdXAck(x *Executor, args [][]byte) error {
	s, err := x.stream(args[1])
	if err != nil || s == nil {
		return err
	}
	g := s.group(args[2])
	if g == nil {
		return nil
	}
	var buf [8]entry.StreamID
	ids, err := streamIDArgs(buf[:0], args[3:])
	for _, id := range ids {
		g.ack(id)
	}
	return err
}
