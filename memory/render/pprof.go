package render

import (
	"io"
	"time"

	"github.com/google/pprof/profile"

	"github.com/rdbtool/rdbtool/memory"
)

// writePprof writes a profile, gzipped: a sample for each group, or for each of
// its files if there are several, with the label "file". The frames of a sample
// are the prefixes of the group's name, so that go tool pprof -top lists whole
// patterns and, with -cum, what is below each prefix.
func writePprof(w io.Writer, r *memory.Report, o *Options) error {
	t := stacks(r)
	p := profileOf(r, t.Groups, splitter(t))
	if err := p.CheckValid(); err != nil {
		return err
	}
	if o.Packed {
		return p.WriteUncompressed(w)
	}
	return p.Write(w)
}

// builder hands out the frames of a profile.
type builder struct {
	p      *profile.Profile
	frames map[string]*profile.Location
}

func profileOf(r *memory.Report, groups []memory.Group, split func(string) []string) *profile.Profile {
	b := &builder{
		p: &profile.Profile{
			SampleType:        []*profile.ValueType{{Type: "keys", Unit: "count"}, {Type: "memory", Unit: "bytes"}},
			DefaultSampleType: "memory",
			TimeNanos:         profileTime(r),
		},
		frames: map[string]*profile.Location{},
	}
	files := make([]string, len(r.Files))
	for i := range r.Files {
		files[i] = inline(r.Files[i].Name, maxShown)
		b.p.Comments = append(b.p.Comments, files[i]+": "+serverText(&r.Files[i]))
	}
	for i := range groups {
		g := &groups[i]
		stack := b.stack(split(g.Name))
		if len(r.Files) < 2 || len(g.Files) != len(r.Files) {
			b.sample(stack, g.Keys, g.Bytes, "")
			continue
		}
		for f, part := range g.Files {
			if part != (memory.Part{}) {
				b.sample(stack, part.Keys, part.Bytes, files[f])
			}
		}
	}
	return b.p
}

// profileTime is when the only file was saved, or what expiries are held
// against.
func profileTime(r *memory.Report) int64 {
	ms := r.Now
	if len(r.Files) == 1 && r.Files[0].SavedAt > 0 {
		ms = r.Files[0].SavedAt
	}
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return max(min(ms, most), -most) * int64(time.Millisecond)
}

func (b *builder) sample(stack []*profile.Location, keys, bytes int64, file string) {
	s := &profile.Sample{Location: stack, Value: []int64{keys, bytes}}
	if file != "" {
		s.Label = map[string][]string{"file": {file}}
	}
	b.p.Sample = append(b.p.Sample, s)
}

// stack returns the frames of a name, the leaf first.
func (b *builder) stack(parts []string) []*profile.Location {
	if len(parts) == 0 {
		parts = []string{""}
	}
	stack := make([]*profile.Location, len(parts))
	path := ""
	for i, part := range parts {
		path += part
		stack[len(parts)-1-i] = b.frame(path)
	}
	return stack
}

// frame returns the frame of a prefix. Its system name differs from its name,
// else pprof would take one that begins with _Z apart as a symbol of C++.
func (b *builder) frame(path string) *profile.Location {
	name := show(path, maxShown)
	if l := b.frames[name]; l != nil {
		return l
	}
	f := &profile.Function{ID: uint64(len(b.p.Function)) + 1, Name: name, SystemName: "key " + name}
	l := &profile.Location{ID: f.ID, Address: f.ID, Line: []profile.Line{{Function: f}}}
	b.p.Function = append(b.p.Function, f)
	b.p.Location = append(b.p.Location, l)
	b.frames[name] = l
	return l
}
