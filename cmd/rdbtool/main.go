// Rdbtool reads what Redis and Valkey leave on disk. "rdbtool help" tells what
// it can do; docs/cli.md has the contract of its input, output and exit codes.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// grace is how long an interrupted command may take to clean up. One that
// waits for input cannot notice the interruption.
const grace = 2 * time.Second

func main() {
	// Memory is a few buffers that are used again and again: collecting early
	// costs nothing and keeps the process small.
	debug.SetGCPercent(50)
	// A closed pipe is an error of Write, so that it ends in an exit code and
	// removes what is half written.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	done := make(chan int, 1)
	go func() { done <- p.run(ctx, os.Args) }()
	select {
	case code := <-done:
		os.Exit(code)
	case <-signals:
		cancel()
	}
	select {
	case code := <-done:
		os.Exit(code)
	case <-signals: // once more: at once
	case <-time.After(grace):
	}
	p.abandon()
	os.Exit(exitInterrupted)
}
