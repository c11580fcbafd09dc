//go:build !amd64 || purego

package jsonstr

import "encoding/base64"

// simd tells whether assembly is in use.
const simd = false

// escape is the kernel behind Append; see escapeGo.
func escape(dst, src []byte, high bool) (read, wrote int) { return escapeGo(dst, src, high) }

// valid reports whether s is valid UTF-8.
func valid(s []byte) bool { return validGo(s) }

// encode64 appends standard base64 with padding.
func encode64(dst, s []byte) []byte { return base64.StdEncoding.AppendEncode(dst, s) }
