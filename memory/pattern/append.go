package pattern

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Placeholders.
const (
	number   = "{n}"
	hex      = "{hex}"
	uuid     = "{uuid}"
	date     = "{date}"
	datetime = "{datetime}"
	ip       = "{ip}"
	email    = "{email}"
	jwt      = "{jwt}"
	ident    = "{id}"
	binary   = "{bin}"
	star     = "{*}"
	rest     = "{...}"
)

// MaxName is the length of the longest name of a pattern.
const MaxName = 256

// maxRaw is the longest name that Append makes. It is shorter than MaxName since
// a Set may write {*} for parts of one letter.
const maxRaw = MaxName - maxParts*(len(star)-1)

// Append appends the pattern of key to dst. What it appends is printable UTF-8
// of at most MaxName bytes, whatever the key is.
func Append(dst, key []byte) []byte {
	base := len(dst)
	limit := base + maxRaw - len(rest)
	mail := bytes.IndexByte(key, '@') > 0
	for i := 0; i < len(key); {
		if len(dst) > limit {
			return cut(dst, base, limit)
		}
		c := key[i]
		if class[c]&separator != 0 && (c != '%' || !percent(key, i)) {
			dst = append(dst, c)
			i++
			if c == '{' {
				dst = escape(dst, key[i:])
			}
			continue
		}
		j, mask := wordEnd(key, i)
		if mask&(high|control) != 0 && !printable(key[i:j]) {
			dst = append(trimBinary(dst, base), binary...)
			for i = j; i < len(key) && key[i] != ':'; i++ {
			}
			continue
		}
		if mail {
			if e := mailEnd(key, i); e > 0 {
				dst = append(dst, email...)
				i = e
				continue
			}
		}
		// Most words are short and of letters alone.
		if mask&digit == 0 && mask&plain != 0 && (j-i < 6 || mask&letter != letter && j-i <= maxWord) {
			dst = append(dst, key[i:j]...)
			i = j
			continue
		}
		name, e := variable(key, i, j, mask)
		if name == "" {
			if e == stays || mask&digit == 0 {
				dst = append(dst, key[i:j]...)
			} else {
				dst = appendWord(dst, key[i:j])
			}
			i = j
			continue
		}
		dst = append(trimSign(dst, base, name, key[e-1]), name...)
		i = e
	}
	if len(dst) > base+maxRaw {
		dst = cut(dst, base, limit)
	}
	return dst
}

// AppendLiteral appends key to dst as a name that is no pattern: all of it is
// literal, except bytes that are not text and the rest of a long name.
func AppendLiteral(dst, key []byte) []byte {
	base := len(dst)
	limit := base + maxRaw - len(rest)
	for i := 0; i < len(key); {
		if len(dst) > limit {
			return cut(dst, base, limit)
		}
		if class[key[i]]&separator != 0 {
			dst = append(dst, key[i])
			i++
			if key[i-1] == '{' {
				dst = escape(dst, key[i:])
			}
			continue
		}
		j, mask := wordEnd(key, i)
		if mask&(high|control) != 0 && !printable(key[i:j]) {
			dst = append(dst, binary...)
		} else {
			dst = append(dst, key[i:j]...)
		}
		i = j
	}
	if len(dst) > base+maxRaw {
		dst = cut(dst, base, limit)
	}
	return dst
}

// cut shortens a name that has grown too long. It may not part a placeholder or a
// character.
func cut(dst []byte, base, limit int) []byte {
	name := dst[base:]
	end := limit - base
	for i := 0; i < len(name); {
		n := unit(name[i:])
		if i+n > end {
			end = i
			break
		}
		i += n
	}
	// The sign that tells a brace may have been written without what it is for.
	if k := bytes.LastIndexByte(name[:end], '{'); k >= 0 && k+1 < end && name[k+1] == '=' && bytes.IndexByte(name[k:end], '}') < 0 {
		end = k
	}
	return append(dst[:base+end], rest...)
}

// unit returns the length of what name begins with and has no meaning in parts: a
// placeholder, a brace that is told from one, or a character.
func unit(name []byte) int {
	if name[0] == '{' {
		i := 1
		for i < len(name) && name[i] == '=' {
			i++
		}
		if n := known(name[i:]); n > 0 {
			return i + n
		}
	}
	_, n := utf8.DecodeRune(name)
	return n
}

// escape is called with what follows a brace of the key. If that reads like a
// placeholder it appends an equals sign.
func escape(dst, after []byte) []byte {
	i := 0
	for i < len(after) && after[i] == '=' {
		i++
	}
	if known(after[i:]) > 0 {
		dst = append(dst, '=')
	}
	return dst
}

// trimSign takes from what has been written a sign that has no word before it and
// belongs to the number or the text that follows: its name, and its last byte.
func trimSign(dst []byte, base int, name string, last byte) []byte {
	signs := ""
	switch {
	case name == number:
		signs = "-"
	case name == ident && last == '=':
		signs = "+/"
	case name == ident:
		signs = "-_"
	}
	n := len(dst)
	if n == base || strings.IndexByte(signs, dst[n-1]) < 0 {
		return dst
	}
	if n-1 == base || dst[n-2] != '}' && dst[n-2] != '.' && class[dst[n-2]] == strong {
		return dst[:n-1]
	}
	return dst
}

// trimBinary takes from what is written before bytes that are not text what is
// likely to be part of them: drawn at random they begin with a separator, or have
// one among them, now and then.
func trimBinary(dst []byte, base int) []byte {
	n := len(dst)
	for n > base && class[dst[n-1]]&separator != 0 && placeholderEnd(dst[base:n]) == 0 {
		n--
	}
	if n == base {
		return dst[:base]
	}
	if k := placeholderEnd(dst[base:n]); k == len(binary) {
		return dst[:n-k]
	}
	for end := n; ; n++ { // one separator, or several of the same
		if n == len(dst) || n > end && dst[n] != dst[end] {
			return dst[:n]
		}
	}
}

// placeholderEnd returns the length of the placeholder that name ends with, or 0.
func placeholderEnd(name []byte) int {
	if len(name) == 0 || name[len(name)-1] != '}' {
		return 0
	}
	k := bytes.LastIndexByte(name, '{')
	if k < 0 || placeholder(name[k:]) != len(name)-k {
		return 0
	}
	return len(name) - k
}

// printable reports whether a word is text.
func printable(word []byte) bool {
	for i := 0; i < len(word); {
		c := word[i]
		if c < utf8.RuneSelf {
			if class[c] == control {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(word[i:])
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) && r != '\u200c' && r != '\u200d' {
			return false
		}
		i += n
	}
	return true
}

// placeholder returns the length of the placeholder that name begins with, or 0.
func placeholder(name []byte) int {
	if len(name) == 0 || name[0] != '{' {
		return 0
	}
	n := known(name[1:])
	if n > 0 {
		n++
	}
	return n
}

// known returns the length of the word of a placeholder and the brace behind it
// that b begins with, or 0.
func known(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), len(datetime))], '}')
	if end < 0 {
		return 0
	}
	switch string(b[:end]) {
	case "n", "hex", "uuid", "date", "datetime", "ip", "email", "jwt", "id", "bin", "*", "...":
		return end + 1
	}
	return 0
}
