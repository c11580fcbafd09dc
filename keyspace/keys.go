package keyspace

import "sync"

var allCommands = sync.OnceValue(newCommands)

// Keys appends to dst the keys that a command reads and writes, which borrow from
// args. It reports false for a command that is unknown, has a wrong number of
// arguments or may concern any keys.
func Keys(dst, args [][]byte) (keys [][]byte, ok bool) {
	if len(args) == 0 {
		return dst, false
	}
	c := allCommands()[string(upper(args[0]))]
	if c == nil || !c.takes(len(args)) {
		return dst, false
	}
	switch c.route {
	case routeKeys:
		return append(dst, args[1:]...), true
	case routePairs:
		for i := 1; i < len(args); i += 2 {
			dst = append(dst, args[i])
		}
		return dst, true
	case routeNone, routeEach, routeGlobal:
		return dst, c.route == routeNone
	}
	return c.keysOf(dst, args)
}
