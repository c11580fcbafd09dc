package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A salvage that is interrupted or killed at any time leaves files that are whole or
// none, the result only with its report and what is damaged, and the source as it was.
func TestSalvageKilled(t *testing.T) {
	times := 16
	if testing.Short() {
		times = 4
	}
	data, err := large()
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Clone(data)
	for _, at := range []int{len(data) / 20, len(data) / 12} {
		clear(data[at : at+50])
	}
	w := &workshop{input: filepath.Join(t.TempDir(), "in.rdb"), dir: t.TempDir()}
	write(t, w.input, data)
	salvage := func() *exec.Cmd {
		cmd := rdbtool(t, "salvage", w.input, "-o", "out")
		cmd.Dir = w.dir
		return cmd
	}
	begin := time.Now()
	cmd := salvage()
	if out, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != exitDamage {
		t.Fatalf("%v: %s", err, out)
	}
	took := time.Since(begin)
	want := w.empty(t)
	if len(want) != 3 || len(want["out"]) < 1<<20 || len(want["out.quarantine"]) == 0 {
		t.Fatalf("it leaves %s", sizes(want))
	}
	whole, none := 0, 0
	for i := range times {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
			cmd := salvage()
			signalled(t, cmd, took*time.Duration(i)/time.Duration(times)*5/4, sig)
			files := w.empty(t)
			for name, b := range files {
				temporary := sig == syscall.SIGKILL && strings.HasPrefix(name, ".out") && strings.Contains(name, ".tmp-")
				if temporary {
					delete(files, name)
				} else if b != want[name] {
					t.Errorf("%v after %d of %d: %s is not as it should be", sig, i, times, name)
				}
			}
			if _, ok := files["out"]; !ok {
				none++
			} else if whole++; len(files) != 3 {
				t.Errorf("%v after %d of %d: it leaves %s", sig, i, times, sizes(files))
			}
		}
	}
	if now, err := os.ReadFile(w.input); err != nil || !bytes.Equal(now, data) {
		t.Errorf("the source has changed: %v", err)
	}
	t.Logf("%d of %v: %d outputs are whole, %d absent", whole+none, took, whole, none)
}
