package pattern

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCustom(t *testing.T) {
	for _, tt := range []struct {
		patterns []string
		key      string
		want     string
	}{
		{nil, "user:1", Other},
		{[]string{"user:*"}, "user:1", "user:*"},
		{[]string{"user:*"}, "cart:1", Other},
		{[]string{"user:[0-4]*", "user:*"}, "user:3", "user:[0-4]*"},
		{[]string{"user:[0-4]*", "user:*"}, "user:7", "user:*"},
		{[]string{`re:^user:\d+$`}, "user:42", `user:\d+`},
		{[]string{`re:^user:\d+$`}, "user:42x", Other},
		{[]string{`re:^tenant:(\w+):`}, "tenant:acme:user:5", "tenant:acme:"},
		{[]string{`re:^tenant:(?P<name>\w+):(\w+)`}, "tenant:acme:user:5", "tenant:acme:user"},
		{[]string{`re:^(?:user:(\w+)|cart:(\w+))`}, "cart:red", "red"},
		{[]string{`re:^a\.b(:(\d))*$`}, "a.b:1:2", "a.b:2"},
		{[]string{`re:((a)(b))c`}, "abc", "abc"},
		{[]string{`re:^(.*)$`}, "", ""},
		{[]string{`re:^(.*)$`}, "{n}", "{=n}"},
		{[]string{`re:(?s)^x:(.*)$`}, "x:\x00\xff", "x:{bin}"},
		{[]string{`re:^(x+)$`}, strings.Repeat("x", 100), strings.Repeat("x", maxCapture) + "..."},
		{[]string{"{n}*"}, "{n}:5", "{=n}*"},
	} {
		c, err := CompileCustom(tt.patterns)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(c.Append([]byte("."), []byte(tt.key))); got != "."+tt.want {
			t.Errorf("%q: %q is in %q, want %q", tt.patterns, tt.key, got[1:], tt.want)
		}
	}
	if _, err := CompileCustom([]string{"user:*", "re:(x"}); err == nil || !strings.Contains(err.Error(), `pattern "re:(x"`) {
		t.Errorf("error %v", err)
	}
}

func FuzzCustom(f *testing.F) {
	f.Add(`re:^(\w+)[:|](\d*)`, "user:42")
	f.Add("a*[^b", "acd")
	f.Add(`re:(?i)((a|(b))*)|c(d?)`, "abAB")
	f.Fuzz(func(t *testing.T, p, key string) {
		if len(p) > 200 {
			return
		}
		c, err := CompileCustom([]string{p})
		if err != nil {
			return
		}
		name := c.Append(nil, []byte(key))
		if len(name) > MaxName || !utf8.Valid(name) {
			t.Errorf("%q: %q is in %q", p, key, name)
		}
	})
}
