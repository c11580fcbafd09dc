package keyspace

import (
	"bytes"
	"math"

	"github.com/rdbtool/rdbtool/entry"
)

const errStreamID = ReplyError("ERR Invalid stream ID specified as stream command argument")

var maxStreamID = entry.StreamID{Ms: math.MaxUint64, Seq: math.MaxUint64}

// parseStreamID reads an ID: "ms-seq", or "ms", whose seq is 0.
func parseStreamID(b []byte) (entry.StreamID, bool) {
	id, _, ok := parseStreamIDParts(b, false)
	return id, ok
}

// streamIDArg is parseStreamID with the error that servers answer.
func streamIDArg(b []byte) (entry.StreamID, error) {
	id, ok := parseStreamID(b)
	if !ok {
		return id, errStreamID
	}
	return id, nil
}

// streamIDArgs reads IDs. It returns them in buf, if they fit.
func streamIDArgs(buf []entry.StreamID, args [][]byte) ([]entry.StreamID, error) {
	for _, a := range args {
		id, ok := parseStreamID(a)
		if !ok {
			return nil, errStreamID
		}
		buf = append(buf, id)
	}
	return buf, nil
}

// parseStreamBound is parseStreamID, which also reads "-" and "+": the lowest
// and the highest ID.
func parseStreamBound(b []byte) (entry.StreamID, bool) {
	switch string(b) {
	case "-":
		return entry.StreamID{}, true
	case "+":
		return maxStreamID, true
	}
	return parseStreamID(b)
}

// parseStreamIDParts reads an ID. With open it may be "ms-*" too, whose seq is
// left to the stream.
func parseStreamIDParts(b []byte, open bool) (id entry.StreamID, seqGiven, ok bool) {
	if len(b) > 127 {
		return id, false, false
	}
	if n := bytes.IndexByte(b, 0); n >= 0 {
		b = b[:n] // servers take it for a C string
	}
	ms, seq, dash := bytes.Cut(b, []byte{'-'})
	if id.Ms, ok = parseStreamNumber(ms); !ok || !dash {
		return id, true, ok
	}
	if open && len(seq) == 1 && seq[0] == '*' {
		return id, false, true
	}
	id.Seq, ok = parseStreamNumber(seq)
	return id, true, ok
}

// parseStreamNumber reads a part of an ID. Servers take what strtoull takes,
// save for negative numbers that fit 64 bits.
func parseStreamNumber(b []byte) (uint64, bool) {
	if n := len(b); n > 0 && n < 20 { // cannot overflow
		v := uint64(0)
		for i, c := range b {
			if c -= '0'; c > 9 {
				break
			}
			if v = v*10 + uint64(c); i == n-1 {
				return v, true
			}
		}
	}
	if v, ok := parseInt(b); ok {
		return uint64(v), v >= 0
	}
	b = bytes.TrimLeft(b, " \t\n\v\f\r")
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	v := uint64(0)
	for _, c := range b {
		c -= '0'
		if c > 9 || v > (math.MaxUint64-uint64(c))/10 {
			return 0, false
		}
		v = v*10 + uint64(c)
	}
	if negative {
		v = -v
	}
	return v, len(b) > 0
}

// nextStreamID returns the ID behind id, false if there is none.
func nextStreamID(id entry.StreamID) (entry.StreamID, bool) {
	if id.Seq++; id.Seq == 0 {
		id.Ms++
	}
	return id, id != entry.StreamID{}
}
