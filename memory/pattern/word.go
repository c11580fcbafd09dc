package pattern

// maxWord is the length of the longest word of letters that is taken for a word.
const maxWord = 48

const stays = -1

// variable says whether the word key[i:j], or what begins with it, is variable as
// a whole: the placeholder for it and where it ends. mask has the classes of the
// word's bytes. If there is no placeholder, end is stays for a word that stays as
// it is, with its digits.
func variable(key []byte, i, j int, mask uint8) (name string, end int) {
	n := j - i
	if mask&high != 0 {
		return "", 0
	}
	if mask&^hexDigit == 0 {
		if name, end := hexGroups(key, i, j); end > 0 {
			return name, end
		}
	}
	if mask == digit {
		return numeric(key, i, j)
	}
	if mask&digit == 0 {
		switch {
		case n >= 6 && mask&letter == letter && (n >= 8 && odd(key[i:j], 25) || odd(key[i:j], 20)):
			if name, end := token(key, i, j); end > 0 {
				return name, end
			}
			return ident, j
		case n > maxWord:
			return ident, j
		}
		return "", 0
	}
	w := key[i:j]
	if class[w[0]] == digit {
		if name, end := dates(key, i, j); end > 0 {
			return name, end
		}
		if n > 2 && w[0] == '0' && w[1] == 'x' && allHex(w[2:]) {
			return hex, j
		}
	}
	if n >= 8 && mask&^hexDigit == 0 && (n >= 16 || !named(w)) {
		return hex, j
	}
	return mixed(key, i, j, mask)
}

// allHex reports whether b is made of hexadecimal digits.
func allHex(b []byte) bool {
	for _, c := range b {
		if class[c]&^hexDigit != 0 {
			return false
		}
	}
	return true
}

// named reports whether w is three letters or more and a number behind them, such
// as feed1234.
func named(w []byte) bool {
	i := 0
	for i < len(w) && class[w[i]]&letter != 0 {
		i++
	}
	return i >= 3 && digits(w, i) == len(w)
}

// shape is what a word with letters and digits is made of.
type shape struct {
	numbers    int  // runs of digits
	shortest   int  // length of the shortest run of letters
	unreadable bool // a run of letters is
}

func shapeOf(w []byte) (s shape) {
	s.shortest = len(w)
	for i := 0; i < len(w); {
		if class[w[i]] == digit {
			i = digits(w, i)
			s.numbers++
			continue
		}
		j := i + leading(w[i:])
		s.shortest = min(s.shortest, j-i)
		s.unreadable = s.unreadable || !readable(w[i:j])
		i = j
	}
	return s
}

// humps counts the words of camelCase.
func humps(w []byte) int {
	n := 1
	for i := 1; i < len(w); i++ {
		if class[w[i]]&upper != 0 && class[w[i-1]]&upper == 0 {
			n++
		}
	}
	return n
}

// odd reports whether capitals stand in w as no one would write them: words in it
// have less than tenths/10 letters on average.
func odd(w []byte, tenths int) bool { return len(w)*10 < tenths*humps(w) }

// readable reports whether letters could be a word or an abbreviation: no more
// than four consonants stand together, and there is a vowel, or they are few.
func readable(w []byte) bool {
	run, vowels, caps := 0, 0, 0
	for _, c := range w {
		switch c | 0x20 {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			vowels++
			run = 0
		default:
			if class[c]&letter == 0 {
				return true
			}
			if run++; run > 4 {
				return false
			}
		}
		if class[c]&upper != 0 {
			caps++
		}
	}
	return vowels > 0 || len(w) <= 3 || caps == len(w) && len(w) <= 4
}

// mixed says whether a word with letters and digits is text drawn at random.
func mixed(key []byte, i, j int, mask uint8) (name string, end int) {
	w := key[i:j]
	if mask&^alnum != 0 {
		return "", 0
	}
	if wordWithDigits(w) {
		return "", stays
	}
	n := len(w)
	random := false
	if digits(w, leading(w)) == n { // user1000
		random = n >= 6 && mask&letter == letter && odd(w, 30)
	} else {
		random = randomShape(w, mask)
	}
	if random || class[byteAt(key, j)] == weak || byteAt(key, j) == '=' {
		if name, end = token(key, i, j); end > 0 {
			return name, end
		}
	}
	if random {
		return ident, j
	}
	return "", 0
}

func randomShape(w []byte, mask uint8) bool {
	n, s := len(w), shapeOf(w)
	switch {
	case s.numbers >= 2:
		return n >= 4 && s.shortest < 3 && !coordinates(w) || s.unreadable
	case class[w[0]] == digit: // 24h
		return n >= 6 && mask&letter == letter && odd(w, 30) || n >= 8 && s.unreadable
	default: // u4pruyd
		return n >= 6 && (s.unreadable || mask&letter == letter && odd(w, 30) || leading(w) == 1)
	}
}

// leading is the length of the run of letters that w begins with.
func leading(w []byte) int {
	n := 0
	for n < len(w) && class[w[n]]&letter != 0 {
		n++
	}
	return n
}

// coordinates reports whether w is like 640x480, x12y7 or z3x1y2.
func coordinates(w []byte) bool {
	for i, c := range w {
		if class[c] == digit {
			continue
		}
		if c |= 0x20; c != 'x' && c != 'y' && c != 'z' || i > 0 && class[w[i-1]] != digit {
			return false
		}
	}
	return true
}

// appendWord appends a word that is not variable as a whole, with {n} for the
// numbers in it.
func appendWord(dst, w []byte) []byte {
	from := 0
	for i := 0; i < len(w); {
		if class[w[i]] != digit {
			if w[i] == '%' {
				i += 2
			}
			i++
			continue
		}
		j := digits(w, i)
		if i > 0 && j < len(w) && j-i == 1 { // user2account
			i = j
			continue
		}
		dst = append(append(dst, w[from:i]...), number...)
		i, from = j, j
	}
	return append(dst, w[from:]...)
}

// wordWithDigits reports whether the digits of w belong to it: v2, s3, 24h, sha256.
func wordWithDigits(w []byte) bool {
	n := len(w)
	if n < 2 || n > 9 {
		return false
	}
	var buf [9]byte
	for i, c := range w {
		if class[c]&upper != 0 {
			c |= 0x20
		}
		buf[i] = c
	}
	b := buf[:n]
	l := leading(b)
	if l > 0 && digits(b, l) == n && (n-l == 1 && l <= 2 || n-l <= 3 && b[0] == 'v' && l == 1) {
		return true
	}
	if d := digits(b, 0); d > 0 && d <= 4 && d < n {
		switch string(b[d:]) {
		case "s", "m", "h", "d", "w", "y", "ms", "us", "ns", "sec", "secs", "min", "mins", "hr", "hrs",
			"hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "am", "pm",
			"k", "kb", "mb", "gb", "px", "x", "st", "nd", "rd", "th", "g", "p", "fa", "way":
			return true
		}
	}
	switch string(b) {
	case "h264", "h265", "mp3", "mp4", "m3u8", "utf8", "utf16", "latin1", "base32", "base58", "base62", "base64",
		"md5", "sha1", "sha2", "sha3", "sha224", "sha256", "sha384", "sha512", "crc16", "crc32", "crc64", "blake2", "blake3",
		"murmur3", "ed25519", "aes128", "aes256", "oauth1", "oauth2", "auth0", "web2", "web3", "html5", "css3", "es6",
		"http1", "http2", "http3", "ipv4", "ipv6", "tls12", "tls13", "x509", "rfc3339", "iso8601",
		"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "fp16", "fp32",
		"i18n", "l10n", "a11y", "k8s", "k3s", "p2p", "b2b", "b2c", "c2c", "o2o", "e2e", "m2m", "h2o", "w3c", "ec2", "ec2s",
		"log4j", "neo4j", "gpt2", "gpt3", "gpt4", "gpt5", "llama2", "llama3", "win32", "win64", "x86", "amd64", "arm64",
		"office365", "top3", "top5", "top10", "top20", "top50", "top100", "route53", "s3cache", "2fa", "mp3s",
		"p50", "p75", "p90", "p95", "p98", "p99", "p999":
		return true
	}
	return false
}
