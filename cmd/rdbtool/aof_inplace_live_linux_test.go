package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/fixtures/live"
)

// The log of a server that is running is left alone. Once the server has been
// killed it is rewritten, twice, and the server that starts on it answers the
// same DEBUG DIGEST as before, goes on, and what it adds can be rewritten again.
func TestInPlaceServer(t *testing.T) {
	for _, name := range live.Names() {
		for _, base := range []string{"rdb", "resp"} {
			t.Run(name+", "+base, func(t *testing.T) {
				preamble := map[string]string{"rdb": "yes", "resp": "no"}[base]
				config := append(live.AppendOnly(), "appendfsync no", "aof-use-rdb-preamble "+preamble)
				s := live.NeedServer(t, name, config...)
				if _, err := live.Fill(s.Client, 1); err != nil {
					t.Fatal(err)
				}
				// It has a score of -0, whose sign depends on the encoding in the server.
				if _, err := s.Client.Do("DEL", "zset:scores:skiplist"); err != nil {
					t.Fatal(err)
				}
				rewrite := func(flags ...string) (string, error) {
					out, err := rdbtool(t, append([]string{"aof-rewrite", "--in-place", s.Dir, "--target", name, "--base", base, "--allow-loss"}, flags...)...).CombinedOutput()
					return string(out), err
				}
				out, err := rewrite()
				if err == nil || !strings.Contains(out, fmt.Sprintf("in use by process %d", s.Pid())) {
					t.Fatalf("under a running server: %v: %s", err, out)
				}
				want := serverDigest(t, s)
				if err := syscall.Kill(s.Pid(), syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
				if err := s.Stop(); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if out, err := rewrite(); err != nil {
						t.Fatalf("%v: %s", err, out)
					}
				}
				if got := fileDigest(t, s.Dir, name); got != want {
					t.Errorf("digest says %s, the server had %s", got, want)
				}
				again, err := live.Start(live.Need(t, name, "server"), s.Dir, config...)
				if err != nil {
					t.Fatal(err)
				}
				defer again.Stop()
				if got := serverDigest(t, again); got != want {
					t.Errorf("the server has %s after a rewrite, and had %s", got, want)
				}
				if _, err := again.Client.Do("SET", "after", time.Now().String()); err != nil {
					t.Fatal(err)
				}
				want = serverDigest(t, again)
				if err := again.Stop(); err != nil {
					t.Fatal(err)
				}
				if out, err := rewrite(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if got := fileDigest(t, s.Dir, name); got != want {
					t.Errorf("digest says %s, the server had %s", got, want)
				}
			})
		}
	}
}

func serverDigest(t *testing.T, s *live.Server) string {
	t.Helper()
	reply, err := s.Client.Do("DEBUG", "DIGEST")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(reply)
}

func fileDigest(t *testing.T, dir, target string) string {
	t.Helper()
	out, err := rdbtool(t, "digest", dir, "--target", target).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
