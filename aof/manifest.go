package aof

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
)

// Kind is what a file of an append-only file is.
type Kind byte

// The kinds. The letter is what the manifest calls it.
const (
	Base    Kind = 'b' // the data set as of a rewrite, RDB or commands
	Incr    Kind = 'i' // the commands since
	History Kind = 'h' // of before, to be deleted
)

func (k Kind) String() string {
	switch k {
	case Base:
		return "base"
	case Incr:
		return "incr"
	case History:
		return "history"
	case Single:
		return "single"
	}
	return "kind " + strconv.QuoteRune(rune(k))
}

// Manifest lists the files of a multi-part append-only file:
//
//	file appendonly.aof.1.base.rdb seq 1 type b
//	file appendonly.aof.1.incr.aof seq 1 type i startoffset 28
//	# a comment
//
// A line is pairs of a name and a value. Names other than file, seq and type
// are kept. A file name with blanks or unprintable bytes stands in quotes.
type Manifest struct {
	Path  string         // of the manifest, as Open found it
	Files []ManifestFile // as listed
}

// ManifestFile is a line of a manifest.
type ManifestFile struct {
	Name  string // in the folder of the manifest
	Seq   int64
	Kind  Kind
	Extra []Pair // other pairs: startoffset, endoffset
}

// Pair is a name and its value.
type Pair struct{ Name, Value string }

// maxManifestLine is the longest line that servers read, its end included.
const maxManifestLine = 1024

// ParseManifest parses a manifest by the rules of the servers. An error is an
// *entry.CorruptError that wraps ErrManifest and names the line.
func ParseManifest(name string, b []byte) (*Manifest, error) {
	var first *entry.CorruptError
	m := scanManifest(name, b, func(fault *entry.CorruptError) {
		if first == nil {
			first = fault
		}
	})
	if first != nil {
		return nil, first
	}
	return m, nil
}

// scanManifest parses a manifest and leaves out the lines that are wrong, of which
// it tells.
func scanManifest(name string, b []byte, tell func(*entry.CorruptError)) *Manifest {
	m := &Manifest{}
	offset, faults := int64(0), 0
	for line := 1; len(b) > 0; line++ {
		fail := func(err error) {
			faults++
			text := fmt.Sprintf("line %d: %v", line, err)
			tell(corrupt(name, offset, "manifest", text, err, ErrManifest))
		}
		end := bytes.IndexByte(b, '\n')
		switch {
		case end < 0 && len(b) < maxManifestLine:
			fail(errors.New("it has no line end"))
		case end < 0 || end+1 > maxManifestLine:
			fail(fmt.Errorf("longer than %d bytes", maxManifestLine))
		case b[0] == '#':
		default:
			f, err := parseManifestLine(b[:end])
			if err == nil {
				err = m.add(f)
			}
			if err != nil {
				fail(err)
			}
		}
		if end < 0 {
			break
		}
		offset += int64(end) + 1
		b = b[end+1:]
	}
	if len(m.Files) == 0 && faults == 0 {
		tell(corrupt(name, 0, "manifest", "it lists no file", ErrManifestEmpty, ErrManifest))
	}
	return m
}

// add appends a file, if it may follow those before it.
func (m *Manifest) add(f ManifestFile) error {
	fault := func(is error, format string, args ...any) error {
		return &reason{fmt.Sprintf(format, args...), []error{is}}
	}
	for _, g := range m.Files {
		switch {
		case f.Kind == Base && g.Kind == Base:
			return fault(ErrManifestBase, "a second base file %q", f.Name)
		case f.Kind == Incr && g.Kind == Incr && g.Seq >= f.Seq:
			return fault(ErrManifestOrder, "incr file %q of sequence %d behind one of %d", f.Name, f.Seq, g.Seq)
		case f.Kind != History && g.Kind != History && f.Name == g.Name:
			return fault(ErrManifestTwice, "file %q twice", f.Name)
		}
	}
	m.Files = append(m.Files, f)
	return nil
}

func parseManifestLine(line []byte) (f ManifestFile, err error) {
	fault := func(is error, format string, args ...any) (ManifestFile, error) {
		return f, &reason{fmt.Sprintf(format, args...), []error{is}}
	}
	words, err := splitWords(string(line))
	if err != nil {
		return f, err
	}
	if len(words) < 6 || len(words)%2 != 0 {
		return f, fmt.Errorf("%d words, pairs of at least file, seq and type are due", len(words))
	}
	hasName := false
	for i := 0; i < len(words); i += 2 {
		value := words[i+1]
		switch strings.ToLower(words[i]) {
		case "file":
			if value == "" || value == "." || value == ".." || strings.ContainsAny(value, "/\\\x00") {
				return fault(ErrManifestName, "%q is not the name of a file in the folder", value)
			}
			f.Name, hasName = value, true
		case "seq":
			if f.Seq, err = strconv.ParseInt(value, 10, 64); err != nil || f.Seq <= 0 {
				return fault(ErrManifestSeq, "sequence %q", value)
			}
		case "type":
			if value != "" {
				f.Kind = Kind(value[0])
			}
			if f.Kind != Base && f.Kind != Incr && f.Kind != History {
				return fault(ErrManifestType, "unknown type %q", value)
			}
		default:
			f.Extra = append(f.Extra, Pair{words[i], value})
		}
	}
	if !hasName || f.Seq == 0 || f.Kind == 0 {
		return f, fmt.Errorf("one of file, seq and type is missing")
	}
	return f, nil
}

// AppendTo appends the manifest as servers write it: the base file, those of
// the history, those of commands.
func (m *Manifest) AppendTo(dst []byte) []byte {
	for _, kind := range []Kind{Base, History, Incr} {
		for _, f := range m.Files {
			if f.Kind != kind {
				continue
			}
			dst = appendWordOf(append(dst, "file "...), f.Name)
			dst = strconv.AppendInt(append(dst, " seq "...), f.Seq, 10)
			dst = append(append(dst, " type "...), byte(f.Kind))
			for _, p := range f.Extra {
				dst = appendWordOf(append(dst, ' '), p.Name)
				dst = appendWordOf(append(dst, ' '), p.Value)
			}
			dst = append(dst, '\n')
		}
	}
	return dst
}

// Rewritten returns the manifest after a rewrite, as servers write it: a new base
// file and a new one for the commands to come, which must both be made, stand for
// all files of before. Those become history, which a server deletes when it
// starts. name is that of the manifest, from which the names of files follow;
// there tells which names are taken by files that it does not list.
func (m *Manifest) Rewritten(name string, isRDB bool, there func(file string) bool) (next *Manifest, base, incr string) {
	next = &Manifest{Path: m.Path}
	highest := map[Kind]int64{}
	taken := map[string]bool{}
	for _, f := range m.Files {
		highest[f.Kind] = max(highest[f.Kind], f.Seq)
		taken[f.Name] = true
		f.Kind = History
		next.Files = append(next.Files, f)
	}
	// A name that is history too would be deleted with it.
	add := func(kind Kind, suffix string) string {
		for seq := max(highest[kind], highest[History]) + 1; ; seq++ {
			file := fmt.Sprintf("%s.%d.%s", strings.TrimSuffix(name, ".manifest"), seq, suffix)
			if !taken[file] && !there(file) {
				next.Files = append(next.Files, ManifestFile{Name: file, Seq: seq, Kind: kind})
				return file
			}
		}
	}
	if isRDB {
		base = add(Base, "base.rdb")
	} else {
		base = add(Base, "base.aof")
	}
	return next, base, add(Incr, "incr.aof")
}

// inOrder returns the files that a server loads: the base file, then those of
// commands.
func (m *Manifest) inOrder() []ManifestFile {
	list := slices.DeleteFunc(slices.Clone(m.Files), func(f ManifestFile) bool { return f.Kind == History })
	slices.SortStableFunc(list, func(a, b ManifestFile) int { return int(a.Kind) - int(b.Kind) })
	return list
}
