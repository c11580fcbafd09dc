package aof

import (
	"slices"
	"strconv"
)

// maxFrame is what stands around an argument, at most: "$", twenty digits and
// two line ends.
const maxFrame = 25

// AppendArg appends an argument: "$<length>\r\n<bytes>\r\n".
func AppendArg(dst, s []byte) []byte {
	n := len(s)
	if cap(dst)-len(dst) < n+maxFrame {
		dst = slices.Grow(dst, max(n+maxFrame, cap(dst)/2))
	}
	at := len(dst)
	b := dst[at : at+n+maxFrame]
	i := 2
	switch {
	case n < 10:
		b[1] = '0' + byte(n)
	case n < 100:
		b[1], b[2], i = '0'+byte(n/10), '0'+byte(n%10), 3
	case n < 1000:
		b[1], b[2], b[3], i = '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10), 4
	default:
		i = len(strconv.AppendInt(b[:1], int64(n), 10))
	}
	b[0], b[i], b[i+1] = '$', '\r', '\n'
	i += 2 + copy(b[i+2:], s)
	b[i], b[i+1] = '\r', '\n'
	return dst[:at+i+2]
}

// AppendHead appends the head of a command of argc arguments, its name among
// them, and the name.
func AppendHead(dst []byte, argc int, name string) []byte {
	dst = strconv.AppendInt(append(dst, '*'), int64(argc), 10)
	dst = strconv.AppendInt(append(dst, "\r\n$"...), int64(len(name)), 10)
	return append(append(append(dst, "\r\n"...), name...), "\r\n"...)
}

// AppendCommand appends a command.
func AppendCommand(dst []byte, name string, args ...[]byte) []byte {
	dst = AppendHead(dst, 1+len(args), name)
	for _, a := range args {
		dst = AppendArg(dst, a)
	}
	return dst
}

// AppendSelect appends the command that turns to a database.
func AppendSelect(dst []byte, db int) []byte {
	return appendInt(AppendHead(dst, 2, "SELECT"), int64(db))
}

// AppendTimestamp appends the annotation that says when the commands behind it
// were issued.
func AppendTimestamp(dst []byte, unixSeconds int64) []byte {
	return append(strconv.AppendInt(append(dst, "#TS:"...), unixSeconds, 10), "\r\n"...)
}

// appendInt appends a number as an argument.
func appendInt(dst []byte, v int64) []byte {
	var buf [20]byte
	return AppendArg(dst, strconv.AppendInt(buf[:0], v, 10))
}

// appendWord appends a word of a command as an argument.
func appendWord(dst []byte, word string) []byte {
	dst = strconv.AppendInt(append(dst, '$'), int64(len(word)), 10)
	return append(append(append(dst, "\r\n"...), word...), "\r\n"...)
}
