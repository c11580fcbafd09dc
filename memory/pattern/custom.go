package pattern

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/rdbtool/rdbtool/internal/glob"
)

// Other is the name of the group of keys that no pattern of a Custom matches.
const Other = "(other)"

// Custom puts keys in groups by patterns that the user gives. A pattern is a glob
// by the server's rules, or, behind re:, a regular expression (RE2, as Go has it).
//
// The group of a glob has its name. So does that of a regular expression, without
// the anchors at its ends; but where it captures something, there is a group for
// each text that is captured, with that text in place of the parentheses:
//
//	user:*                    user:*
//	re:^user:\d+$             user:\d+
//	re:^tenant:(\w+):         tenant:acme:, tenant:globex:, ...
//
// A Custom is safe for concurrent use.
type Custom struct {
	patterns []custom
}

type custom struct {
	glob   glob.Pattern
	name   []byte // of a glob
	re     *regexp.Regexp
	pieces []piece // of the name, if re is set
}

// piece is text, or the captures of the groups from first up to last.
type piece struct {
	text        []byte
	first, last int
}

// maxCapture is how much of a capture there is in a name.
const maxCapture = 64

// CompileCustom prepares patterns. A key belongs to the first one that matches it.
func CompileCustom(patterns []string) (*Custom, error) {
	c := &Custom{}
	for _, p := range patterns {
		expr, ok := strings.CutPrefix(p, "re:")
		if !ok {
			c.patterns = append(c.patterns, custom{glob: glob.Compile(p), name: AppendLiteral(nil, []byte(p))})
			continue
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", p, err)
		}
		if re.NumSubexp() == 0 {
			text := strings.TrimPrefix(expr, "^")
			if strings.HasSuffix(text, "$") && !strings.HasSuffix(text, `\$`) {
				text = text[:len(text)-1]
			}
			c.patterns = append(c.patterns, custom{re: re, pieces: []piece{{text: []byte(text)}}})
			continue
		}
		tree, err := syntax.Parse(expr, syntax.Perl)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", p, err)
		}
		c.patterns = append(c.patterns, custom{re: re, pieces: appendPieces(nil, tree)})
	}
	return c, nil
}

// appendPieces takes a regular expression apart.
func appendPieces(pieces []piece, re *syntax.Regexp) []piece {
	switch re.Op {
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			pieces = appendPieces(pieces, sub)
		}
		return pieces
	case syntax.OpLiteral:
		return append(pieces, piece{text: []byte(string(re.Rune))})
	case syntax.OpCapture:
		return append(pieces, piece{first: re.Cap, last: re.Cap + 1})
	case syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpEmptyMatch:
		return pieces
	}
	// What is captured in one branch of several, or again and again, stands for
	// all of it.
	if first, last := captures(re); first > 0 {
		return append(pieces, piece{first: first, last: last})
	}
	return append(pieces, piece{text: []byte(re.String())})
}

// captures returns the range of the outermost groups in re, which have numbers in
// order. A group within one of these is not told apart: what it captures is there
// already.
func captures(re *syntax.Regexp) (first, last int) {
	if re.Op == syntax.OpCapture {
		return re.Cap, re.Cap + 1
	}
	for _, sub := range re.Sub {
		f, l := captures(sub)
		if f == 0 {
			continue
		}
		if first == 0 {
			first = f
		}
		last = l
	}
	return first, last
}

// Append appends the name of the group of key to dst: printable UTF-8 of at most
// MaxName bytes. A Set that gathers these is made by NewExactSet.
func (c *Custom) Append(dst, key []byte) []byte {
	for i := range c.patterns {
		p := &c.patterns[i]
		if p.re == nil {
			if p.glob.Match(key) {
				return append(dst, p.name...)
			}
			continue
		}
		if len(p.pieces) == 1 && p.pieces[0].text != nil {
			if p.re.Match(key) {
				return AppendLiteral(dst, p.pieces[0].text)
			}
			continue
		}
		if m := p.re.FindSubmatchIndex(key); m != nil {
			return AppendLiteral(dst, p.expand(key, m))
		}
	}
	return append(dst, Other...)
}

// expand makes the name of the group of a key that matches.
func (p *custom) expand(key []byte, match []int) []byte {
	var name []byte
	for i := range p.pieces {
		piece := &p.pieces[i]
		if piece.text != nil {
			name = append(name, piece.text...)
			continue
		}
		for g := piece.first; g < piece.last; g++ {
			from, to := match[2*g], match[2*g+1]
			if from < 0 {
				continue
			}
			if to-from <= maxCapture {
				name = append(name, key[from:to]...)
			} else {
				name = append(append(name, key[from:from+maxCapture]...), "..."...)
			}
		}
	}
	return name
}
