// Package ziplist walks and builds a ziplist, the packed list of strings and
// integers that servers before Redis 7.0 used for small hashes, sorted sets and
// lists.
//
// A ziplist is one blob:
//
//	+-----------------+----------+--------------+---------+-----+---------+----+
//	| total bytes u32 | tail u32 | elements u16 | element | ... | element | FF |
//	+-----------------+----------+--------------+---------+-----+---------+----+
//	                    |          65535: unknown             ^
//	                    +--- offset of the last element ------+
//
// All three are little endian. The tail of an empty ziplist is 10, where its
// end mark lies. An element starts with the size of the one before it, so that
// the list can also be walked from its end:
//
//	+---------+----------+------+
//	| prevlen | encoding | data |
//	+---------+----------+------+
//
//	00..FD                   prevlen, one byte; 0 in the first element
//	FE nnnnnnnn              prevlen, u32 little endian
//
//	00nnnnnn  bytes          string of 0..63 bytes
//	01nnnnnn nn  bytes       string of 0..16383 bytes, length big endian
//	10...... nnnnnnnn  bytes string, length u32 big endian
//	C0 xxxx                  16-bit integer, little endian
//	D0 xxxxxxxx              32-bit integer, little endian
//	E0 xxxxxxxxxxxxxxxx      64-bit integer, little endian
//	F0 xxxxxx                24-bit integer, little endian
//	F1..FD                   integer 0..12
//	FE xx                    8-bit integer
//	FF                       never valid
//
// The size of an element counts its own prevlen. The long form of prevlen is
// legal for small sizes too: servers leave it behind when an element shrinks.
// An FF in place of a prevlen is the end mark.
//
// Redis 2.4 knew only C0, D0 and E0 for integers; a longer encoding than
// necessary is legal.
//
// A Reader walks a ziplist, a Writer builds one in the shortest encodings, the
// ones that servers since Redis 2.6 choose for a new element.
package ziplist
