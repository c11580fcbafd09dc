package render

import (
	"bufio"
	"bytes"
	"fmt"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// jsonRenderer writes a Document, one file after the other.
type jsonRenderer struct {
	w     *bufio.Writer
	run   Run
	begun bool
}

func (j *jsonRenderer) File(f *File) error {
	if err := j.begin(); err != nil {
		return err
	}
	return j.value(fileOf(f), "    ")
}

// begin writes what stands before a file: the head, or a comma.
func (j *jsonRenderer) begin() error {
	if j.begun {
		_, err := j.w.WriteString(",\n    ")
		return err
	}
	j.begun = true
	return j.head("\n    ")
}

// head writes the fields before the files.
func (j *jsonRenderer) head(then string) error {
	head, err := marshal(Document{Tool: "rdbtool", Version: j.run.Version, Schema: SchemaVersion, Level: j.run.Level.String(), Strict: j.run.Strict}, "")
	if err != nil {
		return err
	}
	before, _, _ := bytes.Cut(head, []byte(`"files"`))
	_, err = fmt.Fprintf(j.w, `%s"files": [%s`, before, then)
	return err
}

func (j *jsonRenderer) value(v any, prefix string) error {
	b, err := marshal(v, prefix)
	if err == nil {
		_, err = j.w.Write(b)
	}
	return err
}

func (j *jsonRenderer) End(s *Summary) error {
	end := "\n  ],\n"
	if !j.begun {
		if err := j.head(""); err != nil {
			return err
		}
		end = "],\n"
	}
	if _, err := j.w.WriteString(end + `  "summary": `); err != nil {
		return err
	}
	if err := j.value(s, "  "); err != nil {
		return err
	}
	if _, err := j.w.WriteString("\n}\n"); err != nil {
		return err
	}
	return j.w.Flush()
}

func fileOf(f *File) *DocumentFile {
	d := &DocumentFile{
		File: Bytes(f.File), Kind: f.Kind, Verdict: f.Verdict(), Packed: f.Packed, Seconds: f.Elapsed.Seconds(), Facts: factsOf(f),
		Counts: map[string]int64{}, ByCode: map[string]int64{}, Findings: []DocumentFinding{}, Omitted: f.Omitted,
	}
	if f.Size >= 0 {
		d.Size = &f.Size
	}
	if f.Failed != nil {
		d.Error = clean(f.Failed.Error())
	}
	for _, s := range severities {
		d.Counts[s.String()] = f.Count(s)
	}
	for code, c := range f.ByCode {
		d.ByCode[string(code)] = c.N
	}
	for i := range f.Findings {
		x := &f.Findings[i]
		d.Findings = append(d.Findings, DocumentFinding{x.Code, x.Severity, placeOf(&x.Place), Bytes(x.Reason)})
	}
	for _, l := range f.Loads {
		t := DocumentTarget{Target: l.Target.Name, Loads: l.Loads}
		for i := range l.Obstacles {
			o := &l.Obstacles[i]
			t.Obstacles = append(t.Obstacles, DocumentObstacle{o.Kind, Bytes(o.What), o.Count, placeOf(&o.First)})
		}
		d.Targets = append(d.Targets, t)
	}
	for _, o := range f.Outcomes {
		d.Expect = append(d.Expect, DocumentExpectation{o.Code, o.Due, clean(o.Found), o.Holds, o.Known})
	}
	return d
}

func factsOf(f *File) DocumentFacts {
	x := &f.Facts
	d := DocumentFacts{
		Checksum: string(x.Checksum), Complete: x.Complete, Bytes: x.Bytes,
		Server: clean(x.Server), ServerVersion: clean(x.ServerVersion), CreatedUnix: unixOf(x.Created),
		Keys: x.Keys, Expires: x.Expires, Databases: x.DBs, Functions: x.Functions,
		Commands: x.Commands, Transactions: x.Transactions, LastUnix: unixOf(x.LastTime),
	}
	if x.Version != (rdb.Version{}) {
		d.RDBVersion = x.Version.String()
	}
	for _, p := range x.Parts {
		d.Parts = append(d.Parts, DocumentPart{Bytes(p.Name), p.Kind, p.Size, p.ValidUpTo, p.Commands})
	}
	return d
}

func placeOf(p *entry.Place) DocumentPlace {
	d := DocumentPlace{File: Bytes(p.File), Construct: p.Construct}
	if p.Offset >= 0 {
		d.Offset = &p.Offset
	}
	if p.Element >= 0 {
		d.Element = &p.Element
	}
	if p.Key != nil {
		key := Bytes(p.Key)
		d.Key, d.DB = &key, &p.DB
	}
	return d
}
