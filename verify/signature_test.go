package verify_test

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rdbtool/rdbtool/internal/minisign"
	"github.com/rdbtool/rdbtool/verify"
)

func signingKey(t testing.TB) minisign.SecretKey {
	t.Helper()
	k, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func putFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// putSigned writes a file and its signature.
func putSigned(t testing.TB, k minisign.SecretKey, path, text string) {
	t.Helper()
	putFile(t, path, text)
	h := minisign.NewHash()
	h.Write([]byte(text))
	s, err := k.Sign(h.Sum(nil), verify.TrustedComment(path, time.Unix(1, 0)))
	if err != nil {
		t.Fatal(err)
	}
	putFile(t, path+verify.SignatureSuffix, string(s.Text()))
}

// signatureFindings checks files and returns "code name" for each finding, sorted.
func signatureFindings(t testing.TB, paths []string, keys ...minisign.PublicKey) ([]string, *verify.Report) {
	t.Helper()
	r := verify.NewReport("files", verify.KindSet, &verify.Options{})
	if err := r.CheckSignatures(t.Context(), paths, keys); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range r.Findings {
		found = append(found, string(f.Code)+" "+filepath.Base(f.File))
	}
	slices.Sort(found)
	return found, r
}

// Of many files whose signatures are verified at once, exactly those that are wrong
// are found, each by the code of what is wrong with it.
func TestSignaturesToldApart(t *testing.T) {
	dir, k, other := t.TempDir(), signingKey(t), signingKey(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	var paths []string
	for _, name := range []string{"a", "b", "bare", "changed", "comment", "foreign", "forged", "renamed", "text"} {
		paths = append(paths, in(name))
		putSigned(t, k, in(name), "the text of "+name)
	}
	if found, r := signatureFindings(t, paths, k.Public()); len(found) > 0 || r.Facts.SignedWith != k.Public().ID.String() {
		t.Fatalf("as signed: %q, signed with %q", found, r.Facts.SignedWith)
	}

	putFile(t, in("changed"), "the texT of changed")
	if err := os.Remove(in("bare.minisig")); err != nil {
		t.Fatal(err)
	}
	putSigned(t, other, in("foreign"), "the text of foreign")
	putFile(t, in("text.minisig"), "no signature")
	putSigned(t, k, in("old"), "the text of renamed")
	if err := errors.Join(os.Rename(in("old"), in("renamed")), os.Rename(in("old.minisig"), in("renamed.minisig"))); err != nil {
		t.Fatal(err)
	}
	comment := readFile(t, in("comment.minisig"))
	putFile(t, in("comment.minisig"), strings.Replace(comment, "timestamp:1", "timestamp:2", 1))
	// A signature of another key that claims to be of ours.
	putSigned(t, other, in("forged"), "the text of forged")
	s, err := minisign.ParseSignature([]byte(readFile(t, in("forged.minisig"))))
	if err != nil {
		t.Fatal(err)
	}
	s.ID = k.Public().ID
	putFile(t, in("forged.minisig"), string(s.Text()))

	found, r := signatureFindings(t, paths, k.Public())
	want := []string{"signature changed", "signature forged", "signature-comment comment", "signature-format text",
		"signature-key foreign", "signature-missing bare", "signature-name renamed"}
	if !slices.Equal(found, want) {
		t.Errorf("found\n%q, want\n%q", found, want)
	}
	if r.Facts.SignedWith != "" {
		t.Errorf("signed with %s, in spite of the findings", r.Facts.SignedWith)
	}
	if found, _ := signatureFindings(t, []string{in("foreign"), in("a")}, k.Public(), other.Public()); len(found) > 0 {
		t.Errorf("with both keys: %q", found)
	}
}

// Each bit of a file, and each byte of the signature's two signed parts, counts.
func TestSignatureEveryBit(t *testing.T) {
	dir, k := t.TempDir(), signingKey(t)
	path, text := filepath.Join(dir, "dump.rdb"), "REDIS0011 and so on"
	putSigned(t, k, path, text)
	for i := range len(text) * 8 {
		b := []byte(text)
		b[i/8] ^= 1 << (i % 8)
		putFile(t, path, string(b))
		if found, _ := signatureFindings(t, []string{path}, k.Public()); !slices.Equal(found, []string{"signature dump.rdb"}) {
			t.Fatalf("bit %d: %q", i, found)
		}
	}
	putFile(t, path, text)
	lines := strings.SplitAfter(readFile(t, path+verify.SignatureSuffix), "\n")
	for n, line := range lines[1:] {
		for i := range len(line) {
			b := []byte(line)
			b[i] ^= 1
			changed := slices.Clone(lines)
			changed[n+1] = string(b)
			putFile(t, path+verify.SignatureSuffix, strings.Join(changed, ""))
			if found, _ := signatureFindings(t, []string{path}, k.Public()); len(found) != 1 {
				t.Fatalf("line %d byte %d: %q", n+1, i, found)
			}
		}
	}
}

// What is verified is what has been read, whatever is at the path by then.
func TestCheckSignatureOfText(t *testing.T) {
	k := signingKey(t)
	path := filepath.Join(t.TempDir(), "set.json")
	putSigned(t, k, path, "as signed")
	putFile(t, path, "as it is now")
	for text, want := range map[string]int{"as signed": 0, "as it is now": 1} {
		r := verify.NewReport(path, verify.KindSet, &verify.Options{})
		if err := r.CheckSignatureOf(t.Context(), path, []byte(text), []minisign.PublicKey{k.Public()}); err != nil {
			t.Fatal(err)
		}
		if len(r.Findings) != want || (r.Facts.SignedWith == "") != (want > 0) {
			t.Errorf("%q: %v, signed with %q", text, r.Findings, r.Facts.SignedWith)
		}
	}
}

// A file that cannot be read is a failure, and no finding.
func TestSignatureOfNoFile(t *testing.T) {
	dir, k := t.TempDir(), signingKey(t)
	path := filepath.Join(dir, "gone")
	putSigned(t, k, path, "x")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	r := verify.NewReport(path, verify.KindSet, &verify.Options{})
	err := r.CheckSignatures(t.Context(), []string{path}, []minisign.PublicKey{k.Public()})
	if !errors.Is(err, fs.ErrNotExist) || len(r.Findings) > 0 || r.Facts.SignedWith != "" {
		t.Errorf("%v, %v", err, r.Findings)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if found, _ := signatureFindings(t, []string{path}, k.Public()); !slices.Equal(found, []string{"signature gone"}) {
		t.Errorf("a folder: %q", found)
	}
}

func TestTrustedComment(t *testing.T) {
	for name, want := range map[string]string{"some/dump.rdb": "dump.rdb", "a\tb": `a\tb`, "a\nfile:b": `a\nfile:b`} {
		want = "timestamp:17\tfile:" + want + "\thashed"
		if got := verify.TrustedComment(name, time.Unix(17, 5)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
