// Package zipmap walks and builds a zipmap, the packed form of a small hash up
// to Redis 2.4.
//
// A zipmap is one blob:
//
//	+----------+------+-----+------+----+
//	| count u8 | pair | ... | pair | FF |
//	+----------+------+-----+------+----+
//	  254, 255: unknown
//
//	pair
//	+--------------+-------+--------------+---------+-------+------------+
//	| field length | field | value length | free u8 | value | free bytes |
//	+--------------+-------+--------------+---------+-------+------------+
//
//	00..FD                   length, one byte
//	FE nnnnnnnn              length, u32 little endian
//	FF                       never a length
//
// The free bytes are what a shorter value left over when it took the place of
// a longer one; they mean nothing. An FF in place of a field length is the end
// mark. Big-endian hosts wrote the long length in their own order; nothing in
// the blob tells, so it is always read as little endian. The long form is legal
// for small lengths too.
//
// A Reader walks a zipmap, a Writer builds one without free bytes.
package zipmap
