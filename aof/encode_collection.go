package aof

import (
	"math"
	"strconv"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/rdbwire"
)

// str writes a string.
func (x *Encoder) str() {
	v := x.e.Value
	if v.Next() {
		x.out = AppendArg(AppendHead(x.out, 3, "SET"), x.e.Key)
		x.arg(v)
	}
	v.Next() // lets the cursor see the end
}

// arg writes the string of the current element, all its parts.
func (x *Encoder) arg(v entry.Value) {
	e := v.Elem()
	part := func() []byte {
		if x.e.Type == entry.Hash {
			return e.Value
		}
		return e.Data
	}
	if !e.More {
		x.out = AppendArg(x.out, part())
		return
	}
	x.out = strconv.AppendInt(append(x.out, '$'), e.Total, 10)
	x.out = append(x.out, "\r\n"...)
	for {
		x.out = append(x.out, part()...)
		x.spill()
		if !e.More || x.err != nil || !v.Next() {
			break
		}
		e = v.Elem()
	}
	x.out = append(x.out, "\r\n"...)
}

// The commands of a collection hold up to maxItems elements each. How many the
// last one will hold is not known when it begins: room is left for the digits
// of a full one, and what is too much is closed up at its end.
//
//	*130\r\n$5\r\nHMSET\r\n$3\r\nkey\r\n ...

// collection prepares the commands of that name. An element is parts arguments.
func (x *Encoder) collection(name string, parts int) {
	full := 2 + maxItems*parts
	x.digits = len(strconv.Itoa(full))
	x.head = AppendArg(AppendHead(x.head[:0], full, name), x.e.Key)
}

// begin begins a command.
func (x *Encoder) begin() {
	x.start = len(x.out)
	x.out = append(x.out, x.head...)
}

// end ends the command of n elements of parts arguments.
func (x *Encoder) end(n, parts int) {
	if n < maxItems {
		x.out = closeUp(x.out, x.start, x.digits, 2+n*parts)
	}
	x.spill()
}

// closeUp writes argc over the number of that many digits behind out[start].
func closeUp(out []byte, start, digits, argc int) []byte {
	var buf [20]byte
	number := strconv.AppendInt(buf[:0], int64(argc), 10)
	at := start + 1
	copy(out[at:], number)
	if len(number) < digits {
		out = out[:at+len(number)+copy(out[at+len(number):], out[at+digits:])]
	}
	return out
}

// strings writes a list or set.
func (x *Encoder) strings(name string) {
	x.collection(name, 1)
	v := x.e.Value
	n := 0
	for v.Next() {
		e := v.Elem()
		if e.More { // a long one: a command by itself
			if n > 0 {
				x.end(n, 1)
				n = 0
			}
			x.out = AppendArg(AppendHead(x.out, 3, name), x.e.Key)
			x.arg(v)
			continue
		}
		if n == 0 {
			x.begin()
		}
		x.out = AppendArg(x.out, e.Data)
		if n++; n == maxItems || len(x.out)-x.start > flushSize {
			x.end(n, 1)
			n = 0
		}
		if x.err != nil {
			return
		}
	}
	if n > 0 {
		x.end(n, 1)
	}
}

// scores writes a sorted set. A score of -0 in it is said: servers make it 0
// where ZADD puts it into a compact encoding.
func (x *Encoder) scores() (negativeZero bool) {
	x.collection("ZADD", 2)
	shortest := x.o.Target.AtLeast(7, 2)
	var text [32]byte
	v := x.e.Value
	n := 0
	for v.Next() {
		e := v.Elem()
		if math.IsNaN(e.Score) {
			x.fail(x.corrupt("a score is not a number"))
			return false
		}
		negativeZero = negativeZero || e.Score == 0 && math.Signbit(e.Score)
		if n == 0 {
			x.begin()
		}
		if shortest {
			x.out = AppendArg(x.out, rdbwire.AppendScore(text[:0], e.Score))
		} else {
			x.out = AppendArg(x.out, rdbwire.AppendScore17(text[:0], e.Score))
		}
		x.out = AppendArg(x.out, e.Data)
		if n++; n == maxItems || len(x.out)-x.start > flushSize {
			x.end(n, 2)
			n = 0
		}
		if x.err != nil {
			return false
		}
	}
	if n > 0 {
		x.end(n, 2)
	}
	return negativeZero
}

// array writes an array.
func (x *Encoder) array() {
	x.collection("ARMSET", 2)
	v := x.e.Value
	n := 0
	for v.Next() && x.err == nil {
		e := v.Elem()
		if n == 0 {
			x.begin()
		}
		var text [20]byte
		x.out = AppendArg(x.out, strconv.AppendUint(text[:0], e.Index, 10))
		x.out = AppendArg(x.out, e.Data)
		if n++; n == maxItems/2 || len(x.out)-x.start > flushSize {
			x.end(n, 2)
			n = 0
		}
	}
	if n > 0 {
		x.end(n, 2)
	}
	if a := x.e.Array; a != nil && a.HasCursor {
		var text [20]byte
		x.out = AppendCommand(x.out, "ARSEEK", x.e.Key, strconv.AppendUint(text[:0], a.Cursor+1, 10))
	}
}
