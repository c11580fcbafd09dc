package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"

	"github.com/rdbtool/rdbtool/internal/human"
)

// progress shows on a terminal how far the reading of a file has come.
type progress struct {
	ctx  context.Context
	w    io.Writer
	on   bool
	read atomic.Int64
	stop chan struct{}
	done chan struct{}

	all   bool       // shows several files together: see several
	mu    sync.Mutex // held while something is written to the terminal
	shown bool       // a line stands there
}

const (
	progressDelay = time.Second
	progressEvery = 200 * time.Millisecond
	clearLine     = "\r\x1b[K"
)

// progress returns a display for work that reads files; quiet shows nothing.
func (p *program) progress(ctx context.Context, quiet bool) *progress {
	return &progress{ctx: ctx, w: p.stderr, on: !quiet && isTerminal(p.stderr)}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// watch counts what is read from r, of size bytes or -1.
func (g *progress) watch(r io.Reader, name string, size int64) io.Reader {
	if !g.on {
		return r
	}
	if !g.all {
		g.begin(name, size)
	}
	return &countingReader{r, &g.read}
}

// several shows from now on how much has been read of all the files together,
// which may be watched at the same time.
func (g *progress) several(name string, size int64) {
	if g.on {
		g.all = true
		g.begin(name, size)
	}
}

// begin begins to show the reading of something new.
func (g *progress) begin(name string, size int64) {
	g.end()
	g.read.Store(0)
	g.stop, g.done = make(chan struct{}), make(chan struct{})
	go g.show(name, size)
}

// aside takes the line away while write writes to the terminal.
func (g *progress) aside(write func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clear()
	return write()
}

// clear takes the line away; mu is held.
func (g *progress) clear() {
	if g.shown {
		fmt.Fprint(g.w, clearLine)
		g.shown = false
	}
}

// end takes the display away.
func (g *progress) end() {
	if g.stop != nil {
		close(g.stop)
		<-g.done
		g.stop = nil
	}
}

func (g *progress) show(name string, size int64) {
	defer close(g.done)
	begin := time.Now()
	wait := time.NewTimer(progressDelay)
	defer wait.Stop()
	defer g.aside(func() error { return nil })
	for {
		select {
		case <-g.stop:
			return
		case <-g.ctx.Done():
			return
		case <-wait.C:
			line := progressLine(printable(filepath.Base(name)), g.read.Load(), size, time.Since(begin))
			g.mu.Lock()
			fmt.Fprint(g.w, clearLine+line)
			g.shown = true
			g.mu.Unlock()
			wait.Reset(progressEvery)
		}
	}
}

// progressLine says how far the reading has come after a time.
func progressLine(name string, read, size int64, after time.Duration) string {
	rate := float64(read) / after.Seconds()
	line := fmt.Sprintf("%s: %s at %s/s", name, human.Bytes(read), human.Bytes(int64(rate)))
	if size > 0 && rate > 0 {
		left := time.Duration(float64(max(size-read, 0)) / rate * float64(time.Second))
		line += fmt.Sprintf(", %d%%, %s left", min(read*100/size, 100), left.Round(time.Second))
	}
	return line
}

type countingReader struct {
	io.Reader
	n *atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}
