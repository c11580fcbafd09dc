package main

import (
	"bytes"
	"strings"
	"testing"
)

// A profile is not for a terminal.
func TestMemoryOnTerminal(t *testing.T) {
	_, tty := terminal(t)
	cmd := rdbtool(t, "memory", "-f", "pprof", "../../fixtures/example.rdb")
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = tty, &stderr
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitUsage || !strings.Contains(stderr.String(), "--format pprof is not for a terminal: -o FILE writes it to a file") {
		t.Errorf("%v: exit code %d, says %q", err, code, &stderr)
	}
}
