package rdb_test

import (
	"errors"

	"github.com/rdbtool/rdbtool/entry"
)

func isTooLarge(err error) bool { return errors.Is(err, entry.ErrTooLarge) }
