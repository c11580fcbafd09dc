package render

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/rdbtool/rdbtool/internal/table"
)

// column is a column of a table for the terminal.
type column struct {
	head  string
	left  bool
	rank  int // the column of the highest rank goes first where room is short; 0 stays
	names bool
	cells []cell
}

// cell is a figure or words of ours, words of others, or a name, which is cut to
// the room there is.
type cell struct {
	text   string
	name   bool
	theirs bool
}

func (c *column) add(text string) { c.cells = append(c.cells, cell{text: text}) }

// addWords adds words of others, of which few are expected.
func (c *column) addWords(text string) {
	c.cells = append(c.cells, cell{text: inline(text, 20), theirs: true})
}

func (c *column) addName(name string) {
	c.names = true
	c.cells = append(c.cells, cell{text: name, name: true})
}

const (
	pad      = 2  // columns of a terminal between two columns of a table
	minNames = 28 // what names are to have before columns go for it
	maxNames = 64 // what is enough for names
	leastRow = 10 // what names have in any case
)

// width is that of the widest cell.
func (c *column) width() int {
	n := twwidth.Width(c.head)
	for _, x := range c.cells {
		text := x.text
		if x.name {
			text = show(text, maxNames)
		}
		n = max(n, twwidth.Width(text))
	}
	return n
}

// grid lays columns out in at most width columns of a terminal, as lines. The
// first line is the head, the second a rule.
func grid(width int, columns []column) ([]string, error) {
	columns, rooms := fit(width, columns)
	var b strings.Builder
	aligns := make([]tw.Align, len(columns))
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i], aligns[i] = c.head, tw.AlignRight
		if c.left {
			aligns[i] = tw.AlignLeft
		}
	}
	t := table.New(&b, aligns...)
	t.Header(head)
	for row := range columns[0].cells {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = c.cells[row].text
			if c.cells[row].name {
				line[i] = show(line[i], rooms[i])
			}
		}
		if err := t.Append(line); err != nil {
			return nil, err
		}
	}
	if err := t.Render(); err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines, nil
}

// fit drops columns until the names have room, and says how wide each column
// is.
func fit(width int, columns []column) ([]column, []int) {
	widths := make([]int, len(columns))
	for i := range columns {
		widths[i] = columns[i].width()
	}
	for {
		room, want, drop := width, 0, 0
		for i := range columns {
			room -= pad
			if columns[i].names {
				want += min(widths[i], minNames)
			} else {
				room -= widths[i]
			}
			if columns[i].rank > columns[drop].rank {
				drop = i
			}
		}
		if room >= want || columns[drop].rank == 0 {
			return columns, divide(room, columns, widths)
		}
		columns = append(columns[:drop:drop], columns[drop+1:]...)
		widths = append(widths[:drop:drop], widths[drop+1:]...)
	}
}

// divide gives the columns of names the room that is left: what the later ones
// do not need, the first has.
func divide(room int, columns []column, widths []int) []int {
	var names []int
	for i := range columns {
		if columns[i].names {
			names = append(names, i)
		}
	}
	for n := len(names); n > 0; n-- {
		i := names[n-1]
		fair := room
		if n > 1 {
			fair = max(room/n, room-widths[names[0]])
		}
		widths[i] = max(min(widths[i], fair), leastRow)
		room -= widths[i]
	}
	return widths
}
