package memory

import "math/bits"

// sizeBin returns the column of a key of n bytes: the power of two below it.
func sizeBin(n int64) int { return bits.Len64(uint64(max(n, 1))) - 1 }

// ttlBinOf returns the column of a key by its expiry.
func ttlBinOf(expireAt, now int64) int {
	switch {
	case expireAt < 0:
		return 0
	case expireAt <= now:
		return 1
	}
	return max(2, span(TTLBounds(), (expireAt-now)/second))
}
