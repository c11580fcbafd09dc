// Package lua runs the scripts that Redis servers run with Lua 5.1, as far as
// what they do is certain. It knows nothing of servers: its caller gives it the
// functions of a script's environment.
//
// What a script does must not depend on what differs between releases, builds
// and machines: the order of a table's keys, addresses, the texts of error
// messages, the collation of strings, a length of a table with holes, the
// digits of numbers that do not fit, a clock, random numbers. A script that comes
// to such a place is given up with a *Refusal. What is not on the list is refused
// as well: there are no global variables, no metatables, no coroutines, no code
// made from strings.
//
// A value may be Unknown: a script may keep it and throw it away, but as soon as
// something depends on it, the script is refused.
//
// # How it works
//
// Compile reads the text once and makes a tree of Go functions, as the parser of
// Lua makes code in one pass. Run calls them. Each step and each byte that a
// script makes is counted, so that it ends in the same place on any machine.
package lua
