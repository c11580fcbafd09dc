package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rdbtool/rdbtool/aof"
)

var update = flag.Bool("update", false, "write the golden files of the scripts anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rdbtool": main})
}

// TestScripts runs the command as a user does. $FIXTURES is the folder of
// fixtures; the commands added are
//
//	code N cmd...   runs cmd and wants the exit code N
//	cut FILE N OUT  writes the first N bytes of FILE to OUT
//	crlf FILE       ends the lines of FILE as append-only files do
//	flip FILE N     changes all bits of byte N of FILE
//	mode FILE OCTAL makes sure of the permissions of FILE
//	fromfile VAR FILE  gives the variable VAR the text of FILE
//	resp FILE...    makes a command of each line of FILE, of its words; a line
//	                that begins with # stays one
func TestScripts(t *testing.T) {
	fixtures, err := filepath.Abs("../../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("FIXTURES", fixtures)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": code,
			"crlf": func(ts *testscript.TestScript, _ bool, args []string) {
				text := strings.ReplaceAll(ts.ReadFile(args[0]), "\n", "\r\n")
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o644))
			},
			"resp": func(ts *testscript.TestScript, _ bool, args []string) {
				for _, name := range args {
					ts.Check(os.WriteFile(ts.MkAbs(name), commands(ts.ReadFile(name)), 0o644))
				}
			},
			"flip": func(ts *testscript.TestScript, _ bool, args []string) {
				data := []byte(ts.ReadFile(args[0]))
				n, err := strconv.Atoi(args[1])
				ts.Check(err)
				data[n] ^= 0xff
				ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o644))
			},
			"mode": func(ts *testscript.TestScript, _ bool, args []string) {
				info, err := os.Stat(ts.MkAbs(args[0]))
				ts.Check(err)
				if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[1] {
					ts.Fatalf("%s: permissions %s, want %s", args[0], got, args[1])
				}
			},
			"fromfile": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Setenv(args[0], ts.ReadFile(args[1]))
			},
			"cut": func(ts *testscript.TestScript, _ bool, args []string) {
				data := ts.ReadFile(args[0])
				n, err := strconv.Atoi(args[1])
				ts.Check(err)
				ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(data[:n]), 0o644))
			},
		},
	})
}

func commands(lines string) (b []byte) {
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case strings.HasPrefix(words[0], "#"):
			b = append(append(b, words[0]...), "\r\n"...)
		default:
			b = aof.AppendHead(b, len(words), words[0])
			for _, w := range words[1:] {
				b = aof.AppendArg(b, []byte(w))
			}
		}
	}
	return b
}

// code runs a command and holds its exit code against the one wanted.
func code(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := err.(*exec.ExitError); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s: exit code %d, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// rdbtool returns a command that runs this very test binary as rdbtool.
func rdbtool(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "rdbtool")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, bin); err != nil {
		t.Fatal(err)
	}
	return exec.Command(bin, args...)
}

// A reader that goes away ends the program without a word, but not as a
// success.
func TestClosedPipe(t *testing.T) {
	cmd := rdbtool(t, "dump", "../../fixtures/example.rdb")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd.Stdout = w
	if err := cmd.Run(); err == nil {
		t.Error("a closed pipe is taken for success")
	}
	w.Close()
	if code := cmd.ProcessState.ExitCode(); code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	if stderr.Len() > 0 {
		t.Errorf("it says %q", stderr.String())
	}
}

// An interrupt while the input keeps us waiting ends the program with 130 and
// leaves no file behind.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	cmd := rdbtool(t, "dump", "-", "-o", filepath.Join(dir, "out.ndjson"))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../../fixtures/example.rdb")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stdin.Write(data[:len(data)-20]); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if files, _ := os.ReadDir(dir); len(files) > 0 {
			break // the output is open
		}
		if time.Since(begin) > 10*time.Second {
			t.Fatal("no output was begun")
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d", code)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("%s is left behind", files[0].Name())
	}
}

// The input is not the output either where the shell has opened it.
func TestOutputIsRedirectedInput(t *testing.T) {
	name := filepath.Join(t.TempDir(), "in.rdb")
	data, err := os.ReadFile("../../fixtures/example.rdb")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := rdbtool(t, "dump", "-", "-o", name, "--force")
	cmd.Stdin = in
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), "is the input") {
		t.Errorf("%v: %s", err, out)
	}
	if after, err := os.ReadFile(name); err != nil || !bytes.Equal(after, data) {
		t.Errorf("the input has changed, %v", err)
	}
}
