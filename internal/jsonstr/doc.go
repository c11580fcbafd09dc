// Package jsonstr appends arbitrary byte strings to a buffer as JSON strings, losslessly.
//
// What Auto writes for the bytes s:
//
//	valid UTF-8, not beginning with "base64:"   "text with escapes"
//	anything else                               "base64:c3RhbmRhcmQsIHBhZGRlZA=="
//
// so a reader that sees the prefix decodes the rest, and takes every other string as it is. Text that itself begins with
// the prefix is encoded, which keeps the two forms apart. Valid UTF-8 is what unicode/utf8 calls so: no surrogates, no
// overlong forms, nothing above U+10FFFF.
//
// Escapes in text:
//
//	22 5c            \" \\
//	08 09 0a 0c 0d   \b \t \n \f \r
//	other 00 - 1f    \u0000 (hexadecimal digits in lower case)
//
// Every other byte stands as it is, including 7f, U+2028 and the characters that matter only to HTML.
//
// # How text is escaped
//
// An escape kernel copies and tests in one go, and stops at bytes it leaves to its caller. It first runs with bytes from
// 0x80 on among those, which makes the UTF-8 check free for ASCII. At the first such byte the rest of the string is
// validated once, and the kernel continues with these bytes counted as clean. There are two kernels, one in Go and one in
// SSSE3 assembly, both held to a plain byte loop by fuzzing. The build tag purego leaves the assembly out.
package jsonstr
