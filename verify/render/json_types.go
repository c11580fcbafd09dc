package render

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/internal/jsonstr"
	"github.com/rdbtool/rdbtool/verify"
)

// SchemaVersion is the number of the form of Document. It grows when something
// is taken away or changes its meaning, not when something is added.
const SchemaVersion = 1

// Document is the JSON form, described in docs/cli.md. What is not known or does
// not apply is absent.
type Document struct {
	Tool    string         `json:"tool"` // rdbtool
	Version string         `json:"version"`
	Schema  int            `json:"schema"` // SchemaVersion
	Level   string         `json:"level"`
	Strict  bool           `json:"strict"`
	Files   []DocumentFile `json:"files"`
	Summary Summary        `json:"summary"`
}

// DocumentFile is a file in the JSON form.
type DocumentFile struct {
	File     Bytes                 `json:"file"`
	Kind     verify.Kind           `json:"kind,omitempty"`
	Verdict  verify.Verdict        `json:"verdict"`
	Error    string                `json:"error,omitempty"` // why it could not be read
	Size     *int64                `json:"size,omitempty"`  // on disk
	Packed   string                `json:"packed,omitempty"`
	Seconds  float64               `json:"seconds"`
	Facts    DocumentFacts         `json:"facts"`
	Counts   map[string]int64      `json:"counts"`  // findings by severity, all four
	ByCode   map[string]int64      `json:"by_code"` // findings by code
	Findings []DocumentFinding     `json:"findings"`
	Omitted  int64                 `json:"omitted"` // findings beyond --max-findings
	Targets  []DocumentTarget      `json:"targets,omitempty"`
	Expect   []DocumentExpectation `json:"expectations,omitempty"`
}

// DocumentFacts are what a file says and holds.
type DocumentFacts struct {
	RDBVersion    string `json:"rdb_version,omitempty"` // REDIS0011
	Checksum      string `json:"checksum,omitempty"`
	Complete      bool   `json:"complete"`
	Bytes         int64  `json:"bytes"` // unpacked
	Server        string `json:"server,omitempty"`
	ServerVersion string `json:"server_version,omitempty"`
	CreatedUnix   int64  `json:"created_unix,omitempty"`

	Keys      int64         `json:"keys"`
	Expires   int64         `json:"expires"`
	Databases map[int]int64 `json:"databases,omitempty"` // keys by database
	Functions int64         `json:"functions,omitempty"`

	Commands     int64          `json:"commands,omitempty"`
	Transactions int64          `json:"transactions,omitempty"`
	LastUnix     int64          `json:"last_unix,omitempty"` // of the last #TS: line
	Parts        []DocumentPart `json:"parts,omitempty"`
}

// DocumentPart is a file of a log.
type DocumentPart struct {
	File      Bytes  `json:"file"`
	Kind      string `json:"kind"`
	Size      int64  `json:"size"`
	ValidUpTo int64  `json:"valid_up_to"`
	Commands  int64  `json:"commands"`
}

// DocumentPlace is where something is.
type DocumentPlace struct {
	File      Bytes  `json:"file,omitempty"`
	Offset    *int64 `json:"offset,omitempty"`
	DB        *int   `json:"db,omitempty"` // with a key
	Key       *Bytes `json:"key,omitempty"`
	Construct string `json:"construct,omitempty"`
	Element   *int64 `json:"element,omitempty"`
}

// DocumentFinding is a finding in the JSON form.
type DocumentFinding struct {
	Code     verify.Code     `json:"code"`
	Severity verify.Severity `json:"severity"`
	DocumentPlace
	Reason Bytes `json:"reason"`
}

// DocumentTarget says whether a server loads the file.
type DocumentTarget struct {
	Target    string             `json:"target"`
	Loads     verify.Answer      `json:"loads"`
	Obstacles []DocumentObstacle `json:"obstacles,omitempty"`
}

// DocumentObstacle is what stands in the way of that.
type DocumentObstacle struct {
	Kind  verify.ObstacleKind `json:"kind"`
	What  Bytes               `json:"what"`
	Count int64               `json:"count,omitempty"`
	First DocumentPlace       `json:"first"`
}

// DocumentExpectation is what came of an expectation.
type DocumentExpectation struct {
	Code  verify.Code `json:"code"`
	Due   string      `json:"due"`
	Found string      `json:"found"`
	Holds bool        `json:"holds"`
	Known bool        `json:"known"`
}

// Bytes is a byte string in JSON, by the rule of all of rdbtool: itself if it is
// valid UTF-8 and does not begin with "base64:", else that and its base64.
type Bytes []byte

const base64Mark = "base64:"

// MarshalJSON implements json.Marshaler.
func (b Bytes) MarshalJSON() ([]byte, error) { return jsonstr.Append(nil, b), nil }

// UnmarshalJSON reads what MarshalJSON has written.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if code, ok := strings.CutPrefix(s, base64Mark); ok {
		raw, err := base64.StdEncoding.Strict().DecodeString(code)
		*b = raw
		return err
	}
	*b = Bytes(s)
	return nil
}

func unixOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
