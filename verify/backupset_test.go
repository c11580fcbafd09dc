package verify_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/verify"
)

// setOf lists files below dir.
func setOf(t testing.TB, dir string, names ...string) *verify.BackupSet {
	t.Helper()
	s := verify.NewBackupSet("test", time.Unix(1, 0))
	for _, name := range names {
		m, err := verify.NewMember(t.Context(), filepath.Join(dir, name), name)
		if err != nil {
			t.Fatal(err)
		}
		s.Members = append(s.Members, m)
	}
	return s
}

// What happens to the files of a set is told apart, each by itself and all at once.
func TestBackupSetCheck(t *testing.T) {
	changes := map[string]func(dir string) error{
		"set-changed a":     func(dir string) error { return os.WriteFile(filepath.Join(dir, "a"), []byte("File a"), 0o644) },
		"set-changed b":     func(dir string) error { return os.WriteFile(filepath.Join(dir, "b"), []byte("longer"), 0o644) },
		"set-missing c":     func(dir string) error { return os.Remove(filepath.Join(dir, "c")) },
		"set-renamed sub/d": func(dir string) error { return os.Rename(filepath.Join(dir, "sub/d"), filepath.Join(dir, "sub/e")) },
		"set-extra sub/f":   func(dir string) error { return os.WriteFile(filepath.Join(dir, "sub/f"), nil, 0o644) },
		"set-changed none": func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "none")), os.Mkdir(filepath.Join(dir, "none"), 0o755))
		},
	}
	check := func(t *testing.T, change ...func(dir string) error) (found []string) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
			t.Fatal(err)
		}
		names := []string{"a", "b", "c", "none", "sub/d"}
		for _, name := range names {
			text := "file " + name
			if name == "none" {
				text = ""
			}
			putFile(t, filepath.Join(dir, name), text)
		}
		s := setOf(t, dir, names...)
		putFile(t, filepath.Join(dir, "set.json"), "{}")
		putFile(t, filepath.Join(dir, "a.minisig"), "not looked at")
		for _, do := range change {
			if err := do(dir); err != nil {
				t.Fatal(err)
			}
		}
		findings, err := s.Check(t.Context(), dir, "set.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			name, err := filepath.Rel(dir, f.File)
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, string(f.Code)+" "+filepath.ToSlash(name))
		}
		slices.Sort(found)
		return found
	}
	if found := check(t); len(found) > 0 {
		t.Errorf("nothing changed: %q", found)
	}
	var all []func(string) error
	var want []string
	for code, change := range changes {
		if found := check(t, change); !slices.Equal(found, []string{code}) {
			t.Errorf("found %q, want %q", found, code)
		}
		all, want = append(all, change), append(want, code)
	}
	slices.Sort(want)
	if found := check(t, all...); !slices.Equal(found, want) {
		t.Errorf("all at once: found %q, want %q", found, want)
	}
}

func TestParseBackupSet(t *testing.T) {
	dir := t.TempDir()
	putFile(t, filepath.Join(dir, "a"), "text")
	s := setOf(t, dir, "a")
	s.Data = append(s.Data, verify.DataSet{Name: "a", Kind: verify.KindRDB, Digest: strings.Repeat("0", 40), Keys: map[string]int64{"0": 3}})
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	again, err := verify.ParseBackupSet(text)
	if err != nil || again.Members[0] != s.Members[0] || again.Data[0].Keys["0"] != 3 || !again.Created.Equal(s.Created) {
		t.Errorf("%v\n%+v", err, again)
	}
	if !verify.IsBackupSet(text[:30]) || verify.IsBackupSet([]byte(`{"db":0,"key":"k"`)) || verify.IsBackupSet(nil) {
		t.Error("told by its first bytes: wrong")
	}
	for _, name := range []string{"../a", "/a", "", "sub/../../a"} {
		evil := *s
		evil.Members = []verify.Member{{Name: name}}
		text, err := json.Marshal(evil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verify.ParseBackupSet(text); err == nil {
			t.Errorf("the name %q is taken", name)
		}
		evil.Members, evil.Data = nil, []verify.DataSet{{Name: name}}
		if text, err = json.Marshal(evil); err != nil {
			t.Fatal(err)
		}
		if _, err := verify.ParseBackupSet(text); err == nil {
			t.Errorf("the name %q of data is taken", name)
		}
	}
	if _, err := verify.ParseBackupSet([]byte(`{"rdbtool_backup_set": 2}`)); !errors.Is(err, entry.ErrUnsupported) {
		t.Errorf("another format: %v", err)
	}
}

// FuzzBackupSet reads any bytes as a list: what is taken stays below its folder, is
// the same when written and read again, and in an empty folder each of its files
// is missing.
func FuzzBackupSet(f *testing.F) {
	f.Add([]byte(`{"rdbtool_backup_set":1,"created":"2024-01-01T00:00:00Z","members":[{"name":"a/b","size":4,"sha256":"00"}],"data":[{"name":".","keys":{"0":1}}]}`))
	f.Add([]byte(`{"rdbtool_backup_set":1,"members":[{"name":"../b"}]}`))
	f.Add([]byte(`{"rdbtool_backup_set":1,"members":[{"name":"a","size":-1},{"name":"a"}],"data":null}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := verify.ParseBackupSet(text)
		if err != nil {
			return
		}
		missing := 0
		for _, m := range s.Members {
			if !filepath.IsLocal(m.Name) {
				t.Fatalf("the name %q leads out of the folder", m.Name)
			}
			if _, err := os.Stat(filepath.Join(dir, m.Name)); errors.Is(err, os.ErrNotExist) {
				missing++
			}
		}
		found, err := s.Check(t.Context(), dir, "set.json")
		if err == nil && len(found) < missing {
			t.Fatalf("%d findings, %d files are missing", len(found), missing)
		}
		one, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		again, err := verify.ParseBackupSet(one)
		if err != nil {
			t.Fatalf("it does not read again: %v", err)
		}
		if two, err := json.Marshal(again); err != nil || string(one) != string(two) {
			t.Fatalf("%v\n%s\n%s", err, one, two)
		}
	})
}
