package keyspace

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Recordings are what servers made of random commands. They are made anew by
//
//	go test -run StreamRecordings ./keyspace -stream-server 127.0.0.1:6379 -stream-seeds 5
//
// against a server with appendonly yes and enable-debug-command yes whose data
// can go; with -stream-record NAME the last one is kept in testdata/stream.
var (
	streamServer = flag.String("stream-server", "", "address of a server to compare streams with")
	streamSeeds  = flag.Int("stream-seeds", 1, "how many rounds of random commands")
	streamRecord = flag.String("stream-record", "", "name under which the last round is kept")
)

// streamRecording is a round of random commands on the keys s and t.
type streamRecording struct {
	Sent     []sentStreamCommand
	State    []string   // after these, without times; nil for old servers, which count what is read in other ways
	Logged   [][]string // the commands of the log
	Replayed []string   // after the log was loaded
	Digests  []string   // of both keys then
}

type sentStreamCommand struct {
	Now   int64 // before it was sent
	Args  []string
	Error string `json:",omitempty"` // that the server answered
}

func TestStreamRecordings(t *testing.T) {
	if *streamServer != "" {
		for range *streamSeeds {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			r := recordStreams(t, seed)
			r.check(t)
			if t.Failed() {
				return
			}
			if *streamRecord != "" {
				r.save(t, *streamRecord)
			}
		}
		return
	}
	files, err := filepath.Glob("testdata/stream/*.json.gz")
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := loadStreamRecording(t, file)
			r.check(t)
		})
	}
}

func loadStreamRecording(t *testing.T, file string) (r streamRecording) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(z).Decode(&r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *streamRecording) save(t *testing.T, name string) {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err := json.NewEncoder(z).Encode(r); err != nil {
		t.Fatal(err)
	}
	z.Close()
	file := filepath.Join("testdata/stream", name+".json.gz")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// check executes what was sent, and what was logged, and compares.
func (r *streamRecording) check(t *testing.T) {
	now := int64(1)
	options := Options{Now: func() int64 { return now }}
	x := New(options).NewExecutor()
	for i, c := range r.Sent {
		now = c.Now
		err := x.Do(streamWords(c.Args))
		if (err != nil) != (c.Error != "") || err != nil && err.Error() != c.Error {
			t.Errorf("command %d, %.200q: %v, the server answers %q", i, c.Args, err, c.Error)
		}
	}
	if r.State != nil {
		compareStreamStates(t, "sent", streamStates(t, x, false), r.State)
	}
	now = 1
	x = New(options).NewExecutor()
	for i, c := range r.Logged {
		if err := x.Do(streamWords(c)); err != nil {
			t.Errorf("logged command %d, %.200q: %v", i, c, err)
		}
	}
	compareStreamStates(t, "logged", streamStates(t, x, true), r.Replayed)
	for i, key := range []string{"s", "t"} {
		if got := fmt.Sprintf("%x", x.ds.DigestValue(0, []byte(key), DigestFormat{})); got != r.Digests[i] {
			t.Errorf("digest of %s is %s, the server has %s", key, got, r.Digests[i])
		}
	}
}

func streamWords(args []string) (b [][]byte) {
	for _, a := range args {
		b = append(b, []byte(a))
	}
	return b
}

func compareStreamStates(t *testing.T, what string, got, want []string) {
	t.Helper()
	wrong := 0
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("%s: line %d is\n%s\nthe server has\n%s", what, i, g, w)
			if wrong++; wrong == 5 {
				t.Fatal("and so on")
			}
		}
	}
}

// streamStates shows both streams as far as a server tells of them.
func streamStates(t *testing.T, x *Executor, times bool) (lines []string) {
	for _, key := range []string{"s", "t"} {
		s, err := x.stream([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		if s == nil {
			continue
		}
		checkStream(t, s)
		lines = append(lines, fmt.Sprintf("key %s nodes %d", key, len(s.nodes)-s.removed))
		for _, l := range streamState(s) {
			lines = append(lines, comparableLine(l, times))
		}
	}
	return lines
}

var (
	streamSeenTimes     = regexp.MustCompile(` seen -?\d+ active -?\d+| groups \d+$`)
	streamDeliveryTimes = regexp.MustCompile(` at -?\d+,`)
)

// comparableLine takes away what depends on the clock, and what is not compared.
func comparableLine(line string, times bool) string {
	if strings.HasPrefix(line, "entry") {
		return line
	}
	if line = streamSeenTimes.ReplaceAllString(line, ""); !times {
		line = streamDeliveryTimes.ReplaceAllString(line, "")
	}
	return line
}

// streamConn is a connection to a server.
type streamConn struct {
	t *testing.T
	c net.Conn
	r *bufio.Reader
}

func dialStreams(t *testing.T) *streamConn {
	c, err := net.Dial("tcp", *streamServer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &streamConn{t, c, bufio.NewReader(c)}
}

// do sends a command. Errors are answers of type error.
func (c *streamConn) do(args ...string) any {
	b := fmt.Appendf(nil, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	if _, err := c.c.Write(b); err != nil {
		c.t.Fatal(err)
	}
	return readStreamReply(c.t, c.r)
}

func readStreamReply(t *testing.T, r *bufio.Reader) any {
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSuffix(line[1:], "\r\n")
	n, _ := strconv.ParseInt(text, 10, 64)
	switch {
	case line[0] == '-':
		return ReplyError(text)
	case line[0] == ':':
		return n
	case line[0] == '+':
		return text
	case n < 0:
		return nil
	case line[0] == '$':
		b := make([]byte, n+2)
		if _, err := io.ReadFull(r, b); err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	all := make([]any, n)
	for i := range all {
		all[i] = readStreamReply(t, r)
	}
	return all
}

// state is streamStates of the server.
func (c *streamConn) state(times bool) (lines []string) {
	for _, key := range []string{"s", "t"} {
		info, ok := c.do("XINFO", "STREAM", key, "FULL", "COUNT", "0").([]any)
		if !ok {
			continue
		}
		in := streamReplyMap(info)
		lines = append(lines, fmt.Sprintf("key %s nodes %d", key, in["radix-tree-keys"]))
		for _, e := range in["entries"].([]any) {
			lines = append(lines, fmt.Sprintf("entry %v %q", e.([]any)[0], e.([]any)[1]))
		}
		lines = append(lines, fmt.Sprintf("info %d last %v first %v deleted %v added %d",
			in["length"], in["last-generated-id"], in["recorded-first-entry-id"], in["max-deleted-entry-id"], in["entries-added"]))
		for _, e := range in["groups"].([]any) {
			g := streamReplyMap(e.([]any))
			pending, consumers := g["pending"].([]any), g["consumers"].([]any)
			read, ok := g["entries-read"].(int64)
			if !ok {
				read = -1
			}
			lines = append(lines, fmt.Sprintf("group %q last %v read %d pending %d consumers %d", g["name"], g["last-delivered-id"], read, len(pending), len(consumers)))
			for _, e := range pending {
				p := e.([]any)
				lines = append(lines, comparableLine(fmt.Sprintf("pending %v of %q at %d, %d times, nacked false", p...), times))
			}
			for _, e := range consumers {
				k := streamReplyMap(e.([]any))
				lines = append(lines, fmt.Sprintf("consumer %q pending %d", k["name"], k["pel-count"]))
			}
		}
	}
	return lines
}

func streamReplyMap(list []any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(list); i += 2 {
		m[list[i].(string)] = list[i+1]
	}
	return m
}

// recordStreams sends random commands to the server.
func recordStreams(t *testing.T, seed uint64) (rec streamRecording) {
	c := dialStreams(t)
	c.do("FLUSHALL")
	c.do("CONFIG", "SET", "appendonly", "no") // begins a new log
	c.do("CONFIG", "SET", "appendonly", "yes")
	for strings.Contains(c.do("INFO", "persistence").(string), "aof_rewrite_in_progress:1") {
		time.Sleep(10 * time.Millisecond)
	}
	_, policies := c.do("COMMAND", "INFO", "XDELEX").([]any)[0].([]any)
	g := newStreamGenerator(seed, policies)
	for len(rec.Sent) < 1500 {
		for _, args := range g.next() {
			clock := c.do("TIME").([]any)
			s, _ := strconv.ParseInt(clock[0].(string), 10, 64)
			us, _ := strconv.ParseInt(clock[1].(string), 10, 64)
			sent := sentStreamCommand{Now: s*1000 + us/1000, Args: args}
			if err, ok := c.do(args...).(ReplyError); ok {
				sent.Error = string(err)
			}
			rec.Sent = append(rec.Sent, sent)
		}
	}
	if policies {
		rec.State = c.state(false)
	}
	if answer := c.do("DEBUG", "LOADAOF"); answer != "OK" {
		t.Fatal(answer)
	}
	rec.Replayed = c.state(true)
	for _, digest := range c.do("DEBUG", "DIGEST-VALUE", "s", "t").([]any) {
		rec.Digests = append(rec.Digests, digest.(string))
	}
	dir := streamReplyMap(c.do("CONFIG", "GET", "dir").([]any))["dir"].(string)
	log, err := filepath.Glob(filepath.Join(dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(log) == 0 {
		t.Fatal("no log", err)
	}
	for _, file := range slices.Sorted(slices.Values(log)) {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for r := bufio.NewReader(bytes.NewReader(b)); ; {
			if _, err := r.Peek(1); err != nil {
				break
			}
			var args []string
			for _, a := range readStreamReply(t, r).([]any) {
				args = append(args, a.(string))
			}
			rec.Logged = append(rec.Logged, args)
		}
	}
	return rec
}
