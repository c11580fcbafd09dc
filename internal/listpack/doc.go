// Package listpack walks and builds a listpack, the packed list of strings and
// integers that holds small hashes, sorted sets, sets, list nodes and stream
// nodes.
//
// A listpack is one blob:
//
//	+-----------------+---------------+---------+-----+---------+----+
//	| total bytes u32 | elements u16  | element | ... | element | FF |
//	+-----------------+---------------+---------+-----+---------+----+
//	  little endian     65535: unknown
//
// An element is an encoding byte, its data, and the size of both so that the
// list can also be walked from its end:
//
//	+----------+------+---------+
//	| encoding | data | backlen |
//	+----------+------+---------+
//
//	0xxxxxxx                 integer 0..127
//	10nnnnnn  bytes          string of 0..63 bytes
//	110xxxxx xx              13-bit integer, big endian, two's complement
//	1110nnnn nn  bytes       string of 0..4095 bytes, length big endian
//	F0 nnnnnnnn  bytes       string, length u32 little endian
//	F1 xxxx                  16-bit integer, little endian
//	F2 xxxxxx                24-bit integer, little endian
//	F3 xxxxxxxx              32-bit integer, little endian
//	F4 xxxxxxxxxxxxxxxx      64-bit integer, little endian
//	F5..FE                   never valid
//	FF                       end mark
//
// The backlen holds seven bits a byte, the most significant first. Its first
// byte has the top bit clear and all others have it set, which is what a
// reader coming from behind needs to know where to stop:
//
//	size of encoding and data    bytes of backlen
//	0 .. 127                     1
//	128 .. 16382                 2
//	16383 .. 2097150             3
//	2097151 .. 268435454         4
//	268435455 ..                 5
//
// Each limit is one short of what the bits could hold; that is how servers
// write it, so a backlen of another byte count is damage.
//
// A longer encoding than necessary is legal: servers edit lists in place.
//
// A Reader walks a listpack, a Writer builds one in the shortest encodings, the
// ones that servers choose for a new element.
package listpack
