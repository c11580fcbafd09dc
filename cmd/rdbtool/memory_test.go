package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A reader that goes away ends a report, and lines by key, without a word.
func TestMemoryToClosedPipe(t *testing.T) {
	for _, args := range [][]string{{"-f", "json"}, {"--per-key", "csv"}, {"-f", "html"}} {
		cmd := rdbtool(t, append(append([]string{"memory"}, args...), "../../fixtures/example.rdb")...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		cmd.Stdout = w
		err = cmd.Run()
		w.Close()
		if err == nil || cmd.ProcessState.ExitCode() != exitFailure || stderr.Len() > 0 {
			t.Errorf("%q: exit code %d, says %q", args, cmd.ProcessState.ExitCode(), &stderr)
		}
	}
}

// An interrupt while the input keeps us waiting ends the program with 130: no
// report, and no file.
func TestMemoryInterrupted(t *testing.T) {
	data, err := os.ReadFile("../../fixtures/example.rdb")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-o", "report.txt"}, {"-f", "json"}, {"--per-key", "csv", "--allocator", "libc", "-o", "keys.csv"}, {"--merge"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			interrupted(t, data, args)
		})
	}
}

func interrupted(t *testing.T, data []byte, args []string) {
	dir := t.TempDir()
	cmd := rdbtool(t, append([]string{"memory", "-q", "-"}, args...)...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begin := data[:len(data)-20]
	if args[0] == "--merge" {
		begin = []byte(`{"rdbtool_memory": 1, `)
	}
	if _, err := stdin.Write(begin); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // until it waits for more
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatalf("%q: does not end", args)
	}
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || stdout.Len() > 0 {
		t.Errorf("%q: exit code %d, %q, says %q", args, code, &stdout, &stderr)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) > 0 {
		t.Errorf("%q: %s is left behind", args, strings.Join(files, " "))
	}
}
