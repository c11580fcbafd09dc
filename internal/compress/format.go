package compress

import (
	"os"
	"path/filepath"
)

// Format is a way to compress a stream. The zero Format is None.
type Format uint8

const (
	None Format = iota
	LZ4
	Gzip
	Zstd
)

// String gives the name that error texts use.
func (f Format) String() string {
	switch f {
	case None:
		return "none"
	case LZ4:
		return "lz4"
	case Gzip:
		return "gzip"
	case Zstd:
		return "zstd"
	}
	return "unknown"
}

// FormatByName tells by its ending how the file called name shall be
// compressed: ".lz4", ".gz" or ".zst". base is name without that ending. A file
// called ".gz" and nothing else is not compressed.
func FormatByName(name string) (f Format, base string) {
	switch filepath.Ext(name) {
	case ".lz4":
		f = LZ4
	case ".gz":
		f = Gzip
	case ".zst":
		f = Zstd
	default:
		return None, name
	}
	base = name[:len(name)-len(filepath.Ext(name))]
	if base == "" || os.IsPathSeparator(base[len(base)-1]) {
		return None, name
	}
	return f, base
}
