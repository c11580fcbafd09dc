package zipmap

// twin reads a zipmap in the plainest way, byte by byte. It returns the pairs up
// to the first damage and whether the whole blob is sound.
func twin(b []byte) (ps []pair, sound bool) {
	if len(b) < 2 || b[len(b)-1] != 255 {
		return nil, false
	}
	count := int(b[0])
	rest := b[1 : len(b)-1]
	take := func(n uint64) ([]byte, bool) {
		if n > uint64(len(rest)) {
			return nil, false
		}
		taken := rest[:n]
		rest = rest[n:]
		return taken, true
	}
	length := func() (uint64, bool) {
		first, ok := take(1)
		if !ok || first[0] == 255 {
			return 0, false
		}
		if first[0] < 254 {
			return uint64(first[0]), true
		}
		v, ok := take(4)
		if !ok {
			return 0, false
		}
		return uint64(v[0]) + uint64(v[1])<<8 + uint64(v[2])<<16 + uint64(v[3])<<24, true
	}
	for len(rest) > 0 {
		n, ok := length()
		if !ok {
			return ps, false
		}
		field, ok := take(n)
		if !ok {
			return ps, false
		}
		if n, ok = length(); !ok {
			return ps, false
		}
		free, ok := take(1)
		if !ok {
			return ps, false
		}
		value, ok := take(n)
		if !ok {
			return ps, false
		}
		if _, ok = take(uint64(free[0])); !ok {
			return ps, false
		}
		ps = append(ps, pair{string(field), string(value)})
	}
	return ps, count >= 254 || count == len(ps)
}
