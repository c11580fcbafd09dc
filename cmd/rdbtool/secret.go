package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/rdbtool/rdbtool/internal/minisign"
)

// Where secrets come from if no flag says so, for jobs that have them in their
// environment.
const (
	passwordVariable  = "RDBTOOL_PASSWORD"
	secretKeyVariable = "RDBTOOL_SECRET_KEY"
	publicKeyVariable = "RDBTOOL_PUBLIC_KEY"
)

// maxKeyFile is more than any key or password has.
const maxKeyFile = 64 << 10

// maxPathShown is shorter than any secret key.
const maxPathShown = 200

// passwordFlags say where a password comes from.
type passwordFlags struct {
	file string
}

// password returns the password of a key: from the file of the flag, from the
// environment, or from who sits at the terminal, who is asked twice for a new
// one.
func (p *program) password(o *passwordFlags, prompt string, twice bool) ([]byte, error) {
	if o.file != "" {
		b, err := p.readSmall(o.file)
		if err != nil {
			return nil, err
		}
		return bytes.TrimRight(b, "\r\n"), nil
	}
	if s, ok := os.LookupEnv(passwordVariable); ok {
		return []byte(s), nil
	}
	f, ok := p.stdin.(*os.File)
	if !ok || !isTerminal(f) {
		return nil, &usageError{"a password is needed, and nobody can be asked: give --password-file, or set " + passwordVariable}
	}
	ask := func(prompt string) ([]byte, error) {
		fmt.Fprintf(p.stderr, "%s: ", prompt)
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(p.stderr)
		return b, err
	}
	b, err := ask(prompt)
	if err != nil || !twice {
		return b, err
	}
	again, err := ask(prompt + ", once more")
	if err == nil && !bytes.Equal(b, again) {
		err = errors.New("the two passwords differ")
	}
	return b, err
}

// readSmall reads a file of a key or a password, "-" for standard input.
func (p *program) readSmall(name string) ([]byte, error) {
	r := p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, maxKeyFile+1))
	if err == nil && len(b) > maxKeyFile {
		err = fmt.Errorf("%s: too large for a key or a password", name)
	}
	return b, err
}

// secretKey returns the key in the file of that name, or the one in the
// environment.
func (p *program) secretKey(name string, o *passwordFlags) (k minisign.SecretKey, err error) {
	var text []byte
	switch s := os.Getenv(secretKeyVariable); {
	case name != "":
		if text, err = p.readSmall(name); err != nil {
			return k, err
		}
	case s != "":
		name, text = secretKeyVariable, []byte(s)
	default:
		return k, &usageError{"sign needs a secret key: name it with --secret-key, or set " + secretKeyVariable + "; \"rdbtool keygen\" makes one"}
	}
	k, err = minisign.ParseSecretKey(text, func() ([]byte, error) { return p.password(o, "password of "+name, false) })
	if err != nil {
		return k, fmt.Errorf("%s: %w", name, err)
	}
	return k, nil
}

// publicKeys returns the keys that these texts are or name: lines of base64, or
// files. Without any they are looked for in the environment.
func (p *program) publicKeys(texts []string) (keys []minisign.PublicKey, err error) {
	if s := os.Getenv(publicKeyVariable); s != "" && len(texts) == 0 {
		texts = []string{s}
	}
	for _, text := range texts {
		k, err := minisign.ParsePublicKey([]byte(text))
		if err != nil {
			// What is given here by mistake may be a secret key: it is not shown.
			if len(text) > maxPathShown || strings.ContainsAny(text, "\r\n") {
				return nil, &usageError{fmt.Sprintf("--public-key: %v", err)}
			}
			b, e := p.readSmall(text)
			if e != nil {
				return nil, &usageError{fmt.Sprintf("--public-key: %q is no key, and no file that can be read: %v", text, e)}
			}
			if k, err = minisign.ParsePublicKey(b); err != nil {
				return nil, &usageError{fmt.Sprintf("--public-key: %s: %v", text, err)}
			}
		}
		keys = append(keys, k)
	}
	return keys, nil
}
