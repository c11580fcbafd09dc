// Package crc64 computes the checksum of RDB files and DUMP payloads: CRC-64
// with the Jones polynomial, bit-reflected, starting at 0 and with no final
// xor. The standard library's hash/crc64 inverts the register before and
// after, so it cannot give these values.
//
//	polynomial  x^64 + ... = 0xAD93D23594C935A9, reflected 0x95AC9329AC4BC9B5
//	check       CRC of "123456789" = 0xE9C6D914C4B8D9CA
//
// A checksum is the remainder of a polynomial over GF(2). Values are kept
// reflected, as the file has them: bit 63 is the coefficient of x^0 and bit 0
// that of x^63.
//
//	bit  63   62   61          1     0
//	    +----+----+----+- - -+----+----+
//	    | 1  | x  | x² |     |x^62|x^63|
//	    +----+----+----+- - -+----+----+
//
// Because start and final xor are 0, the checksum is linear: appending n bytes
// to a message multiplies its checksum by x^(8n) and adds the checksum of the
// new bytes. Combine uses that to join checksums of parts that were computed
// apart, possibly by different goroutines.
//
// On amd64 processors with PCLMULQDQ, Update multiplies 16 bytes at a time;
// elsewhere, and with the build tag purego, it runs three table-driven streams
// side by side. All ways give the same values.
package crc64
