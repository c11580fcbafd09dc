package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify/distinct"
	"github.com/rdbtool/rdbtool/verify/sound"
)

// RDB verifies the RDB file that src gives, of that name and unpacked size (0 if
// unknown). The error is a failure to read, or the context's; the report then
// says how far it came.
func RDB(ctx context.Context, src io.Reader, name string, size int64, o *Options) (*Report, error) {
	if o == nil {
		o = &Options{}
	}
	r := NewReport(name, KindRDB, o)
	run := newRDBRun(r, name, o)
	rest, err := run.process(ctx, src, size)
	if rest != nil {
		if f, ok := findingOf(run.trailer.CheckRest(name, rest)); ok {
			r.Add(f)
		}
	}
	r.Failed = err
	return r, err
}

// rdbRun is the work on one RDB file, or on the RDB part of another.
type rdbRun struct {
	r    *Report
	name string
	o    *Options

	seeds   *distinct.Seeds
	keys    distinct.Set // deep
	twice   []twice      // up to the report's limit
	aux     auxCheck
	dbs     map[int]*dbCount
	trailer rdb.Trailer
	manyDBs bool  // there are more databases than are told apart
	stopped int64 // offset of the damage at which reading has stopped, 0 if none
}

// dbCount is how many keys a database has, and how many it announces.
type dbCount struct {
	keys, expires         int64
	saidKeys, saidExpires uint64
	said                  bool
}

// rdbPart is what was found in a batch.
type rdbPart struct {
	run     *rdbRun
	check   *sound.Checker
	found   *Report
	hashes  []distinct.Hash // of keys
	dbs     []dbPart
	types   [256]typeUse
	metas   []*entry.Entry
	opcodes [256]typeUse
}

// dbPart is a run of keys of one database.
type dbPart struct {
	db            int
	keys, expires int64
}

// typeUse is how often a type or an opcode occurs, and where first.
type typeUse struct {
	n     int64
	first entry.Place
}

func newRDBRun(r *Report, name string, o *Options) *rdbRun {
	run := &rdbRun{r: r, name: name, o: o, seeds: distinct.NewSeeds(), dbs: map[int]*dbCount{}}
	run.keys.Limit = keysInTable
	run.aux.now = o.now()
	return run
}

// keysInTable is how many keys are held in memory to find those that stand
// twice: 12 MB.
const keysInTable = 1 << 18

// errReported stops the processing after damage that has been reported.
var errReported = errors.New("damage behind which nothing can be told")

// process verifies the file that src gives. rest is what follows it, nil if its
// end was not found. The error is a failure to read.
func (run *rdbRun) process(ctx context.Context, src io.Reader, size int64) (rest io.Reader, err error) {
	defer run.keys.Close()
	t, rest, err := run.walk(ctx, src, &rdb.Options{Size: max(size, 0)})
	run.trailer = t
	f := &run.r.Facts
	f.Version, f.Bytes, f.Complete = t.Version, f.Bytes+t.End, err == nil
	f.Checksum = checksumState(&t, err)
	if err != nil && err != errReported {
		found, ok := findingOf(err)
		if !ok {
			return nil, err
		}
		run.r.Add(found)
		run.stopped = found.Offset
	}
	complete := err == nil || errors.Is(err, entry.ErrChecksum)
	if !complete && ctx.Err() == nil {
		if err := run.behind(ctx, size); err != nil {
			return nil, err
		}
		// The last bytes of a file that is cut are no checksum.
		if run.r.ByCode[CodeTruncated] == nil {
			if err := run.checkWhole(ctx); err != nil {
				return nil, err
			}
		}
	}
	return rest, run.finish(ctx, complete)
}

// walk checks the records that src gives.
func (run *rdbRun) walk(ctx context.Context, src io.Reader, o *rdb.Options) (rdb.Trailer, io.Reader, error) {
	o.Name, o.Meta, o.Fragments = run.name, true, true
	return rdb.Process(ctx, src, o, rdb.Processor[*rdbPart]{
		Jobs: run.o.Jobs,
		New:  run.part,
		Work: func(b *rdb.Batch, p *rdbPart, _ func() error) error { return p.work(b) },
		Emit: run.emit,
	})
}

func checksumState(t *rdb.Trailer, err error) rdb.ChecksumState {
	switch {
	case errors.Is(err, entry.ErrChecksum):
		return rdb.ChecksumBad
	case err != nil:
		return rdb.ChecksumUnknown
	case !t.Version.HasChecksum():
		return rdb.ChecksumNone
	case t.Stored == 0:
		return rdb.ChecksumDisabled
	}
	return rdb.ChecksumOK
}

func (run *rdbRun) part() *rdbPart {
	p := &rdbPart{run: run, found: NewReport(run.name, KindRDB, run.o)}
	p.check = sound.New(run.o.Level == Deep, p.found.limit, "", p.fault)
	return p
}

// fault takes a fault of the value of e.
func (p *rdbPart) fault(e *entry.Entry, f sound.Fault) {
	rule, _ := RuleOf(Code(f.Code))
	place := placeOf(p.run.name, e)
	place.Construct, place.Element = f.Construct, f.Element
	p.found.Add(Finding{rule.Code, rule.Severity, place, f.Reason})
	p.found.more(rule.Code, f.More)
}

// work checks the records of a batch.
func (p *rdbPart) work(b *rdb.Batch) error {
	for {
		e, err := b.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			f, ok := findingOf(err)
			if !ok || !b.Recover() {
				return err
			}
			p.found.Add(f)
			continue
		}
		if e.Meta != nil {
			p.meta(e)
			continue
		}
		p.key(e)
		if p.run.o.Level == Checksum {
			continue
		}
		if err := p.check.Check(e); err != nil {
			f, ok := findingOf(err)
			if !ok {
				return err
			}
			p.found.Add(f)
			if !b.Recover() {
				p.run.stopped = e.Offset // one goroutine works on a large record
				return errReported
			}
		}
	}
}

func (p *rdbPart) key(e *entry.Entry) {
	n := len(p.dbs)
	if n == 0 || p.dbs[n-1].db != e.DB {
		p.dbs = append(p.dbs, dbPart{db: e.DB})
		n++
	}
	db := &p.dbs[n-1]
	db.keys++
	if e.ExpireAt != entry.NoExpire {
		db.expires++
		p.expiry(e)
	}
	p.use(&p.types[byte(e.RDBType)], e)
	if e.Module != 0 {
		p.found.use(Use{Kind: UseModule, Name: e.Module.Name()}, 1, placeOf(p.run.name, e))
	}
	if e.Freq >= 0 {
		p.use(&p.opcodes[opFreq], e)
	}
	if e.Idle >= 0 {
		p.use(&p.opcodes[opIdle], e)
	}
	if p.run.o.Level == Deep {
		p.hashes = append(p.hashes, p.run.seeds.Of(uint64(e.DB)+1, e.Key, e.Offset))
	}
}

// maxKeyKept is how much of a key a finding keeps: there may be many findings
// about a key of many megabytes.
const maxKeyKept = 4 << 10

// keptKey returns a copy of a key for a finding.
func keptKey(key []byte) []byte {
	return bytes.Clone(key[:min(len(key), maxKeyKept)])
}

// placeOf is the place of a record.
func placeOf(file string, e *entry.Entry) entry.Place {
	return entry.Place{File: file, Offset: e.Offset, DB: e.DB, Key: keptKey(e.Key), Element: -1}
}

func (p *rdbPart) use(u *typeUse, e *entry.Entry) {
	if u.n == 0 {
		u.first = placeOf(p.run.name, e)
	}
	u.n++
}

// expiry checks when a key expires. There is no upper bound: clients do set
// 2^62.
func (p *rdbPart) expiry(e *entry.Entry) {
	if e.ExpireAt < 0 {
		rule, _ := RuleOf(CodeExpiry)
		p.found.Add(Finding{rule.Code, rule.Severity, placeOf(p.run.name, e), fmt.Sprintf("expires at %d ms, before 1970", e.ExpireAt)})
	}
}

// maxDBs is how many databases are told apart.
const maxDBs = 1 << 16

// emit takes what was found in the next batch of the file, and leaves p empty.
func (run *rdbRun) emit(p *rdbPart) error {
	r := run.r
	r.merge(p.found)
	for u, n := range p.found.Uses {
		r.use(u, n.N, n.First.Place)
	}
	clear(p.found.Uses)
	p.found.resetFindings()
	for _, d := range p.dbs {
		r.Facts.Keys, r.Facts.Expires = r.Facts.Keys+d.keys, r.Facts.Expires+d.expires
		if _, ok := run.dbs[d.db]; !ok && len(run.dbs) >= maxDBs {
			run.manyDBs = true
			continue
		}
		db := run.db(d.db)
		db.keys, db.expires = db.keys+d.keys, db.expires+d.expires
		r.Facts.DBs[d.db] += d.keys
	}
	p.dbs = p.dbs[:0]
	emitUses(r, UseType, &p.types)
	emitUses(r, UseOpcode, &p.opcodes)
	for _, e := range p.metas {
		run.meta(e)
	}
	p.metas = p.metas[:0]
	for _, h := range p.hashes {
		first, err := run.keys.Add(h)
		if err != nil {
			return err
		}
		if first >= 0 {
			run.keyTwice(first, h.Tag)
		}
	}
	p.hashes = p.hashes[:0]
	return nil
}

func emitUses(r *Report, kind UseKind, uses *[256]typeUse) {
	for i := range uses {
		if u := &uses[i]; u.n > 0 {
			r.use(Use{Kind: kind, Num: byte(i)}, u.n, u.first)
			*u = typeUse{}
		}
	}
}

func (run *rdbRun) db(n int) *dbCount {
	db, ok := run.dbs[n]
	if !ok {
		db = &dbCount{}
		run.dbs[n] = db
	}
	return db
}

// keyTwice notes a key that stands twice, by the offsets of its records.
func (run *rdbRun) keyTwice(first, later int64) {
	if len(run.twice) < run.r.limit {
		run.twice = append(run.twice, twice{first, later})
	} else {
		run.find(CodeDuplicateKey, later, "stands at offset 0x%x already", first)
	}
}
