package pattern

// dates finds a date that begins with the word key[i:j], which begins with a
// digit.
func dates(key []byte, i, j int) (name string, end int) {
	switch d := digits(key, i); d - i {
	case 1, 2:
		if d == j {
			if e := dayFirst(key, i, d); e > 0 {
				return timed(key, e)
			}
		}
	case 4:
		if !year(key[i:d]) {
			break
		}
		if d < j { // 2024W05, 2024Q1
			if e := weekOrQuarter(key, d); e == j {
				return date, e
			}
			break
		}
		if e := yearFirst(key, d); e > 0 {
			return timed(key, e)
		}
	case 6:
		if d == j && key[i] == '2' && key[i+1] == '0' && key[i+2] < '5' && month(key[i+4:d]) {
			return date, d
		}
	case 8:
		if year(key[i:i+4]) && month(key[i+4:i+6]) && day(key[i+6:d]) {
			return timed(key, d)
		}
	case 10, 12, 14:
		if d == j && year(key[i:i+4]) && month(key[i+4:i+6]) && day(key[i+6:i+8]) && clockDigits(key[i+8:d]) {
			return datetime, d
		}
	}
	return "", 0
}

func year(b []byte) bool {
	return b[0] == '2' && b[1] == '0' || b[0] == '1' && b[1] == '9' && b[2] >= '7'
}

func month(b []byte) bool { m := decimal(b); return m >= 1 && m <= 12 }

func day(b []byte) bool { d := decimal(b); return d >= 1 && d <= 31 }

// clockDigits reports whether b is hours, hours and minutes, or these and seconds.
func clockDigits(b []byte) bool {
	for i := 0; i+1 < len(b); i += 2 {
		if v := decimal(b[i : i+2]); i == 0 && v > 23 || v > 59 {
			return false
		}
	}
	return true
}

// yearFirst returns where a date ends whose year ends at i, or 0.
func yearFirst(key []byte, i int) int {
	sep := byteAt(key, i)
	switch sep {
	case '-', '/', '_', '.', ':':
	default:
		return 0
	}
	if sep == '-' {
		if e := weekOrQuarter(key, i+1); e > 0 {
			return e
		}
	}
	m := digits(key, i+1)
	if m-i-1 != 2 || !month(key[i+1:m]) {
		return 0
	}
	if byteAt(key, m) == sep {
		if d := digits(key, m+1); d-m-1 == 2 && day(key[m+1:d]) && ends(key, d) {
			return d
		}
	}
	// Without a day, numbers with colons or dots between them mean anything.
	if (sep == '-' || sep == '/' || sep == '_') && at(key, m)&separator != 0 && (byteAt(key, m) != sep || class[byteAt(key, m+1)] != digit) {
		return m
	}
	return 0
}

// dayFirst returns where 31-01-2024 or 01/31/2024 ends, of which the first number
// is key[i:j], or 0.
func dayFirst(key []byte, i, j int) int {
	sep := byteAt(key, j)
	if sep != '-' && sep != '/' && sep != '.' || j-i != 2 || i > 0 && key[i-1] == sep {
		return 0
	}
	k := digits(key, j+1)
	if k-j-1 != 2 || byteAt(key, k) != sep {
		return 0
	}
	e := digits(key, k+1)
	if e-k-1 != 4 || !year(key[k+1:e]) || !ends(key, e) {
		return 0
	}
	a, b := key[i:j], key[j+1:k]
	if day(a) && month(b) || month(a) && day(b) {
		return e
	}
	return 0
}

// weekOrQuarter returns where W05 or Q1 ends, or 0.
func weekOrQuarter(key []byte, i int) int {
	e := digits(key, i+1)
	if at(key, e)&separator == 0 {
		return 0
	}
	switch byteAt(key, i) | 0x20 {
	case 'w':
		if e-i-1 == 2 && decimal(key[i+1:e]) <= 53 {
			return e
		}
	case 'q':
		if e-i-1 == 1 && key[i+1] >= '1' && key[i+1] <= '4' {
			return e
		}
	}
	return 0
}

// ends reports whether a date may end at i: no letter or digit follows but the T
// of a time.
func ends(key []byte, i int) bool {
	return at(key, i)&separator != 0 || (key[i] == 'T' || key[i] == 't') && class[byteAt(key, i+1)] == digit
}

// timed says whether the time of day stands behind the date that ends at i.
func timed(key []byte, i int) (name string, end int) {
	c := byteAt(key, i)
	glued := c == 'T' || c == 't'
	if glued || c == ' ' || c == '_' || c == '-' || c == ':' {
		if e := clock(key, i+1, c); e > 0 {
			return datetime, e
		}
	}
	if at(key, i)&separator == 0 {
		return "", 0
	}
	return date, i
}

// clock returns where the time of day ends that begins at i, or 0. after is the
// byte before it: the less it tells, the more of a time must follow.
func clock(key []byte, i int, after byte) int {
	glued := after == 'T' || after == 't'
	e := digits(key, i)
	n := 1 // hours, minutes, seconds
	switch {
	case e-i == 6 && after != ':' && clockDigits(key[i:e]):
		n = 3
	case e-i == 4 && glued && clockDigits(key[i:e]):
		n = 2
	case e-i == 2 && clockDigits(key[i:e]):
		for n < 3 && byteAt(key, e) == ':' {
			k := digits(key, e+1)
			if k-e-1 != 2 || key[e+1] > '5' {
				break
			}
			e, n = k, n+1
		}
		if n == 1 && !glued || n == 2 && (after == '-' || after == ':') {
			return 0
		}
	default:
		return 0
	}
	if n == 3 && byteAt(key, e) == '.' {
		if k := digits(key, e+1); k > e+1 {
			e = k
		}
	}
	switch c := byteAt(key, e); {
	case c == 'Z' || c == 'z':
		e++
	case (c == '+' || c == '-') && glued:
		k := digits(key, e+1)
		switch {
		case k-e-1 == 4:
			e = k
		case k-e-1 == 2:
			e = k
			if m := digits(key, e+1); byteAt(key, e) == ':' && m-e-1 == 2 {
				e = m
			}
		}
	}
	if at(key, e)&separator == 0 {
		return 0
	}
	return e
}
