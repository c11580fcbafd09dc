package ziplist

import "encoding/binary"

// Writer builds a ziplist, element by element. The zero Writer must be Reset.
// Neither the ziplist nor a string may reach 4 GiB, which its fields cannot
// tell: who appends that much watches Size.
type Writer struct {
	b     []byte
	start int // of the ziplist in b
	last  int // of the last element in b
	n     int
}

// Reset begins a ziplist behind what dst holds.
func (w *Writer) Reset(dst []byte) {
	w.start, w.n = len(dst), 0
	w.b = append(dst, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	w.last = len(w.b)
}

// Len returns the number of elements appended.
func (w *Writer) Len() int { return w.n }

// Size returns the bytes that the ziplist has, with its end mark.
func (w *Writer) Size() int { return len(w.b) - w.start + 1 }

// Finish completes the ziplist and returns dst of Reset with it. Reset comes
// before any other use of w.
func (w *Writer) Finish() []byte {
	w.b = append(w.b, endMark)
	head := w.b[w.start:]
	binary.LittleEndian.PutUint32(head, uint32(len(head)))
	binary.LittleEndian.PutUint32(head[4:], uint32(w.last-w.start))
	binary.LittleEndian.PutUint16(head[8:], uint16(min(w.n, unknownCount)))
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

// begin appends the size of the element before.
func (w *Writer) begin() {
	size := len(w.b) - w.last
	w.last = len(w.b)
	if size < longPrevlen {
		w.b = append(w.b, byte(size))
	} else {
		w.b = binary.LittleEndian.AppendUint32(append(w.b, longPrevlen), uint32(size))
	}
	w.n++
}

// AppendString appends a string.
func (w *Writer) AppendString(s []byte) {
	w.begin()
	switch n := len(s); {
	case n < 1<<6:
		w.b = append(w.b, byte(n))
	case n < 1<<14:
		w.b = append(w.b, 0x40|byte(n>>8), byte(n))
	default:
		w.b = binary.BigEndian.AppendUint32(append(w.b, 0x80), uint32(n))
	}
	w.b = append(w.b, s...)
}

// AppendInt appends an integer in the shortest form.
func (w *Writer) AppendInt(v int64) {
	w.begin()
	switch {
	case v >= 0 && v <= 12:
		w.b = append(w.b, 0xF1+byte(v))
	case v == int64(int8(v)):
		w.b = append(w.b, 0xFE, byte(v))
	case v == int64(int16(v)):
		w.b = append(w.b, 0xC0, byte(v), byte(v>>8))
	case v >= -1<<23 && v < 1<<23:
		w.b = append(w.b, 0xF0, byte(v), byte(v>>8), byte(v>>16))
	case v == int64(int32(v)):
		w.b = binary.LittleEndian.AppendUint32(append(w.b, 0xD0), uint32(v))
	default:
		w.b = binary.LittleEndian.AppendUint64(append(w.b, 0xE0), uint64(v))
	}
}

// TextSize returns the bytes that AppendText would add for s.
func (w *Writer) TextSize(s []byte) int {
	size := 1
	if len(w.b)-w.last >= longPrevlen {
		size = 5
	}
	if v, ok := canonical(s); ok {
		return size + integerSize(v)
	}
	switch n := len(s); {
	case n < 1<<6:
		return size + 1 + n
	case n < 1<<14:
		return size + 2 + n
	default:
		return size + 5 + n
	}
}

// integerSize returns the bytes of an element without its prevlen.
func integerSize(v int64) int {
	switch {
	case v >= 0 && v <= 12:
		return 1
	case v == int64(int8(v)):
		return 2
	case v == int64(int16(v)):
		return 3
	case v >= -1<<23 && v < 1<<23:
		return 4
	case v == int64(int32(v)):
		return 5
	}
	return 9
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
