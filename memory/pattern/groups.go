package pattern

import "bytes"

// What follows reads things of several groups: a UUID, an address, a token.

// hexGroups finds what has groups of hexadecimal digits: a UUID, a MAC address or
// an IPv6 address. key[i:j] is the first of them.
func hexGroups(key []byte, i, j int) (name string, end int) {
	switch c := byteAt(key, j); {
	case j-i == 8 && c == '-':
		if e := groupsOf(key, i, '-', 8, 4, 4, 4, 12); e > 0 {
			return uuid, e
		}
	case j-i == 2 && (c == ':' || c == '-'):
		if e := groupsOf(key, i, c, 2, 2, 2, 2, 2, 2); e > 0 {
			return hex, e
		}
	case j-i == 4 && c == ':' && (key[i] == '2' || key[i] == '3' || key[i]|0x20 == 'f'):
		if e := ip6(key, i); e > 0 {
			return ip, e
		}
	case j-i == 32:
		if allHex(key[i:j]) && digits(key, i) < j {
			return hex, j
		}
	}
	return "", 0
}

// groupsOf returns where groups of hexadecimal digits of these lengths end, or 0.
func groupsOf(key []byte, i int, sep byte, lengths ...int) int {
	for k, n := range lengths {
		if k > 0 {
			if byteAt(key, i) != sep {
				return 0
			}
			i++
		}
		if len(key)-i < n || !allHex(key[i:i+n]) {
			return 0
		}
		i += n
	}
	if at(key, i)&separator == 0 {
		return 0
	}
	return i
}

// ip6 returns where an IPv6 address ends, or 0. It has all eight groups or a
// double colon, so that a row of numbers is not taken for one.
func ip6(key []byte, i int) int {
	from, groups, short := i, 0, false
	for {
		j := i
		for j < len(key) && class[key[j]]&^hexDigit == 0 {
			j++
		}
		if j == i || j-i > 4 || at(key, j)&separator == 0 {
			return 0
		}
		groups++
		i = j
		if groups == 8 || byteAt(key, i) != ':' || at(key, i+1)&^hexDigit != 0 && byteAt(key, i+1) != ':' {
			break
		}
		if key[i+1] == ':' {
			if short {
				return 0
			}
			short = true
			i++
			if at(key, i+1)&separator != 0 {
				i++
				break
			}
		}
		// What follows may be no part of the address: a word, a longer number.
		if e, m := wordEnd(key, i+1); e-i-1 > 4 || m&^hexDigit != 0 {
			if key[i-1] == ':' {
				return 0
			}
			break
		}
		i++
	}
	if groups == 8 && !short || short && groups < 8 && (groups >= 3 || hasLetter(key[from:i])) {
		return i
	}
	return 0
}

func hasLetter(b []byte) bool {
	for _, c := range b {
		if class[c]&letter != 0 {
			return true
		}
	}
	return false
}

// numeric says what a word of digits is, or begins.
func numeric(key []byte, i, j int) (name string, end int) {
	c := byteAt(key, j)
	if name, end := dates(key, i, j); end > 0 {
		return name, end
	}
	switch {
	case c == '.' && class[byteAt(key, j+1)] == digit && (i == 0 || key[i-1] != '.'):
		if j-i <= 3 {
			if e := ip4(key, i); e > 0 {
				return ip, e
			}
		}
		if e := digits(key, j+1); at(key, e)&separator != 0 && (byteAt(key, e) != '.' || class[byteAt(key, e+1)] != digit) {
			return number, e
		}
	case c == '-' || c == ' ':
		e, groups := j, 1
		for byteAt(key, e) == c {
			k := digits(key, e+1)
			if k == e+1 || at(key, k)&separator == 0 {
				break
			}
			e, groups = k, groups+1
		}
		if groups >= 3 {
			return number, e
		}
	}
	return number, j
}

// ip4 returns where an IPv4 address ends, or 0.
func ip4(key []byte, i int) int {
	for group := range 4 {
		j := digits(key, i)
		if j == i || j-i > 3 || decimal(key[i:j]) > 255 {
			return 0
		}
		i = j
		if group < 3 {
			if byteAt(key, i) != '.' {
				return 0
			}
			i++
		}
	}
	if at(key, i)&separator == 0 || byteAt(key, i) == '.' && class[byteAt(key, i+1)] == digit {
		return 0
	}
	return i
}

// decimal is the value of a few digits.
func decimal(b []byte) int {
	v := 0
	for _, c := range b {
		v = v*10 + int(c-'0')
	}
	return v
}

// mailEnd returns where the mail address that begins at i ends, or 0.
func mailEnd(key []byte, i int) int {
	at := 0
	for j := i; j < len(key) && j-i <= 64; j++ {
		c := key[j]
		if c == '@' {
			at = j
			break
		}
		if class[c]&(letter|digit|high|weak) == 0 && c != '.' && c != '%' || c == ' ' {
			return 0
		}
	}
	if at == 0 {
		return 0
	}
	j, dot := at+1, 0
	for ; j < len(key) && (class[key[j]]&(letter|digit|high) != 0 || key[j] == '-' || key[j] == '.'); j++ {
		if key[j] == '.' && j > at+1 && j+1 < len(key) && class[key[j+1]]&(letter|high) != 0 {
			dot = j
		}
	}
	if dot == 0 {
		return 0
	}
	// What is behind the last dot is letters alone.
	end := dot + 1
	for end < len(key) && class[key[end]]&(letter|high) != 0 {
		end++
	}
	if end-dot-1 < 2 || end < j && class[key[end]] == digit || !printable(key[i:end]) {
		return 0
	}
	return end
}

// token reads text in one of the alphabets of base64 that begins with the word
// key[i:j] and may go on behind it. end is 0 if it does not look drawn at random.
func token(key []byte, i, j int) (name string, end int) {
	if e := webToken(key, i); e > 0 {
		return jwt, e
	}
	e := tokenEnd(key, i, false)
	if full := tokenEnd(key, i, true); full > e && full-i >= 20 && (key[full-1] == '=' || (full-i)%4 == 0) {
		e = full
	}
	// Words that stand behind are no part of it: {id}_profile.
	for e > j {
		k := e
		for k > j && class[key[k-1]]&(separator) == 0 {
			k--
		}
		if k == j || k == e {
			break
		}
		w := key[k:e]
		if _, m := wordEnd(w, 0); m&digit != 0 && m&letter != 0 || len(w) < 3 && m != digit || m&letter == letter && odd(w, 30) {
			break
		}
		e = k - 1
	}
	if e-i < 16 || !scrambled(key[i:e]) {
		return "", 0
	}
	return ident, e
}

// tokenEnd returns where a run of the URL-safe alphabet ends, or of the standard
// one with its padding.
func tokenEnd(key []byte, i int, standard bool) int {
	for ; i < len(key); i++ {
		if c := key[i]; class[c]&(letter|digit) != 0 {
			continue
		} else if standard && (c == '+' || c == '/') || !standard && (c == '-' || c == '_') {
			continue
		}
		break
	}
	for k := 0; k < 2 && i < len(key) && key[i] == '='; k++ {
		i++
	}
	return i
}

// scrambled reports whether a run of base64 looks drawn at random: capitals,
// small letters and digits change often, and separators are few.
func scrambled(run []byte) bool {
	var mask uint8
	segments, seps := 0, 0
	last := uint8(0)
	for _, c := range bytes.TrimRight(run, "=") {
		k := class[c] & (digit | lower | upper)
		if k == 0 {
			seps++
		} else if k != last && (last != upper || k != lower) {
			segments++
		}
		mask |= k
		last = k
	}
	if seps*8 > len(run) {
		return false
	}
	switch mask {
	case digit | letter, digit | lower, digit | upper:
		return len(run) <= segments*4
	case letter:
		return len(run)*10 < segments*25
	}
	return false
}

// webToken returns where a JSON Web Token ends, or 0. Header and payload are
// objects, which begin with eyJ in base64.
func webToken(key []byte, i int) int {
	for part := range 3 {
		if part < 2 && (len(key)-i < 10 || string(key[i:i+3]) != "eyJ") {
			return 0
		}
		j := tokenEnd(key, i, false)
		if j == i {
			return 0
		}
		i = j
		if part < 2 {
			if byteAt(key, i) != '.' {
				return 0
			}
			i++
		}
	}
	return i
}
