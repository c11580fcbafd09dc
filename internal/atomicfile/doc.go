// Package atomicfile writes a file that appears under its name whole or not at
// all.
//
//	Create   dir/.NAME.tmp-RANDOM is made, in the directory of the target
//	Write    goes there
//	Commit   fsync, then rename over dir/NAME - or link to it, if nothing may
//	         be overwritten - then fsync of dir
//	Abort    removes dir/.NAME.tmp-RANDOM
//
// Where there are no hard links, an empty file takes the name for the moment
// between the check that it is free and the rename.
//
// A process that is killed leaves the temporary file behind, never a part of
// NAME. What a rename cannot stand for is written to directly: a device, a pipe,
// and /dev/stdout whatever it leads to.
package atomicfile
