package aof

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
)

// Summary is what a log is made of, without what its commands come to.
type Summary struct {
	Parts        []PartSummary
	Commands     int64 // MULTI, EXEC and SELECT among them
	Transactions int64
	ByName       []CommandCount // the most bytes first
	// Destructive are the commands that take away much at once, the first ones of
	// them: FLUSHALL, FLUSHDB, SWAPDB, and DEL or UNLINK of ManyKeys or more.
	Destructive      []Destructive
	DestructiveCount int64
	Complete         bool // the end has been reached
}

// PartSummary is what a file of a log is made of.
type PartSummary struct {
	Part
	Keys        int64 // of the RDB part
	Commands    int64
	CommandsAt  int64 // where the first command begins, -1 if there is none
	End         int64 // of the last whole command
	First, Last int64 // Unix seconds of "#TS:" lines, 0 if there is none
}

// CommandCount is how often a command occurs.
type CommandCount struct {
	Name  string // in upper case
	Count int64
	Bytes int64
}

// Destructive is a command that takes away much at once.
type Destructive struct {
	Part   int
	Offset int64
	DB     int
	Name   string
	Keys   int // of DEL and UNLINK
}

// ManyKeys is how many keys a DEL takes away at once that Summarize names.
const ManyKeys = 1000

// maxDestructive is how many commands Summarize names.
const maxDestructive = 1000

// maxNames is how many names of commands are told apart: servers know some 400.
const maxNames = 10_000

// Summarize reads a log to its end and closes it. After an error the Summary is
// of what has been read.
func Summarize(ctx context.Context, l *Log) (*Summary, error) {
	defer l.Close()
	s := &Summary{}
	for _, p := range l.Parts {
		s.Parts = append(s.Parts, PartSummary{Part: p, CommandsAt: -1})
	}
	names := map[string]*CommandCount{}
	var name []byte
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return s, ctx.Err()
		}
		rec, err := l.Next()
		if err != nil {
			for _, c := range names {
				s.ByName = append(s.ByName, *c)
			}
			slices.SortFunc(s.ByName, func(a, b CommandCount) int {
				return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), strings.Compare(a.Name, b.Name))
			})
			if s.Complete = err == io.EOF; s.Complete {
				err = nil
			}
			return s, err
		}
		p := &s.Parts[rec.Part]
		c := rec.Command
		switch {
		case c == nil:
			if rec.Entry.Meta == nil {
				p.Keys++
			}
			continue
		case len(c.Args) == 0:
			if t, ok := c.Timestamp(); ok {
				if p.First == 0 {
					p.First = t
				}
				p.Last = t
			}
			continue
		}
		name = appendUpper(name[:0], c.Args[0])
		count := names[string(name)]
		if count == nil {
			if len(names) == maxNames {
				name = append(name[:0], "(others)"...)
				count = names[string(name)]
			}
			if count == nil {
				count = &CommandCount{Name: string(name)}
				names[count.Name] = count
			}
		}
		count.Count++
		count.Bytes += c.Size
		s.add(rec, p, count.Name)
	}
}

// add counts a command.
func (s *Summary) add(rec *Record, p *PartSummary, name string) {
	c := rec.Command
	s.Commands++
	p.Commands++
	if p.CommandsAt < 0 {
		p.CommandsAt = c.Offset
	}
	p.End = c.Offset + c.Size
	d := Destructive{Part: rec.Part, Offset: c.Offset, DB: c.DB, Name: name}
	switch name {
	case "MULTI":
		s.Transactions++
		return
	case "FLUSHALL", "FLUSHDB", "SWAPDB":
	case "DEL", "UNLINK":
		if d.Keys = len(c.Args) - 1; d.Keys < ManyKeys {
			return
		}
	default:
		return
	}
	if s.DestructiveCount++; len(s.Destructive) < maxDestructive {
		s.Destructive = append(s.Destructive, d)
	}
}

func appendUpper(dst, name []byte) []byte {
	for _, c := range name[:min(len(name), 64)] {
		if c-'a' < 26 {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
