package pattern

import "bytes"

// maxParts is how many parts a Set tells apart in a name; all behind them are one.
const maxParts = 32

// part returns the length of the first part of name and of the separators that
// it ends with. Braces of the key are separators, placeholders are none. A hyphen
// or the like behind other separators begins a part: it may belong to what follows.
func part(name []byte) (n, seps int) {
	for n < len(name) {
		if p := placeholder(name[n:]); p > 0 {
			n += p
			continue
		}
		if class[name[n]]&separator != 0 && (name[n] != '%' || !percent(name, n)) {
			break
		}
		n++
	}
	for n < len(name) && class[name[n]]&separator != 0 && placeholder(name[n:]) == 0 && (name[n] != '%' || !percent(name, n)) {
		if seps > 0 && class[name[n]] == weak && class[name[n-1]] == strong && name[n] != ' ' {
			break
		}
		n++
		seps++
	}
	return n, seps
}

// Path splits the name of a pattern at its separators, which stay with the part
// before them: user:{n}:profile has user:, {n}: and profile. The parts put
// together are the name. Hyphens, underscores and the like are separators only
// beside a placeholder, so that rate_limit:{ip} has rate_limit: and {ip}. Braces
// of the key stay with what they are around, and placeholders stay whole.
func Path(name string) []string {
	var path []string
	b := []byte(name)
	from := 0
	for i := 0; i < len(b); {
		n, seps := part(b[i:])
		next := i + n
		if next < len(b) && divides(b, i, next, seps) {
			// A brace that opens goes with what it is around.
			end := next
			for end > from && (b[end-1] == '{' || b[end-1] == '=' && end-1 > from && (b[end-2] == '{' || b[end-2] == '=')) {
				end--
			}
			if end > from {
				path = append(path, name[from:end])
				from = end
			}
		}
		i = next
	}
	if from < len(name) || len(path) == 0 {
		path = append(path, name[from:])
	}
	return path
}

// divides reports whether the part b[i:next], which ends with separators, stands
// apart from what follows.
func divides(b []byte, i, next, seps int) bool {
	var strongs, weaks int
	for _, c := range b[next-seps : next] {
		switch {
		case c == '{' || c == '}':
		case class[c] == weak:
			weaks++
		default:
			strongs++
		}
	}
	if strongs > 0 {
		return true
	}
	if weaks == 0 {
		return false
	}
	n, s := part(b[next:])
	return i < next-seps && (holds(b[i:next-seps]) || holds(b[next:next+n-s]))
}

// holds reports whether a part has a placeholder.
func holds(b []byte) bool {
	for i := bytes.IndexByte(b, '{'); i >= 0 && i < len(b); i++ {
		if placeholder(b[i:]) > 0 {
			return true
		}
	}
	return false
}

// Prefix returns the first parts of a key, as many as depth, the last of them with
// its separator if more follows. A key with fewer parts is its own prefix, and so
// is every key without a separator. It shares the memory of key.
func Prefix(key []byte, depth int, separator string) []byte {
	if separator == "" {
		return key
	}
	end := 0
	for range depth {
		n := bytes.Index(key[end:], []byte(separator))
		if n < 0 {
			return key
		}
		end += n + len(separator)
	}
	return key[:end]
}
