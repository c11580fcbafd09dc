//go:build !amd64 || purego

package jsonstr

// escape is the kernel behind Append; see escapeGo.
func escape(dst, src []byte, high bool) (read, wrote int) { return escapeGo(dst, src, high) }

// valid reports whether s is valid UTF-8.
func valid(s []byte) bool { return validGo(s) }
