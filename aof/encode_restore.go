package aof

import (
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
)

// restores reports whether the key is written as a RESTORE command, or not at
// all.
func (x *Encoder) restores() bool {
	e, t := x.e, &x.o.Target
	switch e.Type {
	case entry.Module, entry.PathHash, entry.Cron: // no command of the server's own rebuilds them
		return true
	}
	return x.o.Restore || !t.Holds(e) || len(e.KeyMeta) > 0
}

// restore writes the key as one command:
//
//	RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME s] [FREQ n]
func (x *Encoder) restore() {
	x.spool.Reset()
	defer x.spool.Close()
	x.dump.SetFlush(nil)
	if x.o.Flush != nil {
		x.dump.SetFlush(func(b []byte) ([]byte, error) {
			_, err := x.spool.Write(b)
			return b[:0], err
		})
	}
	var err error
	x.payload, err = x.dump.AppendDump(x.payload[:0], x.e)
	x.fail(err)
	size := x.spool.Size() + int64(len(x.payload))
	if x.err != nil || size == 0 { // what was lost has been told
		return
	}
	e := x.e
	absolute := x.o.Target.AtLeast(5, 0)
	idle, freq := absolute && e.Idle >= 0, absolute && e.Freq >= 0
	expires := e.ExpireAt != entry.NoExpire
	argc := 4
	for _, word := range []struct {
		on   bool
		args int
	}{{x.o.Replace, 1}, {absolute && expires, 1}, {idle, 2}, {freq, 2}} {
		if word.on {
			argc += word.args
		}
	}
	x.out = AppendArg(AppendHead(x.out, argc, "RESTORE"), e.Key)
	ttl := int64(0)
	if absolute && expires {
		// 0 is never: a key that expired at the epoch expires one later.
		ttl = max(e.ExpireAt, 1)
	}
	x.out = appendInt(x.out, ttl)
	x.out = strconv.AppendInt(append(x.out, '$'), size, 10)
	x.out = append(x.out, "\r\n"...)
	x.fail(x.spool.Each(func(p []byte) error {
		x.out = append(x.out, p...)
		x.spill()
		return x.err
	}))
	x.out = append(append(x.out, x.payload...), "\r\n"...)
	if x.o.Replace {
		x.out = appendWord(x.out, "REPLACE")
	}
	if absolute && expires {
		x.out = appendWord(x.out, "ABSTTL")
	}
	if idle {
		x.out = appendInt(appendWord(x.out, "IDLETIME"), e.Idle)
	}
	if freq {
		x.out = appendInt(appendWord(x.out, "FREQ"), int64(e.Freq))
	}
	if expires && !absolute {
		x.expireKey()
	}
	if cap(x.payload) > 4*flushSize {
		x.payload = nil
	}
	x.spill()
}
