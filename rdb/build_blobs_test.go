package rdb_test

import (
	"encoding/binary"
	"fmt"
)

// Blobs are what stands inside one string of the file: the compact forms that
// servers also use in memory.

// listpack returns a listpack of texts and integers in their shortest forms:
//
//	u32 size | u16 entries | { encoding and data, backlen } ... | FF
func listpack(elems ...any) []byte {
	var body []byte
	for _, e := range elems {
		body = append(body, listpackEntry(e)...)
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(6+len(body)+1))
	out = binary.LittleEndian.AppendUint16(out, uint16(min(len(elems), 0xFFFF)))
	return cat(out, body, 0xFF)
}

func listpackEntry(e any) []byte {
	var b []byte
	switch e := e.(type) {
	case string:
		switch n := len(e); {
		case n < 1<<6:
			b = cat(0x80|n, e)
		case n < 1<<12:
			b = cat(0xE0|n>>8, n&0xFF, e)
		default:
			b = cat(0xF0, binary.LittleEndian.AppendUint32(nil, uint32(n)), e)
		}
	case int:
		return listpackEntry(int64(e))
	case int64:
		switch v := uint64(e); {
		case e >= 0 && e < 1<<7:
			b = []byte{byte(v)}
		case e >= -1<<12 && e < 1<<12:
			b = []byte{0xC0 | byte(v>>8)&0x1F, byte(v)}
		case e >= -1<<15 && e < 1<<15:
			b = []byte{0xF1, byte(v), byte(v >> 8)}
		case e >= -1<<23 && e < 1<<23:
			b = []byte{0xF2, byte(v), byte(v >> 8), byte(v >> 16)}
		case e >= -1<<31 && e < 1<<31:
			b = binary.LittleEndian.AppendUint32([]byte{0xF3}, uint32(v))
		default:
			b = binary.LittleEndian.AppendUint64([]byte{0xF4}, v)
		}
	default:
		panic(fmt.Sprintf("a listpack holds no %T", e))
	}
	return append(b, backlen(len(b))...)
}

// backlen is the size of an entry in groups of seven bits, the highest first;
// all but the first have the top bit set, so that it can be read backwards.
func backlen(size int) []byte {
	group := func(i int) byte { return byte(size >> (7 * i) & 127) }
	switch {
	case size <= 127:
		return []byte{group(0)}
	case size < 16383:
		return []byte{group(1), group(0) | 128}
	case size < 2097151:
		return []byte{group(2), group(1) | 128, group(0) | 128}
	case size < 268435455:
		return []byte{group(3), group(2) | 128, group(1) | 128, group(0) | 128}
	}
	return []byte{group(4), group(3) | 128, group(2) | 128, group(1) | 128, group(0) | 128}
}

// ziplist returns a ziplist of texts and integers in their shortest forms:
//
//	u32 size | u32 offset of the last entry | u16 entries | { size of the entry before, encoding, data } ... | FF
func ziplist(elems ...any) []byte {
	var body []byte
	last, prev := 0, 0
	for _, e := range elems {
		last = len(body)
		if prev < 254 {
			body = append(body, byte(prev))
		} else {
			body = binary.LittleEndian.AppendUint32(append(body, 0xFE), uint32(prev))
		}
		body = append(body, ziplistEntry(e)...)
		prev = len(body) - last
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(10+len(body)+1))
	out = binary.LittleEndian.AppendUint32(out, uint32(10+last))
	out = binary.LittleEndian.AppendUint16(out, uint16(min(len(elems), 0xFFFF)))
	return cat(out, body, 0xFF)
}

func ziplistEntry(e any) []byte {
	switch e := e.(type) {
	case string:
		switch n := len(e); {
		case n < 1<<6:
			return cat(n, e)
		case n < 1<<14:
			return cat(0x40|n>>8, n&0xFF, e)
		default:
			return cat(0x80, binary.BigEndian.AppendUint32(nil, uint32(n)), e)
		}
	case int:
		return ziplistEntry(int64(e))
	case int64:
		switch v := uint64(e); {
		case e >= 0 && e <= 12:
			return []byte{0xF1 + byte(v)}
		case e >= -1<<7 && e < 1<<7:
			return []byte{0xFE, byte(v)}
		case e >= -1<<15 && e < 1<<15:
			return []byte{0xC0, byte(v), byte(v >> 8)}
		case e >= -1<<23 && e < 1<<23:
			return []byte{0xF0, byte(v), byte(v >> 8), byte(v >> 16)}
		case e >= -1<<31 && e < 1<<31:
			return binary.LittleEndian.AppendUint32([]byte{0xD0}, uint32(v))
		default:
			return binary.LittleEndian.AppendUint64([]byte{0xE0}, v)
		}
	}
	panic(fmt.Sprintf("a ziplist holds no %T", e))
}

// zipmap returns a zipmap of fields and values, none with free space:
//
//	u8 pairs | { length, field, length, u8 free bytes, value } ... | FF
func zipmap(texts ...string) []byte {
	out := []byte{byte(min(len(texts)/2, 254))}
	length := func(n int) []byte {
		if n < 254 {
			return []byte{byte(n)}
		}
		return binary.LittleEndian.AppendUint32([]byte{0xFE}, uint32(n))
	}
	for i, s := range texts {
		out = append(out, length(len(s))...)
		if i%2 == 1 {
			out = append(out, 0)
		}
		out = append(out, s...)
	}
	return append(out, 0xFF)
}

// intset returns a set of integers, width bytes each:
//
//	u32 width | u32 count | integers, ascending
func intset(width int, members ...int64) []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(width))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(members)))
	for _, m := range members {
		out = append(out, binary.LittleEndian.AppendUint64(nil, uint64(m))[:width]...)
	}
	return out
}

// blob returns bytes as a string of the file.
func blob(b []byte) []byte { return str(string(b)) }
