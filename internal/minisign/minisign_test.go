package minisign

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func newKey(t testing.TB) SecretKey {
	t.Helper()
	k, err := GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, k SecretKey, file, trusted string) *Signature {
	t.Helper()
	h := NewHash()
	h.Write([]byte(file))
	s, err := k.Sign(h.Sum(nil), trusted)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func noPassword() ([]byte, error) { return nil, errors.New("nobody is asked") }

func password(s string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(s), nil }
}

func TestRoundTrips(t *testing.T) {
	k := newKey(t)
	text, err := k.Text(nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseSecretKey(text, noPassword)
	if err != nil || again.ID != k.ID || !again.key.Equal(k.key) {
		t.Fatalf("secret key: %v", err)
	}
	for _, text := range [][]byte{k.Public().Text(), []byte(k.Public().String())} {
		p, err := ParsePublicKey(text)
		if err != nil || p.ID != k.ID || !bytes.Equal(p.Key, k.Public().Key) {
			t.Errorf("public key: %v", err)
		}
	}
	s := sign(t, k, "data", "a comment")
	parsed, err := ParseSignature(s.Text())
	if err != nil || *parsed != *s {
		t.Errorf("signature: %v\n%+v\n%+v", err, parsed, s)
	}
}

func TestEncryptedKey(t *testing.T) {
	if testing.Short() {
		t.Skip("scrypt takes seconds")
	}
	k := newKey(t)
	text, err := k.Text([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseSecretKey(text, password("secret")); err != nil || !again.key.Equal(k.key) {
		t.Errorf("right password: %v", err)
	}
	if _, err := ParseSecretKey(text, password("wrong")); !errors.Is(err, ErrPassword) {
		t.Errorf("wrong password: %v", err)
	}
}

// What a signature does not hold for is told apart; many at once come to the
// same as each by itself.
func TestVerify(t *testing.T) {
	k, other := newKey(t), newKey(t)
	good := sign(t, k, "data", "file:data")
	message := func(s *Signature, file string) []byte {
		m, err := s.Message(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	comment, flipped := *good, *good
	comment.Trusted = "file:other"
	flipped.Sum[5] ^= 1
	impostor := sign(t, other, "data", "file:data")
	impostor.ID = k.ID
	checks := []Check{
		{k.Public(), good, message(good, "data")},
		{k.Public(), good, message(good, "datA")},
		{k.Public(), &comment, message(good, "data")},
		{k.Public(), &flipped, message(good, "data")},
		{other.Public(), good, message(good, "data")},
		{k.Public(), impostor, message(good, "data")},
	}
	want := []error{nil, ErrSignature, ErrComment, ErrSignature, ErrKey, ErrSignature}
	errs := Verify(checks)
	for i := range want {
		if !errors.Is(errs[i], want[i]) {
			t.Errorf("check %d: %v, want %v", i, errs[i], want[i])
		}
		one := Verify(checks[i : i+1])
		if (one == nil) != (want[i] == nil) {
			t.Errorf("check %d by itself: %v", i, one)
		}
	}
	if errs := Verify(nil); errs != nil {
		t.Error(errs)
	}
	var many []Check
	for i := range 50 {
		file := fmt.Sprint("file ", i)
		s := sign(t, k, file, "c")
		many = append(many, Check{k.Public(), s, message(s, file)})
	}
	if errs := Verify(many); errs != nil {
		t.Error(errs)
	}
}

func TestCosts(t *testing.T) {
	for _, tt := range []struct {
		ops, mem   uint64
		logN, r, p int
	}{
		{maxOps, maxMem, 20, 8, 1},   // libsodium's sensitive limits
		{524288, 16777216, 14, 8, 1}, // its interactive ones
		{1 << 25, 1 << 20, 10, 8, 1024},
		{0, 0, 1, 8, 512},
	} {
		if logN, r, p := costs(tt.ops, tt.mem); logN != tt.logN || r != tt.r || p != tt.p {
			t.Errorf("costs(%d, %d) = %d, %d, %d", tt.ops, tt.mem, logN, r, p)
		}
	}
}

// run runs minisign and returns what it says.
func run(t *testing.T, dir, input string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("minisign")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no minisign: install Debian's package of that name")
		}
		t.Skip("no minisign in PATH")
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func put(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Minisign checks what we sign with our keys and with its own, and the other way
// round, with and without a password, in the form of today and in the old one.
func TestMinisign(t *testing.T) {
	for _, pass := range []string{"", "the password"} {
		t.Run("password "+pass, func(t *testing.T) {
			if pass != "" && testing.Short() {
				t.Skip("scrypt takes seconds")
			}
			dir := t.TempDir()
			put(t, dir, "data", []byte("some data"))
			generate, input := []string{"-G", "-p", "its.pub", "-s", "its.key"}, pass+"\n"+pass+"\n"
			if pass == "" {
				generate = append(generate, "-W")
			}
			if out, err := run(t, dir, input, generate...); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			ask := noPassword
			var secret []byte
			if pass != "" {
				ask, secret = password(pass), []byte(pass)
			}
			its, err := ParseSecretKey(get(t, dir, "its.key"), ask)
			if err != nil {
				t.Fatal(err)
			}
			pub, err := ParsePublicKey(get(t, dir, "its.pub"))
			if err != nil || !bytes.Equal(pub.Key, its.Public().Key) || pub.ID != its.ID {
				t.Fatalf("its public key: %v", err)
			}
			ours := newKey(t)
			text, err := ours.Text(secret)
			if err != nil {
				t.Fatal(err)
			}
			put(t, dir, "ours.key", text)
			put(t, dir, "ours.pub", ours.Public().Text())

			for name, k := range map[string]SecretKey{"its": its, "ours": ours} {
				put(t, dir, "data.minisig", sign(t, k, "some data", "from us").Text())
				if out, err := run(t, dir, "", "-V", "-p", name+".pub", "-m", "data"); err != nil || !strings.Contains(out, "from us") {
					t.Errorf("minisign checks our signature with %s key: %v: %s", name, err, out)
				}
				put(t, dir, "data", []byte("some dada"))
				if out, err := run(t, dir, "", "-V", "-p", name+".pub", "-m", "data"); err == nil {
					t.Errorf("minisign takes a changed file: %s", out)
				}
				put(t, dir, "data", []byte("some data"))
				for _, form := range []string{"-H", "-l"} {
					if out, err := run(t, dir, pass+"\n", "-S", form, "-s", name+".key", "-m", "data", "-t", "from minisign"); err != nil {
						t.Errorf("minisign signs with %s key: %v: %s", name, err, out)
						continue
					}
					s, err := ParseSignature(get(t, dir, "data.minisig"))
					if err != nil {
						t.Fatal(err)
					}
					if s.Hashed != (form == "-H") || s.Trusted != "from minisign" {
						t.Errorf("%s: %+v", form, s)
					}
					for file, want := range map[string]error{"some data": nil, "some dada": ErrSignature} {
						m, err := s.Message(strings.NewReader(file))
						if err != nil {
							t.Fatal(err)
						}
						if errs := Verify([]Check{{k.Public(), s, m}}); want == nil && errs != nil || want != nil && (errs == nil || !errors.Is(errs[0], want)) {
							t.Errorf("%s with %s key, %q: %v", form, name, file, errs)
						}
					}
				}
			}
		})
	}
}

// Keys that ask for more than they may are refused before that is spent.
func TestHostileKeys(t *testing.T) {
	k := newKey(t)
	text, err := k.Text(nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := keyLine(text, "secret key", secretSize)
	if err != nil {
		t.Fatal(err)
	}
	line := func(change func(b []byte)) []byte {
		b := bytes.Clone(raw)
		change(b)
		return []byte(encode(b))
	}
	for name, text := range map[string][]byte{
		"memory":    line(func(b []byte) { copy(b[2:], kdfScrypt); b[headSize-1] = 0xff }),
		"work":      line(func(b []byte) { copy(b[2:], kdfScrypt); b[headSize-9] = 0xff }),
		"algorithm": line(func(b []byte) { b[0] = 'X' }),
		"checksum":  line(func(b []byte) { b[secretSize-1] ^= 1 }),
		"halves":    line(func(b []byte) { b[secretSize-33] ^= 1; clear(b[secretSize-32:]) }),
		"short":     []byte(encode(raw[1:])),
		"empty":     nil,
		"lines":     []byte("a\nb\nc\n"),
		"long":      bytes.Repeat([]byte("A"), maxText+1),
	} {
		if _, err := ParseSecretKey(text, password("")); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	k := newKey(f)
	text, err := k.Text(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(k.Public().Text())
	f.Add(sign(f, k, "data", "c").Text())
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, err := ParseSignature(text); err == nil {
			if again, err := ParseSignature(s.Text()); err != nil || *again != *s {
				t.Errorf("signature: %v", err)
			}
		}
		if p, err := ParsePublicKey(text); err == nil {
			if again, err := ParsePublicKey(p.Text()); err != nil || again.ID != p.ID || !bytes.Equal(again.Key, p.Key) {
				t.Errorf("public key: %v", err)
			}
		}
		if k, err := ParseSecretKey(text, noPassword); err == nil {
			if b, err := k.Text(nil); err != nil || len(b) == 0 {
				t.Errorf("secret key: %v", err)
			}
		}
	})
}
