package memory

import (
	"context"
	"io"
	"iter"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/memory/size"
	"github.com/rdbtool/rdbtool/rdb"
)

// Analyze reports on the RDB file src, which is read to its end. Names of keys,
// counts and the like are kept, in memory bounded by Options.MaxPatterns. At
// damage there is no report: the error is that of rdb.Process.
func Analyze(ctx context.Context, src io.Reader, ro rdb.Options, o Options) (*Report, error) {
	from, src, err := readOrigin(src)
	if err != nil {
		return nil, err
	}
	a, err := newAnalysis(o, from, "rdb")
	if err != nil {
		return nil, err
	}
	ro.Fragments, ro.Meta = true, true
	a.trusted = o.HasChecksum && from.version.HasChecksum()
	ro.Lengths, a.sizing.Sound = a.trusted, a.trusted
	t, rest, err := rdb.Process(ctx, src, &ro, rdb.Processor[*records]{
		Jobs: o.Jobs, Batch: recordsBatch, New: a.newRecords,
		Work: func(b *rdb.Batch, r *records, flush func() error) error { return r.batch(b, flush) },
		Emit: a.take,
	})
	if err == nil {
		err = t.CheckRest(ro.Name, rest)
	}
	if err != nil {
		return nil, err
	}
	a.fileBytes = t.End
	return a.report()
}

// recordsBatch is the bytes of a batch: the records of the smallest keys take five
// times as much.
const recordsBatch = 256 << 10

// AnalyzeData reports on a data set that an append-only file has been replayed to.
// writer is the server that wrote the file, the zero Target if nothing tells.
func AnalyzeData(ctx context.Context, parts []iter.Seq2[*entry.Entry, error], writer rdb.Target, o Options) (*Report, error) {
	from := origin{target: writer, version: writer.Version, known: writer.Release != ""}
	if writer.Name == "" {
		from.target, _ = rdb.ParseTarget("redis-8.6")
	}
	a, err := newAnalysis(o, from, "aof")
	if err != nil {
		return nil, err
	}
	r := a.newRecords()
	for _, p := range parts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := r.part(p); err != nil {
			return nil, err
		}
		if err := a.take(r); err != nil {
			return nil, err
		}
	}
	return a.report()
}

// analysis is the work on one file.
type analysis struct {
	o          Options
	from       origin
	kind       string
	target     rdb.Target
	serverFrom string
	sizing     size.Options
	threshold  uint64 // of the hashes of keys in the sample
	slots      bool   // every key's slot is asked for
	trusted    bool   // a checksum tells of damage
	now        int64
	fileBytes  int64

	named  []*Grouping // groupings by name, in the order of tables
	tables []*table

	total      group
	whole      *table     // whose groups together are total, nil if there is none
	everything size.Bytes // Data of all keys, those too that do not pass the filter
	top        topKeys
	sizes      [size.Allocators][64]Bin
	ttls       []ttlBin
	tags       slotTable
	dbs        map[int]*Database
	functions  int64
	keys       int64  // taken in
	record     record // at hand
	perKey     PerKey
}

type ttlBin struct{ part }

func newAnalysis(o Options, from origin, kind string) (*analysis, error) {
	o.fill()
	a := &analysis{o: o, from: from, kind: kind, now: o.Now.UnixMilli(), dbs: map[int]*Database{}}
	var err error
	if a.target, a.serverFrom, err = from.server(o.Target); err != nil {
		return nil, err
	}
	own := (a.serverFrom == FromFile || from.known && a.target.Name == from.target.Name) && kind == "rdb"
	a.sizing = size.Options{
		Target: a.target, State: o.State, Own: own,
		CompressDepth: o.CompressDepth, NoSharedInts: o.NoSharedInts, Elements: o.PerKey != nil,
	}
	if o.Alloc != nil {
		a.sizing.Allocator = *o.Alloc
	}
	if o.Sample < 1 {
		a.threshold = uint64(o.Sample * math.MaxUint64)
	}
	for i := range o.By {
		t := newTable(&o.By[i], &o)
		a.tables = append(a.tables, t)
		if t.set != nil {
			a.named = append(a.named, &o.By[i])
		}
		a.slots = a.slots || o.By[i].By == "slot"
		if a.whole == nil && o.By[i].By != "size" { // that one has each key several times
			a.whole = t
		}
	}
	a.top.init(o.Top)
	a.ttls = make([]ttlBin, len(TTLBounds()))
	return a, nil
}

// sampled reports whether a key is looked at: by a hash of its name, so that it is
// the same key in each file and run.
func (a *analysis) sampled(key []byte) bool {
	h := uint64(14695981039346656037)
	for _, c := range key {
		h = (h ^ uint64(c)) * 1099511628211
	}
	// FNV leaves the high bits of short keys alike.
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return h < a.threshold
}

// take counts the keys of a batch. It is called in the order of the file.
func (a *analysis) take(r *records) error {
	defer r.reset()
	for n, d := range r.dbs {
		db := a.dbs[n]
		if db == nil {
			db = &Database{DB: n}
			a.dbs[n] = db
		}
		db.Keys, db.Expires = db.Keys+d.Keys, db.Expires+d.Expires
	}
	a.functions += r.functions
	named := 0
	for _, t := range a.tables {
		if t.set != nil {
			t.begin(&r.names[named])
			named++
		}
	}
	nth, keyAt := 0, 0
	k := &a.record
	for i := range r.all {
		r.get(i, keyAt, k)
		a.keys++
		k.nth = a.keys
		keyAt += k.keyLen
		a.everything.Add(&k.data)
		if !k.passes {
			continue
		}
		key := r.keys[k.keyAt : k.keyAt+k.keyLen]
		a.count(k, key)
		life := lifeOf(k.expireAt, a.now)
		for _, t := range a.tables {
			t.add(k, key, nth, life, a.now, a.o.Sample < 1)
		}
		if a.whole == nil {
			a.total.add(k, key, life, a.o.Sample < 1)
		}
		nth++
		if a.o.PerKey != nil {
			if err := a.tell(k, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// count adds a key to what is not a table.
func (a *analysis) count(k *record, key []byte) {
	for al := range a.sizes {
		b := &a.sizes[al][sizeBin(k.usage[al])]
		b.Keys++
		b.Bytes += k.usage[al]
	}
	a.ttls[ttlBinOf(k.expireAt, a.now)].add(&k.usage)
	a.top.add(k, key)
	if k.slot >= 0 {
		a.tags.add(k, key)
	}
}

func (a *analysis) tell(k *record, key []byte) error {
	al := size.Bundled
	if a.o.Alloc != nil {
		al = *a.o.Alloc
	}
	a.perKey = PerKey{
		DB: k.db, Type: k.typeName(), Key: key, Bytes: k.usage[al], Exact: k.exact, Encoding: k.encoding,
		Elements: k.elements, Largest: k.largest, ExpireAt: k.expireAt,
	}
	return a.o.PerKey(&a.perKey)
}

// report adds everything up.
func (a *analysis) report() (*Report, error) {
	scale := 1 / a.o.Sample
	if a.whole != nil {
		for i := range a.whole.groups {
			a.total.join(&a.whole.groups[i])
		}
	}
	f := File{
		Name: a.o.Name, Kind: a.kind, Writer: a.from.writer(), SavedAt: a.from.savedAt, FileBytes: a.fileBytes,
		ServerFrom: a.serverFrom, State: a.o.State.String(),
	}
	if a.kind == "rdb" {
		f.Version = a.from.version.String()
	}
	f.Server, _, _ = size.Server(a.target)
	alloc, err := a.account(&f, scale)
	if err != nil {
		return nil, err
	}
	f.Keys, f.Bytes = scaled(a.total.keys, scale), scaled(a.total.usage[alloc], scale)
	r := &Report{
		Format: ReportFormat, Now: a.now, MaxPatterns: a.o.MaxPatterns, Top: a.o.Top, Sample: a.o.Sample,
		Files: []File{f}, Total: a.total.report("", alloc, scale),
		TopBytes: a.top.byBytes(alloc), TopElements: a.top.byElements(alloc),
		TTLs: []Bin{}, Sizes: []Bin{},
	}
	for _, t := range a.tables {
		r.Tables = append(r.Tables, t.report(alloc, scale))
	}
	for i, from := range TTLBounds() {
		r.TTLs = append(r.TTLs, Bin{from, scaled(a.ttls[i].keys, scale), scaled(a.ttls[i].bytes[alloc], scale)})
	}
	for i, b := range a.sizes[alloc] {
		if b.Keys > 0 {
			r.Sizes = append(r.Sizes, Bin{1 << i, scaled(b.Keys, scale), scaled(b.Bytes, scale)})
		}
	}
	r.Slots = a.tags.report(alloc, scale)
	r.Findings = find(r)
	return r, nil
}

// account adds up what the server uses, and finds out which allocator it has.
func (a *analysis) account(f *File, scale float64) (size.Allocator, error) {
	acc := &f.Account
	f.Databases = []Database{}
	acc.Functions, acc.Startup = a.functions, size.Startup(a.target)
	if a.sizing.Own { // what another server used tells nothing
		acc.UsedMemory = a.from.usedMem
	}
	var uncounted int64
	for _, d := range a.dbs {
		t, err := size.Database(a.target, d.Keys, d.Expires, a.o.State)
		if err != nil {
			return 0, err
		}
		d.MainTable, d.Expiry = t.Main, t.Expiry
		acc.Tables += t.Main + t.Expiry
		uncounted += t.Uncounted
		f.Databases = append(f.Databases, *d)
	}
	slices.SortFunc(f.Databases, func(x, y Database) int { return x.DB - y.DB })
	alloc, from := size.Bundled, Assumed
	total := func(al size.Allocator) int64 {
		return scaled(a.everything[al], scale) + uncounted + acc.Tables + acc.Functions + acc.Startup
	}
	switch {
	case a.o.Alloc != nil:
		alloc, from = *a.o.Alloc, Asked
	case acc.UsedMemory > 0 && a.everything[alloc] >= tellingBytes:
		acc.TotalBy = map[string]int64{}
		for al := size.Bundled; al < size.Allocators; al++ {
			acc.TotalBy[al.String()] = total(al)
			clearly := int64(0)
			if al == size.Libc {
				clearly = acc.UsedMemory / clearlyNearer
			}
			if distance(total(al), acc.UsedMemory)+clearly < distance(total(alloc), acc.UsedMemory) {
				alloc = al
			}
		}
		if from = FromUsedMemory; distance(total(alloc), acc.UsedMemory) > acc.UsedMemory/4 {
			alloc, from = size.Bundled, Assumed // it speaks of something else
		}
	}
	f.Allocator, f.AllocatorFrom = alloc.String(), from
	acc.Dataset = scaled(a.everything[alloc], scale) + uncounted
	acc.Total = total(alloc)
	if acc.UsedMemory > 0 {
		acc.Residual = acc.UsedMemory - acc.Total
	}
	return alloc, nil
}

// tellingBytes is how large a data set is whose total tells the allocator:
// buffers and the like, which no file holds, are a megabyte or so.
const tellingBytes = 8 << 20

// clearlyNearer is by which part of used_memory glibc must be nearer to be taken for
// the server's allocator, which hardly anybody builds a server with on Linux.
const clearlyNearer = 200

func distance(a, b int64) int64 {
	if a < b {
		return b - a
	}
	return a - b
}
