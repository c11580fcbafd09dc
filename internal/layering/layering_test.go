// Package layering holds the test that keeps imports pointing down.
package layering

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/rdbtool/rdbtool/"

// rules say what a package may import of the module, and which other packages
// than the standard library's. The first rule whose path is the package's, or a
// folder above it, holds. Tests may import anything.
//
//	L4  cmd/rdbtool
//	L3  convert  verify/sound <- verify/salvage <- verify <- verify/render  memory/size, memory/pattern <- memory <- memory/render
//	L2  aof -> rdb        keyspace
//	L1  entry
//	L0  internal/...
var rules = []struct {
	path   string
	own    []string
	others []string
}{
	{path: "internal/compress", others: []string{"github.com/pierrec/lz4/v4", "github.com/klauspost/compress/zstd"}},
	{path: "internal/minisign", others: []string{"github.com/hdevalence/ed25519consensus", "golang.org/x/crypto"}},
	{path: "internal/table", others: []string{"github.com/olekukonko/tablewriter"}},
	{path: "internal"},
	{path: "entry/filter", own: []string{"entry", "internal/glob", "internal/slot"}},
	{path: "entry"},
	{path: "rdb", own: []string{"entry", "internal"}},
	{path: "aof", own: []string{"entry", "internal", "rdb"}},
	{path: "keyspace", own: []string{"entry", "internal"}},
	{path: "convert", own: []string{"entry", "internal", "rdb", "aof", "keyspace"}},
	{path: "verify/render", own: []string{"verify", "entry", "internal", "rdb"}},
	{path: "verify/distinct", own: []string{"internal"}},
	{path: "verify/sound", own: []string{"verify/distinct", "entry", "internal"}},
	{path: "verify/salvage", own: []string{"verify/sound", "entry", "internal", "rdb"}},
	{path: "verify", own: []string{"verify/salvage", "verify/sound", "verify/distinct", "entry", "internal", "rdb", "aof", "keyspace"}, others: []string{"github.com/hdevalence/ed25519consensus"}},
	{path: "memory/render", own: []string{"memory", "internal"}, others: []string{"github.com/olekukonko/tablewriter", "github.com/google/pprof/profile"}},
	{path: "memory/pattern", own: []string{"internal"}},
	{path: "memory/size", own: []string{"entry", "internal", "rdb"}},
	{path: "memory", own: []string{"memory/pattern", "memory/size", "entry", "internal", "rdb"}},
	{
		path: "cmd/rdbtool", own: []string{"entry", "internal", "rdb", "aof", "keyspace", "convert", "verify", "memory"},
		others: []string{"github.com/urfave/cli/v2", "github.com/olekukonko/tablewriter", "github.com/mattn/go-isatty", "golang.org/x/term"},
	},
	{path: "fixtures", own: []string{"entry", "internal", "rdb", "aof", "convert", "memory", "fixtures"}, others: []string{"github.com/klauspost/compress/zstd"}},
}

// under reports whether path is one of the folders or below one.
func under(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// check returns an error for an import that the rules forbid.
func check(from, to string) error {
	from = strings.TrimPrefix(from, module)
	for _, r := range rules {
		if !under(from, []string{r.path}) {
			continue
		}
		if own, ok := strings.CutPrefix(to, module); ok {
			if under(own, r.own) {
				return nil
			}
		} else if domain, _, _ := strings.Cut(to, "/"); !strings.Contains(domain, ".") || under(to, r.others) {
			return nil
		}
		return fmt.Errorf("%s may not import %s", from, to)
	}
	return fmt.Errorf("%s has no place in the layers: give it a rule", from)
}

func TestImportsPointDown(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	packages := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; packages++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, to := range p.Imports {
			if err := check(p.ImportPath, to); err != nil {
				t.Error(err)
			}
		}
	}
	if packages < 15 {
		t.Errorf("only %d packages listed", packages)
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		ok       bool
	}{
		{"internal/lzf", "fmt", true},
		{"internal/lzf", module + "internal/crc64", false},
		{"internal/lzf", "github.com/pierrec/lz4/v4", false},
		{"internal/compress", "github.com/pierrec/lz4/v4", true},
		{"entry", module + "internal/glob", false},
		{"entry", module + "rdb", false},
		{"entry/filter", module + "entry", true},
		{"rdb", module + "internal/lzf", true},
		{"rdb", module + "aof", false},
		{"rdb", module + "convert", false},
		{"aof", module + "rdb", true},
		{"keyspace", module + "rdb", false},
		{"convert", module + "memory", false},
		{"convert", module + "fixtures", false},
		{"cmd/rdbtool", module + "convert", true},
		{"rdbextra", "fmt", false},
	} {
		if err := check(module+tt.from, tt.to); (err == nil) != tt.ok {
			t.Errorf("%s -> %s: %v", tt.from, tt.to, err)
		}
	}
}
