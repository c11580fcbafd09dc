package keyspace

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"maps"

	"github.com/rdbtool/rdbtool/internal/lua"
)

// scriptCache holds those that a log has shown so far, for EVALSHA.
type scriptCache struct {
	texts    map[string]string // by SHA-1 in hexadecimal
	size     int               // bytes of texts
	programs map[string]*lua.Program
	compiled int // bytes of the texts of programs
	names    lua.Env
}

const (
	maxScripts  = 16 << 20  // bytes of scripts that are kept; EVALSHA of others is refused
	maxPrograms = 256 << 10 // and of those that are kept compiled
)

func sha1hex(b []byte) string {
	sum := sha1.Sum(b)
	return hex.EncodeToString(sum[:])
}

// know keeps the text of a script.
func (s *scriptCache) know(sum string, text []byte) {
	if _, ok := s.texts[sum]; ok || s.size+len(text) > maxScripts {
		return
	}
	if s.texts == nil {
		s.texts = map[string]string{}
	}
	s.texts[sum] = string(text)
	s.size += len(text)
}

func (s *scriptCache) compile(sum, text string) (*lua.Program, error) {
	if p := s.programs[sum]; p != nil {
		return p, nil
	}
	if s.names == nil {
		s.names = lua.Library()
	}
	p, err := lua.Compile(text, (&script{}).env(s.names, nil, nil))
	if err != nil {
		return nil, err
	}
	if s.compiled += len(text); s.programs == nil || s.compiled > maxPrograms {
		s.programs, s.compiled = map[string]*lua.Program{}, len(text)
	}
	s.programs[sum] = p
	return p, nil
}

// cmdScript is SCRIPT LOAD text and SCRIPT FLUSH; what else there is changes
// nothing.
func cmdScript(x *Executor, args [][]byte) error {
	switch {
	case len(args) == 3 && equalFold(args[1], "LOAD"):
		x.ds.scripts.know(sha1hex(args[2]), args[2])
	case len(args) >= 2 && equalFold(args[1], "FLUSH"):
		x.ds.scripts = scriptCache{names: x.ds.scripts.names}
	}
	return nil
}

// cmdEval is EVAL script n key ... arg ...: logs hold it up to Redis 4.0. It does
// what a server does that loads the log. One that writes something and then ends
// with an error is no error: that is how servers log it.
//
// The commands that a script may use, and their answers, are those of Redis 4.0.
// Where the answers of servers differ, or are not known, the script is given up
// as unsupported as soon as it looks at one; what it has changed until then
// stays.
func cmdEval(x *Executor, args [][]byte) error {
	sum := sha1hex(args[1])
	x.ds.scripts.know(sum, args[1])
	return x.eval("EVAL", sum, string(args[1]), args[2:])
}

// cmdEvalSHA is EVALSHA sha1 n key ... arg ...
func cmdEvalSHA(x *Executor, args [][]byte) error {
	sum := make([]byte, len(args[1]))
	for i, c := range args[1] {
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		sum[i] = c
	}
	text, ok := x.ds.scripts.texts[string(sum)]
	if !ok {
		return &UnsupportedError{Command: "EVALSHA", Reason: "the log does not hold the script before it"}
	}
	return x.eval("EVALSHA", string(sum), text, args[2:])
}

// eval runs a script. args are what follows it.
func (x *Executor) eval(name, sum, text string, args [][]byte) error {
	n, ok := parseInt(args[0])
	switch {
	case !ok:
		return errNotInteger
	case n < 0:
		return ReplyError("ERR Number of keys can't be negative")
	case n > int64(len(args)-1):
		return ReplyError("ERR Number of keys can't be greater than number of args")
	}
	s := &script{x: x}
	p, err := x.ds.scripts.compile(sum, text)
	if err == nil {
		_, err = p.Run(s.env(x.ds.scripts.names, args[1:1+n], args[1+n:]))
	}
	for i := range x.ds.shards {
		x.ds.shards[i].tidy()
	}
	var refused *lua.Refusal
	var failed *lua.Error
	switch {
	case errors.As(err, &refused):
		return &UnsupportedError{Command: name, Reason: "script " + sum[:8] + ": " + refused.Reason}
	case errors.As(err, &failed) && s.wrote:
		return nil
	case errors.As(err, &failed):
		return ReplyError("ERR Error running script " + sum + ": " + failed.Error())
	}
	return err
}

// script is a run of one.
type script struct {
	x     *Executor
	wrote bool // a command that writes has been executed
}

// env returns the global names that a script can use.
func (s *script) env(library lua.Env, keys, args [][]byte) lua.Env {
	env := maps.Clone(library)
	env["KEYS"], env["ARGV"] = textTable(keys), textTable(args)
	fn := func(name string, do func(m *lua.Machine, args []lua.Value) (lua.Value, error)) lua.Value {
		return lua.NewFunc(name, func(m *lua.Machine, args []lua.Value) ([]lua.Value, error) {
			v, err := do(m, args)
			return []lua.Value{v}, err
		})
	}
	env["redis"] = lua.NewLib("redis", map[string]lua.Value{
		"call": fn("call", s.call),
		"pcall": fn("pcall", func(m *lua.Machine, args []lua.Value) (lua.Value, error) {
			v, err := s.call(m, args)
			if _, ok := err.(*lua.Error); ok {
				return replyTable("err", &lua.Unknown{Why: "the text of an error of a command", Text: true}), nil
			}
			return v, err
		}),
		"error_reply": fn("error_reply", func(_ *lua.Machine, args []lua.Value) (lua.Value, error) {
			// Newer servers put something in front of some texts.
			return replyTable("err", &lua.Unknown{Why: "the text of redis.error_reply", Text: true}), onlyText(args)
		}),
		"status_reply": fn("status_reply", func(_ *lua.Machine, args []lua.Value) (lua.Value, error) {
			if err := onlyText(args); err != nil {
				return nil, err
			}
			return replyTable("ok", args[0]), nil
		}),
		"sha1hex": fn("sha1hex", func(m *lua.Machine, args []lua.Value) (lua.Value, error) {
			if err := onlyText(args); err != nil {
				return nil, err
			}
			text := args[0].(string)
			return sha1hex([]byte(text)), m.Bytes(int64(len(text) + 40))
		}),
	})
	return env
}

// onlyText refuses arguments that are not one string.
func onlyText(args []lua.Value) error {
	if len(args) == 1 {
		if _, ok := args[0].(string); ok {
			return nil
		}
	}
	return refusal("an argument of a function of redis that is no string")
}

func refusal(reason string) error { return &lua.Refusal{Reason: reason} }

func textTable(all [][]byte) *lua.Table {
	list := make([]lua.Value, len(all))
	for i, b := range all {
		list[i] = string(b)
	}
	return lua.NewTable(list)
}

// replyTable is how scripts see a status or an error.
func replyTable(key string, v lua.Value) *lua.Table {
	t := lua.NewTable(nil)
	t.Set(key, v)
	return t
}
