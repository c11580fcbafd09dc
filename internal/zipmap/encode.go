package zipmap

import "encoding/binary"

// Writer builds a zipmap. The zero Writer must be Reset.
type Writer struct {
	b     []byte
	start int // of the zipmap in b
	n     int
}

// Reset begins a zipmap behind what dst holds.
func (w *Writer) Reset(dst []byte) {
	w.start, w.n = len(dst), 0
	w.b = append(dst, 0)
}

// AppendPair appends a field and its value.
func (w *Writer) AppendPair(field, value []byte) {
	w.b = append(appendLen(w.b, len(field)), field...)
	w.b = append(appendLen(w.b, len(value)), 0) // no free bytes
	w.b = append(w.b, value...)
	w.n++
}

func appendLen(dst []byte, n int) []byte {
	if n < longLength {
		return append(dst, byte(n))
	}
	return binary.LittleEndian.AppendUint32(append(dst, longLength), uint32(n))
}

// Finish completes the zipmap and returns dst of Reset with it.
func (w *Writer) Finish() []byte {
	w.b = append(w.b, endMark)
	w.b[w.start] = byte(min(w.n, unknownCount))
	return w.b
}
