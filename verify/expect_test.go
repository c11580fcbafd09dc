package verify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/verify"
)

func TestParseRange(t *testing.T) {
	for _, tt := range []struct {
		text    string
		in, out []int64
	}{
		{">=1000", []int64{1000, 1 << 62}, []int64{0, 999}},
		{">0", []int64{1}, []int64{0}},
		{"<=5", []int64{0, 5}, []int64{6}},
		{"<10", []int64{0, 9}, []int64{10}},
		{"=3", []int64{3}, []int64{2, 4}},
		{"0", []int64{0}, []int64{1}},
		{"10..20", []int64{10, 20}, []int64{9, 21}},
	} {
		r, err := verify.ParseRange(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if r.String() != tt.text {
			t.Errorf("%s: prints as %s", tt.text, r)
		}
		for _, n := range tt.in {
			if !r.Has(n) {
				t.Errorf("%s: %d is out of it", tt.text, n)
			}
		}
		for _, n := range tt.out {
			if r.Has(n) {
				t.Errorf("%s: %d is in it", tt.text, n)
			}
		}
	}
	for _, text := range []string{"", ">=", "=>3", "==3", "<0", ">9223372036854775807", "20..10", "1..", "..1", "-1", "1 ", "1e3", "99999999999999999999", "><3"} {
		if r, err := verify.ParseRange(text); err == nil {
			t.Errorf("%q is taken as %v", text, r)
		}
	}
}

func TestParseDBExpectation(t *testing.T) {
	for _, text := range []string{"0", "0,3", "0:>=1", "3:5..7", "12:=0"} {
		if e, err := verify.ParseDBExpectation(text); err != nil || e.String() != text {
			t.Errorf("%s: %s, %v", text, &e, err)
		}
	}
	if e, err := verify.ParseDBExpectation("3,0"); err != nil || e.String() != "0,3" {
		t.Errorf("3,0: %s, %v", &e, err)
	}
	for _, text := range []string{"", ",", "0,0", "a", ":>1", "-1:>1", "0:", "0:x", "99999999999:1", "0;1", "1, 2"} {
		if e, err := verify.ParseDBExpectation(text); err == nil {
			t.Errorf("%q is taken as %s", text, &e)
		}
	}
}

func db(t *testing.T, text string) verify.DBExpectation {
	t.Helper()
	e, err := verify.ParseDBExpectation(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func keys(t *testing.T, text string) *verify.Range {
	t.Helper()
	r, err := verify.ParseRange(text)
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func TestExpect(t *testing.T) {
	counted := verify.Measured{Counted: true, DBs: map[int]int64{0: 10, 3: 5, 7: 0}}
	const digest = "97e3e1b3c5c94e21b228b3fef9aceab681cb4b94"
	for _, tt := range []struct {
		name   string
		facts  verify.Facts
		m      verify.Measured
		expect verify.Expectations
		want   string // "holds", or the reason of the finding
	}{
		{"keys", verify.Facts{}, counted, verify.Expectations{Keys: keys(t, "=15")}, "holds"},
		{"too few keys", verify.Facts{}, counted, verify.Expectations{Keys: keys(t, ">=16")}, "15 keys, >=16 keys due"},
		{"keys of a file that is cut", verify.Facts{}, verify.Measured{}, verify.Expectations{Keys: keys(t, ">=0")},
			"unknown (the file could not be read to its end), >=0 keys due"},
		{"keys that nobody counted", verify.Facts{}, verify.Measured{Reason: "a pipe cannot be read again"}, verify.Expectations{Keys: keys(t, ">=0")},
			"unknown (a pipe cannot be read again), >=0 keys due"},
		{"databases", verify.Facts{}, counted, verify.Expectations{DBs: []verify.DBExpectation{db(t, "0,3")}}, "holds"},
		{"a database too many", verify.Facts{}, counted, verify.Expectations{DBs: []verify.DBExpectation{db(t, "0")}},
			"keys in databases 0,3, keys in databases 0 alone due"},
		{"no keys at all", verify.Facts{}, verify.Measured{Counted: true}, verify.Expectations{DBs: []verify.DBExpectation{db(t, "0")}},
			"no keys, keys in databases 0 alone due"},
		{"keys in a database", verify.Facts{}, counted, verify.Expectations{DBs: []verify.DBExpectation{db(t, "0:10"), db(t, "3:>4"), db(t, "5:0")}}, "holds"},
		{"too many in a database", verify.Facts{}, counted, verify.Expectations{DBs: []verify.DBExpectation{db(t, "3:<5")}},
			"5 keys in database 3, <5 keys in database 3 due"},
		{"digest", verify.Facts{}, verify.Measured{Digest: digest}, verify.Expectations{Digest: digest}, "holds"},
		{"another digest", verify.Facts{}, verify.Measured{Digest: digest}, verify.Expectations{Digest: strings.Repeat("0", 40)},
			digest + ", " + strings.Repeat("0", 40) + " due"},
		{"no digest", verify.Facts{}, verify.Measured{}, verify.Expectations{Digest: digest}, "unknown (the file could not be read to its end), " + digest + " due"},

		{"young", verify.Facts{Created: now.Add(-26 * time.Hour)}, verify.Measured{}, verify.Expectations{MaxAge: 26 * time.Hour}, "holds"},
		{"old", verify.Facts{Created: now.Add(-27 * time.Hour)}, verify.Measured{Modified: now}, verify.Expectations{MaxAge: 26 * time.Hour},
			"27h0m0s of age (as the file says), at most 26h0m0s of age due"},
		{"a clock a bit ahead", verify.Facts{Created: now.Add(time.Minute)}, verify.Measured{}, verify.Expectations{MaxAge: time.Second}, "holds"},
		{"from the future", verify.Facts{Created: now.Add(48 * time.Hour)}, verify.Measured{}, verify.Expectations{MaxAge: 26 * time.Hour},
			"a time 48h0m0s in the future (as the file says), at most 26h0m0s of age due"},
		{"a log with times", verify.Facts{Created: now.Add(-90 * time.Hour), Commands: 3, LastTime: now.Add(-time.Hour)}, verify.Measured{}, verify.Expectations{MaxAge: 2 * time.Hour}, "holds"},
		{"a log whose times stop", verify.Facts{Commands: 3, LastTime: now.Add(-3 * time.Hour)}, verify.Measured{Modified: now}, verify.Expectations{MaxAge: 2 * time.Hour},
			"3h0m0s of age (by the last #TS: line), at most 2h0m0s of age due"},
		{"a log without times", verify.Facts{Created: now.Add(-90 * time.Hour), Commands: 3}, verify.Measured{Modified: now.Add(-5 * time.Hour)}, verify.Expectations{MaxAge: 2 * time.Hour},
			"5h0m0s of age (by the modification time of the file), at most 2h0m0s of age due"},
		{"no time anywhere", verify.Facts{}, verify.Measured{}, verify.Expectations{MaxAge: 2 * time.Hour}, "unknown (the file has no time), at most 2h0m0s of age due"},
	} {
		r := verify.NewReport("f", verify.KindRDB, &verify.Options{})
		r.Facts = tt.facts
		outcomes := r.Expect(&tt.expect, tt.m, now)
		if len(outcomes) == 0 {
			t.Errorf("%s: nothing comes of it", tt.name)
		}
		got := "holds"
		for _, f := range r.Findings {
			got = f.Reason
			if rule, ok := verify.RuleOf(f.Code); !ok || rule.Severity != f.Severity || f.Severity != verify.Error {
				t.Errorf("%s: %s is of severity %s", tt.name, f.Code, f.Severity)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if holds := !slices.ContainsFunc(outcomes, func(o verify.Outcome) bool { return !o.Holds }); holds != (tt.want == "holds") {
			t.Errorf("%s: outcomes %+v", tt.name, outcomes)
		}
		if verdict := r.Verdict(); (verdict == verify.OK) != (tt.want == "holds") || verdict == verify.Damaged {
			t.Errorf("%s: verdict %s", tt.name, verdict)
		}
	}
}

// A torn end that is put up with is a warning; one byte more is damage.
func TestMaxTailLoss(t *testing.T) {
	for _, strict := range []bool{false, true} {
		for _, code := range []verify.Code{"aof-torn-tail", "aof-open-multi"} {
			for allowed, want := range map[int64]verify.Verdict{100: verify.Warned, 99: verify.Damaged} {
				r := verify.NewReport("log", verify.KindAOF, &verify.Options{MaxFindings: 1, Strict: strict})
				if rule, ok := verify.RuleOf(code); ok && rule.Severity != verify.Error {
					t.Errorf("%s is no error", code)
				}
				r.Add(verify.Finding{Code: code, Severity: verify.Error, Place: entry.Place{Offset: 900}, Reason: "torn"})
				r.Facts.Parts = []verify.Part{{Size: 5000, ValidUpTo: 10}, {Size: 1000, ValidUpTo: 900}}
				outcomes := r.Expect(&verify.Expectations{MaxTailLoss: &allowed}, verify.Measured{}, now)
				if len(outcomes) != 1 || outcomes[0].Found != "100 bytes" || outcomes[0].Holds != (want == verify.Warned) {
					t.Errorf("%s, %d: %+v", code, allowed, outcomes)
				}
				if got := r.Verdict(); got != want {
					t.Errorf("%s, %d: verdict %s, want %s", code, allowed, got, want)
				}
			}
		}
	}
	// Other damage is not put up with, and a whole log loses nothing.
	r := verify.NewReport("log", verify.KindAOF, &verify.Options{})
	r.Add(verify.Finding{Code: "aof-format", Severity: verify.Error, Reason: "garbage"})
	allowed := int64(1 << 40)
	outcomes := r.Expect(&verify.Expectations{MaxTailLoss: &allowed}, verify.Measured{}, now)
	if len(outcomes) != 1 || !outcomes[0].Holds || r.Verdict() != verify.Damaged {
		t.Errorf("%+v, %s", outcomes, r.Verdict())
	}
}

// What was expected is told although the list of findings is full.
func TestExpectBeyondMaxFindings(t *testing.T) {
	r := verify.NewReport("f", verify.KindRDB, &verify.Options{MaxFindings: 1})
	for range 3 {
		r.Add(verify.Finding{Code: verify.CodeLZF, Severity: verify.Error, Reason: "x"})
	}
	r.Expect(&verify.Expectations{Keys: keys(t, "=1")}, verify.Measured{Counted: true}, now)
	if len(r.Findings) != 2 || r.Findings[1].Code != verify.CodeExpectKeys || r.Omitted != 2 {
		t.Errorf("%+v, %d omitted", r.Findings, r.Omitted)
	}
}

func TestStrict(t *testing.T) {
	for strict, want := range map[bool]verify.Verdict{false: verify.Warned, true: verify.Damaged} {
		r := verify.NewReport("f", verify.KindRDB, &verify.Options{Strict: strict})
		r.Add(verify.Finding{Code: verify.CodeKeyCount, Severity: verify.Warning, Reason: "x"})
		r.Add(verify.Finding{Code: verify.CodeTrailing, Severity: verify.Notice, Reason: "x"})
		if got := r.Verdict(); got != want || r.Count(verify.Notice) != 1 {
			t.Errorf("strict %v: %s", strict, got)
		}
	}
}
