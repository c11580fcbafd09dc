package keyspace

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzStreamCommands executes lines of words. What comes out must be in order,
// and the same when it is loaded again.
func FuzzStreamCommands(f *testing.F) {
	f.Add([]byte("XADD s 1-1 f v\nXADD s MAXLEN ~ 1 LIMIT 3 2-1 f v g w\nXGROUP CREATE s g 0\nXREADGROUP GROUP g c COUNT 1 STREAMS s >\nXDEL s 1-1\nXAUTOCLAIM s g d 0 0"))
	f.Add([]byte("XADD s * f v\nXGROUP CREATE s g $ MKSTREAM\nXCLAIM s g c 0 1000-0 TIME 5 RETRYCOUNT 2 FORCE JUSTID LASTID 1000-0\nXNACK s g FATAL IDS 1 1000-0\nXACKDEL s g ACKED IDS 1 1000-0\nXGROUP DELCONSUMER s g c"))
	f.Add([]byte("XADD s IDMP p i 5 f v\nXADD s IDMPAUTO p 6 f v\nXCFGSET s IDMP-MAXSIZE 1\nXIDMPRECORD s p j 5\nXDELEX s DELREF IDS 2 5 6\nXSETID s 9 ENTRIESADDED 7 MAXDELETEDID 8\nXTRIM s ACKED MINID 7\nCOPY s t"))
	var burst []byte
	for range 150 {
		burst = append(burst, "XADD s * f v\n"...)
	}
	f.Add(append(burst, "XTRIM s MAXLEN ~ 3\nXADD s MINID 1000-120 * a b"...))
	f.Fuzz(func(t *testing.T, script []byte) {
		now := int64(1000)
		x := streamExecutor(&now)
		for line := range bytes.Lines(script) {
			args := bytes.Fields(line)
			if len(args) == 0 || len(args[0]) < 2 || args[0][0]|0x20 != 'x' && !equalFold(args[0], "COPY") {
				continue
			}
			err := x.Do(args)
			var reply ReplyError
			var unsupported *UnsupportedError
			var arity *ArityError
			if err != nil && !errors.As(err, &reply) && !errors.As(err, &unsupported) && !errors.As(err, &arity) {
				t.Fatalf("%q: %v", line, err)
			}
			now++
		}
		for _, key := range []string{"s", "t"} {
			if s, _ := x.stream([]byte(key)); s != nil {
				checkStream(t, s)
				checkReload(t, s)
			}
		}
	})
}
