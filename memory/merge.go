package memory

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rdbtool/rdbtool/memory/pattern"
)

// ErrUnlike is the reason why reports cannot be merged.
var ErrUnlike = errors.New("the reports do not fit together")

// Merge puts reports of several files together, in their order: of a cluster's
// shards, or of replicas. It is how a report of several files is made, so it does
// not matter whether they were looked at in one place. The reports must have the
// same tables.
func Merge(reports []*Report) (*Report, error) {
	if len(reports) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrUnlike)
	}
	first := reports[0]
	if len(reports) == 1 {
		return first, nil
	}
	out := &Report{Format: ReportFormat, Now: first.Now, MaxPatterns: first.MaxPatterns, Top: first.Top, Sample: first.Sample}
	for _, r := range reports {
		if r.Sample != first.Sample {
			return nil, fmt.Errorf("%w: samples of %v and %v of the keys", ErrUnlike, first.Sample, r.Sample)
		}
		if !slices.EqualFunc(r.Tables, first.Tables, func(a, b Table) bool { return a.By == b.By }) {
			return nil, fmt.Errorf("%w: they have different tables", ErrUnlike)
		}
		out.Top = min(out.Top, r.Top)
	}
	files := 0
	for _, r := range reports {
		files += len(r.Files)
	}
	m := merger{files: files}
	for _, r := range reports {
		m.at, m.n = len(out.Files), len(r.Files)
		out.Files = append(out.Files, r.Files...)
		m.join(&out.Total, &r.Total)
		for _, k := range r.TopBytes {
			out.TopBytes = append(out.TopBytes, m.key(k))
		}
		for _, k := range r.TopElements {
			out.TopElements = append(out.TopElements, m.key(k))
		}
		out.Sizes, out.TTLs = mergeBins(out.Sizes, r.Sizes), mergeBins(out.TTLs, r.TTLs)
		out.Slots = mergeSlots(out.Slots, r.Slots)
	}
	out.TopBytes = mergeTop(out.Top, out.TopBytes, func(k *Key) int64 { return k.Bytes })
	out.TopElements = mergeTop(out.Top, out.TopElements, func(k *Key) int64 { return k.Elements })
	out.Slots = topSlots(out.Slots)
	for i := range first.Tables {
		out.Tables = append(out.Tables, m.table(reports, i, out.MaxPatterns))
	}
	out.Findings = find(out)
	return out, nil
}

// merger puts groups together. The files of the report at hand are those from at
// on.
type merger struct{ files, at, n int }

func (m *merger) key(k Key) Key {
	k.File += m.at
	return k
}

// table merges the nth tables.
func (m *merger) table(reports []*Report, nth, maxPatterns int) Table {
	out := Table{By: reports[0].Tables[nth].By, Groups: []Group{}}
	var set *pattern.Set
	switch out.By {
	case "pattern":
		set = pattern.NewSet(maxPatterns)
	case "prefix", "custom":
		set = pattern.NewExactSet(maxPatterns)
	}
	var groups []Group
	room := func(g int) {
		if g >= len(groups) {
			groups = append(groups, make([]Group, g+1-len(groups))...)
		}
	}
	fold := func(from, into int) {
		room(max(from, into))
		whole := merger{files: m.files, n: m.files}
		whole.join(&groups[into], &groups[from])
		groups[from] = Group{}
	}
	codes := map[string]int{}
	m.at = 0
	for _, r := range reports {
		m.n = len(r.Files)
		t := &r.Tables[nth]
		out.Folded = out.Folded || t.Folded
		for i := range t.Groups {
			g := &t.Groups[i]
			var to int
			if set != nil {
				to = set.AddGroup(g.Name, g.Keys, g.Folded, fold)
			} else {
				n, ok := codes[g.Name]
				if !ok {
					n = len(codes)
					codes[g.Name] = n
				}
				to = n
			}
			room(to)
			groups[to].Name = g.Name
			m.join(&groups[to], g)
		}
		m.at += m.n
	}
	if set == nil {
		out.Groups = groups
		out.sort()
		return out
	}
	set.Settle(fold)
	for _, i := range set.Groups() {
		room(i)
		g := groups[i]
		g.Name, g.Folded = set.Name(i), set.Folded(i)
		out.Groups = append(out.Groups, g)
	}
	out.Folded = out.Folded || set.Overflowed()
	out.sort()
	return out
}

// join adds the figures of a group of the report at hand.
func (m *merger) join(to, g *Group) {
	to.Keys += g.Keys
	to.Elements += g.Elements
	to.Bytes += g.Bytes
	to.Data += g.Data
	to.Exact += g.Exact
	to.Names += g.Names
	to.Content += g.Content
	to.Stored += g.Stored
	for _, p := range []struct{ to, from *Part }{
		{&to.NoExpiry, &g.NoExpiry}, {&to.Expired, &g.Expired}, {&to.Day, &g.Day}, {&to.Week, &g.Week}, {&to.Later, &g.Later},
		{&to.Packable, &g.Packable}, {&to.Compressible, &g.Compressible},
	} {
		p.to.join(p.from)
	}
	to.Idle, to.Freq = joinAccess(to.Idle, g.Idle), joinAccess(to.Freq, g.Freq)
	if g.Largest.Bytes > to.Largest.Bytes {
		to.Largest = m.key(g.Largest)
	}
	to.Squares += g.Squares
	if to.Files == nil {
		to.Files = make([]Part, m.files)
	}
	if g.Files == nil && m.n == 1 {
		to.Files[m.at].join(&Part{g.Keys, g.Bytes})
	}
	for i := range g.Files {
		to.Files[m.at+i].join(&g.Files[i])
	}
}

func (p *Part) join(q *Part) {
	p.Keys += q.Keys
	p.Bytes += q.Bytes
}

func joinAccess(to, a *Access) *Access {
	if a == nil {
		return to
	}
	if to == nil {
		to = &Access{}
	}
	to.Hot.join(&a.Hot)
	to.Warm.join(&a.Warm)
	to.Cool.join(&a.Cool)
	to.Cold.join(&a.Cold)
	return to
}

// mergeBins adds up columns, which stand by their start.
func mergeBins(to, from []Bin) []Bin {
	for _, b := range from {
		i, found := slices.BinarySearchFunc(to, b.From, func(x Bin, f int64) int {
			switch {
			case x.From < f:
				return -1
			case x.From > f:
				return 1
			}
			return 0
		})
		if !found {
			to = slices.Insert(to, i, Bin{From: b.From})
		}
		to[i].Keys += b.Keys
		to[i].Bytes += b.Bytes
	}
	return to
}

// mergeSlots adds up slots. The tag is that of the larger part.
func mergeSlots(to, from []Slot) []Slot {
	at := map[int]int{}
	for i, s := range to {
		at[s.Slot] = i
	}
	for _, s := range from {
		i, ok := at[s.Slot]
		if !ok {
			to = append(to, s)
			continue
		}
		if s.Bytes > to[i].Bytes {
			to[i].Tag = s.Tag
		}
		to[i].Keys += s.Keys
		to[i].Bytes += s.Bytes
	}
	return to
}
