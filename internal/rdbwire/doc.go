// Package rdbwire decodes and encodes the primitives of the RDB format: lengths,
// strings, doubles and the items of module values. Its functions are stateless
// on a byte slice. Those that decode allocate nothing, trust no declared length,
// and answer ErrShort where the input ends inside what they read, so that a
// caller with more bytes can try again. Those that encode append to a slice, in
// the form that servers choose.
//
// A length is one to nine bytes:
//
//	00xxxxxx                    6 bits
//	01xxxxxx xxxxxxxx           14 bits, big endian
//	10000000 + 4 bytes          32 bits, big endian
//	10000001 + 8 bytes          64 bits, big endian
//	11nnnnnn                    no length: string of special form n
//
// A string is a length and as many bytes, or a special form:
//
//	C0 + 1, C1 + 2, C2 + 4      decimal text of a signed integer, little endian
//	C3 + length + length + ...  LZF block: packed length, unpacked length, bytes
//
// A text double (sorted sets of old files) is a byte n and n characters, with
// n = 253, 254, 255 standing for NaN, +inf and -inf.
package rdbwire
