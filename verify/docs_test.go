package verify_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
)

// refusedBy says which servers refuse a file of which the rule does not hold.
func refusedBy(r *verify.Rule) string {
	var parts []string
	all, any := true, false
	for _, product := range []string{"redis", "valkey"} {
		first, whole := "", true // the first release from which on all refuse
		for _, t := range rdb.Targets() {
			if !strings.HasPrefix(t.Name, product) {
				continue
			}
			switch refuses := r.Refused != nil && r.Refused(&t); {
			case !refuses:
				first, whole = "", false
			case first == "":
				first = t.Name
			}
		}
		all, any = all && whole, any || first != ""
		switch {
		case whole:
			parts = append(parts, "each "+product)
		case first != "":
			parts = append(parts, first+" and later")
		}
	}
	switch {
	case all:
		return "all"
	case !any:
		return ""
	}
	return strings.Join(parts, ", ")
}

// TestDocumentedRules holds the table of docs/verify.md against the rules; with
// -update it is written anew.
func TestDocumentedRules(t *testing.T) {
	const file, begin, end = "../docs/verify.md", "<!-- rules: go test ./verify -run Documented -update -->\n", "<!-- end -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := bytes.Cut(text, []byte(begin))
	_, tail, ok2 := bytes.Cut(rest, []byte(end))
	if !ok1 || !ok2 {
		t.Fatalf("%s has lost the marks around its table", file)
	}
	var b bytes.Buffer
	b.Write(head)
	b.WriteString(begin + "| Code | Severity | What it says | Servers that refuse the file |\n|---|---|---|---|\n")
	for _, r := range verify.Rules() {
		fmt.Fprintf(&b, "| <a id=\"%s\"></a>`%s` | %s | %s | %s |\n", r.Code, r.Code, r.Severity, r.Title, refusedBy(&r))
	}
	b.WriteString(end)
	b.Write(tail)
	if bytes.Equal(text, b.Bytes()) {
		return
	}
	if !*update {
		t.Fatalf("%s does not have the rules as they are: run this test with -update", file)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every code is one word of lower case, and every rule says something.
func TestRuleTexts(t *testing.T) {
	seen := map[verify.Code]bool{}
	for _, r := range verify.Rules() {
		switch {
		case seen[r.Code]:
			t.Errorf("two rules have the code %s", r.Code)
		case r.Code == "" || strings.Trim(string(r.Code), "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
			t.Errorf("code %q", r.Code)
		case r.Title == "" || strings.HasSuffix(r.Title, ".") || strings.ContainsAny(r.Title, "|\n"):
			t.Errorf("%s: title %q", r.Code, r.Title)
		}
		seen[r.Code] = true
		if got, ok := verify.RuleOf(r.Code); !ok || got.Title != r.Title {
			t.Errorf("RuleOf(%s) is %q", r.Code, got.Title)
		}
	}
}
