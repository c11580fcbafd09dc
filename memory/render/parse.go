package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/memory"
)

// What a report may hold. Its own JSON stays far below; a file that somebody
// made up is not to take more memory than that.
const (
	maxReport   = 256 << 20 // bytes
	maxElement  = 32 << 20  // bytes of one group, file or finding
	maxGroups   = 300_000   // of all tables
	maxElements = 1 << 16   // of any other list
	maxTables   = 256
	maxTotals   = 64      // allocators of one file
	maxDBs      = 1 << 20 // of all files
	maxParts    = 1 << 24 // of all groups: one for each file
)

// Parse reads a report that was written as JSON, and checks that what it says
// holds together. Where it does not, or is no report, that is an
// *ParseError.
func Parse(r io.Reader) (*memory.Report, error) {
	return parse(r, maxReport)
}

func parse(in io.Reader, limit int64) (*memory.Report, error) {
	lr := &limited{r: in, left: limit}
	p := &parser{dec: json.NewDecoder(lr)}
	err := p.report()
	switch {
	case lr.failed != nil: // not the JSON's fault
		return nil, fmt.Errorf("memory report: %w", lr.failed)
	case err != nil:
		return nil, &ParseError{err}
	}
	if err := check(&p.r); err != nil {
		return nil, &ParseError{err}
	}
	return &p.r, nil
}

// ParseError says that the bytes are wrong, not that they could not be read.
type ParseError struct{ Err error }

func (e *ParseError) Error() string { return "memory report: " + e.Err.Error() }

func (e *ParseError) Unwrap() error { return e.Err }

// ErrLater is the reason for a report in a form that this program does not know.
var ErrLater = errors.New("a later form")

// limited fails where a report is too large, and keeps the error of the source.
type limited struct {
	r      io.Reader
	left   int64
	failed error
}

func (l *limited) Read(p []byte) (int, error) {
	if l.failed != nil {
		return 0, l.failed
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		err = errors.New("too large")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		l.failed = err
	}
	return n, err
}

// parser reads the lists of a report element by element, so that their lengths
// are known before they take memory: a group without any field is 3 bytes of
// JSON and 700 of memory.
type parser struct {
	dec    *json.Decoder
	r      memory.Report
	seen   map[string]bool
	groups int
	dbs    int
	parts  int
}

func (p *parser) report() error {
	if err := p.object("", p.field); err != nil {
		return err
	}
	if !p.seen["rdbtool_memory"] {
		return errors.New("not one: rdbtool_memory is missing")
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something stands after it")
	}
	return nil
}

func (p *parser) field(name string) error {
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	if p.seen[name] {
		return fmt.Errorf("%q stands twice", name)
	}
	r := &p.r
	switch name {
	case "rdbtool_memory":
		if err := p.value(&r.Format); err != nil {
			return err
		}
		if r.Format != memory.ReportFormat {
			return fmt.Errorf("%w: form %d, this program reads %d", ErrLater, r.Format, memory.ReportFormat)
		}
	case "now_ms":
		return p.once(name, &r.Now)
	case "files":
		return elements(p, name, &r.Files, maxElements)
	case "total":
		return p.once(name, &r.Total)
	case "tables":
		return p.tables(name)
	case "top_bytes":
		return elements(p, name, &r.TopBytes, maxElements)
	case "top_elements":
		return elements(p, name, &r.TopElements, maxElements)
	case "sizes":
		return elements(p, name, &r.Sizes, maxElements)
	case "ttls":
		return elements(p, name, &r.TTLs, maxElements)
	case "slots":
		return elements(p, name, &r.Slots, maxElements)
	case "findings":
		return elements(p, name, &r.Findings, maxElements)
	case "max_patterns":
		return p.once(name, &r.MaxPatterns)
	case "top":
		return p.once(name, &r.Top)
	case "sample":
		return p.once(name, &r.Sample)
	default: // of a later version of the same form
		var skipped json.RawMessage
		return p.value(&skipped)
	}
	p.seen[name] = true
	return nil
}

// object reads an object whose fields f reads.
func (p *parser) object(what string, f func(name string) error) error {
	if err := p.delim('{', what); err != nil {
		return err
	}
	for p.dec.More() {
		t, err := p.dec.Token()
		if err != nil {
			return short(err)
		}
		name, ok := t.(string)
		if !ok {
			return fmt.Errorf("%v where a name is due", t)
		}
		if err := f(name); err != nil {
			return err
		}
	}
	return p.delim('}', what)
}

// tables reads the tables, whose groups are counted together.
func (p *parser) tables(name string) error {
	p.seen[name] = true
	return p.list(name, maxTables, func() error {
		p.r.Tables = append(p.r.Tables, memory.Table{})
		t := &p.r.Tables[len(p.r.Tables)-1]
		had := map[string]bool{}
		return p.object(name, func(field string) error {
			if had[field] {
				return fmt.Errorf("%q of a table stands twice", field)
			}
			switch field {
			case "by":
				had[field] = true
				return p.value(&t.By)
			case "folded":
				had[field] = true
				return p.value(&t.Folded)
			case "groups":
				had[field] = true
				before := len(t.Groups)
				err := elements(p, "", &t.Groups, maxGroups-p.groups)
				p.groups += len(t.Groups) - before
				return err
			}
			var skipped json.RawMessage
			return p.value(&skipped)
		})
	}, func() { p.r.Tables = []memory.Table{} })
}

// elements reads a list.
func elements[T any](p *parser, name string, to *[]T, limit int) error {
	if name != "" {
		p.seen[name] = true
	}
	return p.list(name, limit, func() error {
		var x T
		if err := p.value(&x); err != nil {
			return err
		}
		*to = append(*to, x)
		return nil
	}, func() { *to = []T{} })
}

// list reads the elements of a list. A list is null where begin is not called.
func (p *parser) list(name string, limit int, element func() error, begin func()) error {
	t, err := p.dec.Token()
	if err != nil {
		return short(err)
	}
	if t == nil {
		return nil
	}
	if t != json.Delim('[') {
		return fmt.Errorf("%v where the list %q is due", t, name)
	}
	begin()
	for n := 0; p.dec.More(); n++ {
		if n >= limit {
			return fmt.Errorf("more than %d elements in a list", limit)
		}
		if err := element(); err != nil {
			return err
		}
	}
	return p.delim(']', name)
}

func (p *parser) once(name string, to any) error {
	p.seen[name] = true
	return p.value(to)
}

// value reads one value.
func (p *parser) value(to any) error {
	var raw json.RawMessage
	if err := p.dec.Decode(&raw); err != nil {
		return short(err)
	}
	if len(raw) > maxElement {
		return fmt.Errorf("a value of %d bytes", len(raw))
	}
	if skipped, ok := to.(*json.RawMessage); ok {
		*skipped = raw
		return nil
	}
	if err := json.Unmarshal(raw, to); err != nil {
		return err
	}
	switch x := to.(type) {
	case *memory.File:
		p.dbs += len(x.Databases)
		if len(x.Account.TotalBy) > maxTotals {
			return fmt.Errorf("%d allocators of one file", len(x.Account.TotalBy))
		}
	case *memory.Group:
		p.parts += len(x.Files)
	}
	if p.dbs > maxDBs || p.parts > maxParts {
		return errors.New("too many databases, or files of groups")
	}
	return nil
}

func (p *parser) delim(want json.Delim, what string) error {
	t, err := p.dec.Token()
	if err != nil {
		return short(err)
	}
	if t != want {
		if what == "" {
			what = "the report"
		}
		return fmt.Errorf("%v where the %v of %s is due", t, want, what)
	}
	return nil
}

// short says of a file that ends too soon that it does.
func short(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
