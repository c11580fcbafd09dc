package rdb

// Options say how a file is read. The zero value, or nil, reads a stream of
// unknown length and gives whole elements.
type Options struct {
	// Name of the file, for error texts.
	Name string
	// Size of the (unpacked) file in bytes, Offset included, 0 if unknown. With
	// it, a length that the rest of the file cannot hold is found at once.
	Size int64
	// Offset is where the source begins in its file: what offsets count from.
	Offset int64
	// Meta asks for the records that are not keys as well.
	Meta bool
	// Fragments asks for strings of large records in parts: see entry.Elem.More.
	// Without it the largest string is held in memory as a whole.
	Fragments bool
	// Lengths leaves long strings of values compressed: they come with the right
	// length, but with bytes that mean nothing, and damage in them is not seen.
	// Keys, fields of hashes, members of sorted sets and packed blobs come as
	// they are.
	Lengths bool
	// MaxString limits what a single string, blob or key may take in memory,
	// in bytes. 0 stands for 1 GiB. Strings in fragments have no limit.
	MaxString int64
}

func (o *Options) size() int64 {
	if o.Size > 0 {
		return o.Size
	}
	return -1
}

func (o *Options) maxString() int64 {
	if o.MaxString > 0 {
		return o.MaxString
	}
	return 1 << 30
}
