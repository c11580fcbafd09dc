package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/compress"
)

// The exit codes: the contract of every command.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitDamage      = 3
	exitUnsupported = 4
	exitInterrupted = 130
)

const exitHelp = `EXIT CODES:
   0    fine
   1    I/O or internal error
   2    usage
   3    damage found, or a check did not hold
   4    intact but not supported: unknown version, type, opcode or command
   130  interrupted
`

// usageError is a mistake in how a command was called.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// checkError is the end of a command that has told by its output what it found.
type checkError struct{ code int }

func (e *checkError) Error() string { return "" }

// exitCode returns the code that err ends the program with.
func exitCode(err error) int {
	var usage *usageError
	var check *checkError
	var corrupt *entry.CorruptError
	var packed *compress.Error
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &check):
		return check.code
	case errors.Is(err, entry.ErrUnsupported), errors.Is(err, compress.ErrUnsupported):
		return exitUnsupported
	case errors.As(err, &corrupt), errors.As(err, &packed):
		return exitDamage
	}
	return exitFailure
}

// message returns what to tell of err, "" for what the user has done on
// purpose.
func message(err error) string {
	if errors.Is(err, context.Canceled) || errors.Is(err, syscall.EPIPE) {
		return ""
	}
	text := strings.TrimSuffix(err.Error(), ".")
	if errors.Is(err, fs.ErrPermission) {
		return text + " (may this user read and write there?)"
	}
	return text
}
