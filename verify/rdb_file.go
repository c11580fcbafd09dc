package verify

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// The opcodes that not every server reads.
const (
	opHashTemplate  = 242
	opUpdate        = 242 // Valkey
	opSlotImport    = 243 // Valkey
	opSlotInfo      = 244
	opFunction      = 245
	opFunctionPreGA = 246
	opModuleAux     = 247
	opIdle          = 248
	opFreq          = 249
	opAux           = 250
	opResizeDB      = 251
)

// find reports that the file breaks a rule, at a place that is in no value.
func (run *rdbRun) find(code Code, offset int64, format string, args ...any) {
	rule, _ := RuleOf(code)
	place := entry.Place{File: run.name, Offset: offset, Element: -1}
	run.r.Add(Finding{code, rule.Severity, place, fmt.Sprintf(format, args...)})
}

// meta takes a record that is no key out of a batch, for the collector.
func (p *rdbPart) meta(e *entry.Entry) {
	m := e.Meta
	switch m.Kind {
	case entry.MetaAux:
		if string(m.Name) == "slot-info" || strings.HasPrefix(string(m.Name), "keydb-") || string(m.Name) == "mvcc-tstamp" {
			return // there are as many of them as slots or keys
		}
		p.use(&p.opcodes[opAux], e)
		p.metas = append(p.metas, e.Clone())
	case entry.MetaResizeDB:
		p.use(&p.opcodes[opResizeDB], e)
		p.metas = append(p.metas, e.Clone())
	case entry.MetaFunction:
		if m.Engine != nil {
			p.use(&p.opcodes[opFunctionPreGA], e)
		} else {
			p.use(&p.opcodes[opFunction], e)
		}
		p.metas = append(p.metas, &entry.Entry{Meta: &entry.Meta{Kind: entry.MetaFunction}})
	case entry.MetaModuleAux:
		p.use(&p.opcodes[opModuleAux], e)
		p.found.use(Use{Kind: UseModule, Name: m.Module.Name()}, 1, placeOf(p.run.name, e))
	case entry.MetaSlotInfo:
		p.use(&p.opcodes[opSlotInfo], e)
	case entry.MetaSlotImport:
		p.use(&p.opcodes[opSlotImport], e)
	case entry.MetaHashTemplate:
		p.use(&p.opcodes[opHashTemplate], e)
	case entry.MetaUpdate:
		p.use(&p.opcodes[opUpdate], e)
	}
}

// meta takes such a record into account, in the order of the file.
func (run *rdbRun) meta(e *entry.Entry) {
	switch m := e.Meta; m.Kind {
	case entry.MetaAux:
		run.aux.add(run, e)
	case entry.MetaResizeDB:
		if _, ok := run.dbs[e.DB]; !ok && len(run.dbs) >= maxDBs {
			run.manyDBs = true
			return
		}
		db := run.db(e.DB)
		db.said = true
		db.saidKeys, db.saidExpires = db.saidKeys+m.Nums[0], db.saidExpires+m.Nums[1]
	case entry.MetaFunction:
		run.r.Facts.Functions++
	}
}

// finish judges what only the whole file tells. Without its end, counts mean
// nothing.
func (run *rdbRun) finish(ctx context.Context, complete bool) error {
	if err := run.keys.Finish(run.keyTwice); err != nil {
		return err
	}
	if err := run.nameKeys(ctx); err != nil {
		return err
	}
	run.aux.finish(run)
	if !complete {
		return nil
	}
	if run.trailer.Dangling {
		run.find(CodeAttribute, run.trailer.Footer-1, "an attribute stands before the end mark, and no key follows it")
	}
	if run.manyDBs {
		run.find(CodeKeyCount, -1, "more than %d databases: the keys of the others are not counted apart", maxDBs)
	}
	for _, n := range slices.SortedFunc(maps.Keys(run.dbs), cmp.Compare[int]) {
		db := run.dbs[n]
		if db.said && (db.saidKeys != uint64(db.keys) || db.saidExpires != uint64(db.expires)) {
			run.find(CodeKeyCount, -1, "db %d announces %d keys, %d of them with an expiry, and has %d and %d", n, db.saidKeys, db.saidExpires, db.keys, db.expires)
		}
	}
	return nil
}

// auxCheck holds the aux fields of a file against each other and against it.
type auxCheck struct {
	now  time.Time
	seen map[string]bool

	target   string // name of the release that wrote the file, "" if it does not say
	targetAt int64  // offset of the field that says so
}

// many are the names of aux fields of which there may be several.
var many = []string{"lua", "repl-masters", "search-index", "search-synonyms"}

func (a *auxCheck) add(run *rdbRun, e *entry.Entry) {
	name, value := string(e.Meta.Name), string(e.Meta.Value)
	odd := func(format string, args ...any) {
		run.find(CodeAux, e.Offset, "%s: %s", entry.Quoted(e.Meta.Name), fmt.Sprintf(format, args...))
	}
	if a.seen == nil {
		a.seen = map[string]bool{}
	}
	if a.seen[name] && !slices.Contains(many, name) {
		odd("stands twice")
	}
	if len(a.seen) < 1<<10 {
		a.seen[name] = true
	}
	f := &run.r.Facts
	switch name {
	case "redis-ver", "valkey-ver", "df-ver":
		f.Server, f.ServerVersion = strings.TrimSuffix(strings.Replace(name, "df", "dragonfly", 1), "-ver"), value
		a.server(run, e)
	case "redis-bits":
		if value != "64" && value != "32" {
			odd("%s bits", entry.Quoted(e.Meta.Value))
		}
	case "ctime":
		sec, err := strconv.ParseInt(value, 10, 64)
		if err != nil || sec < 0 {
			odd("%s is no time", entry.Quoted(e.Meta.Value))
			return
		}
		f.Created = time.Unix(sec, 0).UTC()
		if f.Created.After(a.now.Add(24 * time.Hour)) {
			odd("the file was made in the future, at %s", f.Created.Format(time.RFC3339))
		}
	case "used-mem", "repl-offset":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			odd("%s is no number", entry.Quoted(e.Meta.Value))
		}
	case "repl-id":
		if len(value) != 40 || strings.Trim(value, "0123456789abcdef") != "" {
			odd("%s is no replication ID", entry.Quoted(e.Meta.Value))
		}
	case "aof-base", "aof-preamble":
		if value != "0" && value != "1" {
			odd("%s is neither 0 nor 1", entry.Quoted(e.Meta.Value))
		}
	}
}

// server holds the release that wrote the file against the version of the file.
func (a *auxCheck) server(run *rdbRun, e *entry.Entry) {
	f := &run.r.Facts
	parts := strings.SplitN(f.ServerVersion, ".", 3)
	if len(parts) < 2 || f.Server == "dragonfly" {
		return
	}
	a.target, a.targetAt = f.Server+"-"+parts[0]+"."+parts[1], e.Offset
}

func (a *auxCheck) finish(run *rdbRun) {
	t, err := rdb.ParseTarget(a.target)
	if a.target == "" || err != nil || t.Version == run.trailer.Version || run.trailer.Version == (rdb.Version{}) {
		return
	}
	f := &run.r.Facts
	run.find(CodeAux, a.targetAt, "%s %s writes %s, the file is %s", f.Server, f.ServerVersion, t.Version, run.trailer.Version)
}
