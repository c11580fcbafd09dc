package memory

// ReportFormat is the version of the form that a Report has as JSON.
const ReportFormat = 1

// Report says what the keys of one or more files take in a server's memory. As
// JSON it holds all that Merge needs, so reports made where the files lie can be
// put together elsewhere.
//
// All sizes are bytes, all times Unix milliseconds unless said otherwise.
type Report struct {
	Format int    `json:"rdbtool_memory"` // ReportFormat
	Now    int64  `json:"now_ms"`         // what expiries are held against
	Files  []File `json:"files"`

	Total  Group   `json:"total"`  // all keys
	Tables []Table `json:"tables"` // the same keys grouped in several ways, the first of them by pattern unless other ones were asked for

	TopBytes    []Key `json:"top_bytes"`    // the largest keys, largest first
	TopElements []Key `json:"top_elements"` // the keys of most elements
	Sizes       []Bin `json:"sizes"`        // keys by size: From is a power of two
	TTLs        []Bin `json:"ttls"`         // keys by time to live, in seconds: see TTLBounds

	Slots    []Slot    `json:"slots,omitempty"` // the heaviest cluster slots of keys with a hash tag
	Findings []Finding `json:"findings"`

	MaxPatterns int     `json:"max_patterns"` // of the table by pattern
	Top         int     `json:"top"`          // keys in TopBytes and TopElements
	Sample      float64 `json:"sample"`       // share of the keys that were looked at, 1 for all
}

// File is one file of a report, and the server whose memory is meant.
type File struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`              // "rdb", "aof"
	Version   string `json:"version,omitempty"` // of the format: "REDIS0012"
	Writer    string `json:"writer,omitempty"`  // what the file says of the server that wrote it: "redis 8.0.6"
	SavedAt   int64  `json:"saved_at_ms,omitempty"`
	FileBytes int64  `json:"file_bytes"` // unpacked

	Server        string `json:"server"`         // whose memory the sizes are of: "redis-8.0"
	ServerFrom    string `json:"server_from"`    // Asked, FromFile, Nearest or Assumed
	Allocator     string `json:"allocator"`      // see size.Allocator
	AllocatorFrom string `json:"allocator_from"` // Asked, FromUsedMemory or Assumed
	State         string `json:"state"`          // "settled", "loaded"

	Keys      int64      `json:"keys"`
	Bytes     int64      `json:"bytes"` // Group.Bytes of its keys
	Account   Account    `json:"account"`
	Databases []Database `json:"databases"`
}

// Where a server or an allocator is known from.
const (
	Asked          = "asked"       // a flag
	FromFile       = "file"        // what the file says of its writer
	Nearest        = "nearest"     // the writer has no model: the nearest release that has one
	Assumed        = "assumed"     // nothing tells
	FromUsedMemory = "used-memory" // its total comes nearest to what the file says of used_memory
)

// Account adds up what a server that holds the data set uses.
type Account struct {
	Dataset   int64 `json:"dataset"`   // used_memory_dataset: what the keys take beside the tables of the databases
	Tables    int64 `json:"tables"`    // of the databases and of expiries
	Functions int64 `json:"functions"` // libraries of functions
	Startup   int64 `json:"startup"`   // what a server without keys takes, about
	Total     int64 `json:"total"`     // the sum: used_memory
	// UsedMemory is used_memory when the file was written, by what it says; 0
	// where it does not. It counts buffers of clients and replicas, which no
	// file holds. Residual is UsedMemory - Total.
	UsedMemory int64 `json:"used_memory,omitempty"`
	Residual   int64 `json:"residual,omitempty"`
	// TotalBy is Total with each allocator that was tried.
	TotalBy map[string]int64 `json:"total_by,omitempty"`
}

// Database is what a server needs to find the keys of one database.
type Database struct {
	DB        int   `json:"db"`
	Keys      int64 `json:"keys"`
	Expires   int64 `json:"expires"`    // keys with an expiry
	MainTable int64 `json:"main_table"` // MEMORY STATS: overhead.hashtable.main
	Expiry    int64 `json:"expiry"`     // MEMORY STATS: overhead.hashtable.expires
}

// Table is all keys in groups, each key in one of them. Groups stand by bytes,
// largest first.
type Table struct {
	By     string  `json:"by"` // "pattern", "type", "db", "encoding", "ttl", "size", "slot", "idle", "freq", "prefix"
	Groups []Group `json:"groups"`
	// Folded says that there were more groups than room: the rarer ones are
	// counted in wider patterns (Group.Folded), and how many these are is a
	// lower bound.
	Folded bool `json:"folded,omitempty"`
}

// Group is a set of keys.
type Group struct {
	Name     string `json:"name"` // a pattern such as user:{n}:profile, or a value of what the table is by
	Keys     int64  `json:"keys"`
	Elements int64  `json:"elements"`
	// Bytes is the sum of what MEMORY USAGE key SAMPLES 0 answers.
	Bytes int64 `json:"bytes"`
	// Data is what the keys really take: their share of used_memory_dataset.
	// The server's own command counts some things twice and others not at all.
	Data int64 `json:"data"`
	// Exact is the part of Bytes that is computed to the byte. The rest is the
	// mean of what the server draws at random, or an estimate.
	Exact   int64 `json:"exact"`
	Names   int64 `json:"names"`   // bytes of the key names alone
	Content int64 `json:"content"` // bytes of the values alone: of the elements, or of packed blobs
	Stored  int64 `json:"stored"`  // bytes of the records in the file

	NoExpiry Part `json:"no_expiry"` // keys that never expire
	Expired  Part `json:"expired"`   // keys whose time is past, but that are there
	Day      Part `json:"day"`       // keys that expire within a day
	Week     Part `json:"week"`      // within a week, those of Day not among them
	Later    Part `json:"later"`

	Idle *Access `json:"idle,omitempty"` // where the file has idle times
	Freq *Access `json:"freq,omitempty"` // where the file has access frequencies

	// Packable is what would be saved if the tables that are at most four times
	// over the limits of the packed encodings were packed: an estimate.
	Packable Part `json:"packable"`
	// Compressible is what LZF saves in the file on the values of strings of 1
	// KiB and more: an estimate of what the application could save.
	Compressible Part `json:"compressible"`

	Largest Key    `json:"largest"`
	Folded  int64  `json:"folded,omitempty"` // patterns that are counted here for want of room
	Files   []Part `json:"files,omitempty"`  // the keys of each file of the report, if there are several

	// Squares is the sum of the squares of the sizes, of a sample only: what
	// error bars are computed from.
	Squares float64 `json:"squares,omitempty"`
}

// Part is some of a group's keys.
type Part struct {
	Keys  int64 `json:"keys"`
	Bytes int64 `json:"bytes"`
}

// Access sorts keys by how they have been used of late.
//
// Of idle times Cold has not been touched for a month, Cool for a week, Warm for
// a day. Of frequencies (a logarithmic counter, new keys start with 5) Cold is
// 0, Cool 1 to 4, Warm 5 to 19.
type Access struct {
	Hot  Part `json:"hot"`
	Warm Part `json:"warm"`
	Cool Part `json:"cool"`
	Cold Part `json:"cold"`
}

// Key is one key.
type Key struct {
	File     int    `json:"file"` // index in Report.Files
	DB       int    `json:"db"`
	Key      string `json:"key"` // as a JSON string of the dump has it: see docs/cli.md
	Type     string `json:"type"`
	Encoding string `json:"encoding"` // OBJECT ENCODING on the server
	Bytes    int64  `json:"bytes"`
	Elements int64  `json:"elements"`
	ExpireAt int64  `json:"expire_at_ms"` // -1: never
}

// Bin is a column of a histogram.
type Bin struct {
	From  int64 `json:"from"` // inclusive; up to the next bin's From
	Keys  int64 `json:"keys"`
	Bytes int64 `json:"bytes"`
}

// Where the columns of Report.TTLs begin: keys without expiry, those whose time
// is past, and then up to a minute, an hour, a day, a week, 30 days, a year and
// more, in seconds.
const (
	TTLNone = -2
	TTLPast = -1
)

// TTLBounds are the From of the bins of Report.TTLs.
func TTLBounds() []int64 {
	return []int64{TTLNone, TTLPast, 0, 60, 3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400}
}

// Slot is a cluster slot and the keys with a hash tag in it.
type Slot struct {
	Slot  int    `json:"slot"`
	Tag   string `json:"tag"` // the heaviest hash tag in it
	Keys  int64  `json:"keys"`
	Bytes int64  `json:"bytes"`
}

// Finding is something worth doing about the memory.
type Finding struct {
	Code  string `json:"code"`  // "big-key", "no-expiry" ...: see docs/memory.md
	Bytes int64  `json:"bytes"` // what it is about, or what it would save
	Saves bool   `json:"saves"` // Bytes is what would be saved
	Keys  int64  `json:"keys"`
	Group string `json:"group,omitempty"` // the pattern it is about
	Text  string `json:"text"`            // one sentence, with its figures
	Do    string `json:"do"`              // what can be done, one sentence
}
