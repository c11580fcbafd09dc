package convert

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/jsonstr"
	"github.com/rdbtool/rdbtool/internal/spool"
	"github.com/rdbtool/rdbtool/rdb"
)

// Losses is what a conversion could not write, by kind and by key.
type Losses struct {
	target rdb.Target
	origin rdb.Target // of a replayed log, or the zero Target
	// replayed: the source is a log
	replayed bool
	sums     map[rdb.LossKind]*lossSum
	details  spool.Buffer // a JSON object for each loss, with a comma behind it
}

// lossSum is what has been lost of one kind.
type lossSum struct {
	count, keys int64
	examples    []string // the first keys, quoted
}

// maxExamples is how many keys a message names.
const maxExamples = 3

// loss is a loss on its way from a worker.
type loss struct {
	rdb.Loss
	db   int
	key  []byte // nil for a record that is no key
	name string // its type
}

func newLoss(e *entry.Entry, l rdb.Loss) loss {
	if e.Meta != nil {
		return loss{Loss: l, name: e.Meta.Kind.String()}
	}
	return loss{Loss: l, db: e.DB, key: bytes.Clone(e.Key), name: e.Type.String()}
}

func newLosses(t rdb.Target, tempDir string) *Losses {
	return &Losses{target: t, sums: map[rdb.LossKind]*lossSum{}, details: spool.Buffer{Dir: tempDir}}
}

func (r *Losses) add(l loss) error {
	s := r.sums[l.What]
	if s == nil {
		s = &lossSum{}
		r.sums[l.What] = s
	}
	s.count += l.Count
	var b []byte
	b = append(b, "{"...)
	if l.key != nil {
		s.keys++
		if len(s.examples) < maxExamples {
			p := entry.Place{Offset: -1, Element: -1, Key: l.key}
			s.examples = append(s.examples, p.QuotedKey())
		}
		b = append(b, `"db":`...)
		b = strconv.AppendInt(b, int64(l.db), 10)
		b = append(b, `,"key":`...)
		b = jsonstr.Append(b, l.key)
		b = append(b, ',')
	}
	b = append(b, `"type":"`+l.name+`","what":"`+l.What.String()+`","count":`...)
	b = strconv.AppendInt(b, l.Count, 10)
	b = append(b, "},\n"...)
	_, err := r.details.Write(b)
	return err
}

// Close gives back what r holds.
func (r *Losses) Close() { r.details.Close() }

// minor reports whether what is lost is no data: what it says, or what a replay
// knows but the server that wrote the log did not.
func (r *Losses) minor(what rdb.LossKind) bool {
	known := r.origin.Name != ""
	switch {
	case what == rdb.LostStreamInfo && known:
		return !r.origin.AtLeast(7, 0)
	case what == rdb.LostActiveTime && r.replayed: // commands do not tell them
		return !known || !r.origin.AtLeast(7, 2)
	}
	return what.Minor()
}

// Major reports whether data was lost, and not only what a server would know
// again after a while.
func (r *Losses) Major() bool {
	for what := range r.sums {
		if !r.minor(what) {
			return true
		}
	}
	return false
}

// each calls do with every kind of which something was lost, in their order.
func (r *Losses) each(do func(what rdb.LossKind, s *lossSum)) {
	for what := range rdb.NumLosses {
		if s := r.sums[what]; s != nil {
			do(what, s)
		}
	}
}

// Summary tells in one line what was lost, "" if it was no data.
func (r *Losses) Summary() string {
	var parts []string
	r.each(func(what rdb.LossKind, s *lossSum) {
		if r.minor(what) {
			return
		}
		text := fmt.Sprintf("%s (%d", what, s.count)
		if s.keys > 0 {
			if s.keys != s.count {
				text += fmt.Sprintf(" in %d keys", s.keys)
			}
			text += ": " + strings.Join(s.examples, ", ")
			if s.keys > int64(len(s.examples)) {
				text += " ..."
			}
		}
		parts = append(parts, text+")")
	})
	return strings.Join(parts, ", ")
}

// WriteReport writes all that was lost as a JSON object: what was lost in all,
// and each loss with its key, in the order of the source.
//
//	{"target":"redis-6.2",
//	 "losses":[{"what":"field expiries","left_out":"part","count":3,"keys":2}],
//	 "details":[{"db":0,"key":"h","type":"hash","what":"field expiries","count":2}, ...]}
func (r *Losses) WriteReport(w io.Writer) error {
	b := append([]byte(nil), `{"target":"`+r.target.Name+`","losses":[`...)
	n := 0
	r.each(func(what rdb.LossKind, s *lossSum) {
		part := "part"
		switch {
		case what.Whole():
			part = "whole"
		case r.minor(what):
			part = "minor"
		}
		b = fmt.Appendf(b, `%s{"what":"%s","left_out":"%s","count":%d,"keys":%d}`, separator(n, "", ","), what, part, s.count, s.keys)
		n++
	})
	b = append(b, "],\n\"details\":["...)
	if _, err := w.Write(b); err != nil {
		return err
	}
	left := r.details.Size() - 2 // without the last comma
	err := r.details.Each(func(p []byte) error {
		p = p[:min(int64(len(p)), max(left, 0))]
		left -= int64(len(p))
		_, err := w.Write(p)
		return err
	})
	if err == nil {
		_, err = io.WriteString(w, "]}\n")
	}
	return err
}

// LossError says that a target cannot hold what the source does. It is
// entry.ErrUnsupported to errors.Is.
type LossError struct {
	Source, Target string
	Summary        string
}

func (e *LossError) Error() string {
	return fmt.Sprintf("%s: %s cannot hold: %s", e.Source, e.Target, e.Summary)
}

// Is makes every LossError an entry.ErrUnsupported.
func (e *LossError) Is(target error) bool { return target == entry.ErrUnsupported }
