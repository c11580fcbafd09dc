package keyspace

import "fmt"

// ReplyError is what a server would answer to a command instead of executing
// it. Nothing was changed.
type ReplyError string

func (e ReplyError) Error() string { return string(e) }

// The answers that several commands share, in the words of servers.
const (
	errWrongType    = ReplyError("WRONGTYPE Operation against a key holding the wrong kind of value")
	errSyntax       = ReplyError("ERR syntax error")
	errNotInteger   = ReplyError("ERR value is not an integer or out of range")
	errNotFloat     = ReplyError("ERR value is not a valid float")
	errOutOfRange   = ReplyError("ERR value is out of range")
	errNoKey        = ReplyError("ERR no such key")
	errIndexRange   = ReplyError("ERR index out of range")
	errOverflow     = ReplyError("ERR increment or decrement would overflow")
	errNaN          = ReplyError("ERR resulting score is not a number (NaN)")
	errNaNOrInf     = ReplyError("ERR increment would produce NaN or Infinity")
	errBusyKey      = ReplyError("BUSYKEY Target key name already exists.")
	errDB           = ReplyError("ERR DB index is out of range")
	errExpireTime   = ReplyError("ERR invalid expire time")
	errMinMax       = ReplyError("ERR min or max is not a float")
	errMinMaxLex    = ReplyError("ERR min or max not valid string range item")
	errTooLong      = ReplyError("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
	errNumFields    = ReplyError("ERR Parameter `numFields` should be greater than 0")
	errFieldsCount  = ReplyError("ERR The `numfields` parameter must match the number of arguments")
	errHashNotInt   = ReplyError("ERR hash value is not an integer")
	errHashNotFloat = ReplyError("ERR hash value is not a float")
	errNestedMulti  = ReplyError("ERR MULTI calls can not be nested")
	errExec         = ReplyError("ERR EXEC without MULTI")
	errDiscard      = ReplyError("ERR DISCARD without MULTI")
)

// UnsupportedError is a command that cannot be executed without a server.
type UnsupportedError struct {
	Command string // in upper case, as far as it is known
	Reason  string
}

// unknownCommand is the reason for a command, or subcommand, of an unknown name.
const unknownCommand = "the command is unknown"

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s cannot be executed without a server: %s", e.Command, e.Reason)
}

// ArityError is a command with a wrong number of arguments. Servers end over
// one in a log.
type ArityError struct{ Command string }

func (e *ArityError) Error() string {
	return "wrong number of arguments for " + e.Command
}

// errArity is what servers answer to a number of arguments that is wrong by a
// rule of the command's own.
func errArity(name string) error {
	return ReplyError("ERR wrong number of arguments for '" + name + "' command")
}
