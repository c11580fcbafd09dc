package salvage

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/internal/jsonstr"
	"github.com/rdbtool/rdbtool/rdb"
)

// Report says what of a file is kept, what is not, and how sure that is.
type Report struct {
	File     string
	Bytes    int64
	Version  rdb.Version
	Checksum rdb.ChecksumState // of the source, with what was repaired
	Complete bool              // the end mark was found
	// Healthy says that nothing is wrong with the file: what is kept is all
	// of it.
	Healthy bool

	Kept int64
	DBs  []DB // by number

	// Lost are the keys that are not kept and whose names can be read, up to
	// MaxList of them; LostKeys counts all that are known to be lost,
	// and is exact if Exact: the file says how many keys it had.
	Lost     []LostKey
	LostKeys int64
	Exact    bool

	Spans     []Span // damaged bytes, up to MaxList
	SpanCount int64
	SpanBytes int64

	Repaired []Repair

	Confidence Confidence
	Reasons    []string // for less than High

	// CommandBytes is how many bytes of commands follow the RDB part of an
	// append-only file.
	CommandBytes int64
}

// MaxList is how many keys, and how many spans, a report lists.
const MaxList = 10_000

// DB is what is kept of a database.
type DB struct {
	DB            int
	Keys, Expires int64
	Announced     int64 // keys, as the file says; -1 if it does not
	Guessed       bool  // its number stood in damaged bytes
}

// LostKey is a key that is not kept, or not wholly.
type LostKey struct {
	DB      int
	Key     []byte
	Type    string
	Offset  int64 // of its record
	Reason  string
	Partial int64 // elements kept of it, 0 if it is lost
}

// Span is a damaged part of the file.
type Span struct {
	Offset, Length int64
	Quarantine     int64 // where its bytes stand in the quarantine file
	Reason         string
}

// Repair is a change of bytes that was taken back.
type Repair struct {
	Offset  int64
	Was, Is string
}

// Confidence is how sure it is that all that is kept is as it was saved, and
// that nothing more could be kept.
type Confidence int8

// The degrees of confidence.
const (
	Low    Confidence = -2
	Medium Confidence = -1
	High   Confidence = 0
)

func (c Confidence) String() string {
	switch c {
	case Low:
		return "low"
	case Medium:
		return "medium"
	}
	return "high"
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	type db struct {
		DB        int    `json:"db"`
		Keys      int64  `json:"keys"`
		Expires   int64  `json:"expires"`
		Announced *int64 `json:"announced,omitempty"`
		Guessed   bool   `json:"guessed,omitempty"`
	}
	type key struct {
		DB      int             `json:"db"`
		Key     json.RawMessage `json:"key"`
		Type    string          `json:"type"`
		Offset  int64           `json:"offset"`
		Reason  string          `json:"reason"`
		Partial int64           `json:"elements_kept,omitempty"`
	}
	type span struct {
		Offset     int64  `json:"offset"`
		Length     int64  `json:"length"`
		Quarantine int64  `json:"quarantine_offset"`
		Reason     string `json:"reason"`
	}
	type repair struct {
		Offset int64  `json:"offset"`
		Was    string `json:"was_hex"`
		Is     string `json:"is_hex"`
	}
	out := struct {
		File       string   `json:"file"`
		Bytes      int64    `json:"bytes"`
		Version    string   `json:"version"`
		Checksum   string   `json:"checksum"`
		Complete   bool     `json:"complete"`
		Healthy    bool     `json:"healthy"`
		Kept       int64    `json:"keys_kept"`
		LostKeys   int64    `json:"keys_lost"`
		Exact      bool     `json:"keys_lost_exact"`
		Confidence string   `json:"confidence"`
		Reasons    []string `json:"reasons"`
		DBs        []db     `json:"dbs"`
		Lost       []key    `json:"lost"`
		Spans      []span   `json:"spans"`
		SpanCount  int64    `json:"span_count"`
		SpanBytes  int64    `json:"span_bytes"`
		Repaired   []repair `json:"repaired"`
		Commands   int64    `json:"command_bytes,omitempty"`
	}{
		File: r.File, Bytes: r.Bytes, Version: r.Version.String(), Checksum: string(r.Checksum), Complete: r.Complete, Healthy: r.Healthy,
		Kept: r.Kept, LostKeys: r.LostKeys, Exact: r.Exact, Confidence: r.Confidence.String(), Reasons: append([]string{}, r.Reasons...),
		DBs: []db{}, Lost: []key{}, Spans: []span{}, SpanCount: r.SpanCount, SpanBytes: r.SpanBytes, Repaired: []repair{}, Commands: r.CommandBytes,
	}
	for _, d := range r.DBs {
		row := db{DB: d.DB, Keys: d.Keys, Expires: d.Expires, Guessed: d.Guessed}
		if d.Announced >= 0 {
			row.Announced = &d.Announced
		}
		out.DBs = append(out.DBs, row)
	}
	for _, k := range r.Lost {
		out.Lost = append(out.Lost, key{k.DB, jsonstr.Append(nil, k.Key), k.Type, k.Offset, k.Reason, k.Partial})
	}
	for _, s := range r.Spans {
		out.Spans = append(out.Spans, span(s))
	}
	for _, f := range r.Repaired {
		out.Repaired = append(out.Repaired, repair{f.Offset, fmt.Sprintf("%x", f.Was), fmt.Sprintf("%x", f.Is)})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
