package render

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// cutMark stands where a name is cut.
const cutMark = "..."

// maxShown is how many columns of a name are ever shown.
const maxShown = 200

// show returns a name in at most width columns of a terminal: as it is if it is
// plain text, else quoted as a Go string. A long one loses its middle, since
// names of one data set often begin alike.
func show(name string, width int) string {
	if isPlain(name) {
		return middle(name, width, "")
	}
	return middle(name, width, `"`)
}

// keyBytes undoes the string rule of the dump.
func keyBytes(key string) string {
	if text, ok := strings.CutPrefix(key, "base64:"); ok {
		if b, err := base64.StdEncoding.DecodeString(text); err == nil {
			return string(b)
		}
	}
	return key
}

// inline returns text of several words, safe for a terminal and cut.
func inline(text string, width int) string { return middle(text, width, "") }

// isPlain reports whether a name can stand without quotes.
func isPlain(s string) bool {
	if s == "" || s[0] == ' ' || s[len(s)-1] == ' ' || s[0] == '"' {
		return false
	}
	marks := maxMarks
	for i, r := range s {
		if i > 4*maxShown {
			return true // the rest may be shown escaped, after the cut
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		if marks = marksIn(marks, r); !visible(r, n) || marks > maxMarks {
			return false
		}
	}
	return true
}

// maxMarks is how many combining marks a letter may carry.
const maxMarks = 3

// marksIn counts combining marks in a row.
func marksIn(before int, r rune) int {
	if unicode.Is(unicode.M, r) {
		return before + 1
	}
	return 0
}

// visible reports whether a rune takes its place on a line and nothing else: no
// control, no change of direction, no joiner, selector or invisible letter.
func visible(r rune, n int) bool {
	switch {
	case r == utf8.RuneError && n <= 1, !strconv.IsPrint(r):
		return false
	case r < 0x300:
		return true
	}
	return !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r) && r != 0x2800
}

// piece is a rune as it is shown.
type piece struct {
	text  string
	width int
}

// middle shows s within the quotes, without its middle if it is too long.
func middle(s string, width int, quote string) string {
	width = min(width, 8*maxShown)
	room := max(width-2*len(quote), len(cutMark)+2)
	text := join(s, room, quote != "", false)
	if twwidth.Width(text) > room || !utf8.ValidString(text) || sum(text) != twwidth.Width(text) {
		// Clusters of letters that no two terminals draw alike.
		text = join(s, room, quote != "", true)
	}
	return quote + text + quote
}

func sum(s string) (n int) {
	for _, r := range s {
		n += twwidth.Width(string(r))
	}
	return n
}

// join shows s in room columns.
func join(s string, room int, quoted, ascii bool) string {
	head, read := first(s, room, quoted, ascii)
	if read == len(s) {
		return head
	}
	room -= len(cutMark)
	tail, took := last(s, room*2/5, quoted, ascii)
	head, _ = first(s, room-took, quoted, ascii)
	return head + cutMark + tail
}

// first shows the beginning of s, and says how many bytes of it that is.
func first(s string, room int, quoted, ascii bool) (string, int) {
	var b strings.Builder
	marks, read := maxMarks, 0
	for read < len(s) {
		r, n := utf8.DecodeRuneInString(s[read:])
		marks = marksIn(marks, r)
		p := shown(r, s[read:read+n], quoted, ascii || marks > maxMarks)
		if p.width > room {
			break
		}
		b.WriteString(p.text)
		room, read = room-p.width, read+n
	}
	return b.String(), read
}

// last shows the end of s, and says how many columns that takes.
func last(s string, room int, quoted, ascii bool) (string, int) {
	var out []piece // last rune first
	marks, took := 0, 0
	for len(s) > 0 {
		r, n := utf8.DecodeLastRuneInString(s)
		marks = marksIn(marks, r)
		p := shown(r, s[len(s)-n:], quoted, ascii || marks > maxMarks)
		if took+p.width > room {
			break
		}
		out, took, s = append(out, p), took+p.width, s[:len(s)-n]
	}
	for len(out) > 0 && out[len(out)-1].width == 0 { // a mark whose letter is cut off
		out = out[:len(out)-1]
	}
	var b strings.Builder
	for _, p := range slices.Backward(out) {
		b.WriteString(p.text)
	}
	return b.String(), took
}

// shown is a rune as it stands, or as an escape.
func shown(r rune, s string, quoted, ascii bool) piece {
	if quoted && (r == '"' || r == '\\') {
		return piece{`\` + s, 2}
	}
	if r < utf8.RuneSelf && r >= ' ' && r != 0x7f {
		return piece{s, 1}
	}
	if visible(r, len(s)) && !ascii {
		return piece{s, twwidth.Width(s)}
	}
	q := strconv.QuoteToASCII(s)
	return piece{q[1 : len(q)-1], len(q) - 2}
}

// wrap lays text out in lines of at most width columns. A word that is longer is
// broken.
func wrap(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		n := twwidth.Width(word)
		if used > 0 && used+1+n > width {
			lines, line, used = append(lines, line), "", 0
		}
		for n > width {
			part, read := first(word, width, false, false)
			if read == 0 || read == len(word) {
				break
			}
			lines, word = append(lines, part), word[read:]
			n = twwidth.Width(word)
		}
		if used > 0 {
			line, used = line+" "+word, used+1+n
		} else {
			line, used = word, n
		}
	}
	if used > 0 {
		lines = append(lines, line)
	}
	return lines
}
