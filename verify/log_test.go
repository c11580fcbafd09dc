package verify_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify"
)

// cmd returns commands, a line each, of words.
func cmd(lines ...string) string {
	var b []byte
	for _, line := range lines {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "#") {
			b = append(append(b, line...), "\r\n"...)
			continue
		}
		b = aof.AppendHead(b, len(words), words[0])
		for _, w := range words[1:] {
			b = aof.AppendArg(b, []byte(w))
		}
	}
	return string(b)
}

// set is a command of 27 bytes.
var set = cmd("SET k v")

func verifyLog(t testing.TB, path string, o *verify.Options) *verify.Report {
	t.Helper()
	log, err := aof.OpenDamaged(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := verify.Log(t.Context(), log, path, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// codes lists what was found: codes and offsets.
func codes(r *verify.Report) string {
	var all []string
	for _, f := range r.Findings {
		text := string(f.Code)
		if f.Offset >= 0 {
			text += fmt.Sprintf("@%d", f.Offset)
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

// Every append-only file that a server wrote verifies clean at every level.
func TestLogCorpus(t *testing.T) {
	cases, err := fixtures.AOFs()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.String(), func(t *testing.T) {
			path, err := c.Write(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for _, level := range []verify.Level{verify.Checksum, verify.Structure, verify.Deep} {
				r := verifyLog(t, path, &verify.Options{Level: level})
				for _, f := range r.Findings {
					t.Errorf("%v: %s: %v", level, f.Code, &f)
				}
				f := &r.Facts
				if r.Verdict() != verify.OK || !f.Complete || f.Commands < 100 || f.Tail() != 0 || f.Bytes == 0 {
					t.Errorf("%v: verdict %v, %+v", level, r.Verdict(), f)
				}
				if (c.Name == "aof-preamble") != (f.Keys > 0) || (c.Name == "aof-timestamps") == f.LastTime.IsZero() {
					t.Errorf("%v: %d keys, last time %v", level, f.Keys, f.LastTime)
				}
				// The server that wrote it knows all of it.
				target, err := rdb.ParseTarget(strings.Replace(c.Server, "2.4", "2.6", 1))
				if err != nil {
					t.Fatal(err)
				}
				for use := range r.Uses {
					if since, ok := verify.CommandSince(use.Name); use.Kind == verify.UseCommand && (!ok || !since.Has(&target)) {
						t.Errorf("%s does not know %s", c.Server, use.Name)
					}
				}
			}
		})
	}
}

// Each named damage is found by its code, at its place, and reading goes on.
func TestLogDamage(t *testing.T) {
	embedded := string(aof.AppendCommand(nil, "SET", []byte("k"), []byte(strings.Repeat(set, 40))))
	multi := cmd("MULTI")
	for name, tt := range map[string]struct {
		text     string
		want     string
		commands int64
		valid    int64
	}{
		"clean":                     {set + multi + set + cmd("EXEC"), "", 4, 83},
		"empty":                     {"", "aof-empty", 0, 0},
		"torn tail":                 {set + set[:20], "aof-torn-tail@27", 1, 27},
		"torn in a transaction":     {set + multi + set + set[:20], "aof-torn-tail@69", 3, 27},
		"open transaction":          {set + multi + set, "aof-open-multi@27", 3, 27},
		"MULTI alone":               {set + multi, "aof-open-multi@27", 2, 27},
		"garbage at the end":        {set + "garbage*3\r\n$3\r\nSE", "aof-format@27", 1, 27},
		"garbage in the middle":     {set + "garbage" + set + set, "aof-format@27", 3, 27},
		"garbage twice":             {set + "garbage" + set + set + set + "*" + set + set, "aof-format@27 aof-format@116", 6, 27},
		"zero bytes at the end":     {set + strings.Repeat("\x00", 4096), "aof-zero-bytes@27", 1, 27},
		"zero bytes in the middle":  {set + strings.Repeat("\x00", 4096) + set, "aof-zero-bytes@27", 2, 27},
		"zero bytes, transaction":   {set + multi + strings.Repeat("\x00", 4096), "aof-zero-bytes@42", 2, 27},
		"512 MB at the end":         {set + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nv", "aof-torn-tail@27", 1, 27},
		"512 MB in the middle":      {set + "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nv\r\n" + set + set + set, "aof-format@27", 4, 27},
		"wrong length":              {set + strings.Replace(set, "$1\r\nk", "$2\r\nk", 1) + set, "aof-format@46", 2, 27},
		"one argument less":         {set + "*2" + set[2:] + set, "aof-arity@27 aof-format@47", 3, 47},
		"one argument more":         {set + "*4" + set[2:] + set, "aof-format@54", 2, 27},
		"commands in a value":       {set + "*9" + embedded[2:] + set, "aof-format@" + fmt.Sprint(27+len(embedded)), 2, 27},
		"commands in a torn value":  {set + embedded[:len(embedded)-40], "aof-torn-tail@27", 1, 27},
		"blank line":                {set + "\r\n" + set, "aof-format@27", 2, 27},
		"inline command":            {set + "PING\r\n" + set, "aof-format@27", 2, 27},
		"no arguments":              {set + "*0\r\n" + set, "aof-format@28", 2, 27},
		"negative length":           {set + "*1\r\n$-5\r\n" + set, "aof-format@32", 2, 27},
		"bare line feed":            {set + strings.Replace(set, "\r\n", "\n", 1) + set, "aof-line-end@29", 3, 80},
		"other bytes as a line end": {set + strings.Replace(set, "v\r\n", "vXY", 1) + set, "aof-line-end@52", 3, 81},
		"line of 2000 bytes":        {set + "#" + strings.Repeat("x", 2000) + "\r\n" + set, "aof-annotation@27", 2, 27},
		"nested MULTI":              {set + multi + set + multi + set + cmd("EXEC") + set, "aof-nested-multi@69", 7, 152},
		"EXEC alone":                {set + cmd("EXEC") + set, "aof-exec@27", 3, 68},
		"DISCARD alone":             {set + cmd("DISCARD") + set, "aof-exec@27", 3, 71},
		"wrong number":              {set + cmd("GETSET k") + set, "aof-arity@27", 3, 77},
		"unknown command":           {set + cmd("JSON.SET k $ 1", "JSON.SET k $ 2") + set, "aof-unknown-command@27", 4, 132},
		"read-only command":         {cmd("GET k", "PFCOUNT k"), "", 2, 44},
		"SELECT of a word":          {cmd("SELECT x") + set, "aof-select@0", 2, 50},
		"SELECT 16":                 {cmd("SELECT 16", "SELECT 15", "SELECT 16"), "aof-database@0", 3, 72},
		"time goes back":            {"#TS:1700000001\r\n" + set + "#TS:1700000000\r\n" + set, "aof-timestamp@43", 2, 86},
		"orphan MULTI":              {set + multi + set + cmd("SELECT 0") + set + set, "aof-orphan-multi@27", 6, 27},
		"orphan MULTI, torn":        {set + multi + set + cmd("SELECT 0") + set + set[:9], "aof-orphan-multi@27 aof-torn-tail@119", 5, 27},
		"orphan MULTI with an EXEC": {set + multi + set + cmd("SELECT 0") + set + multi + set + cmd("EXEC"), "aof-orphan-multi@27", 8, 175},
		"EXEC lost":                 {multi + set + "*x" + set + multi + set + cmd("EXEC"), "aof-format@43 aof-nested-multi@71", 6, 0},
		"MULTI lost":                {"*x" + multi[2:] + set + cmd("EXEC") + set, "aof-format@1 aof-exec@42", 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.aof")
			if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			r := verifyLog(t, path, nil)
			f := &r.Facts
			if got := codes(r); got != tt.want || f.Commands != tt.commands || f.Parts[0].ValidUpTo != tt.valid {
				t.Errorf("found %q in %d commands, valid up to %d; want %q, %d, %d", got, f.Commands, f.Parts[0].ValidUpTo, tt.want, tt.commands, tt.valid)
				for _, f := range r.Findings {
					t.Log(f.String())
				}
			}
			for _, f := range r.Findings {
				rule, ok := verify.RuleOf(f.Code)
				if !ok || rule.Severity != f.Severity || f.File != path || f.Reason == "" {
					t.Errorf("%s is no finding of a rule: %+v", f.Code, f)
				}
			}
		})
	}
}

// Every rule of manifests and folders is found by its code.
func TestLogFolders(t *testing.T) {
	const base, incr, incr2 = "file a.1.base.aof seq 1 type b\n", "file a.1.incr.aof seq 1 type i\n", "file a.2.incr.aof seq 2 type i\n"
	files := map[string]string{"a.1.base.aof": set, "a.1.incr.aof": set, "a.2.incr.aof": set}
	for name, tt := range map[string]struct {
		manifest string
		files    map[string]string // on top
		want     string
		commands int64
	}{
		"clean":               {base + incr + incr2, nil, "", 3},
		"comment":             {"# x\n" + base + incr + incr2, nil, "", 3},
		"empty":               {"", nil, "manifest-empty@0 aof-unlisted-file", 0},
		"comments only":       {"# x\n", nil, "manifest-empty@0", 0},
		"blank line":          {base + "\n" + incr + incr2, nil, "manifest-line@31", 3},
		"no line end":         {base + incr + strings.TrimSpace(incr2), nil, "manifest-line@62 aof-unlisted-file", 2},
		"long line":           {base + incr + incr2 + "#" + strings.Repeat("x", 1100) + "\n", nil, "manifest-line@93", 3},
		"few words":           {base + incr + incr2 + "file x\n", nil, "manifest-line@93", 3},
		"odd words":           {base + incr + incr2 + "file x seq 3 type i x\n", nil, "manifest-line@93", 3},
		"missing pair":        {base + incr + incr2 + "file x seq 3 other i\n", nil, "manifest-line@93", 3},
		"path":                {base + incr + incr2 + "file ../x seq 3 type i\n", nil, "manifest-name@93", 3},
		"sequence 0":          {base + incr + incr2 + "file x seq 0 type i\n", nil, "manifest-sequence@93", 3},
		"type":                {base + incr + incr2 + "file x seq 3 type x\n", nil, "manifest-type@93", 3},
		"two bases":           {base + incr + incr2 + "file x seq 2 type b\n", nil, "manifest-two-bases@93", 3},
		"order":               {base + incr2 + incr, nil, "manifest-order@62 aof-unlisted-file", 2},
		"twice":               {base + incr + "file a.1.incr.aof seq 2 type i\n" + incr2, nil, "manifest-twice@62", 3},
		"missing":             {base + incr + incr2 + "file a.3.incr.aof seq 3 type i\n", nil, "manifest-missing-file", 3},
		"missing twice":       {base + incr + "file a.3.incr.aof seq 3 type i\nfile a.4.incr.aof seq 4 type i\n", nil, "manifest-missing-file manifest-missing-file aof-unlisted-file", 2},
		"unlisted":            {base + incr, nil, "aof-unlisted-file", 2},
		"history":             {base + "file a.0.incr.aof seq 1 type h\n" + incr + incr2, nil, "aof-history", 3},
		"files are empty":     {base + incr + incr2, map[string]string{"a.1.base.aof": "", "a.1.incr.aof": "", "a.2.incr.aof": ""}, "aof-empty", 0},
		"torn, not last":      {base + incr + incr2, map[string]string{"a.1.incr.aof": set + set[:5]}, "aof-torn-not-last@27", 3},
		"MULTI, not last":     {base + incr + incr2, map[string]string{"a.1.incr.aof": set + cmd("MULTI")}, "aof-torn-not-last@27", 4},
		"torn, last":          {base + incr + incr2, map[string]string{"a.2.incr.aof": set + set[:5]}, "aof-torn-tail@27", 3},
		"time across files":   {base + incr + incr2, map[string]string{"a.1.base.aof": "#TS:9\r\n" + set, "a.1.incr.aof": "#TS:8\r\n" + set, "a.2.incr.aof": "#TS:7\r\n" + set}, "aof-timestamp@0", 3},
		"damaged RDB base":    {base + incr + incr2, map[string]string{"a.1.base.aof": string(fixtures.Example()[:90])}, "truncated@90", 2},
		"two manifests":       {base + incr + incr2, map[string]string{"b.manifest": "x"}, "aof-several-manifests", 0},
		"data folder":         {"-", map[string]string{"dump.rdb": "x"}, "aof-only-snapshot", 0},
		"no manifest":         {"-", map[string]string{"x.1.base.rdb": "x"}, "aof-no-manifest", 0},
		"everything is wrong": {base + "x\n" + incr + "file ../x seq 3 type i\n", map[string]string{"a.1.incr.aof": set + "x" + set + set + set + set[:9]}, "manifest-line@31 manifest-name@64 aof-unlisted-file aof-format@27 aof-torn-tail@109", 5},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if tt.manifest != "-" {
				for name, text := range files {
					write(name, text)
				}
				write("a.manifest", tt.manifest)
			}
			for name, text := range tt.files {
				write(name, text)
			}
			if name == "comments only" {
				for name := range files {
					if err := os.Remove(filepath.Join(dir, name)); err != nil {
						t.Fatal(err)
					}
				}
			}
			r := verifyLog(t, dir, nil)
			got := codes(r)
			if name == "empty" { // all three
				got = strings.Replace(got, strings.Repeat(" aof-unlisted-file", 3), " aof-unlisted-file", 1)
			}
			if got != tt.want || r.Facts.Commands != tt.commands {
				t.Errorf("found %q in %d commands, want %q in %d", got, r.Facts.Commands, tt.want, tt.commands)
				for _, f := range r.Findings {
					t.Log(f.String())
				}
			}
		})
	}
}

// What a log uses is told with its first place, options too.
func TestLogUses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.aof")
	text := cmd("set k v", "SET k v PXAT 1 KEEPTTL", "SET k KEEPTTL", "XADD s NOMKSTREAM MAXLEN = 5 1-1 LIMIT x", "ZADD z GT 1 CH", "HSETEX h PXAT 1 FIELDS 1 f v", "LPOP l 2", "DELIFEQ k v", "Hello.World x")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := verifyLog(t, path, nil)
	var got []string
	for use, count := range r.Uses {
		got = append(got, fmt.Sprintf("%s %d@%d", use.Name, count.N, count.First.Offset))
	}
	slices.Sort(got)
	want := "DELIFEQ 1@353, HELLO.WORLD 1@384, HSETEX 1@252, LPOP 1@325, LPOP COUNT 1@325, SET 3@0, SET KEEPTTL 1@27, SET PXAT 1@27, XADD 1@117, XADD NOMKSTREAM 1@117, ZADD 1@208, ZADD GT 1@208"
	if got := strings.Join(got, ", "); got != want {
		t.Errorf("it uses %s\nwant    %s", got, want)
	}
	for _, tt := range []struct {
		name, target string
		has          bool
	}{
		{"HSETEX", "redis-7.0", false}, {"HSETEX", "redis-8.0", true}, {"HSETEX", "valkey-8.1", false}, {"HSETEX", "valkey-9.0", true},
		{"DELIFEQ", "redis-8.6", false}, {"DELIFEQ", "valkey-9.0", true}, {"SET IFEQ", "valkey-8.1", true}, {"SET IFEQ", "redis-8.2", false},
		{"SET KEEPTTL", "redis-5.0", false}, {"SET KEEPTTL", "valkey-7.2", true}, {"VADD", "valkey-9.1", false}, {"SET", "redis-2.6", true},
	} {
		target, err := rdb.ParseTarget(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := verify.CommandSince(tt.name); !ok || s.Has(&target) != tt.has {
			t.Errorf("%s has %s: %v, %+v", tt.target, tt.name, ok, s)
		}
	}
}

// Every code has one rule.
func TestRulesAreUnique(t *testing.T) {
	rules := verify.Rules()
	for i, r := range rules {
		if i > 0 && rules[i-1].Code == r.Code {
			t.Errorf("two rules of the code %s", r.Code)
		}
	}
}

// A log made to be parsed again and again takes no longer than its size allows.
func TestLogHostile(t *testing.T) {
	for name, unit := range map[string]string{
		"stars":     "*1\r\n",
		"arguments": "*1000000\r\n$1\r\nx\r\n",
		"dollars":   "$5\r\n",
		"nested":    "*100000\r\n$9\r\nx\r\n$1\r\nx\r\n*3\r\n",
		"runs":      set + set + "x",
		"lines":     "#TS:1\r\n*",
		"lengths":   "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$900000\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			text := bytes.Repeat([]byte(unit), 8<<20/len(unit))
			begin := time.Now()
			log := aof.NewLog(bytes.NewReader(text), "a.aof", nil)
			if _, err := verify.Log(t.Context(), log, "a.aof", nil); err != nil {
				t.Fatal(err)
			}
			took := time.Since(begin)
			t.Logf("%v", took)
			if took > 20*time.Second {
				t.Errorf("%v for %d bytes", took, len(text))
			}
		})
	}
}
