package crc64

// Update returns the checksum of a message whose first part has the checksum
// crc and whose rest is p. The checksum of the empty message is 0. It neither
// keeps nor changes p.
func Update(crc uint64, p []byte) uint64 {
	return update(crc, p)
}

// Combine returns the checksum of a message made of two parts, given the
// checksum a of the first, the checksum b of the second, and the length of the
// second in bytes, which must not be negative. It costs about a microsecond,
// whatever the length.
func Combine(a, b uint64, lenB int64) uint64 {
	for i := 0; lenB > 0; i++ {
		if lenB&1 != 0 {
			a = mulMod(a, bytePowers[i])
		}
		lenB >>= 1
	}
	return a ^ b
}
