package jsonstr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// prefix marks a JSON string that holds base64 instead of text.
const prefix = "base64:"

// Mode is the rule by which byte strings become JSON strings.
type Mode uint8

const (
	Auto   Mode = iota // text where possible, else "base64:" and standard base64
	Base64             // always "base64:" and standard base64
	Hex                // lower-case hexadecimal digits, without a prefix
	SHA256             // lower-case hexadecimal SHA-256 of the bytes: a redaction, not reversible
)

var modeNames = [...]string{Auto: "auto", Base64: "base64", Hex: "hex", SHA256: "sha256"}

// ParseMode returns the mode called auto, base64, hex or sha256.
func ParseMode(s string) (Mode, error) {
	for m, name := range modeNames {
		if s == name {
			return Mode(m), nil
		}
	}
	return Auto, fmt.Errorf("unknown string form %q, want auto, base64, hex or sha256", s)
}

// String returns the name that ParseMode accepts.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// Append appends s as one JSON string, quotes included, and returns the extended buffer. It keeps neither slice. An
// unknown mode is Auto.
func (m Mode) Append(dst, s []byte) []byte {
	switch m {
	case Base64:
		return appendBase64(dst, s)
	case Hex:
		dst = append(dst, '"')
		dst = hex.AppendEncode(dst, s)
		return append(dst, '"')
	case SHA256:
		sum := sha256.Sum256(s)
		dst = append(dst, '"')
		dst = hex.AppendEncode(dst, sum[:])
		return append(dst, '"')
	default:
		return Append(dst, s)
	}
}

func appendBase64(dst, s []byte) []byte {
	dst = append(dst, '"')
	dst = append(dst, prefix...)
	dst = encode64(dst, s)
	return append(dst, '"')
}

func hasPrefix(s []byte) bool {
	return len(s) >= len(prefix) && s[0] == prefix[0] && string(s[:len(prefix)]) == prefix
}
