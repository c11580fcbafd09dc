// Package html writes a memory report as one HTML file: a treemap of the key
// tree, tables that sort, histograms and the findings.
//
// The file needs nothing beside it. It opens from disk, and its own policy
// forbids it to load or send anything. What a report holds of names, which may
// be anything, is data in it and never markup.
package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/rdbtool/rdbtool/memory"
)

// MaxBytes is more than any file that Write writes.
const MaxBytes = 2_000_000

// app.js and app.css are built by bundle.sh from web/.
var (
	//go:embed app.js
	script []byte
	//go:embed app.css
	style []byte
	//go:embed page.html
	page []byte
)

// Write writes the report as a file of less than MaxBytes. Of a report with more
// groups, keys or files than there is room for, the file holds the largest, sums
// up the others and says so.
func Write(w io.Writer, r *memory.Report) error {
	data, err := json.Marshal(dataOf(r)) // escapes <, >, &, U+2028 and U+2029: no name ends the element
	if err != nil {
		return fmt.Errorf("memory report as HTML: %w", err)
	}
	_, err = w.Write(fill(page, map[string][]byte{
		"policy": []byte(policy()),
		"style":  style,
		"data":   data,
		"script": script,
	}))
	return err
}

// fill puts each part in the place of its mark, which is {{name}}. It reads the
// page once: a mark within a part is left alone.
func fill(page []byte, parts map[string][]byte) []byte {
	var out bytes.Buffer
	for {
		before, rest, found := bytes.Cut(page, []byte("{{"))
		out.Write(before)
		if !found {
			return out.Bytes()
		}
		var name []byte
		name, page, _ = bytes.Cut(rest, []byte("}}"))
		out.Write(parts[string(name)])
	}
}

// policy is the Content-Security-Policy of the page: its own script and style,
// and nothing that reaches out. Trusted Types make text that is taken for
// markup an error.
func policy() string {
	return "default-src 'none'; script-src " + source(script) + "; style-src " + source(style) +
		"; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}

func source(content []byte) string {
	sum := sha256.Sum256(content)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
