package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rdbtool/rdbtool/aof"
	"github.com/rdbtool/rdbtool/fixtures"
	"github.com/rdbtool/rdbtool/fixtures/live"
)

// corpusLog is a log of the corpus, and what is known of its last file.
type corpusLog struct {
	c       *fixtures.AOFCase
	top     string // name of the file, or of the folder that holds the files
	server  string // that loads it
	last    string // path of the last file in the data folder of the server
	data    []byte
	whole   []int64          // where whole commands end in it, outside of transactions
	digests map[int64]string // that the server which wrote it had at some of these
}

// loaders are servers at hand that load what releases have written which are not, and may
// come to other digests.
var loaders = map[string]string{
	"redis-2.4": "redis-7.0", "redis-2.8": "redis-7.0", "redis-3.2": "redis-7.0", "redis-4.0": "redis-7.0",
	"redis-5.0": "redis-7.0", "redis-6.2": "redis-7.0", "redis-7.4": "redis-8.0",
}

func readCorpusLog(t *testing.T, c *fixtures.AOFCase) *corpusLog {
	t.Helper()
	dir := t.TempDir()
	path, err := c.Write(dir)
	if err != nil {
		t.Fatal(err)
	}
	log, err := aof.Open(path, &aof.LogOptions{Options: aof.Options{Annotations: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	last := len(log.Parts) - 1
	f := &corpusLog{c: c, top: filepath.Base(path), server: c.Server, digests: map[int64]string{}}
	if !slices.Contains(live.Names(), c.Server) {
		if f.server = loaders[c.Server]; f.server == "" {
			t.Fatalf("which server loads what %s has written?", c.Server)
		}
	}
	if f.last, err = filepath.Rel(dir, log.Parts[last].Path); err != nil {
		t.Fatal(err)
	}
	if f.data, err = os.ReadFile(log.Parts[last].Path); err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := log.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if end := log.ValidUpTo(); rec.Part == last && rec.Command != nil && (len(f.whole) == 0 || end > f.whole[len(f.whole)-1]) {
			f.whole = append(f.whole, end)
		}
	}
	points, err := c.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		if filepath.Base(p.File) == filepath.Base(f.last) {
			f.digests[p.Offset] = p.Digest
		}
	}
	return f
}

// damage returns the last file, damaged behind the whole command that ends at
// f.whole[k]: cut somewhere in what follows, or in another way.
func (f *corpusLog) damage(k, kind int, random *rand.Rand) []byte {
	end := f.whole[k]
	next := int64(len(f.data))
	if k+1 < len(f.whole) {
		next = f.whole[k+1]
	}
	b := slices.Clip(f.data[:end])
	switch kind {
	case 0:
		return f.data[:end+random.Int64N(max(next-end, 1))]
	case 1:
		return append(b, make([]byte, 4096)...)
	case 2:
		garbage := make([]byte, 1+random.IntN(300))
		for i := range garbage {
			garbage[i] = byte(random.Uint32())
		}
		return append(b, append([]byte{0xff}, garbage...)...)
	}
	return append(b, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nvalue"...)
}

// repair writes the log with that content of its last file, and repairs it, in its
// place or into a copy. It returns the data folder for a server.
func (f *corpusLog) repair(t *testing.T, damaged []byte, want int64, inPlace bool) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := f.c.Write(dir); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, f.last), damaged)
	repaired := dir
	top := filepath.Join(dir, f.top)
	args := []string{"aof-truncate", "--in-place", "--yes", top}
	if !inPlace {
		repaired = t.TempDir()
		args = []string{"aof-truncate", "-o", filepath.Join(repaired, f.top), top}
	}
	out, err := rdbtool(t, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if healthy := bytes.Contains(out, []byte("nothing to do")); healthy != (int64(len(damaged)) == want) {
		t.Fatalf("of %d bytes %d are whole: %s", len(damaged), want, out)
	} else if healthy {
		repaired = dir
	}
	if kept, err := os.ReadFile(filepath.Join(repaired, f.last)); err != nil || !bytes.Equal(kept, f.data[:want]) {
		t.Fatalf("%d bytes are kept, want %d, %v", len(kept), want, err)
	}
	if now, err := os.ReadFile(filepath.Join(dir, f.last)); repaired != dir && (err != nil || !bytes.Equal(now, damaged)) {
		t.Errorf("the input has changed: %v", err)
	}
	return repaired
}

// places returns which of f.whole are looked at: all, or a few of those for which there
// is a digest, other ones in each log.
func (f *corpusLog) places(t *testing.T, all bool, rest int) (places []int) {
	t.Helper()
	for k, end := range f.whole {
		if _, told := f.digests[end]; all || told || len(f.digests) == 0 && k%50 == 0 {
			places = append(places, k)
		}
	}
	if len(places) < max(len(f.digests), 10) {
		t.Fatalf("%d places, %d digests", len(places), len(f.digests))
	}
	if all {
		return places
	}
	var few []int
	for i := rest % 5; i < len(places); i += 5 {
		few = append(few, places[i])
	}
	return few
}

// TestTruncateCorpus damages the logs of the corpus behind places at which the server
// that wrote them told its digest. That server, which takes no file that is cut, starts
// on what is left with that digest, goes on, and has what it then had when it starts once
// more. With TRUNCATE_ALL in the environment this is done behind each whole command: all
// cuts up to the next one leave the same file (TestTruncateEveryPoint of fixtures). Where
// nobody told a digest, or another server loads the log, it is held against rdbtool's own,
// which TestTruncateDigests of fixtures holds against those of all releases.
//
// What expires would since have done so. It does not in a server that waits for a master.
func TestTruncateCorpus(t *testing.T) {
	cases, err := fixtures.AOFs()
	if err != nil {
		t.Fatal(err)
	}
	all := os.Getenv("TRUNCATE_ALL") != ""
	for i := range cases {
		c := &cases[i]
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(3, uint64(i)))
			f := readCorpusLog(t, c)
			told := 0
			for n, k := range f.places(t, all, i) {
				end := f.whole[k]
				ok := t.Run(fmt.Sprint(end), func(t *testing.T) { // removes its folders at its end
					dir := f.repair(t, f.damage(k, n%4, random), end, n/4%2 == 0)
					want, have := f.digests[end]
					if have && f.server == c.Server {
						told++
					} else {
						want = fileDigest(t, filepath.Join(dir, f.top), f.server)
					}
					starts(t, f.server, dir, want, fmt.Sprintf("damage %d", n%4), "replicaof 127.0.0.1 1")
				})
				if !ok {
					break
				}
			}
			if own := f.server == c.Server; own && (told == 0 || all && told != len(f.digests)) {
				t.Errorf("%d of %d digests of the server itself were held against it", told, len(f.digests))
			}
		})
	}
}
