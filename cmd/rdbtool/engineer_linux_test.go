package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/rdbtool/rdbtool/fixtures/live"
)

// terminal returns both ends of a new terminal.
func terminal(t *testing.T) (user, program *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatal("CI needs a terminal: ", err)
	case err != nil:
		t.Skip("no terminals here:", err)
	}
	t.Cleanup(func() { user.Close() })
	if err := unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return user, program
}

// night is what an engineer does at three in the morning who knows no more than
// rdbtool --help: each command is one that the output before it has told.
type night struct {
	t        *testing.T
	dir      string // the folder of the server
	commands int
	said     string // all output of the last command
}

// follow runs the command that stands in the last output and matches. answer
// is typed at the terminal.
func (n *night) follow(pattern, answer string) {
	n.t.Helper()
	found := regexp.MustCompile("(?m)rdbtool " + pattern).FindString(n.said)
	if found == "" {
		n.t.Fatalf("no %q in:\n%s", pattern, n.said)
	}
	n.commands++
	words := strings.Fields(strings.Replace(found, "FOLDER", n.dir, 1))
	n.run(answer, words[1:]...)
}

func (n *night) run(answer string, args ...string) {
	n.t.Helper()
	user, tty := terminal(n.t)
	if _, err := io.WriteString(user, answer); err != nil {
		n.t.Fatal(err)
	}
	cmd := rdbtool(n.t, args...)
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, &out, &out
	_ = cmd.Run() // what it says counts
	n.said = out.String()
}

// A server is dead and does not start again: three commands, of which each but
// the first is told by the one before, and it does.
func TestEngineer(t *testing.T) {
	breaks := map[string]struct {
		damage func(b []byte) []byte
		whole  bool // the last transaction is left whole
	}{
		"torn":        {func(b []byte) []byte { return b[:len(b)-7] }, false},
		"zeros":       {func(b []byte) []byte { return append(b[:len(b)-100], make([]byte, 4096)...) }, false},
		"in a MULTI":  {func(b []byte) []byte { return b[:bytes.LastIndex(b, []byte("EXEC"))-30] }, false},
		"garbage":     {func(b []byte) []byte { return append(b, "\x8f\x01 whatever the disk made of it"...) }, true},
		"huge length": {func(b []byte) []byte { return append(b, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nv"...) }, true},
	}
	for _, name := range live.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program := live.Need(t, name, "server")
			intact, before, after := crashed(t, program)
			for kind, b := range breaks {
				damage, digest := b.damage, before
				if b.whole {
					digest = after
				}
				dir := filepath.Join(t.TempDir(), "data")
				if err := os.CopyFS(dir, os.DirFS(intact)); err != nil {
					t.Fatal(err)
				}
				incr := lastIncr(t, dir)
				b, err := os.ReadFile(incr)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(incr, damage(b), 0o644); err != nil {
					t.Fatal(err)
				}
				config := append(live.AppendOnly(), "aof-load-truncated no")
				if s, err := live.Start(program, dir, config...); err == nil {
					s.Stop()
					t.Fatalf("%s: the server starts", kind)
				}
				n := &night{t: t, dir: dir}
				n.run("", "--help")
				n.follow(`verify FOLDER$`, "")
				n.follow(`aof-truncate \S+$`, "")
				n.follow(`aof-truncate --in-place \S+$`, "y\n")
				if n.commands > 3 {
					t.Errorf("%s: %d commands", kind, n.commands)
				}
				s, err := live.Start(program, dir, config...)
				if err != nil {
					t.Fatalf("%s: %v\nafter\n%s", kind, err, n.said)
				}
				if got := serverDigest(t, s); got != digest {
					t.Errorf("%s: the data set has the digest %s, %s is due", kind, got, digest)
				}
				if err := s.Stop(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// crashed returns the folder of a server that was killed after a transaction,
// and the digests of its data before and after that.
func crashed(t *testing.T, program string) (dir, before, after string) {
	t.Helper()
	s, err := live.Start(program, t.TempDir(), append(live.AppendOnly(), "appendfsync always")...)
	if err != nil {
		t.Fatal(err)
	}
	do := func(args ...any) {
		t.Helper()
		if _, err := s.Client.Do(args...); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		do("HSET", fmt.Sprint("user:", i), "name", fmt.Sprint("n", i), "logins", i)
	}
	before = serverDigest(t, s)
	do("MULTI")
	for i := range 10 {
		do("SET", fmt.Sprint("last:", i), strings.Repeat("v", 50))
	}
	do("EXEC")
	after = serverDigest(t, s)
	if err := syscall.Kill(s.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	return s.Dir, before, after
}

func lastIncr(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return files[0]
}
