package convert

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/aof"
)

// patient is a context that is cancelled when it has been asked some times.
type patient struct {
	context.Context
	left atomic.Int64
}

func (p *patient) Err() error {
	if p.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestReplayCancelled cancels replays in each of their stages: nothing hangs, and
// no file and no goroutine is left.
func TestReplayCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "appendonly.aof")
	var log []byte
	for i := range 6000 {
		log = aof.AppendCommand(log, "SET", fmt.Append(nil, "key:", i), []byte("value"))
		if i%50 == 0 {
			log = aof.AppendCommand(log, "RENAME", fmt.Append(nil, "key:", i), fmt.Append(nil, "other:", i))
		}
	}
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for _, memory := range []int64{0, 64 << 10} {
		whole, cancelled := 0, 0
		for asked := range int64(40) {
			open := func() (*aof.Log, error) { return aof.Open(path, nil) }
			l, err := open()
			if err != nil {
				t.Fatal(err)
			}
			ctx := &patient{Context: t.Context()}
			ctx.left.Store(asked)
			o := ReplayOptions{Jobs: 4, MaxMemory: memory, Reopen: open, TempDir: t.TempDir()}
			r, err := Replay(ctx, l, o)
			switch {
			case err == nil:
				whole++
				if n := r.Data.Len(); n != 6000 {
					t.Errorf("%d keys", n)
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			case errors.Is(err, context.Canceled):
				cancelled++
			default:
				t.Errorf("asked %d times: %v", asked, err)
			}
			if left, err := os.ReadDir(o.TempDir); err != nil || len(left) > 0 {
				t.Errorf("asked %d times: %v, %v are left", asked, left, err)
			}
		}
		if whole == 0 || cancelled < 5 {
			t.Errorf("memory %d: %d whole, %d cancelled", memory, whole, cancelled)
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestReplayNoRoom: where no temporary file can be made the replay ends with that
// error, before it has read all of the log.
func TestReplayNoRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "appendonly.aof")
	var log []byte
	for i := range 30_000 {
		log = aof.AppendCommand(log, "SET", fmt.Append(nil, "key:", i), make([]byte, 700))
	}
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	open := func() (*aof.Log, error) { return aof.Open(path, nil) }
	l, err := open()
	if err != nil {
		t.Fatal(err)
	}
	r := &replay{o: ReplayOptions{MaxMemory: 1 << 20, Reopen: open, TempDir: filepath.Join(t.TempDir(), "none")}, log: l, out: &Replayed{Skipped: map[string]int64{}}}
	plan, err := planParts(t.Context(), r.o)
	if err != nil {
		t.Fatal(err)
	}
	err = r.read(t.Context(), newStopper(l, &r.o.Until), func() {
		if r.into == nil {
			r.into = r.inParts(plan)
		}
	})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading ends with %v", err)
	}
	if r.out.Commands == 30_000 {
		t.Error("the log has been read to its end")
	}
	if _, _, _, fatal, err := r.into.finish(t.Context()); fatal != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, %v at the end", fatal, err)
	}
	l.Close()
}
