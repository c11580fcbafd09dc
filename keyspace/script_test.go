package keyspace

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/rdbtool/rdbtool/fixtures/scripts"
)

func evalWords(script string, keys, args []string) [][]byte {
	all := [][]byte{[]byte("EVAL"), []byte(script), []byte(strconv.Itoa(len(keys)))}
	for _, s := range append(append([]string{}, keys...), args...) {
		all = append(all, []byte(s))
	}
	return all
}

func prepared(t *testing.T, setup []string, shards int) *Executor {
	t.Helper()
	ds := New(Options{Shards: shards, Now: func() int64 { return 1e12 }})
	x := ds.NewExecutor()
	for _, line := range setup {
		if err := x.Do(words(line)); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return x
}

func (x *Executor) held(key string) string {
	r := x.lookup([]byte(key))
	if !r.ok() {
		return ""
	}
	return string(r.value())
}

// TestScripts runs scripts. The same ones run on servers in fixtures/live.
func TestScripts(t *testing.T) {
	for _, c := range scripts.Cases() {
		for _, shards := range []int{1, 16} {
			x := prepared(t, c.Setup, shards)
			if err := x.Do(evalWords(c.Script, c.Keys, c.Args)); err != nil {
				t.Errorf("%s: %v", c.Script, err)
				continue
			}
			if got := x.held("r"); got != c.Want {
				t.Errorf("%s: r is %q, want %q", c.Script, got, c.Want)
			}
		}
	}
}

func TestScriptsRefused(t *testing.T) {
	for _, c := range scripts.AllRefused() {
		err := prepared(t, c.Setup, 1).Do(evalWords(c.Script, nil, nil))
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Command != "EVAL" || !strings.Contains(unsupported.Reason, c.Why) {
			t.Errorf("%s: %v, want a reason with %q", c.Script, err, c.Why)
		}
	}
}

// TestScriptErrors: a script that has written nothing and ends with an error is
// none that a server logs.
func TestScriptErrors(t *testing.T) {
	for script, writes := range map[string]bool{
		`error('x')`: false, `redis.call('get', 'l')`: false, `local t; t.x = 1`: false, `return redis.call({})`: false,
		`redis.call('set', 'k', 'v'); error('x')`: true,
	} {
		err := prepared(t, []string{"RPUSH l a"}, 1).Do(evalWords(script, nil, nil))
		var reply ReplyError
		if errors.As(err, &reply) == writes || writes && err != nil {
			t.Errorf("%s: %v", script, err)
		}
	}
	for _, line := range []string{"EVAL x y", "EVAL x -1", "EVAL x 2 a"} {
		var reply ReplyError
		if err := prepared(t, nil, 1).Do(words(line)); !errors.As(err, &reply) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestEvalSHA(t *testing.T) {
	const script = `return redis.call('INCR', KEYS[1])`
	sum := sha1hex([]byte(script))
	call := [][]byte{[]byte("EVALSHA"), []byte(strings.ToUpper(sum)), []byte("1"), []byte("n")}
	x := prepared(t, nil, 1)
	var unsupported *UnsupportedError
	if err := x.Do(call); !errors.As(err, &unsupported) || unsupported.Command != "EVALSHA" {
		t.Errorf("%v for a script that is not known", err)
	}
	must := func(args ...[]byte) {
		t.Helper()
		if err := x.Do(args); err != nil {
			t.Fatal(err)
		}
	}
	must(evalWords(script, []string{"n"}, nil)...)
	must(call...)
	must(words("SCRIPT FLUSH")...)
	if err := x.Do(call); !errors.As(err, &unsupported) {
		t.Errorf("%v after SCRIPT FLUSH", err)
	}
	must([]byte("SCRIPT"), []byte("LOAD"), []byte(script))
	must([]byte("MULTI"))
	must(call...)
	must(evalWords(script, []string{"n"}, nil)...)
	if got := x.held("n"); got != "2" {
		t.Errorf("n is %s before EXEC", got)
	}
	must([]byte("EXEC"))
	if got := x.held("n"); got != "4" {
		t.Errorf("n is %s, want 4", got)
	}
}
