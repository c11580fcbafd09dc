// Package slot computes the cluster hash slot of a key.
//
//	key   user:{1000}:name
//	            ^^^^            the hash tag, if there is one, else the key
//	slot  CRC16/XMODEM(tag) mod 16384
//
// The tag is what lies between the first "{" and the first "}" after it, and
// counts only if it is not empty: "{}a" and "{a" are hashed whole, and of
// "a{b}{c}" the "b".
package slot

import "bytes"

// Count is the number of slots; they are numbered from 0.
const Count = 16384

// Of gives the slot of a key. It keeps no reference to key.
func Of(key []byte) int {
	if tag, ok := Tag(key); ok {
		key = tag
	}
	return int(crc16(key)) % Count
}

// Tag gives the hash tag of a key, borrowed from it. ok is false if it has none.
func Tag(key []byte) (tag []byte, ok bool) {
	if i := bytes.IndexByte(key, '{'); i >= 0 {
		if n := bytes.IndexByte(key[i+1:], '}'); n > 0 {
			return key[i+1 : i+1+n], true
		}
	}
	return nil, false
}

// crc16 is CRC16/XMODEM: polynomial x^16+x^12+x^5+1, most significant bit
// first, initial value 0.
func crc16(b []byte) uint16 {
	var crc uint16
	for _, c := range b {
		crc = crc<<8 ^ table[byte(crc>>8)^c]
	}
	return crc
}

const polynomial = 0x1021

var table = makeTable()

func makeTable() (t [256]uint16) {
	for i := range t {
		crc := uint16(i) << 8
		for range 8 {
			carry := crc >> 15
			crc = crc<<1 ^ carry*polynomial
		}
		t[i] = crc
	}
	return t
}
