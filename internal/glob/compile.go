package glob

// Compile prepares a pattern. It cannot fail: to the server every string is a
// pattern.
func Compile(p string) Pattern {
	var (
		pat   Pattern
		parts []part
	)
	if p == "*" {
		// The server takes this one for "no pattern", and only for that
		// reason it reaches the empty key.
		return Pattern{star: true}
	}
	for p != "" {
		if p[0] == '*' {
			pat.close(parts)
			parts = parts[:0]
			for p != "" && p[0] == '*' {
				p = p[1:]
			}
			continue
		}
		var next part
		next, p = takePart(p)
		parts = append(parts, next)
	}
	if pat.star {
		pat.tail = newSegment(parts)
	} else {
		pat.head = newSegment(parts)
	}
	pat.minLen = pat.head.len() + pat.tail.len()
	for i := range pat.mid {
		pat.minLen += pat.mid[i].len()
	}
	if pat.star {
		pat.minLen = max(pat.minLen, 1)
	}
	return pat
}

// close ends the segment before a run of stars.
func (p *Pattern) close(parts []part) {
	switch {
	case !p.star:
		p.head = newSegment(parts)
		p.star = true
	case len(parts) > 0:
		p.mid = append(p.mid, newSegment(parts))
	}
}

// part matches one byte: those in set, or lit if set is nil.
type part struct {
	lit byte
	set *byteSet
}

func newSegment(parts []part) segment {
	plain := true
	for _, p := range parts {
		plain = plain && p.set == nil
	}
	var s segment
	for _, p := range parts {
		switch {
		case plain:
			s.lit = append(s.lit, p.lit)
		case p.set != nil:
			s.sets = append(s.sets, *p.set)
		default:
			var one byteSet
			one.add(p.lit)
			s.sets = append(s.sets, one)
		}
	}
	return s
}

// takePart reads the part at the start of p, which is not a star, and gives
// what follows it.
func takePart(p string) (part, string) {
	switch {
	case p[0] == '?':
		var any byteSet
		any.invert()
		return part{set: &any}, p[1:]
	case p[0] == '[':
		return takeBrackets(p[1:])
	case p[0] == '\\' && len(p) > 1:
		return part{lit: p[1]}, p[2:]
	}
	return part{lit: p[0]}, p[1:]
}

// takeBrackets reads what stands behind "[", up to "]" or the end of the
// pattern. A range is looked for after an escape and takes any byte for its
// end, so "[a-]" has none of the meanings it has elsewhere.
func takeBrackets(p string) (part, string) {
	set := new(byteSet)
	not := p != "" && p[0] == '^'
	if not {
		p = p[1:]
	}
	for p != "" && p[0] != ']' {
		switch {
		case p[0] == '\\' && len(p) >= 2:
			set.add(p[1])
			p = p[2:]
		case len(p) >= 3 && p[1] == '-':
			set.addRange(int8(p[0]), int8(p[2]))
			p = p[3:]
		default:
			set.add(p[0])
			p = p[1:]
		}
	}
	if p != "" {
		p = p[1:]
	}
	if not {
		set.invert()
	}
	return part{set: set}, p
}
