// Package lzf packs and unpacks LZF blocks, the compression of long strings in
// RDB files. A block is a row of tokens with neither header nor end mark; both
// its packed and its unpacked length stand before it in the file.
//
//	literals     000nnnnn, n+1 bytes               take the bytes as they are, 1..32
//	match        nnnooooo oooooooo                 n = 1..6: copy n+2 bytes, 3..8
//	long match   111ooooo mmmmmmmm oooooooo        copy m+9 bytes, 9..264
//
// A match copies from o+1 bytes, 1..8192, before the end of what is unpacked so
// far. It may reach into its own output: offset 1 repeats a byte. A server packs
// 60 times 'a' as
//
//	01 61 61 | E0 2F 00 | 01 61 61
//	2 literals 56 bytes   2 literals
//	           at offset 1
//
// Append unpacks a block that is whole in memory, Stream one that comes in
// pieces and is too long to hold, and a Compressor packs.
package lzf

const (
	maxLiterals  = 32
	maxOffset    = 8192
	minMatch     = 3
	minLongMatch = 9
	maxMatch     = 264
)

// MaxToken is the length of the longest token: a stream that is offered this
// many bytes can always unpack some.
const MaxToken = 1 + maxLiterals

// MaxRatio bounds the expansion: no block unpacks to more than MaxRatio times
// its own length, which three bytes of a long match reach. A declared length
// above that is damage or a bomb.
const MaxRatio = maxMatch / 3
