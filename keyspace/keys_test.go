package keyspace

import (
	"bytes"
	"testing"
)

func TestKeys(t *testing.T) {
	for _, tt := range []struct {
		command, keys string
		ok            bool
	}{
		{"set a 1", "a", true},
		{"DEL a b c", "a b c", true},
		{"MSET a 1 b 2", "a b", true},
		{"RENAME a b", "a b", true},
		{"XGROUP CREATE s g 0", "s", true},
		{"ZUNIONSTORE d 2 a b", "a b d", true},
		{"SORT l BY w STORE d", "l d", true},
		{"SORT l BY w_* STORE d", "l", false},
		{"SELECT 1", "", true},
		{"MULTI", "", true},
		{"FLUSHALL", "", false},
		{"EVAL x 0", "", false},
		{"SET a", "", false},
		{"NOSUCH a", "", false},
	} {
		keys, ok := Keys(nil, bytes.Fields([]byte(tt.command)))
		if got := string(bytes.Join(keys, []byte(" "))); got != tt.keys || ok != tt.ok {
			t.Errorf("%s: keys %q, %v; want %q, %v", tt.command, got, ok, tt.keys, tt.ok)
		}
	}
	if _, ok := Keys(nil, nil); ok {
		t.Error("no arguments have keys")
	}
}
