package pattern

import (
	"slices"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	for _, tt := range []struct {
		name string
		want []string
	}{
		{"", []string{""}},
		{"plain", []string{"plain"}},
		{"user:{n}:profile", []string{"user:", "{n}:", "profile"}},
		{"user:{n}:", []string{"user:", "{n}:"}},
		{":a::b", []string{":", "a::", "b"}},
		{"user{n}", []string{"user{n}"}},
		{"rate_limit:{ip}", []string{"rate_limit:", "{ip}"}},
		{"user_{n}_profile_page", []string{"user_", "{n}_", "profile_page"}},
		{"celery-task-meta-{uuid}", []string{"celery-task-meta-", "{uuid}"}},
		{"metrics.cpu.{*}.load", []string{"metrics.", "cpu.", "{*}.", "load"}},
		{"{user{n}}.following", []string{"{user{n}}.", "following"}},
		{"cart:{{n}}", []string{"cart:", "{{n}}"}},
		{"cart:{{n}}:items", []string{"cart:", "{{n}}:", "items"}},
		{"user:{=id}", []string{"user:", "{=id}"}},
		{"{datetime}/{...}", []string{"{datetime}/", "{...}"}},
		{"https://example.com/a%20b?c={n}", []string{"https://", "example.", "com/", "a%20b?", "c=", "{n}"}},
		{"用户:{*}", []string{"用户:", "{*}"}},
	} {
		if got := Path(tt.name); !slices.Equal(got, tt.want) {
			t.Errorf("Path(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestPrefix(t *testing.T) {
	for _, tt := range []struct {
		key       string
		depth     int
		separator string
		want      string
	}{
		{"user:5:profile", 0, ":", ""},
		{"user:5:profile", 1, ":", "user:"},
		{"user:5:profile", 2, ":", "user:5:"},
		{"user:5:profile", 3, ":", "user:5:profile"},
		{"user:5:profile", 9, ":", "user:5:profile"},
		{"user", 1, ":", "user"},
		{"a::b::c", 2, "::", "a::b::"},
		{"user:5", 1, "", "user:5"},
		{"", 1, ":", ""},
		{":a", 1, ":", ":"},
		{"user:5", -1, ":", ""},
	} {
		if got := string(Prefix([]byte(tt.key), tt.depth, tt.separator)); got != tt.want {
			t.Errorf("Prefix(%q, %d, %q) = %q, want %q", tt.key, tt.depth, tt.separator, got, tt.want)
		}
	}
}

// checkPath holds what is true of the path of any name.
func checkPath(t *testing.T, name string) {
	t.Helper()
	path := Path(name)
	if strings.Join(path, "") != name {
		t.Errorf("Path(%q) = %q: put together, the parts are another name", name, path)
	}
	if slices.Contains(path, "") && name != "" {
		t.Errorf("Path(%q) = %q: an empty part", name, path)
	}
	whole := 0
	for _, p := range path {
		whole += placeholders(p)
	}
	if n := placeholders(name); n != whole {
		t.Errorf("Path(%q) = %q: of %d placeholders %d are whole", name, path, n, whole)
	}
}

// placeholders counts the placeholders of a name.
func placeholders(name string) (n int) {
	b := []byte(name)
	for i := 0; i < len(b); {
		if p := placeholder(b[i:]); p > 0 {
			n++
			i += p
		} else {
			i++
		}
	}
	return n
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"user:{n}:profile", "{user{n}}.x", "a_{id}_b", "{{n}", "{=n}}{", ":::", "%20%zz%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) { checkPath(t, name) })
}
