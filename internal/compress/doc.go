// Package compress unpacks and packs whole streams: lz4 frames, gzip and
// zstd, told apart by their first bytes.
//
//	04 22 4d 18      lz4 frame
//	1f 8b            gzip member
//	28 b5 2f fd      zstd frame
//	5x 2a 4d 18      skippable frame, taken for the start of zstd
//	anything else    not compressed
//
// The old lz4 format (02 21 4c 18) counts as not compressed: it has neither a
// checksum nor an end mark, so that a cut one cannot be told from a whole one.
//
// A stream may be several members or frames in a row, as concatenated files
// are; they read as one. All checksums that are there are checked.
//
// Memory is bounded whatever the input claims. An lz4 frame has blocks of 4 MiB
// at most, of which two are held. A zstd frame may ask for a window of any size,
// allocated as a whole; one above MaxWindow is refused with ErrUnsupported. A row
// of frames that asks for more each time leaves windows behind that wait for the
// garbage collector, and so takes some multiple of MaxWindow.
package compress
