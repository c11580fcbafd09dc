package keyspace

import (
	"errors"
	"strings"

	"github.com/rdbtool/rdbtool/internal/fpconv"
	"github.com/rdbtool/rdbtool/internal/lua"
)

// scriptCommand is a command as scripts use it, with the arguments that it takes
// in Redis 4.0.
type scriptCommand struct {
	arity int // as in command
	// do executes it and returns the answer.
	do func(c *scriptCall) (lua.Value, error)
	// oneKey says that it looks at the type of one key, in all releases.
	oneKey bool
}

// scriptCall is one call of redis.call.
type scriptCall struct {
	s    *script
	m    *lua.Machine
	name string
	args [][]byte
	cmd  *scriptCommand
}

// call is redis.call.
func (s *script) call(m *lua.Machine, values []lua.Value) (lua.Value, error) {
	c := &scriptCall{s: s, m: m, args: make([][]byte, len(values))}
	size := 16 * len(values)
	for i, v := range values {
		switch v := v.(type) {
		case string:
			c.args[i] = []byte(v)
		case float64:
			text, err := numberArg(v)
			if err != nil {
				return nil, err
			}
			c.args[i] = text
		case *lua.Unknown:
			return nil, refusal(v.Why)
		default:
			return nil, c.fail() // an argument is no string
		}
		size += len(c.args[i])
	}
	if err := m.Bytes(int64(size)); err != nil {
		return nil, err
	}
	if len(c.args) == 0 {
		return nil, c.fail()
	}
	c.name = string(upper(c.args[0]))
	if c.cmd = s.x.ds.scriptable[c.name]; c.cmd == nil {
		if reason, ok := unscriptable[c.name]; ok {
			return nil, c.refuse(reason)
		}
		return nil, refusal("the command " + strings.ToValidUTF8(c.name[:min(len(c.name), 40)], "?") + " is not executed in scripts")
	}
	if n := c.cmd.arity; len(c.args) != n && (n > 0 || len(c.args) < -n) {
		return nil, c.refuse("a wrong number of arguments")
	}
	if err := c.work(); err != nil {
		return nil, err
	}
	return c.cmd.do(c)
}

// numberArg returns the text of a number as an argument. Servers have %.14g or
// %.17g for it.
func numberArg(f float64) ([]byte, error) {
	text, err := lua.FormatNumber(f)
	if err != nil {
		return nil, err
	}
	if text != string(fpconv.AppendDouble17(nil, f)) || strings.Contains(text, "e") {
		return nil, refusal("the number " + text + " as an argument of a command: servers print it in several ways")
	}
	return []byte(text), nil
}

// refuse gives the script up.
func (c *scriptCall) refuse(reason string) error { return refusal(c.name + ": " + reason) }

// unknown is an answer that nobody may look at.
func (c *scriptCall) unknown(why string) lua.Value {
	return &lua.Unknown{Why: "the answer of " + c.name + ": " + why}
}

// fail is an error that the script may catch: a text, or since Redis 7.0 a table.
func (c *scriptCall) fail() error {
	return &lua.Error{Value: &lua.Unknown{Why: "the error of a command"}}
}

// failed turns the error of a command into one of the script. Only where all
// servers have the error too it is one: they differ in how they read numbers,
// for example.
func (c *scriptCall) failed(err error) error {
	var reply ReplyError
	var unsupported *UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		return c.refuse(unsupported.Reason)
	case !errors.As(err, &reply):
		return err
	case reply == errWrongType && c.cmd.oneKey:
		return c.fail()
	}
	return c.refuse("whether the server has an error too: " + string(reply))
}

// exec has the command executed.
func (c *scriptCall) exec() error {
	x := c.s.x
	cmd := x.ds.commands[c.name]
	x.name = append(x.name[:0], c.name...)
	if err := cmd.do(x, c.args); err != nil {
		return c.failed(err)
	}
	c.s.wrote = true
	return nil
}

// work counts what a command costs that walks through a value.
func (c *scriptCall) work() error {
	n := 64
	if len(c.args) > 1 {
		n += c.weight(c.args[1]) / 64
	}
	return c.m.Steps(int64(n))
}

// weight is about how large a value is.
func (c *scriptCall) weight(key []byte) int {
	r := c.s.x.lookup(key)
	if !r.ok() {
		return 0
	}
	switch o := r.object().(type) {
	case nil:
		return len(r.value())
	case *list:
		return 16 * o.n
	case *dict:
		return 64 * o.n
	case *sortedSet:
		return 64 * o.n
	}
	return 64
}

// grow executes a command that may make the value of a key much larger than its
// arguments are, from other keys or out of nothing.
func (c *scriptCall) grow(key []byte, from ...[]byte) error {
	n := 0
	for _, k := range from {
		n += c.weight(k)
	}
	if err := c.m.Steps(int64(n)); err != nil {
		return err
	}
	before := c.weight(key)
	if err := c.exec(); err != nil {
		return err
	}
	return c.m.Bytes(int64(max(c.weight(key)-before, 0)))
}
