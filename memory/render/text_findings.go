package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rdbtool/rdbtool/internal/human"
	"github.com/rdbtool/rdbtool/memory"
)

// maxSentence is how much of a sentence is shown: it may quote names.
const maxSentence = 400

// byValue returns the findings with the most bytes first, and of equal ones
// those that would save them.
func byValue(findings []memory.Finding) []memory.Finding {
	out := slices.Clone(findings)
	slices.SortStableFunc(out, func(a, b memory.Finding) int {
		if c := cmp.Compare(b.Bytes, a.Bytes); c != 0 || a.Saves == b.Saves {
			return c
		}
		if a.Saves {
			return -1
		}
		return 1
	})
	return out
}

// findings says what to do, as far as there is room.
func (t *text) findings() block {
	all := byValue(t.r.Findings)
	labels := make([]string, len(all))
	widest := 0
	for i := range all {
		labels[i] = t.findingBytes(&all[i])
		widest = max(widest, len(labels[i]))
	}
	room := findingLines + max(t.height-usualHeight, 0)/3
	b := block{title: "what to do"}
	for i := range all {
		f := &all[i]
		label := fmt.Sprintf("  %*s  ", widest, labels[i])
		said := t.indented(label, inline(f.Text, maxSentence))
		if f.Do != "" {
			said = append(said, t.indented(strings.Repeat(" ", len(label))+"-> ", inline(f.Do, maxSentence))...)
		}
		if t.o.Rows >= 0 && i > 0 && len(b.lines)+len(said) > room {
			b.title += ", the first of " + human.Count(int64(len(all)), "finding")
			break
		}
		b.lines = append(b.lines, said...)
	}
	return b
}

// findingBytes is what a finding is worth. What could be saved is always an
// estimate.
func (t *text) findingBytes(f *memory.Finding) string {
	if f.Bytes <= 0 {
		return ""
	}
	if f.Saves {
		return "saves ~" + t.said(f.Bytes)
	}
	return tilde(estimated(t.r, &t.r.Total), t.said(f.Bytes))
}
