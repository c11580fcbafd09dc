package listpack

import "encoding/binary"

// Writer builds a listpack, element by element. The zero Writer must be Reset.
// Neither the listpack nor a string may reach 4 GiB, which its fields cannot
// tell: who appends that much watches Size.
type Writer struct {
	b     []byte
	start int // of the listpack in b
	n     int
}

// Reset begins a listpack behind what dst holds.
func (w *Writer) Reset(dst []byte) {
	w.start, w.n = len(dst), 0
	w.b = append(dst, 0, 0, 0, 0, 0, 0)
}

// Len returns the number of elements appended.
func (w *Writer) Len() int { return w.n }

// Size returns the bytes that the listpack has, with its end mark.
func (w *Writer) Size() int { return len(w.b) - w.start + 1 }

// Finish completes the listpack and returns dst of Reset with it. Reset comes
// before any other use of w.
func (w *Writer) Finish() []byte {
	w.b = append(w.b, endMark)
	head := w.b[w.start:]
	binary.LittleEndian.PutUint32(head, uint32(len(head)))
	binary.LittleEndian.PutUint16(head[4:], uint16(min(w.n, unknownCount)))
	return w.b
}

// AppendText appends s as servers do: the canonical text of an integer as that
// integer, all else as a string.
func (w *Writer) AppendText(s []byte) {
	if v, ok := canonical(s); ok {
		w.AppendInt(v)
	} else {
		w.AppendString(s)
	}
}

// AppendString appends a string.
func (w *Writer) AppendString(s []byte) {
	n := len(s)
	b := w.b
	switch {
	case n < 1<<6:
		b = append(b, 0x80|byte(n))
		b = append(b, s...)
		w.b = append(b, byte(1+n))
		w.n++
		return
	case n < 1<<12:
		b = append(b, 0xE0|byte(n>>8), byte(n))
		n += 2
	default:
		b = binary.LittleEndian.AppendUint32(append(b, 0xF0), uint32(n))
		n += 5
	}
	w.b = appendBacklen(append(b, s...), n)
	w.n++
}

// AppendInt appends an integer in the shortest form.
func (w *Writer) AppendInt(v int64) {
	b := w.b
	switch {
	case v >= 0 && v <= 127:
		b = append(b, byte(v), 1)
	case v >= -1<<12 && v < 1<<12:
		b = append(b, 0xC0|byte(v>>8)&0x1F, byte(v), 2)
	case v == int64(int16(v)):
		b = append(b, 0xF1, byte(v), byte(v>>8), 3)
	case v >= -1<<23 && v < 1<<23:
		b = append(b, 0xF2, byte(v), byte(v>>8), byte(v>>16), 4)
	case v == int64(int32(v)):
		b = append(binary.LittleEndian.AppendUint32(append(b, 0xF3), uint32(v)), 5)
	default:
		b = append(binary.LittleEndian.AppendUint64(append(b, 0xF4), uint64(v)), 9)
	}
	w.b = b
	w.n++
}

// TextSize returns the bytes that AppendText would add for s.
func (w *Writer) TextSize(s []byte) int {
	if v, ok := canonical(s); ok {
		return integerSize(v)
	}
	n := len(s)
	switch {
	case n < 1<<6:
		return n + 2
	case n < 1<<12:
		n += 2
	default:
		n += 5
	}
	return n + backlenSize(n)
}

// integerSize returns the bytes of an element, with its backlen.
func integerSize(v int64) int {
	switch {
	case v >= 0 && v <= 127:
		return 2
	case v >= -1<<12 && v < 1<<12:
		return 3
	case v == int64(int16(v)):
		return 4
	case v >= -1<<23 && v < 1<<23:
		return 5
	case v == int64(int32(v)):
		return 6
	}
	return 10
}

// maxDigits is what the longest 64-bit integers have. So many digits cannot
// overflow a uint64.
const maxDigits = 19

// canonical returns the number that s is the canonical text of: no sign but a
// minus, no leading zeros.
func canonical(s []byte) (v int64, ok bool) {
	if len(s) == 0 || len(s) > 1+maxDigits || s[0] > '9' {
		return 0, false
	}
	digits := s
	if s[0] == '-' {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > maxDigits || digits[0] == '0' && len(s) > 1 {
		return 0, false
	}
	u := uint64(0)
	for _, c := range digits {
		d := c - '0'
		if d > 9 {
			return 0, false
		}
		u = u*10 + uint64(d)
	}
	if s[0] == '-' {
		return -int64(u), u <= 1<<63
	}
	return int64(u), u < 1<<63
}
