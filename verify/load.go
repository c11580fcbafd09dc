package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// Setup is what a server has that not every one has. The zero Setup is a server
// as it comes: 16 databases, and no modules but those that are built in.
type Setup struct {
	Databases int
	Modules   []string // types of modules that are loaded, by their nine characters
}

// Answer is whether a server loads a file.
type Answer string

// The answers.
const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown" // the file holds what rdbtool does not know, or could not be read to its end
)

// LoadVerdict tells whether a server loads a file when it starts, and what
// stands in the way.
type LoadVerdict struct {
	Target    rdb.Target
	Loads     Answer
	Obstacles []Obstacle // what stands in the way; the worst first
}

// ObstacleKind tells what an Obstacle is about.
type ObstacleKind string

// The kinds of obstacles, in the order in which they are listed.
const (
	ObstacleVersion ObstacleKind = "version" // of the RDB file or part
	ObstacleLayout  ObstacleKind = "layout"  // of the files of a log
	ObstacleRule    ObstacleKind = "rule"    // the server tests the rule of a finding
	ObstacleType    ObstacleKind = "type"    // of a value
	ObstacleOpcode  ObstacleKind = "opcode"  // of a record
	ObstacleModule  ObstacleKind = "module"  // that the server does not have
	ObstacleCommand ObstacleKind = "command" // of a log
	// ObstacleOption is an option of a command that the server does not know. It
	// starts all the same, and leaves the command out.
	ObstacleOption   ObstacleKind = "option"
	ObstacleDatabase ObstacleKind = "database" // whose number is too high
)

// Obstacle is something for which a server refuses a file.
type Obstacle struct {
	Kind  ObstacleKind
	What  string      // "version REDIS0012", "type 24 (hash, hashtable)"
	Count int64       // how often it occurs, 0 if that says nothing
	First entry.Place // where first
}

// Load returns whether a server of release t, set up like that, loads the file.
// A version of the format stands for the oldest release that writes it. The
// answer is as good as the level of the report: servers look for duplicate
// elements, and some into every blob, which is Deep.
func (r *Report) Load(t rdb.Target, s Setup) LoadVerdict {
	l := loading{report: r, target: t, setup: s}
	if l.setup.Databases == 0 {
		l.setup.Databases = defaultDatabases
	}
	l.layout()
	l.rules()
	l.uses()
	l.databases()
	v := LoadVerdict{Target: t, Obstacles: l.obstacles}
	switch {
	case len(v.Obstacles) > 0:
		v.Loads = No
	case r.Failed != nil || r.counts[Unsupported] > 0 || !r.Facts.Complete && r.tornFindings() == 0:
		v.Loads = Unknown
	default:
		v.Loads = Yes
	}
	return v
}

// loading is the work of Load.
type loading struct {
	report    *Report
	target    rdb.Target
	setup     Setup
	obstacles []Obstacle
}

func (l *loading) add(kind ObstacleKind, n int64, first entry.Place, format string, args ...any) {
	l.obstacles = append(l.obstacles, Obstacle{Kind: kind, What: fmt.Sprintf(format, args...), Count: n, First: first})
}

// nowhere is the place of what is about the file as a whole.
func (l *loading) nowhere() entry.Place {
	return entry.Place{File: l.report.File, Offset: -1, Element: -1}
}

// layout holds the versions and forms of the files against the target.
func (l *loading) layout() {
	f, t := &l.report.Facts, &l.target
	if f.Version.Known() && !t.Loads(f.Version) {
		l.add(ObstacleVersion, 0, l.nowhere(), "version %s", f.Version)
	}
	if l.report.Kind != KindAOF {
		return
	}
	if slices.ContainsFunc(f.Parts, func(p Part) bool { return p.Kind != partSingle }) && !t.AtLeast(7, 0) {
		l.add(ObstacleLayout, 0, l.nowhere(), "a log of several files")
	}
	if f.Version != (rdb.Version{}) && !t.AtLeast(4, 0) {
		l.add(ObstacleLayout, 0, l.nowhere(), "an RDB part at the start of a log")
	}
	if !f.LastTime.IsZero() && !t.AtLeast(7, 0) {
		l.add(ObstacleLayout, 0, l.nowhere(), "the #TS: lines of a log")
	}
}

const partSingle = "single"

// rules looks for broken rules that the target tests.
func (l *loading) rules() {
	codes := make([]Code, 0, len(l.report.ByCode))
	for code := range l.report.ByCode {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		c := l.report.ByCode[code]
		if rule, ok := RuleOf(code); ok && rule.Refused != nil && rule.Refused(&l.target) {
			l.add(ObstacleRule, c.N, c.First.Place, "%s: %s", code, c.First.Reason)
		}
	}
}

// uses looks for what the target does not know.
func (l *loading) uses() {
	r, t := l.report, &l.target
	uses := make([]Use, 0, len(r.Uses))
	for u := range r.Uses {
		uses = append(uses, u)
	}
	slices.SortFunc(uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Num, b.Num), cmp.Compare(a.Name, b.Name))
	})
	family := r.Facts.Version.Family
	for _, u := range uses {
		c := r.Uses[u]
		switch {
		case u.Kind == UseType && !t.LoadsType(family, u.Num):
			text := fmt.Sprintf("type %d", u.Num)
			if name := rdb.TypeName(family, u.Num); name != "" {
				text += " (" + name + ")"
			}
			l.add(ObstacleType, c.N, c.First.Place, "%s", text)
		case u.Kind == UseOpcode && !t.LoadsOpcode(family, u.Num):
			l.add(ObstacleOpcode, c.N, c.First.Place, "opcode %d (%s)", u.Num, rdb.OpcodeName(family, u.Num))
		case u.Kind == UseModule && !l.hasModule(u.Name):
			l.add(ObstacleModule, c.N, c.First.Place, "module type %s", u.Name)
		case u.Kind == UseCommand:
			if since, ok := CommandSince(u.Name); ok && !since.Has(t) {
				kind := ObstacleCommand
				if strings.Contains(u.Name, " ") {
					kind = ObstacleOption
				}
				l.add(kind, c.N, c.First.Place, "%s %s", kind, u.Name)
			}
		}
	}
}

// vectorSet is the module type that Redis has built in since 8.0.
const vectorSet = "vectorset"

func (l *loading) hasModule(name string) bool {
	return name == vectorSet && l.target.HasVectorSets() || slices.Contains(l.setup.Modules, name)
}

// databases looks for databases beyond those of the server, which ends over one.
func (l *loading) databases() {
	highest := -1
	for db, keys := range l.report.Facts.DBs {
		if keys > 0 {
			highest = max(highest, db)
		}
	}
	if highest >= l.setup.Databases {
		place := l.nowhere()
		l.add(ObstacleDatabase, 0, place, "database %d (it has %d)", highest, l.setup.Databases)
	}
}

// Require adds a finding for each obstacle, or for an answer that is not known.
func (r *Report) Require(v LoadVerdict) {
	for _, o := range v.Obstacles {
		p := o.First
		p.Construct, p.Element = "", -1
		r.add(Finding{Code: CodeTarget, Severity: Error, Place: p, Reason: v.Target.Name + " does not load it: " + o.Text()}, true)
	}
	if v.Loads == Unknown {
		p := entry.Place{File: r.File, Offset: -1, Element: -1}
		r.add(Finding{Code: CodeTarget, Severity: Unsupported, Place: p, Reason: "whether " + v.Target.Name + " loads it cannot be told"}, true)
	}
}

// Text returns what the obstacle is, and how often it occurs if that is more than
// once.
func (o *Obstacle) Text() string {
	if o.Count <= 1 {
		return o.What
	}
	noun := map[ObstacleKind]string{ObstacleType: "keys", ObstacleModule: "values", ObstacleCommand: "times", ObstacleOption: "times", ObstacleOpcode: "records", ObstacleRule: "findings"}[o.Kind]
	return strings.TrimRight(fmt.Sprintf("%s, %d %s", o.What, o.Count, noun), " ")
}
