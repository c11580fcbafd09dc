package keyspace

import (
	"errors"
	"strings"
	"testing"
)

// TestFlushSlot has foo and its like in slot 12182, in two databases and on
// several shards.
func TestFlushSlot(t *testing.T) {
	ds := New(Options{Shards: 16})
	x := ds.NewExecutor()
	do := func(line string) error {
		var args [][]byte
		for _, w := range strings.Fields(line) {
			args = append(args, []byte(w))
		}
		return x.Do(args)
	}
	for _, line := range []string{"MSET foo 1 {foo}2 1 {foo}3 1 bar 1", "SELECT 2", "MSET foo 1 {bar}foo 1", "CLUSTER FLUSHSLOT 12182 ASYNC"} {
		if err := do(line); err != nil {
			t.Fatal(line, err)
		}
	}
	if n := ds.Len(); n != 2 {
		t.Errorf("%d keys are left", n)
	}
	var reply ReplyError
	for _, line := range []string{"CLUSTER FLUSHSLOT 16384", "CLUSTER FLUSHSLOT -1", "CLUSTER FLUSHSLOT x", "CLUSTER FLUSHSLOT 1 NOW", "CLUSTER FLUSHSLOT 1 SYNC 2"} {
		if err := do(line); !errors.As(err, &reply) {
			t.Errorf("%s: %v", line, err)
		}
	}
	var arity *ArityError
	if err := do("CLUSTER FLUSHSLOT"); !errors.As(err, &arity) {
		t.Errorf("CLUSTER FLUSHSLOT: %v", err)
	}
	var unsupported *UnsupportedError
	if err := do("CLUSTER RESET"); !errors.As(err, &unsupported) {
		t.Errorf("CLUSTER RESET: %v", err)
	}
}
