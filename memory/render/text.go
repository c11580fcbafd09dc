package render

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

// What a screen is taken for, and how it is shared out. The first table has the
// lines that the rest leaves.
const (
	usualWidth  = 100
	leastWidth  = 40
	usualHeight = 45
	leastHeight = 24

	leastRows    = 8  // of the first table
	mostRows     = 40 // of it, on the highest terminal
	otherRows    = 3  // of the tables after it
	usualKeys    = 5
	findingLines = 10 // of a screen of usual height
	maxFiles     = 8  // rows of the table of files
)

// text writes the report for a terminal.
type text struct {
	units
	r      *memory.Report
	o      *Options
	width  int
	height int
}

// block is a part of the screen.
type block struct {
	title string
	head  bool // the first line is the head of a table
	lines []string
}

func writeText(w io.Writer, r *memory.Report, o *Options) error {
	t := &text{units: units{o.RawBytes}, r: r, o: o, width: usualWidth, height: usualHeight}
	if o.Width > 0 {
		t.width = max(o.Width, leastWidth)
	}
	if o.Height > 0 {
		t.height = max(o.Height, leastHeight)
	}
	blocks, err := t.blocks()
	if err != nil {
		return err
	}
	var b strings.Builder
	for i, x := range blocks {
		if i > 0 {
			b.WriteString("\n")
		}
		if x.title != "" {
			b.WriteString(t.bold(x.title) + "\n")
		}
		for n, line := range x.lines {
			if x.head && n == 0 {
				line = t.bold(line)
			}
			b.WriteString(line + "\n")
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func (t *text) bold(s string) string {
	if t.o.Colour {
		return "\x1b[1m" + s + "\x1b[0m"
	}
	return s
}

// blocks are the parts of the screen in their order: whose memory it is, what
// takes it, what to do, and then the details.
func (t *text) blocks() ([]block, error) {
	head := t.head()
	if t.r.Total.Keys == 0 {
		return []block{head}, nil
	}
	var after []block
	if f := t.findings(); len(f.lines) > 0 {
		after = append(after, f)
	}
	if len(t.r.Tables) > 1 {
		for i := range t.r.Tables[1:] {
			b, err := t.table(&t.r.Tables[1+i], t.rows(otherRows))
			if err != nil {
				return nil, err
			}
			after = append(after, b)
		}
	}
	keys, err := t.keyBlocks()
	if err != nil {
		return nil, err
	}
	after = append(after, keys...)

	before := []block{head}
	if len(t.r.Files) > 1 {
		b, err := t.files()
		if err != nil {
			return nil, err
		}
		before = append(before, b)
	}
	if len(t.r.Tables) == 0 {
		return append(before, after...), nil
	}
	rows := t.o.Rows
	if rows == 0 {
		// The head, its rule, the row of what is left out and a blank line; and
		// the prompt stands below the last block.
		rows = t.height - lines(before) - lines(after) - 4
		rows = min(max(rows, leastRows), mostRows)
	}
	main, err := t.table(&t.r.Tables[0], rows)
	if err != nil {
		return nil, err
	}
	return append(append(before, main), after...), nil
}

// rows is how many rows a table has that is to have n.
func (t *text) rows(n int) int {
	if t.o.Rows < 0 {
		return -1
	}
	return n
}

// lines counts the lines of blocks, with a blank one after each.
func lines(blocks []block) (n int) {
	for _, b := range blocks {
		n += len(b.lines) + 1
		if b.title != "" {
			n++
		}
	}
	return n
}

func (t *text) table(table *memory.Table, rows int) (block, error) {
	lines, err := grid(t.width, t.groupColumns(table, rows))
	if err != nil {
		return block{}, err
	}
	b := block{head: true, lines: lines}
	if table.Folded {
		n := int64(0)
		for i := range table.Groups {
			n += table.Groups[i].Folded
		}
		note := "rare " + title(table.By, 2) + " are counted in wider ones; --max-patterns makes room for more"
		if n > 0 {
			note = "at least " + human.Thousands(n) + " " + note
		}
		b.lines = append(b.lines, t.indented(" ", note)...)
	}
	return b, nil
}

// indented wraps text behind a label. The lines after the first are indented by
// the width of the label.
func (t *text) indented(label, text string) []string {
	indent := twwidth.Width(label)
	lines := wrap(text, max(t.width-indent, 20))
	for i := range lines {
		if i > 0 {
			label = strings.Repeat(" ", indent)
		}
		lines[i] = label + lines[i]
	}
	return lines
}
