package ziplist

// twin reads a ziplist in the plainest way: no fast paths, no shared state. It
// returns the elements up to the first damage and whether the whole blob is
// sound.
func twin(b []byte) (es []element, sound bool) {
	if len(b) < 11 || le(b[:4]) != uint64(len(b)) || b[len(b)-1] != 0xFF {
		return nil, false
	}
	tail, count := le(b[4:8]), le(b[8:10])
	end := uint64(len(b) - 1)
	if tail < 10 || tail > end {
		return nil, false
	}
	p, last := uint64(10), uint64(10)
	prevSize := uint64(0)
	for p != end {
		start := p
		prev := uint64(b[p])
		p++
		if prev == 255 {
			return es, false
		}
		if prev == 254 {
			if p+4 > end {
				return es, false
			}
			prev = le(b[p : p+4])
			p += 4
		}
		if prev != prevSize || p >= end {
			return es, false
		}
		c := b[p]
		p++
		var lengthBytes, length, width uint64
		isString := c < 0xC0
		switch {
		case c>>6 == 0b00:
			length = uint64(c)
		case c>>6 == 0b01:
			lengthBytes, length = 1, uint64(c&63)
		case c>>6 == 0b10:
			lengthBytes = 4
		case c == 0xC0:
			width = 2
		case c == 0xD0:
			width = 4
		case c == 0xE0:
			width = 8
		case c == 0xF0:
			width = 3
		case c == 0xFE:
			width = 1
		case c >= 0xF1 && c <= 0xFD:
		default:
			return es, false
		}
		if p+lengthBytes+width > end {
			return es, false
		}
		switch {
		case isString:
			for _, v := range b[p : p+lengthBytes] {
				length = length*256 + uint64(v)
			}
			p += lengthBytes
			if p+length > end {
				return es, false
			}
			es = append(es, str(string(b[p:p+length])))
			p += length
		case width == 0:
			es = append(es, num(int64(c)-0xF1))
		default:
			v := le(b[p : p+width])
			if width < 8 && v >= 1<<(8*width-1) {
				v -= 1 << (8 * width)
			}
			es = append(es, num(int64(v)))
			p += width
		}
		last = start
		prevSize = p - start
	}
	return es, (count == 65535 || count == uint64(len(es))) && tail == last
}

// le reads a little-endian number of len(b) bytes.
func le(b []byte) (v uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		v = v*256 + uint64(b[i])
	}
	return v
}
