package html

import (
	"fmt"
	"math"

	"github.com/rdbtool/rdbtool/memory"
)

// What the page has room for. Bytes are counted beside rows, because a row of
// hostile names takes ten times what others take.
var (
	roomFirst     = room{1500, 800_000} // groups of the first table, and its tree
	roomOthers    = room{500, 450_000}  // groups of each other table; bytes of all of them
	roomKeys      = room{500, 120_000}  // of each list of keys
	roomFindings  = room{200, 80_000}
	roomFiles     = room{200, 60_000}
	roomDatabases = room{200, 30_000}
	roomSlots     = room{200, 40_000}
)

const (
	maxTables  = 12
	maxBins    = 100
	maxColumns = 16 // files that have columns of their own in the tables
)

// data is what the script reads. Fields that are 0 or empty are left out, pairs
// are keys and bytes.
type data struct {
	Now     int64   `json:"now,omitempty"`
	Sample  float64 `json:"sample"`
	Columns int     `json:"columns,omitempty"` // how many files have columns, if there are several

	Files     list[file]     `json:"files"`
	Account   memory.Account `json:"account"` // of all files together
	Databases list[database] `json:"databases"`

	Total       group         `json:"total"`
	Tables      []table       `json:"tables"`
	TopBytes    list[key]     `json:"top_bytes"`
	TopElements list[key]     `json:"top_elements"`
	Sizes       []memory.Bin  `json:"sizes,omitempty"`
	TTLs        []memory.Bin  `json:"ttls,omitempty"`
	Slots       list[slot]    `json:"slots"`
	Findings    list[finding] `json:"findings"`

	Notes []string `json:"notes,omitempty"` // what the figures are, and what was cut
}

type pair [2]int64 // keys, bytes

type file struct {
	Name          string `json:"name"`
	Kind          string `json:"kind,omitempty"`
	Version       string `json:"version,omitempty"`
	Writer        string `json:"writer,omitempty"`
	SavedAt       int64  `json:"saved,omitempty"`
	FileBytes     int64  `json:"file_bytes,omitempty"`
	Server        string `json:"server,omitempty"`
	ServerFrom    string `json:"server_from,omitempty"`
	Allocator     string `json:"allocator,omitempty"`
	AllocatorFrom string `json:"allocator_from,omitempty"`
	State         string `json:"state,omitempty"`
	Keys          int64  `json:"keys,omitempty"`
	Bytes         int64  `json:"bytes,omitempty"`
	Total         int64  `json:"total,omitempty"`
	UsedMemory    int64  `json:"used,omitempty"`
	Residual      int64  `json:"residual,omitempty"`
}

type database struct {
	File    int   `json:"file,omitempty"`
	DB      int   `json:"db"`
	Keys    int64 `json:"keys,omitempty"`
	Expires int64 `json:"expires,omitempty"`
	Main    int64 `json:"main,omitempty"`
	Expiry  int64 `json:"expiry,omitempty"`
}

type table struct {
	By     string      `json:"by"`
	Folded bool        `json:"folded,omitempty"`
	Groups list[group] `json:"groups"`
	Rest   pair        `json:"rest,omitzero"` // the keys of the groups that were left out
	Tree   *node       `json:"tree,omitempty"`
}

type group struct {
	Name         string   `json:"name"`
	Keys         int64    `json:"keys,omitempty"`
	Elements     int64    `json:"elements,omitempty"`
	Bytes        int64    `json:"bytes,omitempty"`
	About        bool     `json:"about,omitempty"` // Bytes is an estimate, in part at least
	Error        int64    `json:"error,omitempty"` // standard error of Bytes, of a sample
	Data         int64    `json:"data,omitempty"`
	Names        int64    `json:"names,omitempty"`
	Content      int64    `json:"content,omitempty"`
	Stored       int64    `json:"stored,omitempty"`
	NoExpiry     pair     `json:"never,omitzero"`
	Expired      pair     `json:"past,omitzero"`
	Day          pair     `json:"day,omitzero"`
	Week         pair     `json:"week,omitzero"`
	Later        pair     `json:"later,omitzero"`
	Idle         *[4]pair `json:"idle,omitempty"` // hot, warm, cool, cold
	Freq         *[4]pair `json:"freq,omitempty"`
	Packable     pair     `json:"pack,omitzero"`
	Compressible pair     `json:"lzf,omitzero"`
	Largest      *key     `json:"largest,omitempty"`
	Folded       int64    `json:"folded,omitempty"`
	Files        []pair   `json:"files,omitempty"`
}

type key struct {
	File     int    `json:"file,omitempty"`
	DB       int    `json:"db,omitempty"`
	Key      string `json:"key"`
	Type     string `json:"type,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Bytes    int64  `json:"bytes,omitempty"`
	Elements int64  `json:"elements,omitempty"`
	ExpireAt int64  `json:"expire"` // -1: never
}

type slot struct {
	Slot  int    `json:"slot"`
	Tag   string `json:"tag"`
	Keys  int64  `json:"keys,omitempty"`
	Bytes int64  `json:"bytes,omitempty"`
}

type finding struct {
	Code  string `json:"code"`
	Bytes int64  `json:"bytes,omitempty"`
	Saves bool   `json:"saves,omitempty"`
	Keys  int64  `json:"keys,omitempty"`
	Group string `json:"group,omitempty"`
	Text  string `json:"text"`
	Do    string `json:"do,omitempty"`
}

func dataOf(r *memory.Report) *data {
	d := &data{Now: r.Now, Sample: r.Sample, Total: *scale(r.Sample).group(&r.Total), TTLs: binsOf(r.TTLs), Sizes: binsOf(r.Sizes)}
	if len(r.Files) > 1 {
		d.Columns = min(len(r.Files), maxColumns)
	}
	d.Files = listOf(r.Files, fileOf, roomFiles)
	d.Databases = listOf(databasesOf(r.Files), databaseOf, roomDatabases)
	for i := range r.Files {
		add(&d.Account, &r.Files[i].Account)
	}
	d.Tables = tablesOf(r.Tables, scale(r.Sample))
	d.TopBytes = listOf(r.TopBytes, keyOf, roomKeys)
	d.TopElements = listOf(r.TopElements, keyOf, roomKeys)
	d.Slots = listOf(r.Slots, slotOf, roomSlots)
	d.Findings = listOf(r.Findings, findingOf, roomFindings)
	d.Notes = notesOf(d, r)
	return d
}

// add sums up the accounts of several servers. What used_memory was is known of
// all of them together only if it is known of each.
func add(sum, a *memory.Account) {
	known := sum.UsedMemory > 0 || sum.Total == 0
	sum.Dataset += a.Dataset
	sum.Tables += a.Tables
	sum.Functions += a.Functions
	sum.Startup += a.Startup
	sum.Total += a.Total
	if known && a.UsedMemory > 0 {
		sum.UsedMemory += a.UsedMemory
		sum.Residual += a.Residual
	} else {
		sum.UsedMemory, sum.Residual = 0, 0
	}
}

func fileOf(f *memory.File) *file {
	return &file{
		Name: shown(f.Name, maxName), Kind: shown(f.Kind, maxWord), Version: shown(f.Version, maxWord), Writer: shown(f.Writer, maxWord),
		SavedAt: f.SavedAt, FileBytes: f.FileBytes,
		Server: shown(f.Server, maxWord), ServerFrom: shown(f.ServerFrom, maxWord),
		Allocator: shown(f.Allocator, maxWord), AllocatorFrom: shown(f.AllocatorFrom, maxWord), State: shown(f.State, maxWord),
		Keys: f.Keys, Bytes: f.Bytes, Total: f.Account.Total, UsedMemory: f.Account.UsedMemory, Residual: f.Account.Residual,
	}
}

func databasesOf(files []memory.File) []database {
	var all []database
	for i := range files {
		for _, b := range files[i].Databases {
			all = append(all, database{i, b.DB, b.Keys, b.Expires, b.MainTable, b.Expiry})
		}
	}
	return all
}

func databaseOf(b *database) *database { return b }

// scale is the share of the keys that were looked at. The figures of a sample are
// scaled up.
type scale float64

func (s scale) sampled() bool { return s > 0 && s < 1 }

// deviation is the standard error of g.Bytes. A key is in the sample with the
// probability s, whatever the others are, so the variance of the scaled sum is
// (1-s)/s² times the sum of the squares.
func (s scale) deviation(g *memory.Group) int64 {
	if !s.sampled() || !(g.Squares > 0) {
		return 0
	}
	return int64(min(math.Sqrt((1-float64(s))*g.Squares)/float64(s), 1<<62))
}

func (s scale) group(g *memory.Group) *group {
	x := &group{
		Name: shown(g.Name, maxName), Keys: g.Keys, Elements: g.Elements, Bytes: g.Bytes, About: s.sampled() || g.Exact != g.Bytes, Error: s.deviation(g),
		Data: g.Data, Names: g.Names, Content: g.Content, Stored: g.Stored,
		NoExpiry: pairOf(g.NoExpiry), Expired: pairOf(g.Expired), Day: pairOf(g.Day), Week: pairOf(g.Week), Later: pairOf(g.Later),
		Idle: accessOf(g.Idle), Freq: accessOf(g.Freq),
		Packable: pairOf(g.Packable), Compressible: pairOf(g.Compressible), Folded: g.Folded,
	}
	if g.Largest != (memory.Key{}) {
		x.Largest = keyOf(&g.Largest)
	}
	for _, p := range g.Files[:min(len(g.Files), maxColumns)] {
		x.Files = append(x.Files, pairOf(p))
	}
	return x
}

func pairOf(p memory.Part) pair { return pair{p.Keys, p.Bytes} }

func accessOf(a *memory.Access) *[4]pair {
	if a == nil {
		return nil
	}
	return &[4]pair{pairOf(a.Hot), pairOf(a.Warm), pairOf(a.Cool), pairOf(a.Cold)}
}

func keyOf(k *memory.Key) *key {
	return &key{k.File, k.DB, shown(k.Key, maxName), shown(k.Type, maxWord), shown(k.Encoding, maxWord), k.Bytes, k.Elements, k.ExpireAt}
}

func slotOf(s *memory.Slot) *slot {
	return &slot{s.Slot, shown(s.Tag, maxName), s.Keys, s.Bytes}
}

func findingOf(f *memory.Finding) *finding {
	return &finding{shown(f.Code, maxWord), f.Bytes, f.Saves, f.Keys, shown(f.Group, maxName), shown(f.Text, maxSentence), shown(f.Do, maxSentence)}
}

func binsOf(bins []memory.Bin) []memory.Bin { return bins[:min(len(bins), maxBins)] }

// notesOf says what was cut, in sentences.
func notesOf(d *data, r *memory.Report) []string {
	var notes []string
	note := func(what string, shown, left int) {
		if left > 0 {
			notes = append(notes, fmt.Sprintf("%s: the first %s of %s are shown.", what, grouped(int64(shown)), grouped(int64(shown+left))))
		}
	}
	for i := range d.Tables {
		t := &d.Tables[i]
		if t.Groups.Left > 0 {
			notes = append(notes, fmt.Sprintf("By %s: the largest %s of %s groups are shown; the other %s, with %s keys, are summed up in one row.",
				t.By, grouped(int64(len(t.Groups.Rows))), grouped(int64(len(t.Groups.Rows)+t.Groups.Left)), grouped(int64(t.Groups.Left)), grouped(t.Rest[0])))
		}
		if t.Folded {
			notes = append(notes, fmt.Sprintf("By %s: there were more groups than the report had room for (%s); rarer ones are counted in wider patterns, and how many these are is a lower bound.",
				t.By, grouped(int64(r.MaxPatterns))))
		}
	}
	if n := len(r.Tables) - len(d.Tables); n > 0 {
		note("Tables", len(d.Tables), n)
	}
	note("Largest keys", len(d.TopBytes.Rows), d.TopBytes.Left)
	note("Keys of most elements", len(d.TopElements.Rows), d.TopElements.Left)
	note("Findings", len(d.Findings.Rows), d.Findings.Left)
	note("Files", len(d.Files.Rows), d.Files.Left)
	note("Files with columns in the tables", d.Columns, max(len(r.Files)-maxColumns, 0))
	note("Databases", len(d.Databases.Rows), d.Databases.Left)
	note("Slots", len(d.Slots.Rows), d.Slots.Left)
	return notes
}
