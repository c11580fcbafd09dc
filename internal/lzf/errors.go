package lzf

import (
	"errors"
	"fmt"
)

// The ways in which a block is wrong. Errors of this package wrap one of them
// and add a position relative to the start of the block.
var (
	// ErrTruncated: the block ends inside a token.
	ErrTruncated = errors.New("input ends inside the token")
	// ErrOffset: a match starts before the first unpacked byte.
	ErrOffset = errors.New("match starts before the output")
	// ErrTooLong: the tokens give more bytes than declared.
	ErrTooLong = errors.New("output is longer than declared")
	// ErrTooShort: the tokens give fewer bytes than declared.
	ErrTooShort = errors.New("output is shorter than declared")
	// ErrLength: no block of this length unpacks to the declared length.
	ErrLength = errors.New("declared length is not possible")
)

func tokenError(at int64, reason error) error {
	return fmt.Errorf("token at packed byte %d: %w", at, reason)
}

func shortError(got, declared int64) error {
	return fmt.Errorf("%w: %d of %d bytes", ErrTooShort, got, declared)
}
