package listpack

// twin reads a listpack in the plainest way: no fast paths, no shared state,
// backlens read backwards as a server reads them. It returns the elements up to
// the first damage and whether the whole blob is sound.
func twin(b []byte) (es []element, sound bool) {
	if len(b) < 7 || le(b[:4]) != uint64(len(b)) || b[len(b)-1] != 0xFF {
		return nil, false
	}
	count := le(b[4:6])
	at := func(i uint64) (byte, bool) {
		if i >= uint64(len(b)-1) {
			return 0, false
		}
		return b[i], true
	}
	p := uint64(6)
	for p != uint64(len(b)-1) {
		c, _ := at(p)
		var head, length, bits uint64
		isString := false
		switch {
		case c>>7 == 0b0:
			head = 1
		case c>>6 == 0b10:
			head, length, isString = 1, uint64(c)-0x80, true
		case c>>5 == 0b110:
			head = 2
		case c>>4 == 0b1110:
			low, ok := at(p + 1)
			if !ok {
				return es, false
			}
			head, length, isString = 2, (uint64(c)-0xE0)*256+uint64(low), true
		case c == 0xF0:
			if _, ok := at(p + 4); !ok {
				return es, false
			}
			head, length, isString = 5, le(b[p+1:p+5]), true
		case c == 0xF1:
			head, bits = 3, 16
		case c == 0xF2:
			head, bits = 4, 24
		case c == 0xF3:
			head, bits = 5, 32
		case c == 0xF4:
			head, bits = 9, 64
		default:
			return es, false
		}
		size := head + length
		if _, ok := at(p + size - 1); !ok {
			return es, false
		}
		var backlenBytes uint64
		switch {
		case size <= 127:
			backlenBytes = 1
		case size < 16383:
			backlenBytes = 2
		case size < 2097151:
			backlenBytes = 3
		case size < 268435455:
			backlenBytes = 4
		default:
			backlenBytes = 5
		}
		last := p + size + backlenBytes - 1
		var value, groups uint64
		for i := last; ; i-- {
			v, ok := at(i)
			if !ok || groups == backlenBytes {
				return es, false
			}
			value += uint64(v&127) << (7 * groups)
			groups++
			if v < 128 {
				break
			}
		}
		if value != size || groups != backlenBytes {
			return es, false
		}

		switch {
		case isString:
			es = append(es, str(string(b[p+head:p+size])))
		case head == 1:
			es = append(es, num(int64(c)))
		case head == 2:
			v := (int64(c)-0xC0)*256 + int64(b[p+1])
			if v >= 4096 {
				v -= 8192
			}
			es = append(es, num(v))
		default:
			v := le(b[p+1 : p+head])
			if bits < 64 && v >= 1<<(bits-1) {
				v -= 1 << bits
			}
			es = append(es, num(int64(v)))
		}
		p = last + 1
	}
	return es, count == 65535 || count == uint64(len(es))
}

// le reads a little-endian number of len(b) bytes.
func le(b []byte) (v uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		v = v*256 + uint64(b[i])
	}
	return v
}
