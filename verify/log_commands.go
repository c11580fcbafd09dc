package verify

import (
	"bytes"
	"fmt"
	"time"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
)

// defaultDatabases is how many databases servers have if their settings say
// nothing else.
const defaultDatabases = 16

// maxUsed is how many commands that are not in the table of package aof are told
// apart.
const maxUsed = 10_000

// The numbers of commands that are looked at more closely.
var (
	idSelect  = aof.CommandID("SELECT")
	idMulti   = aof.CommandID("MULTI")
	idExec    = aof.CommandID("EXEC")
	idDiscard = aof.CommandID("DISCARD")
)

// outOfPlace takes what is wrong with the command, or the line, that is read next.
func (v *logVerifier) outOfPlace(fault *entry.CorruptError) {
	if code := logCode(fault); code == CodeLogLineEnd {
		v.add(code, fault.Place, fault.Err.Error())
		return // servers do not mind
	}
	v.fault = fault
}

// command takes a command or a line between commands.
func (v *logVerifier) command(c *aof.Command) {
	if v.each != nil {
		v.each(c)
	}
	if len(c.Args) == 0 {
		v.annotation(c)
		return
	}
	v.r.Facts.Commands++
	v.part.Commands++
	use := &v.uses[c.ID]
	if c.ID == 0 {
		use = v.other(c)
	} else if use.N == 0 {
		use.First.Place = v.at(c.Offset)
	}
	use.N++
	if v.fault != nil {
		v.wrong(c)
	} else if options := v.options[c.ID]; options != nil && len(c.Args) > 1 {
		v.useOptions(c, options)
	}
	if c.ID == idSelect && c.DB >= defaultDatabases {
		v.database(c)
	}
	if c.InTx || v.tx.from >= 0 {
		v.inTransaction(c)
	}
	v.fault = nil
}

// annotation takes a line between commands.
func (v *logVerifier) annotation(c *aof.Command) {
	t, ok := c.Timestamp()
	if !ok {
		return
	}
	v.r.Facts.LastTime, v.seconds = time.Unix(t, 0), t
	if v.kind == aof.Base {
		return // it was written while the incr file was
	}
	if t < v.time {
		v.add(CodeLogTime, v.at(c.Offset), fmt.Sprintf("the time goes back by %d seconds, to %s", v.time-t, time.Unix(t, 0).UTC().Format(time.RFC3339)))
	}
	v.time = t
}

// other returns the count of a command that the table of package aof lacks.
func (v *logVerifier) other(c *aof.Command) *Count {
	name := string(bytes.ToUpper(c.Args[0][:min(len(c.Args[0]), 64)]))
	use := v.used[name]
	if use != nil {
		return use
	}
	if len(v.used) >= maxUsed {
		return &v.uses[0] // nobody asks for these
	}
	use = &Count{First: Finding{Place: v.at(c.Offset)}}
	v.used[name] = use
	if _, known := CommandSince(name); !known {
		v.add(CodeLogUnknown, v.at(c.Offset), fmt.Sprintf("no server knows the command %q without a module", name))
	}
	return use
}

// useOptions counts the options that not every server has.
func (v *logVerifier) useOptions(c *aof.Command, options []string) {
	name := aof.CommandName(c.ID)
	useOptions(c.Args, name, options, func(option string) {
		name := name + " " + option
		use := v.used[name]
		if use == nil {
			use = &Count{First: Finding{Place: v.at(c.Offset)}}
			v.used[name] = use
		}
		use.N++
	})
}

// database tells of a database that servers do not have by default, once.
func (v *logVerifier) database(c *aof.Command) {
	if v.dbs[c.DB] || len(v.dbs) > maxUsed {
		return
	}
	v.dbs[c.DB] = true
	v.add(CodeLogDatabase, v.at(c.Offset), fmt.Sprintf("SELECT %d, and servers have the databases 0 to %d if their settings say nothing else: the commands behind it would go to the database before", c.DB, defaultDatabases-1))
}

// wrong takes a command that is out of place. A MULTI is judged with the
// transaction that it stands in.
func (v *logVerifier) wrong(c *aof.Command) {
	code := logCode(v.fault)
	if code == CodeLogMulti && v.tx.from >= 0 {
		return
	}
	v.add(code, v.fault.Place, v.fault.Err.Error())
	v.wound(wound{kind: badCommand, from: c.Offset, to: c.Offset + c.Size, cut: v.cutBefore(c.Offset), code: code, reason: v.fault.Err.Error()})
}
