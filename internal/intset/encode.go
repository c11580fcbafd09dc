package intset

import (
	"encoding/binary"
	"math"
)

// Append appends an intset of the members, which must be ascending, in the
// width that the widest of them needs.
func Append(dst []byte, members []int64) []byte {
	width := uint32(2)
	for _, v := range members {
		switch {
		case v < math.MinInt32 || v > math.MaxInt32:
			width = 8
		case v < math.MinInt16 || v > math.MaxInt16:
			width = max(width, 4)
		}
	}
	dst = binary.LittleEndian.AppendUint32(dst, width)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(members)))
	for _, v := range members {
		switch width {
		case 2:
			dst = binary.LittleEndian.AppendUint16(dst, uint16(v))
		case 4:
			dst = binary.LittleEndian.AppendUint32(dst, uint32(v))
		default:
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v))
		}
	}
	return dst
}
