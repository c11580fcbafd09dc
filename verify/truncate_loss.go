package verify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/keyspace"
)

// Loss is what goes with the bytes that a repair leaves out, as far as they can be
// read.
type Loss struct {
	Bytes    int64
	Commands int64 // whole ones
	Cut      int64 // commands that are there in part
	ByName   []aof.CommandCount
	// Keys are those that the commands touch, the first ones of them, and
	// KeyCount how many there are, up to MaxLostKeys.
	Keys     [][]byte
	KeyCount int
	AnyKey   bool // a command may touch any: FLUSHALL
	// Last is the time of the last #TS: line, zero if there is none.
	Last time.Time
	// Select says that a damaged stretch holds the word SELECT: what is kept
	// behind it may be of another database.
	Select bool
}

const (
	// MaxLostKeys is how many keys Loss tells apart.
	MaxLostKeys = 100_000
	// maxShownKeys is how many of them it names.
	maxShownKeys = 5
	// maxKeyHeld is how much of a key is held to tell it apart.
	maxKeyHeld = 256
)

// Loss reads what a repair leaves out.
func (e *Examination) Loss(ctx context.Context, r *Repair, open func(part int) (File, error)) (*Loss, error) {
	l := &losses{Loss: &Loss{Bytes: r.Bytes()}, ctx: ctx, names: map[string]*aof.CommandCount{}, keys: map[string]bool{}}
	for i := range r.Files {
		f := &r.Files[i]
		if f.Bytes() == 0 {
			continue
		}
		drop := f.Drop
		if f.Gone {
			drop = []Span{{From: 0, To: f.Size}}
		}
		file, err := open(f.Part)
		if err != nil {
			return nil, err
		}
		for _, s := range drop {
			if err = l.span(file, s); err != nil {
				break
			}
		}
		if err = errors.Join(err, file.Close()); err != nil {
			return nil, err
		}
	}
	for _, c := range l.names {
		l.ByName = append(l.ByName, *c)
	}
	slices.SortFunc(l.ByName, func(a, b aof.CommandCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name))
	})
	l.KeyCount = len(l.keys)
	return l.Loss, nil
}

// losses is a Loss that is being read.
type losses struct {
	*Loss
	ctx   context.Context
	names map[string]*aof.CommandCount
	keys  map[string]bool
	args  [][]byte
}

// span reads the commands in a stretch.
func (l *losses) span(file io.ReaderAt, s Span) error {
	if s.From == 0 {
		// An RDB part that is cut away is no loss of commands.
		head := make([]byte, 6)
		if n, _ := file.ReadAt(head, 0); aof.IsRDB(head[:n]) {
			return nil
		}
	}
	src := io.Reader(io.NewSectionReader(file, s.From, s.To-s.From))
	if s.Code == CodeLogFormat || s.Code == CodeLogZeroBytes || s.Code == CodeLogAnnotation {
		src = &wordFinder{r: src, found: &l.Select}
	}
	r := aof.NewReader(src, &aof.Options{Offset: s.From, Size: s.To, Annotations: true, Fault: func(*entry.CorruptError) {}})
	for n := 0; ; n++ {
		if n%1024 == 0 && l.ctx.Err() != nil {
			return l.ctx.Err()
		}
		c, err := r.Next()
		var corrupt *entry.CorruptError
		switch {
		case err == io.EOF:
			return nil
		case errors.As(err, &corrupt):
			gap, err := r.Resync()
			if err != nil {
				return err
			}
			if gap.End > gap.Offset && errors.Is(corrupt, entry.ErrTruncated) {
				l.Cut++
			}
			if !gap.Found {
				return nil
			}
		case err != nil:
			return err
		default:
			l.command(c)
		}
	}
}

// command counts a command, or takes the time of a line.
func (l *losses) command(c *aof.Command) {
	if len(c.Args) == 0 {
		if t, ok := c.Timestamp(); ok {
			l.Last = time.Unix(t, 0)
		}
		return
	}
	l.Commands++
	name := string(bytes.ToUpper(c.Args[0][:min(len(c.Args[0]), 64)]))
	count := l.names[name]
	if count == nil {
		if len(l.names) == maxUsed {
			return
		}
		count = &aof.CommandCount{Name: name}
		l.names[name] = count
	}
	count.Count++
	count.Bytes += c.Size
	keys, ok := keyspace.Keys(l.args[:0], c.Args)
	l.args = keys
	if !ok && len(keys) == 0 {
		l.AnyKey = true
	}
	for _, key := range keys {
		held := key[:min(len(key), maxKeyHeld)]
		if l.keys[string(held)] || len(l.keys) == MaxLostKeys {
			continue
		}
		l.keys[string(held)] = true
		if len(l.Keys) < maxShownKeys {
			l.Keys = append(l.Keys, bytes.Clone(held))
		}
	}
}

// wordFinder notices the word SELECT in what passes.
type wordFinder struct {
	r     io.Reader
	last  []byte // the end of what has passed
	found *bool
}

func (f *wordFinder) Read(p []byte) (int, error) {
	const word = "SELECT"
	n, err := f.r.Read(p[:min(len(p), 64<<10)]) // a copy of each is made
	joined := append(f.last, p[:min(n, len(word))]...)
	if bytes.Contains(bytes.ToUpper(joined), []byte(word)) || bytes.Contains(bytes.ToUpper(p[:n]), []byte(word)) {
		*f.found = true
	}
	if n > 0 {
		f.last = append(f.last[:0], p[max(0, n-len(word)):n]...)
	}
	return n, err
}
