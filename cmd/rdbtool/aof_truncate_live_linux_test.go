package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures/live"
)

// recorded is a log that a server has written, with the digest that the server had
// at each size of it.
type recorded struct {
	name, dir string // the folder that holds the files
	incr      string // name of the last file
	log       []byte
	sizes     []int64
	digests   []string
	multi     [][2]int64 // where transactions begin and end
}

// record has a server write a log: commands of each type, large ones, several
// databases, and transactions.
func record(t *testing.T, name string, random *rand.Rand, preamble string) *recorded {
	t.Helper()
	s := live.NeedServer(t, name, append(live.AppendOnly(), "appendfsync no", "aof-use-rdb-preamble "+preamble)...)
	do := func(args ...any) {
		t.Helper()
		if _, err := s.Client.Do(args...); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	for i := range 50 {
		do("SET", fmt.Sprintf("base:%d", i), i)
	}
	do("BGREWRITEAOF")
	for done := false; !done; {
		info, err := s.Info()
		if err != nil {
			t.Fatal(err)
		}
		done = info["aof_rewrite_in_progress"] == "0" && info["aof_rewrite_scheduled"] == "0"
	}
	files, err := filepath.Glob(filepath.Join(s.Dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	r := &recorded{name: name, dir: filepath.Join(s.Dir, "appendonlydir"), incr: filepath.Base(files[0])}
	size := func() int64 {
		info, err := os.Stat(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	r.sizes, r.digests = []int64{size()}, []string{serverDigest(t, s)}
	one := func() {
		key := fmt.Sprintf("key:%d", random.IntN(30))
		switch random.IntN(9) {
		case 0:
			do("SET", "s:"+key, strings.Repeat("x", random.IntN(200)))
		case 1:
			do("SET", "commands:"+key, strings.Repeat("*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n", random.IntN(40)))
		case 2:
			do("HSET", "h:"+key, random.IntN(9), "v")
		case 3:
			do("ZADD", "z:"+key, random.IntN(100), random.IntN(9))
		case 4:
			do("RPUSH", "l:"+key, "a", "b", random.IntN(100))
		case 5:
			do("SADD", "S:"+key, random.IntN(100))
		case 6:
			do("XADD", "x:"+key, "*", "f", strings.Repeat("y", random.IntN(30)))
		case 7:
			do("INCR", "n:"+key)
		case 8:
			do("DEL", "s:"+key, "h:"+key)
		}
	}
	for range 250 {
		before := size()
		switch random.IntN(6) {
		case 0:
			do("SELECT", random.IntN(3))
		case 1, 2:
			do("MULTI")
			for range 2 + random.IntN(5) {
				one()
				if random.IntN(8) == 0 {
					do("SELECT", random.IntN(3))
				}
			}
			do("EXEC")
			if after := size(); loggedMulti(t, files[0], before, after) {
				r.multi = append(r.multi, [2]int64{before, after})
			}
		default:
			one()
		}
		if now := size(); now > before {
			r.sizes, r.digests = append(r.sizes, now), append(r.digests, serverDigest(t, s))
		}
	}
	if err := syscall.Kill(s.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if r.log, err = os.ReadFile(files[0]); err != nil {
		t.Fatal(err)
	}
	return r
}

// loggedMulti reports whether a stretch of a log holds a transaction: one of a single
// command is written without.
func loggedMulti(t *testing.T, path string, from, to int64) bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(b[from:to], []byte("\r\nMULTI\r\n"))
}

// whole returns the digest at the last whole point up to an offset.
func (r *recorded) whole(offset int64) (digest string, size int64) {
	i, found := slices.BinarySearch(r.sizes, offset)
	if !found {
		i--
	}
	return r.digests[i], r.sizes[i]
}

// copyTo writes the files to the data folder dir, with that content of the last one.
func (r *recorded) copyTo(t *testing.T, dir string, last []byte) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(dir, "appendonlydir"), os.DirFS(r.dir)); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "appendonlydir", r.incr), last)
}

// starts starts a server on dir, twice: it must have the digest, take a write, and
// have that too the second time.
func starts(t *testing.T, server, dir, digest, what string, config ...string) {
	t.Helper()
	config = append(append(live.AppendOnly(), "appendfsync always"), config...)
	for round := range 2 {
		s, err := live.Start(live.Need(t, server, "server"), dir, config...)
		if err != nil {
			t.Fatalf("%s, start %d: %v", what, round+1, err)
		}
		if got := serverDigest(t, s); got != digest {
			t.Errorf("%s, start %d: the server has %s, and had %s", what, round+1, got, digest)
		}
		for _, command := range [][]any{
			{"CONFIG", "SET", "replica-read-only", "no"}, // if it is one
			{"SET", "after", round},
		} {
			if _, err := s.Client.Do(command...); err != nil {
				t.Fatal(err)
			}
		}
		digest = serverDigest(t, s)
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTruncateServer cuts what servers have written at many places, some of them in
// transactions, and damages its end in other ways. The server that starts on the
// repaired log, which takes no file that is cut, has the data that it had at the last
// whole point, goes on, and has that too when it starts once more.
func TestTruncateServer(t *testing.T) {
	cuts := 40
	if testing.Short() {
		cuts = 6
	}
	seed := uint64(os.Getpid())
	for i, name := range live.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			t.Logf("seed %d", seed)
			r := record(t, name, random, []string{"yes", "no"}[i%2])
			tails := []string{"", strings.Repeat("\x00", 4096), "\xffgarbage*3\r\n$3\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nvalue"}
			for k := range cuts {
				at := r.sizes[0] + random.Int64N(r.sizes[len(r.sizes)-1]-r.sizes[0])
				if tx := r.multi[random.IntN(len(r.multi))]; k%3 == 0 {
					at = tx[0] + random.Int64N(tx[1]-tx[0])
				}
				tail := tails[k%len(tails)]
				digest, size := r.whole(at)
				if tail != "" {
					at = size // damage begins where a command ends
				}
				what := fmt.Sprintf("cut at %d, and %d bytes behind it", at, len(tail))
				dir := t.TempDir()
				last := append(slices.Clip(r.log[:at]), tail...)
				r.copyTo(t, dir, last)
				repaired := dir
				args := []string{"aof-truncate", "--in-place", "--yes", dir}
				if k%2 == 1 {
					repaired = t.TempDir()
					args = []string{"aof-truncate", "-o", filepath.Join(repaired, "appendonlydir"), dir}
				}
				out, err := rdbtool(t, args...).CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v: %s", what, err, out)
				}
				if bytes.Contains(out, []byte("nothing to do")) {
					repaired = dir
				}
				kept, err := os.ReadFile(filepath.Join(repaired, "appendonlydir", r.incr))
				if n := int64(len(kept)); err != nil || n < size || n > at || !bytes.Equal(kept, r.log[:n]) { // a SELECT is whole by itself
					t.Fatalf("%s: %d bytes are kept, want %d, %v", what, n, size, err)
				}
				if now, err := os.ReadFile(filepath.Join(dir, "appendonlydir", r.incr)); repaired != dir && (err != nil || !bytes.Equal(now, last)) {
					t.Errorf("%s: the input has changed: %v", what, err)
				}
				starts(t, name, repaired, digest, what)
			}
		})
	}
}

// TestTruncateOrphan has servers start on a log that is cut inside a command of a
// transaction, write, and end. Where that leaves a MULTI without EXEC, what the
// server has written since is kept by --skip-damage.
func TestTruncateOrphan(t *testing.T) {
	for i, name := range live.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := record(t, name, rand.New(rand.NewPCG(7, uint64(i))), "yes")
			tx := slices.MaxFunc(r.multi, func(a, b [2]int64) int { return int(a[1] - a[0] - b[1] + b[0]) })
			dir := t.TempDir()
			r.copyTo(t, dir, r.log[:tx[1]-int64(len("*1\r\n$4\r\nEXEC\r\n"))-1])
			log := filepath.Join(dir, "appendonlydir", r.incr)
			s, err := live.Start(live.Need(t, name, "server"), dir, "appendonly yes", "appendfsync always")
			if err != nil {
				t.Fatal(err)
			}
			for k := range 100 {
				if _, err := s.Client.Do("SET", fmt.Sprint("after:", k), k); err != nil {
					t.Fatal(err)
				}
			}
			want := serverDigest(t, s)
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			out, err := rdbtool(t, "aof-truncate", "--in-place", "--yes", dir).CombinedOutput()
			if name == "valkey-9.1" { // it cuts the transaction
				if !bytes.Contains(out, []byte("healthy")) {
					t.Fatalf("%v: %s", err, out)
				}
				starts(t, name, dir, want, name)
				return
			}
			if err == nil || !bytes.Contains(out, []byte("has gone on behind a MULTI without EXEC")) {
				t.Fatalf("%v: %s", err, out)
			}
			if now, err := os.ReadFile(log); err != nil || !bytes.Equal(now, before) {
				t.Fatalf("a log that is refused has changed: %v", err)
			}
			if out, err := rdbtool(t, "aof-truncate", "--skip-damage", "--in-place", "--yes", dir).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			starts(t, name, dir, want, name)
		})
	}
}
