package convert

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
)

// DumpCommands writes each command of a log as a JSON object, in a line of its
// own (NDJSON) or of one array (JSON):
//
//	{"file":"appendonly.aof.1.incr.aof","offset":30,"db":0,"time":1700000000,"tx":true,"command":["SET","k","v"]}
//
// time is the last "#TS:" line before it in the file, tx stands where the command is
// part of a transaction. What an RDB part holds is not written. Of o, Format, Limit
// and Strings count; the name of a command is always written as it is. The log is
// closed. At damage all commands before it have been written.
func DumpCommands(ctx context.Context, log *aof.Log, w io.Writer, o DumpOptions) error {
	defer log.Close()
	if o.Format > JSON {
		return fmt.Errorf("commands have no form %s", o.Format)
	}
	d := commandDump{log: log, o: o, part: -1}
	d.buf = append(d.buf, prologues[o.Format]...)
	var damage error
	for n := int64(0); o.Limit == 0 || n < o.Limit; {
		if err := ctx.Err(); err != nil {
			return err
		}
		rec, err := log.Next()
		if err != nil {
			if err != io.EOF {
				damage = err
			}
			break
		}
		if d.add(rec, n) {
			n++
		}
		if len(d.buf) >= flushSize {
			if _, err := w.Write(d.buf); err != nil {
				return err
			}
			d.buf = d.buf[:0]
		}
	}
	if damage == nil {
		d.buf = append(d.buf, epilogues[o.Format]...)
	}
	if _, err := w.Write(d.buf); err != nil {
		return err
	}
	return damage
}

type commandDump struct {
	log  *aof.Log
	o    DumpOptions
	buf  []byte
	part int
	name []byte // of the part, as JSON
	time int64  // of the last line that tells it
}

// add appends a command. It reports false for what is none.
func (d *commandDump) add(rec *aof.Record, n int64) bool {
	c := rec.Command
	if c == nil {
		return false
	}
	if rec.Part != d.part {
		d.part, d.time = rec.Part, 0
		d.name = jsonstr.Append(d.name[:0], []byte(d.log.Parts[d.part].Name()))
	}
	if len(c.Args) == 0 {
		if t, ok := c.Timestamp(); ok {
			d.time = t
		}
		return false
	}
	b := d.buf
	if d.o.Format == JSON {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(b, '\n')
	}
	b = append(append(b, `{"file":`...), d.name...)
	b = strconv.AppendInt(append(b, `,"offset":`...), c.Offset, 10)
	b = strconv.AppendInt(append(b, `,"db":`...), int64(c.DB), 10)
	if d.time != 0 {
		b = strconv.AppendInt(append(b, `,"time":`...), d.time, 10)
	}
	if c.InTx {
		b = append(b, `,"tx":true`...)
	}
	b = append(b, `,"command":`...)
	for i, a := range c.Args {
		b = append(b, "[,"[min(i, 1)])
		if i == 0 {
			b = jsonstr.Append(b, a)
		} else {
			b = d.o.Strings.Append(b, a)
		}
	}
	b = append(b, "]}"...)
	if d.o.Format == NDJSON {
		b = append(b, '\n')
	}
	d.buf = b
	return true
}
