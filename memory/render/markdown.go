package render

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

const (
	markdownRows = 50 // of a table
	markdownName = 120
)

// writeMarkdown writes what the terminal shows as tables of GitHub's Markdown,
// and more of it.
func writeMarkdown(w io.Writer, r *memory.Report, o *Options) error {
	m := &markdown{text: text{units: units{o.RawBytes}, r: r, o: o, width: 1 << 20, height: usualHeight}}
	m.head()
	if r.Total.Keys > 0 {
		m.files()
		for i := range r.Tables {
			m.table(&r.Tables[i])
			if i == 0 {
				m.findings()
			}
		}
		if len(r.Tables) == 0 {
			m.findings()
		}
		m.keys("Largest keys", r.TopBytes)
		m.keys("Most elements", r.TopElements)
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

type markdown struct {
	text
	b strings.Builder
}

func (m *markdown) head() {
	head := m.text.head()
	m.b.WriteString("## Memory of " + escaped(head.title) + "\n\n")
	label := ""
	for _, line := range head.lines {
		// The lines are a label of fixed width and a text, which is not wrapped.
		if l := strings.TrimSpace(line[:headLabel]); l != "" {
			label = l
		}
		m.b.WriteString("- " + label + ": " + escaped(strings.TrimSpace(line[headLabel:])) + "\n")
	}
}

func (m *markdown) files() {
	r := m.r
	if len(r.Files) < 2 {
		return
	}
	m.header("#:", "file", "keys:", "memory:", "share:", "used memory:", "when saved:")
	estimate := estimated(r, &r.Total)
	for i := range r.Files {
		f := &r.Files[i]
		saved := "-"
		if f.Account.UsedMemory > 0 {
			saved = m.bytes(f.Account.UsedMemory)
		}
		m.row(fmt.Sprint(i+1), code(f.Name), tilde(sampled(r), human.Thousands(f.Keys)), tilde(estimate, m.bytes(f.Bytes)),
			percent(share(f.Bytes, r.Total.Bytes)), "~"+m.bytes(f.Account.Total), saved)
	}
	m.b.WriteString("\n" + figure(m.balance()) + "\n")
}

// table writes all columns that the terminal would have room for.
func (m *markdown) table(t *memory.Table) {
	rows := m.o.Rows
	if rows == 0 {
		rows = markdownRows
	}
	m.grid(m.groupColumns(t, rows))
}

func (m *markdown) keys(head string, keys []memory.Key) {
	if len(keys) > 0 {
		m.grid(m.keyColumns(strings.ToLower(head), keys))
	}
}

func (m *markdown) grid(columns []column) {
	heads := make([]string, len(columns))
	for i, c := range columns {
		if heads[i] = figure(c.head); c.names {
			heads[i] = escaped(c.head) // what a table is by comes from the report
		}
		if !c.left {
			heads[i] += ":"
		}
	}
	m.header(heads...)
	cells := make([]string, len(columns))
	for row := range columns[0].cells {
		for i, c := range columns {
			x := c.cells[row]
			switch {
			case x.name:
				cells[i] = code(x.text)
			case x.theirs:
				cells[i] = escaped(x.text)
			default:
				cells[i] = figure(x.text)
			}
		}
		m.row(cells...)
	}
}

// header begins a table. The cells below a head that ends with a colon stand to
// the right.
func (m *markdown) header(heads ...string) {
	m.b.WriteString("\n")
	rules := make([]string, len(heads))
	for i, h := range heads {
		rules[i] = "---"
		if name, ok := strings.CutSuffix(h, ":"); ok {
			heads[i], rules[i] = name, "--:"
		}
	}
	m.row(heads...)
	m.row(rules...)
}

func (m *markdown) row(cells ...string) {
	m.b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (m *markdown) findings() {
	for i, f := range byValue(m.r.Findings) {
		if i == 0 {
			m.b.WriteString("\n### What to do\n\n")
		}
		fmt.Fprintf(&m.b, "%d. ", i+1)
		if s := m.findingBytes(&f); s != "" {
			m.b.WriteString("**" + s + "** ")
		}
		m.b.WriteString(escaped(inline(f.Text, maxSentence)))
		if f.Do != "" {
			m.b.WriteString(" " + escaped(inline(f.Do, maxSentence)))
		}
		m.b.WriteString("\n")
	}
}

// code is a name as code. In a table a code span cannot hold every character in
// a way that all readers agree on; entities can.
func code(name string) string {
	s := show(name, markdownName)
	if !strings.ContainsAny(s, "`|\\") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	return "<code>" + entities(s, func(r rune) bool { return strings.ContainsRune(special, r) }) + "</code>"
}

// special is what Markdown or HTML may take for its own.
const special = "\\`*_{}[]<>()#+!|~&@$\"'^=:"

func entities(s string, of func(rune) bool) string {
	var b strings.Builder
	for _, r := range s {
		if of(r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escaped is text of others in which Markdown finds nothing to do. A backslash
// would end a cell where it stands before a bar, so both stand as entities.
func escaped(s string) string {
	var b strings.Builder
	word := false // the rune before is a letter or a digit: no emphasis begins
	for i, r := range s {
		_, n := utf8.DecodeRuneInString(s[i:])
		next, _ := utf8.DecodeRuneInString(s[i+n:])
		switch {
		case strings.ContainsRune("\\|&@#", r):
			fmt.Fprintf(&b, "&#%d;", r)
		case r == '_' && word && isWord(next):
			b.WriteRune(r)
		case strings.ContainsRune("`*_[]<>~!", r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		word = isWord(r)
	}
	return b.String()
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

var fileNumber = regexp.MustCompile(`#[0-9]+`)

// figure is text of ours. GitHub would take the number of a file for that of an
// issue.
func figure(s string) string { return fileNumber.ReplaceAllString(s, "`$0`") }
