package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/convert"
	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
	"github.com/rdbtool/rdbtool/verify"
	"github.com/rdbtool/rdbtool/verify/render"
)

// verifyItem verifies a file or a log, holds it against what is expected, and
// asks for each target whether it loads it.
func (p *program) verifyItem(ctx context.Context, item verifyItem, v *verification, jobs int, progress *progress) *render.File {
	begin := time.Now()
	if item.set != nil {
		return p.verifySet(ctx, item, v)
	}
	if item.data != nil {
		v = v.expecting(item.data)
	}
	o := v.Options
	o.Jobs = jobs
	f := &render.File{Size: -1}
	var in *input
	err := item.err
	if err == nil {
		in, err = p.open(item.name, progress)
	}
	if err != nil {
		f.Report = verify.NewReport(shownName(item.name), "", &o)
		f.Fail(err)
	} else {
		p.verifyInput(ctx, in, item, &o, progress, f)
	}
	var m verify.Measured
	if f.Failed == nil {
		m = p.measure(ctx, f, item.name, in, v, jobs, progress)
	}
	if in != nil {
		in.close()
	}
	if f.Failed == nil && len(v.keys) > 0 && !item.listed {
		if err := p.checkSignatures(ctx, item, v.keys, f); err != nil {
			f.Fail(err)
		}
	}
	f.Outcomes = f.Expect(&v.expect, m, o.Now)
	for _, t := range v.targets {
		l := f.Load(t, v.setup)
		f.Require(l)
		f.Loads = append(f.Loads, l)
	}
	f.Elapsed = time.Since(begin)
	return f
}

// shownName is how messages call an input.
func shownName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// verifyInput verifies what has been opened.
func (p *program) verifyInput(ctx context.Context, in *input, item verifyItem, o *verify.Options, progress *progress, f *render.File) {
	if f.Size = in.size; in.kind == kindManifest && item.size > 0 {
		f.Size = item.size
	}
	if in.format != compress.None {
		f.Packed = in.format.String()
	}
	if in.kind == kindOther && !in.isPipe() && in.format == compress.None && filepath.Ext(in.path) == ".manifest" {
		in.kind = kindManifest // as servers do: it may be empty, or begin with a comment
	}
	var err error
	if (in.kind == kindOther || in.kind == kindJSON) && len(in.head) > 0 {
		f.Report = verify.NewReport(in.name, "", o)
		f.Add(verify.Finding{Code: verify.CodeNotRDB, Severity: verify.Error, Place: entry.Place{Element: -1},
			Reason: fmt.Sprintf("no snapshot, append-only file or manifest: it begins with %q", in.head)})
	} else if !in.isLog() {
		if !in.isPipe() {
			o.Again = func() (io.ReadCloser, error) {
				again, err := p.open(item.name, progress)
				if err != nil {
					return nil, err
				}
				return inputCloser{again}, nil
			}
		}
		if in.format == compress.None && in.size > 0 {
			o.At = in.file
		}
		f.Report, err = verify.RDB(ctx, in, in.name, in.options().Size, o)
	} else {
		o.Watch = func(r io.Reader, part *aof.Part) io.Reader { return progress.watch(r, part.Name(), part.Size) }
		var log *aof.Log
		if log, err = in.logBy(aof.OpenDamaged, progress); err == nil {
			f.Report, err = verify.Log(ctx, log, in.name, o)
		}
	}
	if f.Report == nil {
		f.Report = verify.NewReport(in.name, verify.KindAOF, o)
	}
	if err != nil && f.Failed == nil && f.Count(verify.Error) == 0 {
		f.Fail(err)
	}
}

// inputCloser is an input as an io.ReadCloser.
type inputCloser struct{ *input }

func (c inputCloser) Close() error { return c.close() }

// measure finds out what the expectations ask for and a report does not tell.
func (p *program) measure(ctx context.Context, f *render.File, name string, in *input, v *verification, jobs int, progress *progress) verify.Measured {
	x := &v.expect
	m := verify.MeasuredBy(f.Report)
	if in == nil {
		return m
	}
	if x.MaxAge > 0 && !in.isPipe() {
		m.Modified = modified(name)
	}
	replay := f.Kind == verify.KindAOF && f.Facts.Commands > 0
	if x.Digest == "" && !(replay && x.NeedsKeys()) {
		return m
	}
	if replay {
		m.Counted = false
	}
	switch {
	case in.isPipe():
		m.Reason = "a pipe cannot be read again"
		return m
	case f.Kind == verify.KindRDB && f.Count(verify.Error)+f.Count(verify.Unsupported) > 0:
		m.Reason = "the file is not in order"
		return m
	}
	if err := p.measureData(ctx, &m, name, v, jobs, progress); err != nil {
		if ctx.Err() != nil {
			f.Failed = ctx.Err()
		}
		m.Reason = err.Error()
	}
	return m
}

// measureData reads the file again, and replays it if it is a log.
func (p *program) measureData(ctx context.Context, m *verify.Measured, name string, v *verification, jobs int, progress *progress) error {
	in, err := p.open(name, progress)
	if err != nil {
		return err
	}
	defer in.close()
	src := in.source()
	o := convert.DigestOptions{Jobs: jobs}
	if in.isLog() {
		log, err := in.log(progress)
		if err != nil {
			return err
		}
		r, err := p.replayLog(ctx, log, name, convert.ReplayOptions{
			Jobs: jobs, AllowTorn: v.expect.MaxTailLoss != nil, MaxMemory: v.maxMemory, Now: v.Now.UnixMilli(),
		}, progress)
		if err != nil {
			return err
		}
		defer r.Close()
		src = source(r, in.name)
		o.Format = convert.FormatOf(targetOf(r, r.Origin))
		m.DBs, m.Counted = map[int]int64{}, true
		for _, part := range r.Data.Parts() {
			for e, err := range part {
				if err != nil {
					return err
				}
				if e.Meta == nil {
					m.DBs[e.DB]++
				}
			}
		}
	} else {
		origin, err := convert.Origin(&src)
		if err != nil {
			return err
		}
		o.Format = convert.FormatOf(origin)
	}
	if v.expect.Digest == "" {
		return nil
	}
	sum, err := convert.Digest(ctx, src, o)
	if err == nil {
		m.Digest = fmt.Sprintf("%x", sum)
	}
	return err
}

// modified returns when a file, or the newest file of a log, was last written;
// zero if unknown.
func modified(name string) (newest time.Time) {
	paths := []string{name}
	if log, err := aof.Open(name, nil); err == nil {
		paths = nil
		for _, part := range log.Parts {
			paths = append(paths, part.Path)
		}
	}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest
}
