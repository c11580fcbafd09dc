// Package render writes a memory report for people and for other programs.
//
//	text      one screen of a terminal: why the server is full, and what to do
//	json      the report itself, what Parse reads
//	csv       the tables, with exact numbers
//	markdown  tables as GitHub shows them
//	pprof     a profile for go tool pprof, gzipped
//	folded    stacks for flamegraph.pl and speedscope
//	html      a page of its own: see Options.HTML
//
// Names of keys are bytes that somebody else chose: no form lets them end a
// string, break a table or move a cursor.
package render

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rdbtool/rdbtool/memory"
)

// Format is a form of the report.
type Format uint8

// The forms.
const (
	Text Format = iota
	JSON
	CSV
	Markdown
	Pprof
	Folded
	HTML
)

var formats = []string{Text: "text", JSON: "json", CSV: "csv", Markdown: "markdown", Pprof: "pprof", Folded: "folded", HTML: "html"}

// Formats are the names of all forms.
func Formats() []string { return slices.Clone(formats) }

// ParseFormat returns the form of that name.
func ParseFormat(s string) (Format, error) {
	if i := slices.Index(formats, s); i >= 0 {
		return Format(i), nil
	}
	return 0, fmt.Errorf("unknown format %q, want one of %s", s, strings.Join(formats, ", "))
}

func (f Format) String() string {
	if int(f) < len(formats) {
		return formats[f]
	}
	return fmt.Sprintf("format(%d)", uint8(f))
}

// Binary reports whether the form is none for a terminal.
func (f Format) Binary() bool { return f == Pprof }

// Options say how a report is written.
type Options struct {
	Width  int  // columns of the terminal, 0: 100
	Height int  // lines that the text is to fit, 0: 45
	Rows   int  // of the first table, 0: what the height has room for, < 0: all of every table
	Keys   int  // of the largest keys, and of those with the most elements; 0: a few
	Colour bool // heads are bold

	RawBytes bool // 1,234,567 instead of 1.2 MiB
	Compact  bool // JSON on one line
	Packed   bool // the output gets packed: pprof leaves out the gzip of its own

	// HTML writes the page. It comes from outside because of its size: a
	// program that needs no page does not carry its script.
	HTML func(io.Writer, *memory.Report) error
}

// Write writes the report.
func Write(w io.Writer, r *memory.Report, f Format, o Options) error {
	switch f {
	case Text:
		return writeText(w, r, &o)
	case JSON:
		return writeJSON(w, r, &o)
	case CSV:
		return writeCSV(w, r)
	case Markdown:
		return writeMarkdown(w, r, &o)
	case Pprof:
		return writePprof(w, r, &o)
	case Folded:
		return writeFolded(w, r)
	case HTML:
		if o.HTML == nil {
			return errors.New("the HTML page is not part of this program")
		}
		return o.HTML(w, r)
	}
	return fmt.Errorf("unknown format %d", uint8(f))
}
