package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// action is action.yml, as far as the tests look into it. Its indentation is
// held to be what it is: two spaces a step.
type action struct {
	inputs []string
	env    map[string]string // variable -> input, of all steps
	runs   []string          // scripts
}

var (
	inputLine = regexp.MustCompile(`^  ([a-z-]+):$`)
	envLine   = regexp.MustCompile(`^        ([A-Z_]+): \$\{\{ inputs\.([a-z-]+) \}\}$`)
	withLine  = regexp.MustCompile(`^        go-version: \$\{\{ inputs\.(go-version) \}\}$`)
)

func parseAction(t *testing.T) *action {
	t.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	a := &action{env: map[string]string{}}
	section, script := "", false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if line != "" && line[0] != ' ' {
			section, _, _ = strings.Cut(line, ":")
		}
		if script && (line == "" || strings.HasPrefix(line, "        ")) {
			a.runs[len(a.runs)-1] += strings.TrimPrefix(line, "        ") + "\n"
			continue
		}
		script = false
		switch m, e, w := inputLine.FindStringSubmatch(line), envLine.FindStringSubmatch(line), withLine.FindStringSubmatch(line); {
		case strings.ContainsRune(line, '\t'):
			t.Errorf("a tab in %q", line)
		case line == "      run: |":
			a.runs, script = append(a.runs, ""), true
		case section == "inputs" && m != nil:
			a.inputs = append(a.inputs, m[1])
		case e != nil:
			a.env[e[1]] = e[2]
		case w != nil:
			a.env[w[1]] = w[1]
		case strings.Contains(line, "${{") && !strings.Contains(line, "steps.verify.outputs.exit-code"):
			t.Errorf("an expression out of place: %s", line)
		}
	}
	return a
}

// TestAction holds the inputs of the GitHub Action against the flags of verify,
// and its scripts against what must not be in them.
func TestAction(t *testing.T) {
	a := parseAction(t)
	if len(a.inputs) < 10 || len(a.runs) != 2 {
		t.Fatalf("%d inputs, %d scripts: action.yml has another form than this test reads", len(a.inputs), len(a.runs))
	}
	used := map[string]bool{}
	for name, input := range a.env {
		used[input] = true
		if !slices.Contains(a.inputs, input) {
			t.Errorf("%s: there is no input %s", name, input)
		}
		if name != input && !slices.ContainsFunc(a.runs, func(run string) bool { return strings.Contains(run, "$"+name) }) {
			t.Errorf("no script uses %s", name)
		}
	}
	for _, input := range a.inputs {
		if !used[input] {
			t.Errorf("the input %s is used nowhere", input)
		}
	}
	flags := map[string]bool{}
	for _, f := range new(program).verifyCommand().Flags {
		for _, name := range f.Names() {
			flags["--"+name] = true
		}
	}
	for _, run := range a.runs {
		if strings.Contains(run, "${{") {
			t.Errorf("an input becomes text of a script:\n%s", run)
		}
		for _, name := range regexp.MustCompile(`--[a-z][a-z-]*`).FindAllString(run, -1) {
			if !flags[name] {
				t.Errorf("verify has no flag %s", name)
			}
		}
	}
	// What an input is called, its flag is called too.
	for _, input := range a.inputs {
		if !flags["--"+input] && !slices.Contains([]string{"files", "version", "go-version"}, input) {
			t.Errorf("verify has no flag for the input %s", input)
		}
	}
}

// TestActionScript runs the script of the action as a runner does, with names
// that try to be something else, and rdbtool itself.
func TestActionScript(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash")
	}
	a := parseAction(t)
	script := a.runs[len(a.runs)-1]
	data, err := os.ReadFile("../../fixtures/example.rdb")
	if err != nil {
		t.Fatal(err)
	}
	const evil = `-o $(touch owned);"` + "`touch owned`" + `' .rdb`
	for _, tt := range []struct {
		name   string
		env    map[string]string
		code   string
		output []string
	}{
		{"a name", map[string]string{"FILES": "a.rdb"}, "0", []string{"verified a.rdb: ok"}},
		{"names with spaces, and a line too many", map[string]string{"FILES": "a.rdb\n\nb c.rdb\n"}, "0", []string{"verified a.rdb: ok", "verified b c.rdb: ok"}},
		{"a pattern", map[string]string{"FILES": "*.rdb"}, "0", []string{"verified a.rdb: ok", "verified b c.rdb: ok", "verified " + evil + ": ok", "verified 3 files"}},
		{"a pattern that nothing matches", map[string]string{"FILES": "*.aof"}, "1", []string{"::error file=*.aof,title=read::"}},
		{"a name that wants to be a command", map[string]string{"FILES": evil}, "0", []string{"verified " + evil + ": ok"}},
		{"no name", map[string]string{"FILES": "\n"}, "2", []string{"verify takes at least one FILE"}},
		{"a folder", map[string]string{"FILES": ".", "RECURSIVE": "true", "STRICT": "true"}, "0", []string{"verified 3 files: exit code 0"}},
		{"expectations", map[string]string{"FILES": "a.rdb", "EXPECT_KEYS": ">=15", "EXPECT_DB": "0\n1:>=1", "TARGET": "redis-8.0,valkey-9.1", "LEVEL": "deep", "WITH_MODULE": "x", "DATABASES": "20"},
			"3", []string{"title=expect-keys::14 keys, >=15 keys due", "title=expect-db::keys in databases 0,1", "title=target::valkey-9.1 does not load it"}},
		{"a value that wants to be a flag", map[string]string{"FILES": "a.rdb", "LEVEL": "deep --output owned"}, "2", []string{`unknown level "deep --output owned"`}},
		{"an output", map[string]string{"FILES": "a.rdb", "FORMAT": "sarif", "OUTPUT": "out of it.sarif", "EXPECT_MAX_AGE": "1h", "EXPECT_DIGEST": strings.Repeat("0", 40), "MAX_TAIL_LOSS": "1KB"}, "3", nil},
	} {
		dir := t.TempDir()
		for _, name := range []string{"a.rdb", "b c.rdb", evil} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		outputs := filepath.Join(t.TempDir(), "outputs")
		cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(rdbtool(t).Path)+":"+os.Getenv("PATH"), "GITHUB_OUTPUT="+outputs)
		for name := range a.env {
			value := tt.env[name]
			if name == "FORMAT" && value == "" {
				value = "github"
			}
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		told, err := os.ReadFile(outputs)
		if err != nil {
			t.Fatalf("%s: %v: %s", tt.name, err, out)
		}
		if want := "exit-code=" + tt.code + "\n"; string(told) != want || cmd.ProcessState.ExitCode() != int(tt.code[0]-'0') {
			t.Errorf("%s: exit code %d, outputs %q, want %q: %s", tt.name, cmd.ProcessState.ExitCode(), told, want, out)
		}
		for _, want := range tt.output {
			if !bytes.Contains(out, []byte(want)) {
				t.Errorf("%s: no %q in %s", tt.name, want, out)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, "owned")); err == nil {
			t.Errorf("%s: an input was executed", tt.name)
		}
		if name := tt.env["OUTPUT"]; name != "" {
			if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Contains(text, []byte(`"version": "2.1.0"`)) {
				t.Errorf("%s: %s: %v", tt.name, text, err)
			}
		}
	}
}

// Every flag of verify is described.
func TestVerifyFlagsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## verify\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, f := range new(program).verifyCommand().Flags {
		if name := f.Names()[0]; name != "quiet" && !strings.Contains(section, "--"+name) {
			t.Errorf("docs/cli.md does not tell of --%s", name)
		}
	}
}
