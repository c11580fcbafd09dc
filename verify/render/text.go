package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rdbtool/rdbtool/verify"
)

// clean returns s as one line of valid, printable UTF-8: what is not printable
// stands as \n, \x1b, \u2028.
func clean(s string) string {
	plain := func(r rune, n int) bool { return strconv.IsPrint(r) && !(r == utf8.RuneError && n == 1) }
	for i, r := range s {
		_, n := utf8.DecodeRuneInString(s[i:])
		if !plain(r, n) {
			return cleanFrom(s, i, plain)
		}
	}
	return s
}

func cleanFrom(s string, i int, plain func(rune, int) bool) string {
	var b strings.Builder
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if plain(r, n) {
			b.WriteString(s[i : i+n])
		} else {
			q := strconv.QuoteToASCII(s[i : i+n])
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String()
}

// where returns the place of a finding without its file, and the reason.
func where(f *verify.Finding) string {
	p := f.Place
	p.File = ""
	return clean(p.Describe(f.Reason))
}

// headline says in a line what a file came to.
func headline(f *File) string {
	text := string(f.Verdict())
	for _, s := range []verify.Severity{verify.Error, verify.Warning} {
		if n := f.Count(s); n > 0 {
			text += ", " + numbered(n, s.String())
		}
	}
	if f.Failed != nil {
		text += ": " + clean(f.Failed.Error())
	}
	return text
}

// more says how many findings are not listed.
func more(f *File) string { return numbered(f.Omitted, "more finding") }

// numbered returns "1 error" or "2 errors".
func numbered(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
