package lzf

import "encoding/binary"

const (
	// inSlack is what the fast loop may read from the start of a token: the
	// longest literal token and the header of a match straight after it.
	inSlack = MaxToken + 3

	// outSlack is what may be written behind the last unpacked byte: literals
	// are copied as 32 bytes whatever their number, matches in steps of 16.
	outSlack = maxLiterals
)

// unpack takes whole tokens from src and writes their bytes to out from op on,
// never counting beyond end; out[:op] is history that matches may copy from.
// It returns the end of the output and how much of src is used up: all of it,
// or, with one of ErrTruncated, ErrTooLong and ErrOffset, what precedes the
// first token that does not fit. The caller provides len(out) >= end+outSlack.
//
// The spare capacity of src may be read but has no influence on the result.
func unpack(out []byte, op, end int, src []byte) (int, int, error) {
	op, ip := unpackFast(out, op, end, src)
	return unpackCareful(out, op, end, src, ip)
}

// unpackFast stops, without saying why, before the first token that is near
// the end of the input or in any way wrong; unpackCareful looks at that again.
// What decides its speed is the number of unpredictable branches: copies do
// not depend on the length where the slack allows it, the long form of a match
// is told by arithmetic, and a match is expected straight after literals.
func unpackFast(out []byte, op, end int, src []byte) (int, int) {
	in := src[:cap(src)]
	ip, stop := 0, min(len(src), len(in)-inSlack+1)
	for ip < stop {
		c := uint(in[ip])
		if c < maxLiterals {
			n := int(c) + 1
			next := ip + 1 + n
			if n > end-op || next >= len(src) {
				break
			}
			to, from := out[op:op+32], in[ip+1:ip+33]
			copy16(to, from)
			copy16(to[16:], from[16:])
			ip = next
			op += n
			c = uint(in[ip])
			if c < maxLiterals {
				continue
			}
		}
		long := int((c>>5 + 1) >> 3) // 1 if the top bits are 111, else 0
		n := int(c>>5) + 2 + int(in[ip+1])&-long
		off := int(c&31)<<8 + int(in[ip+1+long]) + 1
		next := ip + 2 + long
		if off > op || n > end-op || next > len(src) {
			break
		}
		if off >= 16 && n <= 16 {
			from := op - off
			copy16(out[op:op+16], out[from:from+16])
		} else {
			copyMatch(out, op, off, n)
		}
		ip = next
		op += n
	}
	return op, ip
}

// unpackCareful checks everything, token by token, and finds the reason.
func unpackCareful(out []byte, op, end int, src []byte, ip int) (int, int, error) {
	for ip < len(src) {
		if op == end {
			return op, ip, ErrTooLong
		}
		c, rest := int(src[ip]), src[ip+1:]
		if c < maxLiterals {
			n := c + 1
			if n > len(rest) {
				return op, ip, ErrTruncated
			}
			if n > end-op {
				return op, ip, ErrTooLong
			}
			copy(out[op:], rest[:n])
			ip += 1 + n
			op += n
			continue
		}
		n, long := c>>5+2, 0
		if n == minLongMatch {
			long = 1
		}
		if len(rest) < 1+long {
			return op, ip, ErrTruncated
		}
		if long == 1 {
			n += int(rest[0])
		}
		off := (c&31)<<8 + int(rest[long]) + 1
		if n > end-op {
			return op, ip, ErrTooLong
		}
		if off > op {
			return op, ip, ErrOffset
		}
		copyMatch(out, op, off, n)
		ip += 2 + long
		op += n
	}
	return op, ip, nil
}

// copyMatch writes n bytes at op, each equal to the one off before it, and up
// to 15 bytes of rubbish behind them.
func copyMatch(out []byte, op, off, n int) {
	from := op - off
	if off < 16 {
		// Source and target of a 16-byte step would overlap. The output repeats
		// with every multiple of off too: go byte by byte only until the first
		// multiple that is at least 16.
		far := off * ((15 + off) / off)
		first := min(n, far-off)
		for i := range first {
			out[op+i] = out[from+i]
		}
		op += first
		n -= first
	}
	for ; n > 0; n -= 16 {
		copy16(out[op:op+16], out[from:from+16])
		op += 16
		from += 16
	}
}

func copy16(to, from []byte) {
	a := binary.LittleEndian.Uint64(from)
	b := binary.LittleEndian.Uint64(from[8:])
	binary.LittleEndian.PutUint64(to, a)
	binary.LittleEndian.PutUint64(to[8:], b)
}
