package render_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/rdbtool/rdbtool/verify"
)

// object is a JSON object; its methods fail the test where the schema asks for
// what is not there.
type object struct {
	t    *testing.T
	path string
	v    map[string]any
}

func (o object) get(name string) any {
	o.t.Helper()
	v, ok := o.v[name]
	if !ok {
		o.t.Fatalf("%s has no %s", o.path, name)
	}
	return v
}

func (o object) text(name string) string {
	o.t.Helper()
	s, ok := o.get(name).(string)
	if !ok || s == "" {
		o.t.Fatalf("%s.%s is no text", o.path, name)
	}
	return s
}

func (o object) object(name string) object {
	o.t.Helper()
	v, ok := o.get(name).(map[string]any)
	if !ok {
		o.t.Fatalf("%s.%s is no object", o.path, name)
	}
	return object{o.t, o.path + "." + name, v}
}

func (o object) list(name string) (list []object) {
	o.t.Helper()
	all, ok := o.get(name).([]any)
	if !ok {
		o.t.Fatalf("%s.%s is no array", o.path, name)
	}
	for i, x := range all {
		v, ok := x.(map[string]any)
		if !ok {
			o.t.Fatalf("%s.%s[%d] is no object", o.path, name, i)
		}
		list = append(list, object{o.t, fmt.Sprintf("%s.%s[%d]", o.path, name, i), v})
	}
	return list
}

func parseSARIF(t *testing.T, text []byte) object {
	t.Helper()
	o := object{t: t, path: "log"}
	if err := json.Unmarshal(text, &o.v); err != nil {
		t.Fatal(err)
	}
	return o
}

// withoutRules returns the log without its rules and what counts on their order.
func withoutRules(t *testing.T, text []byte) []byte {
	t.Helper()
	log := parseSARIF(t, text)
	run := log.list("runs")[0]
	run.object("tool").object("driver").v["rules"] = nil
	for _, r := range run.list("results") {
		delete(r.v, "ruleIndex")
	}
	out, err := json.MarshalIndent(log.v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSARIF asks for what SARIF 2.1.0 requires of a log, and what code scanning
// services need.
func TestSARIF(t *testing.T) {
	levels := []string{"none", "note", "warning", "error"}
	for _, list := range [][]byte{rendered(t, "sarif", files(t)), rendered(t, "sarif", nil)} {
		log := parseSARIF(t, list)
		if v := log.text("version"); v != "2.1.0" {
			t.Errorf("version %s", v)
		}
		log.text("$schema")
		runs := log.list("runs")
		if len(runs) != 1 {
			t.Fatalf("%d runs", len(runs))
		}
		driver := runs[0].object("tool").object("driver")
		if driver.text("name") != "rdbtool" {
			t.Error("another tool")
		}
		driver.text("version")
		rules := driver.list("rules")
		if len(rules) != len(verify.Rules()) {
			t.Errorf("%d rules, %d are known", len(rules), len(verify.Rules()))
		}
		for _, r := range rules {
			r.text("id")
			r.object("shortDescription").text("text")
			if level := r.object("defaultConfiguration").text("level"); !slices.Contains(levels, level) {
				t.Errorf("%s: level %s", r.path, level)
			}
		}
		for _, r := range runs[0].list("results") {
			id := r.text("ruleId")
			if i := int(r.get("ruleIndex").(float64)); i >= len(rules) || rules[i].text("id") != id {
				t.Errorf("%s: rule %d is not %s", r.path, i, id)
			}
			if level := r.text("level"); !slices.Contains(levels, level) {
				t.Errorf("%s: level %s", r.path, level)
			}
			r.object("message").text("text")
			places := r.list("locations")
			if len(places) != 1 {
				t.Fatalf("%s: %d locations", r.path, len(places))
			}
			place := places[0].object("physicalLocation")
			uri := place.object("artifactLocation").text("uri")
			if u, err := url.Parse(uri); err != nil || u.Scheme != "" && u.Scheme != "file" || u.Host != "" {
				t.Errorf("%s: URI %s, %v", r.path, uri, err)
			}
			if _, ok := place.v["region"]; ok {
				if offset, ok := place.object("region").get("byteOffset").(float64); !ok || offset < 0 {
					t.Errorf("%s: offset %v", r.path, offset)
				}
			}
		}
		for _, i := range runs[0].list("invocations") {
			if _, ok := i.get("executionSuccessful").(bool); !ok {
				t.Errorf("%s: executionSuccessful", i.path)
			}
		}
	}
}

// A name comes back from its URI, whatever it is made of.
func TestSARIFNames(t *testing.T) {
	list := files(t)
	log := parseSARIF(t, rendered(t, "sarif", list))
	names := map[string]bool{}
	for _, r := range log.list("runs")[0].list("results") {
		u, err := url.Parse(r.list("locations")[0].object("physicalLocation").object("artifactLocation").text("uri"))
		if err != nil {
			t.Fatal(err)
		}
		names[u.Path] = true
	}
	for _, f := range list {
		for i := range f.Findings {
			if !names[f.Findings[i].File] {
				t.Errorf("%q is in no URI", f.Findings[i].File)
			}
		}
	}
}
