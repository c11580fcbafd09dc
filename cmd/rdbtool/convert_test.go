package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/convert"
)

// conversions are the forms that convert writes, by flags. The output is named
// "out".
var conversions = map[string][]string{
	"snapshot":       {"--to", "rdb"},
	"other target":   {"--to", "rdb", "--target", "redis-6.2"},
	"commands":       {"--to", "resp"},
	"payloads":       {"--to", "aof", "--restore"},
	"json":           {"--to", "json"},
	"folder":         {"--to", "aof", "--layout", "multipart"},
	"folder, resp":   {"--to", "aof", "--layout", "multipart", "--base", "resp"},
	"folder, report": {"--to", "aof", "--layout", "multipart", "--report", "lost.json"},
}

// large returns a snapshot of some megabytes: many small keys, and values that
// are too large to be held as a whole.
var large = sync.OnceValues(func() ([]byte, error) {
	var text bytes.Buffer
	for i := range 20000 {
		fmt.Fprintf(&text, `{"db":%d,"key":"key:%d","type":"string","value":"value %d %d"}`+"\n", i/10000, i, i*7919, i*i)
	}
	fmt.Fprint(&text, `{"db":2,"key":"large hash","type":"hash","value":{`)
	for i := range 80000 {
		fmt.Fprintf(&text, `"field %d":"value %d %d",`, i, i*i, i*7919)
	}
	fmt.Fprint(&text, `"last":"v"}}`+"\n"+`{"db":2,"key":"large list","type":"list","value":[`)
	for i := range 80000 {
		fmt.Fprintf(&text, `"item %d %d",`, i, i*i)
	}
	fmt.Fprintln(&text, `"last"]}`)
	var out bytes.Buffer
	losses, err := convert.ToRDB(context.Background(), convert.Source{Reader: &text, JSON: true}, &out, convert.Options{})
	if err == nil {
		losses.Close()
	}
	return out.Bytes(), err
})

// workshop is a folder with an input, and a folder beside it for the output.
type workshop struct {
	input, dir string
	whole      map[string]string // what a conversion leaves in dir
	took       time.Duration
}

// open converts the large snapshot once.
func open(t *testing.T, flags []string) *workshop {
	t.Helper()
	data, err := large()
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{input: filepath.Join(t.TempDir(), "in.rdb"), dir: t.TempDir()}
	if err := os.WriteFile(w.input, data, 0o644); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if out, err := w.command(t, flags).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w.took = time.Since(begin)
	w.whole = w.empty(t)
	if len(w.whole["out"]) < 1<<20 && len(w.whole) < 2 {
		t.Fatalf("the output has %d files", len(w.whole))
	}
	return w
}

func (w *workshop) command(t *testing.T, flags []string) *exec.Cmd {
	cmd := rdbtool(t, append([]string{"convert", w.input, "-o", "out", "-j", "2"}, flags...)...)
	cmd.Dir = w.dir
	return cmd
}

// empty removes all files of the output and returns them.
func (w *workshop) empty(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		name, _ := filepath.Rel(w.dir, path)
		switch {
		case err != nil || name == ".":
			return err
		case d.IsDir():
			files[name+"/"] = ""
			return nil
		}
		b, err := os.ReadFile(path)
		files[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(w.dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// A conversion that is interrupted or killed at any time leaves its whole
// output or none, and an interrupted one nothing else.
func TestConvertKilled(t *testing.T) {
	times := 24
	if testing.Short() {
		times = 4
	}
	for name, flags := range conversions {
		t.Run(name, func(t *testing.T) {
			w := open(t, flags)
			whole, none := 0, 0
			for i := range times {
				for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
					cmd := w.command(t, flags)
					signalled(t, cmd, w.took*time.Duration(i)/time.Duration(times)*5/4, sig)
					code := cmd.ProcessState.ExitCode()
					files := w.empty(t)
					if sig == syscall.SIGKILL && code != 0 {
						maps.DeleteFunc(files, func(name, _ string) bool {
							return strings.HasPrefix(name, ".out.tmp-") || strings.HasPrefix(name, ".lost.json.tmp-")
						})
					}
					delete(files, "lost.json")
					switch want := maps.Clone(w.whole); {
					case len(files) == 0:
						if none++; code == 0 {
							t.Errorf("%v after %d of %d: exit code 0 and no output", sig, i, times)
						}
					default:
						if delete(want, "lost.json"); !maps.Equal(files, want) {
							t.Errorf("%v after %d of %d: it leaves %s", sig, i, times, sizes(files))
						}
						whole++
					}
				}
			}
			t.Logf("%d of %v: %d outputs are whole, %d absent", whole+none, w.took, whole, none)
		})
	}
}

// signalled runs a command, and sends it a signal after that time.
func signalled(t *testing.T, cmd *exec.Cmd, after time.Duration, sig syscall.Signal) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Signal(sig)
	_ = cmd.Wait()
}

func sizes(files map[string]string) string {
	var b strings.Builder
	for name, data := range files {
		fmt.Fprintf(&b, "%s (%d bytes) ", name, len(data))
	}
	return b.String()
}

// Where the disk takes no more, at any point, the output is absent and the exit
// code that of a failure. Here it is the largest size of a file that ends.
func TestConvertDiskFull(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such limit")
	}
	for name, flags := range conversions {
		t.Run(name, func(t *testing.T) {
			w := open(t, flags)
			for _, blocks := range []int{0, 1, 100, 500, 1000} { // of 512 or 1024 bytes
				cmd := w.command(t, flags)
				cmd.Args = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -f %d; exec "$0" "$@"`, blocks), cmd.Path}, cmd.Args[1:]...)
				var err error
				if cmd.Path, err = exec.LookPath("sh"); err != nil {
					t.Skip(err)
				}
				w.full(t, fmt.Sprintf("%d blocks", blocks), cmd, "file too large")
			}
		})
	}
}

// full runs a command that runs out of space.
func (w *workshop) full(t *testing.T, name string, cmd *exec.Cmd, reason string) {
	t.Helper()
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitFailure || !strings.Contains(string(out), reason) || strings.Contains(string(out), "goroutine") {
		t.Errorf("%s: exit code %d: %s", name, code, out)
	}
	if files := w.empty(t); len(files) > 0 {
		t.Errorf("%s: it leaves %s", name, sizes(files))
	}
}

// An interrupt while the source keeps us waiting ends a conversion at once.
func TestConvertInterruptedWaiting(t *testing.T) {
	for name, flags := range conversions {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for seconds
			w := open(t, flags)
			data, err := large()
			if err != nil {
				t.Fatal(err)
			}
			w.input = "-"
			cmd := w.command(t, flags)
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := stdin.Write(data[:len(data)-10]); err != nil {
				t.Fatal(err)
			}
			for begin := time.Now(); ; time.Sleep(time.Millisecond) {
				if files, _ := os.ReadDir(w.dir); len(files) > 0 {
					break // the output is open
				}
				if time.Since(begin) > 10*time.Second {
					t.Fatal("no output was begun")
				}
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("exit code %d", code)
			}
			if files := w.empty(t); len(files) > 0 {
				t.Errorf("it leaves %s", sizes(files))
			}
		})
	}
}
