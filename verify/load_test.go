package verify_test

import (
	"slices"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
)

// TestLoad holds single features against releases. What servers do with whole
// files is proved by fixtures/live.
func TestLoad(t *testing.T) {
	of := func(family rdb.Family, number int, uses ...verify.Use) func(*verify.Report) {
		return func(r *verify.Report) {
			r.Facts.Version = rdb.Version{Family: family, Number: number}
			for _, u := range uses {
				r.Uses[u] = &verify.Count{N: 2}
			}
		}
	}
	typ := func(n byte) verify.Use { return verify.Use{Kind: verify.UseType, Num: n} }
	opcode := func(n byte) verify.Use { return verify.Use{Kind: verify.UseOpcode, Num: n} }
	module := func(name string) verify.Use { return verify.Use{Kind: verify.UseModule, Name: name} }
	finding := func(code verify.Code, severity verify.Severity) func(*verify.Report) {
		return func(r *verify.Report) { r.Add(verify.Finding{Code: code, Severity: severity, Reason: "reason"}) }
	}
	log := func(change func(*verify.Facts)) func(*verify.Report) {
		return func(r *verify.Report) {
			r.Kind = verify.KindAOF
			change(&r.Facts)
		}
	}
	const loads = "" // no obstacle
	for _, tt := range []struct {
		name string
		set  func(*verify.Report)
		want map[string]string // by target
	}{
		{"Redis 9", of(rdb.Redis, 9), map[string]string{"redis-2.6": "version", "redis-4.0": "version", "redis-5.0": loads, "redis-8.6": loads, "valkey-7.2": loads, "valkey-9.1": loads, "rdb-8": "version", "rdb-9": loads}},
		{"Redis 1", of(rdb.Redis, 1, typ(0), opcode(254)), map[string]string{"redis-2.6": loads, "redis-8.6": loads, "valkey-9.1": loads}},
		{"Redis 12", of(rdb.Redis, 12), map[string]string{"redis-7.2": "version", "redis-7.4": loads, "redis-8.0": loads, "valkey-8.1": "version", "valkey-9.1": "version"}},
		{"Redis 13", of(rdb.Redis, 13), map[string]string{"redis-8.4": "version", "redis-8.6": loads}},
		{"Valkey 80", of(rdb.Valkey, 80, typ(22)), map[string]string{"redis-8.6": "version type", "valkey-8.1": "version type", "valkey-9.0": loads, "rdb-80": loads}},
		{"field expiries", of(rdb.Redis, 12, typ(24), typ(25)), map[string]string{"redis-7.4": loads, "redis-7.2": "version type type", "valkey-9.1": "version type type"}},
		{"pre-release hashes", of(rdb.Redis, 12, typ(22)), map[string]string{"redis-7.4": "type", "redis-8.6": "type"}},
		{"a cron job of KeyDB", of(rdb.Redis, 9, typ(64)), map[string]string{"redis-6.2": "type", "rdb-9": "type"}},
		{"streams", of(rdb.Redis, 10, typ(19)), map[string]string{"redis-7.0": loads, "redis-6.2": "version type", "valkey-7.2": loads}},
		{"functions", of(rdb.Redis, 10, opcode(245)), map[string]string{"redis-6.2": "version opcode", "redis-7.0": loads, "valkey-9.1": loads}},
		{"functions of a release candidate", of(rdb.Redis, 10, opcode(246)), map[string]string{"redis-7.0": "opcode", "valkey-9.1": "opcode"}},
		{"slots", of(rdb.Redis, 11, opcode(244)), map[string]string{"redis-7.2": "opcode", "redis-7.4": loads, "valkey-8.1": "opcode", "valkey-9.1": loads}},
		{"slot imports", of(rdb.Valkey, 80, opcode(243)), map[string]string{"valkey-9.1": loads, "redis-8.6": "version opcode"}},
		{"metadata of keys", of(rdb.Redis, 13, opcode(243)), map[string]string{"redis-8.6": loads, "redis-8.0": "version opcode", "valkey-9.1": "version opcode"}},
		{"Redis Enterprise", of(rdb.Redis, 9, opcode(107)), map[string]string{"redis-8.6": "opcode"}},
		{"a vector set", of(rdb.Redis, 12, typ(7), module("vectorset")), map[string]string{"redis-8.0": loads, "redis-7.4": "module"}},
		{"a module", of(rdb.Redis, 12, typ(7), module("ReJSON-RL")), map[string]string{"redis-8.0": "module"}},
		{"a module that is there", of(rdb.Redis, 12, typ(7), module("MBbloom--")), map[string]string{"redis-8.0": loads}},

		{"a rule that all test", finding(verify.CodeChecksum, verify.Error), map[string]string{"redis-7.0": "rule", "valkey-9.1": "rule"}},
		{"a rule that Valkey 9 tests", finding(verify.CodeStreamLength, verify.Warning), map[string]string{"redis-8.0": loads, "valkey-8.1": loads, "valkey-9.0": "rule"}},
		{"a rule that nobody tests", finding(verify.CodeZSetOrder, verify.Error), map[string]string{"redis-8.0": loads, "valkey-9.1": loads}},

		{"a database that servers have", func(r *verify.Report) { r.Facts.DBs[15] = 1 }, map[string]string{"redis-8.0": loads}},
		{"a high database", func(r *verify.Report) { r.Facts.DBs[19] = 1 }, map[string]string{"redis-8.0": loads}},
		{"a database that servers lack", func(r *verify.Report) { r.Facts.DBs[20] = 1 }, map[string]string{"redis-8.0": "database"}},
		{"an empty one", func(r *verify.Report) { r.Facts.DBs[20] = 0 }, map[string]string{"redis-8.0": loads}},

		{"a log of several files", log(func(f *verify.Facts) { f.Parts = []verify.Part{{Kind: "base"}, {Kind: "incr"}} }), map[string]string{"redis-6.2": "layout", "redis-7.0": loads, "valkey-7.2": loads}},
		{"a single log", log(func(f *verify.Facts) { f.Parts = []verify.Part{{Kind: "single"}} }), map[string]string{"redis-2.6": loads, "valkey-9.1": loads}},
		{"a log with an RDB part", log(func(f *verify.Facts) { f.Version = rdb.Version{Number: 6} }), map[string]string{"redis-3.2": "layout", "redis-4.0": loads}},
		{"a log with times", log(func(f *verify.Facts) { f.LastTime = time.Unix(1, 0) }), map[string]string{"redis-6.2": "layout", "redis-7.0": loads}},
	} {
		for name, want := range tt.want {
			target, err := rdb.ParseTarget(name)
			if err != nil {
				t.Fatal(err)
			}
			r := verify.NewReport("f", verify.KindRDB, &verify.Options{Level: verify.Deep})
			r.Facts.Complete = true
			tt.set(r)
			v := r.Load(target, verify.Setup{Databases: 20, Modules: []string{"MBbloom--"}})
			got := ""
			for i := range v.Obstacles {
				if i > 0 {
					got += " "
				}
				got += string(v.Obstacles[i].Kind)
				if v.Obstacles[i].Text() == "" {
					t.Errorf("%s: an obstacle without text", tt.name)
				}
			}
			if got != want || (v.Loads == verify.Yes) != (want == loads) {
				t.Errorf("%s on %s: %s, %q, want %q", tt.name, name, v.Loads, got, want)
			}
			r.Require(v)
			found := slices.DeleteFunc(r.Findings, func(f verify.Finding) bool { return f.Code != verify.CodeTarget })
			if len(found) != len(v.Obstacles) {
				t.Errorf("%s on %s: %d obstacles, findings %+v", tt.name, name, len(v.Obstacles), found)
			}
		}
	}
}

// What cannot be judged is neither loaded nor refused.
func TestLoadUnknown(t *testing.T) {
	target, err := rdb.ParseTarget("redis-8.0")
	if err != nil {
		t.Fatal(err)
	}
	for name, set := range map[string]func(*verify.Report){
		"cut": func(r *verify.Report) { r.Facts.Complete = false },
		"unsupported": func(r *verify.Report) {
			r.Add(verify.Finding{Code: verify.CodeUnsupported, Severity: verify.Unsupported})
		},
		"unreadable": func(r *verify.Report) { r.Failed = entry.ErrTruncated },
	} {
		r := verify.NewReport("f", verify.KindRDB, &verify.Options{})
		r.Facts.Complete = true
		set(r)
		v := r.Load(target, verify.Setup{})
		if v.Loads != verify.Unknown {
			t.Errorf("%s: %s", name, v.Loads)
		}
		r.Require(v)
		if n := r.Count(verify.Unsupported); n == 0 || r.Count(verify.Error) > 0 {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
}
