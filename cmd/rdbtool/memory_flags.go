package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/memory"
	"github.com/rdbtool/rdbtool/memory/pattern"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

// analysisFlags say whose memory is meant, and how keys are grouped.
type analysisFlags struct {
	target, allocator, state string
	compressDepth            int
	noSharedInts             bool

	by, patterns     cli.StringSlice
	depth            int
	separator        string
	maxPatterns, top int
	sample           string
	jobs             int
}

const (
	groupCategory = "GROUPS"
	modelCategory = "WHOSE MEMORY"
)

// most is more groups, and mostKeys more keys, than any report needs.
const (
	most     = 100_000
	mostKeys = 1000
)

func (f *analysisFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "target", Usage: "the memory it would take on the server `TARGET`: " + strings.Join(size.Servers(), ", "), DefaultText: "the server that wrote the file", Destination: &f.target, Category: modelCategory},
		&cli.StringFlag{Name: "allocator", Usage: "the server's allocator: `jemalloc-bundled|jemalloc|jemalloc-5.3.1|libc`", DefaultText: "the one that fits the file's used-mem", Destination: &f.allocator, Category: modelCategory},
		&cli.StringFlag{Name: "state", Usage: "`settled|loaded`: after running for some time, or just started from the file", Value: "settled", Destination: &f.state, Category: modelCategory},
		&cli.IntFlag{Name: "list-compress-depth", Usage: "the server's setting `N` of that name", Destination: &f.compressDepth, Category: modelCategory},
		&cli.BoolFlag{Name: "no-shared-integers", Usage: "the server has maxmemory with a policy of LRU or LFU, so that it shares no integers", Destination: &f.noSharedInts, Category: modelCategory},
		&cli.StringSliceFlag{Name: "by", Usage: "group by `pattern|" + strings.Join(memory.Groupings(), "|") + "`, several with commas", DefaultText: "pattern,type", Destination: &f.by, Category: groupCategory},
		&cli.StringSliceFlag{Name: "pattern", Usage: "group by own patterns: a `GLOB`, or re:REGEXP, in which each (capture) makes groups of its own; repeated: the first that matches", Destination: &f.patterns, Category: groupCategory},
		&cli.IntFlag{Name: "depth", Usage: "group by the first `N` parts of the name", Destination: &f.depth, Category: groupCategory},
		&cli.StringFlag{Name: "separator", Usage: "`TEXT` between the parts that --depth counts", Value: ":", Destination: &f.separator, Category: groupCategory},
		&cli.IntFlag{Name: "max-patterns", Usage: "keep `N` groups at most; the rarest are folded into wider ones", Value: memory.DefaultMaxPatterns, Destination: &f.maxPatterns, Category: groupCategory},
		&cli.IntFlag{Name: "top", Usage: "keep the `N` largest keys", Value: memory.DefaultTop, Destination: &f.top, Category: groupCategory},
		&cli.StringFlag{Name: "sample", Usage: "look at a `SHARE` of the keys only (1/100, 0.01), and show how far off that may be", Destination: &f.sample, Category: groupCategory},
		jobsFlag(&f.jobs),
	}
}

// set reports whether a flag has been given that --merge has no use for.
func (f *analysisFlags) set() bool {
	return f.target != "" || f.allocator != "" || f.state != "settled" || f.sample != "" || f.compressDepth != 0 || f.noSharedInts || f.jobs != 0 || f.grouped()
}

// grouped reports whether a flag of the groups has been given.
func (f *analysisFlags) grouped() bool {
	return len(f.by.Value()) > 0 || len(f.patterns.Value()) > 0 || f.depth != 0 || f.separator != ":" ||
		f.maxPatterns != memory.DefaultMaxPatterns || f.top != memory.DefaultTop
}

// options checks the flags.
func (f *analysisFlags) options() (o memory.Options, err error) {
	if f.target != "" {
		if o.Target, err = rdb.ParseTarget(f.target); err == nil {
			_, _, err = size.Server(o.Target)
		}
		if err != nil {
			return o, &usageError{"--target: " + err.Error()}
		}
	}
	if f.allocator != "" {
		a, err := size.ParseAllocator(f.allocator)
		if err != nil {
			return o, &usageError{"--allocator: " + err.Error()}
		}
		o.Alloc = &a
	}
	if o.State, err = size.ParseState(f.state); err != nil {
		return o, &usageError{"--state: " + err.Error()}
	}
	for _, n := range []struct {
		flag      string
		v, lo, hi int
	}{
		{"max-patterns", f.maxPatterns, 1, most}, {"top", f.top, 1, mostKeys}, {"depth", f.depth, 0, 100}, {"list-compress-depth", f.compressDepth, 0, 1 << 15},
	} {
		if n.v < n.lo || n.v > n.hi {
			return o, &usageError{fmt.Sprintf("--%s: %d is not %d to %d", n.flag, n.v, n.lo, n.hi)}
		}
	}
	if o.Sample, err = parseShare(f.sample); err != nil {
		return o, &usageError{"--sample: " + err.Error()}
	}
	if o.Jobs, err = jobs(f.jobs); err != nil {
		return o, err
	}
	o.MaxPatterns, o.Top, o.CompressDepth, o.NoSharedInts = f.maxPatterns, f.top, f.compressDepth, f.noSharedInts
	o.By, err = f.groupings()
	return o, err
}

// groupings returns the tables that are asked for.
func (f *analysisFlags) groupings() (out []memory.Grouping, err error) {
	if patterns := f.patterns.Value(); len(patterns) > 0 {
		c, err := pattern.CompileCustom(patterns)
		if err != nil {
			return nil, &usageError{"--pattern: " + err.Error()}
		}
		out = append(out, memory.Grouping{By: "custom", Custom: c})
	}
	if f.depth > 0 {
		if f.separator == "" {
			return nil, &usageError{"--separator: is empty"}
		}
		out = append(out, memory.Grouping{By: "prefix", Depth: f.depth, Separator: f.separator})
	}
	by := splitList(f.by.Value())
	if len(by) == 0 {
		if len(out) == 0 {
			return nil, nil
		}
		by = []string{"type"}
	}
	for _, b := range by {
		if b != "pattern" && !slices.Contains(memory.Groupings(), b) {
			return nil, &usageError{fmt.Sprintf("--by: unknown %q: one of pattern, %s", b, strings.Join(memory.Groupings(), ", "))}
		}
		if !slices.ContainsFunc(out, func(g memory.Grouping) bool { return g.By == b }) {
			out = append(out, memory.Grouping{By: b})
		}
	}
	return out, nil
}

// leastShare is the smallest sample that can say anything.
const leastShare = 1e-6

// parseShare reads a share of 1: 1/100, 0.01 or 1%.
func parseShare(s string) (float64, error) {
	if s == "" {
		return 1, nil
	}
	over := 1.0
	text, percent := strings.CutSuffix(s, "%")
	if percent {
		over = 100
	} else if a, b, ok := strings.Cut(s, "/"); ok {
		n, err := strconv.ParseFloat(b, 64)
		if err != nil {
			n = 0
		}
		text, over = a, n
	}
	n, err := strconv.ParseFloat(text, 64)
	if share := n / over; err == nil && share >= leastShare && share <= 1 {
		return share, nil
	}
	return 0, fmt.Errorf("%q is no share of 1: try 1/100 or 0.01", s)
}

// allocatorOf returns the allocator that a report of one file has found.
func allocatorOf(r *memory.Report) *size.Allocator {
	a, err := size.ParseAllocator(r.Files[0].Allocator)
	if err != nil {
		return nil
	}
	return &a
}
