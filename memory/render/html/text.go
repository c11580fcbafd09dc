package html

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The longest texts in the page, in bytes.
const (
	maxName     = 256
	maxSentence = 1024
	maxWord     = 64
)

// shown makes text fit to be read: what has no shape of its own (control
// characters, marks that turn the direction of text) stands as an escape, and
// what is beyond limit bytes is cut.
func shown(s string, limit int) string {
	if plain(s) && len(s) <= limit {
		return s
	}
	var b strings.Builder
	const ellipsis = "…"
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		part := s[i : i+size]
		switch {
		case r == utf8.RuneError && size == 1:
			part = fmt.Sprintf(`\x%02x`, s[i])
		case !readable(r) && r < 0x80:
			part = fmt.Sprintf(`\x%02x`, r)
		case !readable(r):
			part = fmt.Sprintf(`\u{%x}`, r)
		}
		// The last part may fill the room to the end, others leave some for
		// the ellipsis.
		room := limit - len(ellipsis)
		if i+size == len(s) {
			room = limit
		}
		if b.Len()+len(part) > room {
			b.WriteString(ellipsis)
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

func plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !readable(r) {
			return false
		}
	}
	return true
}

func readable(r rune) bool { return unicode.IsPrint(r) }

// grouped is a number for a sentence: 98,500.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
