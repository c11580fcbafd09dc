package pattern

// Classes of bytes. A byte that is no separator belongs to a word.
const (
	digit   uint8 = 1 << iota // 0-9
	lower                     // a-z
	upper                     // A-Z
	plain                     // g-z, G-Z: a letter that is no hexadecimal digit
	high                      // of a character beyond ASCII, or of none
	control                   // never text
	weak                      // a separator that may stand in the middle of what is one part to a reader
	strong                    // any other separator
)

const (
	letter    = lower | upper
	hexDigit  = digit | lower | upper // and nothing else
	alnum     = hexDigit | plain
	separator = weak | strong
)

var class = func() (t [256]uint8) {
	for i := range t {
		switch c := byte(i); {
		case c < ' ' || c == 0x7f:
			t[i] = control
		case c >= 0x80:
			t[i] = high
		case '0' <= c && c <= '9':
			t[i] = digit
		case 'a' <= c && c <= 'f':
			t[i] = lower
		case 'A' <= c && c <= 'F':
			t[i] = upper
		case 'a' <= c && c <= 'z':
			t[i] = lower | plain
		case 'A' <= c && c <= 'Z':
			t[i] = upper | plain
		case c == '-' || c == '_' || c == ' ' || c == '+':
			t[i] = weak
		default:
			t[i] = strong
		}
	}
	return t
}()

// at is the class of the byte at i, strong beyond the ends of b.
func at(b []byte, i int) uint8 {
	if i < 0 || i >= len(b) {
		return strong
	}
	return class[b[i]]
}

// byteAt is the byte at i, or 0 beyond the end of b.
func byteAt(b []byte, i int) byte {
	if i >= len(b) {
		return 0
	}
	return b[i]
}

// digits returns where the run of digits that begins at i ends.
func digits(b []byte, i int) int {
	for i < len(b) && class[b[i]] == digit {
		i++
	}
	return i
}

// wordEnd returns where the word that begins at i ends, and the classes of its
// bytes. A byte in percent-encoding is a letter beyond ASCII.
func wordEnd(b []byte, i int) (end int, mask uint8) {
	for i < len(b) {
		c := class[b[i]]
		if c&separator != 0 {
			if b[i] != '%' || !percent(b, i) {
				break
			}
			mask |= high | lower | plain
			i += 3
			continue
		}
		mask |= c
		i++
	}
	return i, mask
}

// percent reports whether a byte in percent-encoding stands at i.
func percent(b []byte, i int) bool {
	return i+2 < len(b) && (class[b[i+1]]|class[b[i+2]])&^hexDigit == 0
}
