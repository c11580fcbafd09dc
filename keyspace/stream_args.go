package keyspace

import (
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

// streamArgs are the options that XADD and XTRIM share, and those of XADD.
type streamArgs struct {
	trim streamTrim

	id         entry.StreamID
	idGiven    bool // not "*"
	seqGiven   bool // not "ms-*"
	noMkstream bool
	idmp       bool   // a producer is named
	producer   []byte // of IDMP and IDMPAUTO
	iid        []byte // of IDMP, nil for IDMPAUTO
}

const (
	errTwoTrims   = ReplyError("ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
	errMaxLen     = ReplyError("ERR The MAXLEN argument must be >= 0.")
	errTrimLimit  = ReplyError("ERR The LIMIT argument must be >= 0.")
	errLimitAlone = ReplyError("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
	errNoTrim     = ReplyError("ERR syntax error, XTRIM must be called with a trimming strategy")
	errTwoIDMP    = ReplyError("ERR syntax error, IDMP/IDMPAUTO specified multiple times")

	errNoProducer     = ReplyError("ERR syntax error, IDMP requires a non-empty producer ID")
	errNoIID          = ReplyError("ERR syntax error, IDMP requires a non-empty idempotent ID")
	errNoAutoProducer = ReplyError("ERR syntax error, IDMPAUTO requires a non-empty producer ID")
)

// defaultTrimLimit is how many entries "~" without LIMIT takes away at most.
const defaultTrimLimit = 100 * streamNodeEntries

// parseStreamArgs reads options from args[2] on. For XADD it returns where the
// ID is.
//
// Logs hold "= n LIMIT m", which clients may not send: LIMIT is without effect
// then. They also hold IDs behind IDMP.
func parseStreamArgs(args [][]byte, add bool) (o streamArgs, at int, err error) {
	limit, limited, policy := int64(0), false, false
	t := &o.trim
options:
	for at = 2; at < len(args); at++ {
		opt, more := args[at], len(args)-1-at
		switch {
		case add && len(opt) == 1 && opt[0] == '*':
			break options
		case more > 0 && (equalFold(opt, "MAXLEN") || equalFold(opt, "MINID")):
			if t.by != trimNot {
				return o, 0, errTwoTrims
			}
			if next := args[at+1]; more > 1 && len(next) == 1 && (next[0] == '~' || next[0] == '=') {
				t.approx = next[0] == '~'
				at++
			}
			at++
			if equalFold(opt, "MINID") {
				t.by = trimMinID
				t.minID, err = streamIDArg(args[at])
			} else {
				t.by = trimMaxLen
				t.maxLen, err = intArg(args[at])
				if err == nil && t.maxLen < 0 {
					err = errMaxLen
				}
			}
		case more > 0 && equalFold(opt, "LIMIT"):
			at++
			limited = true
			limit, err = intArg(args[at])
			if err == nil && limit < 0 {
				err = errTrimLimit
			}
		case !policy && t.policy.parse(opt):
			policy = true
		case add && equalFold(opt, "NOMKSTREAM"):
			o.noMkstream = true
		case add && more > 1 && equalFold(opt, "IDMP"), add && more > 0 && equalFold(opt, "IDMPAUTO"):
			if o.idmp {
				return o, 0, errTwoIDMP
			}
			o.idmp = true
			at++
			o.producer = args[at]
			if len(opt) == len("IDMP") {
				at++
				o.iid = args[at]
			}
			switch {
			case len(o.producer) == 0 && o.iid == nil:
				return o, 0, errNoAutoProducer
			case len(o.producer) == 0:
				return o, 0, errNoProducer
			case o.iid != nil && len(o.iid) == 0:
				return o, 0, errNoIID
			}
		case add:
			ok := false
			if o.id, o.seqGiven, ok = parseStreamIDParts(opt, true); !ok {
				return o, 0, errStreamID
			}
			o.idGiven = true
			break options
		default:
			return o, 0, errSyntax
		}
		if err != nil {
			return o, 0, err
		}
	}
	switch {
	case limit > 0 && t.by == trimNot:
		return o, 0, errLimitAlone
	case !add && t.by == trimNot:
		return o, 0, errNoTrim
	}
	if t.limit = math.MaxInt64; t.approx {
		if !limited {
			limit = defaultTrimLimit
		}
		if limit > 0 {
			t.limit = limit
		}
	}
	return o, at, nil
}

// streamPolicy says what becomes of pending entries when their entry is deleted.
type streamPolicy uint8

const (
	keepRefs  streamPolicy = iota // they stay
	dropRefs                      // they go too
	onlyAcked                     // what a group needs is not deleted
)

// parse reads the word of a policy.
func (p *streamPolicy) parse(b []byte) bool {
	switch {
	case equalFold(b, "KEEPREF"):
		*p = keepRefs
	case equalFold(b, "DELREF"):
		*p = dropRefs
	case equalFold(b, "ACKED"):
		*p = onlyAcked
	default:
		return false
	}
	return true
}

const (
	errNumIDs   = ReplyError("ERR Number of IDs must be a positive integer")
	errIDsCount = ReplyError("ERR The `numids` parameter must match the number of arguments")
)

// parseStreamIDs reads "numids id ...", which begin at args[at], and returns where
// they end.
func parseStreamIDs(args [][]byte, at int) (ids [][]byte, end int, err error) {
	if at >= len(args) {
		return nil, 0, errSyntax
	}
	n, ok := parseInt(args[at])
	if !ok || n <= 0 {
		return nil, 0, errNumIDs
	}
	if n > int64(len(args)-at-1) {
		return nil, 0, errIDsCount
	}
	end = at + 1 + int(n)
	return args[at+1 : end], end, nil
}
