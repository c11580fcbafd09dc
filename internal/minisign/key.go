package minisign

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// What is wrong with a key or a signature, told apart by errors.Is.
var (
	// ErrFormat: the text is no key or no signature.
	ErrFormat = errors.New("not in the format of minisign")
	// ErrPassword: the secret key is encrypted with another password.
	ErrPassword = errors.New("wrong password")
	// ErrKey: the signature was made with another key.
	ErrKey = errors.New("made with another key")
	// ErrSignature: the signature is not that of the file.
	ErrSignature = errors.New("the signature does not hold")
	// ErrComment: the trusted comment is not the one that was signed.
	ErrComment = errors.New("the trusted comment is not the one that was signed")
)

const (
	algEd        = "Ed" // signs the file itself
	algHashed    = "ED" // signs a hash of it
	kdfScrypt    = "Sc"
	kdfNone      = "\x00\x00"
	sumBlake     = "B2"
	idSize       = 8
	keySize      = ed25519.PublicKeySize
	maxText      = 64 << 10 // of a key or a signature: its comments are far shorter
	comment      = "untrusted comment: "
	trusted      = "trusted comment: "
	publicSize   = 2 + idSize + keySize
	signedSize   = 2 + idSize + ed25519.SignatureSize
	defaultLabel = "minisign public key "
)

// KeyID tells keys apart.
type KeyID [idSize]byte

// String returns the ID as minisign prints it.
func (id KeyID) String() string { return fmt.Sprintf("%016X", binary.LittleEndian.Uint64(id[:])) }

// PublicKey checks signatures.
type PublicKey struct {
	ID  KeyID
	Key ed25519.PublicKey
}

// ParsePublicKey reads a public key: a file, or its second line by itself.
func ParsePublicKey(text []byte) (k PublicKey, err error) {
	b, err := keyLine(text, "public key", publicSize)
	if err != nil {
		return k, err
	}
	if string(b[:2]) != algEd {
		return k, fmt.Errorf("public key: %w: unknown algorithm %q", ErrFormat, b[:2])
	}
	k.Key = b[2+idSize:]
	copy(k.ID[:], b[2:])
	return k, nil
}

// keyLine returns what the line of base64 of a key holds.
func keyLine(text []byte, what string, size int) ([]byte, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("%s: %w: %d bytes", what, ErrFormat, len(text))
	}
	lines := strings.Split(strings.TrimRight(string(text), "\r\n"), "\n")
	if len(lines) == 2 && strings.HasPrefix(lines[0], strings.TrimSpace(comment)) {
		lines = lines[1:]
	}
	if len(lines) != 1 {
		return nil, fmt.Errorf("%s: %w: it has %d lines", what, ErrFormat, len(lines))
	}
	return decode(lines[0], what, size)
}

// decode decodes a line of base64 that must hold that many bytes.
func decode(line, what string, size int) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(strings.TrimRight(line, "\r"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", what, ErrFormat, err)
	}
	if len(b) != size {
		return nil, fmt.Errorf("%s: %w: %d bytes, %d are due", what, ErrFormat, len(b), size)
	}
	return b, nil
}

// line is the key as one line of base64.
func (k PublicKey) line() string {
	return encode(slices.Concat([]byte(algEd), k.ID[:], k.Key))
}

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// String returns the key as one line, for a command line.
func (k PublicKey) String() string { return k.line() }

// Text returns the key as a file.
func (k PublicKey) Text() []byte {
	return fmt.Appendf(nil, "%s%s%s\n%s\n", comment, defaultLabel, k.ID, k.line())
}

// SecretKey makes signatures.
type SecretKey struct {
	ID  KeyID
	key ed25519.PrivateKey
}

// GenerateKey makes a key of random bytes.
func GenerateKey(random io.Reader) (k SecretKey, err error) {
	if _, k.key, err = ed25519.GenerateKey(random); err != nil {
		return k, err
	}
	_, err = io.ReadFull(random, k.ID[:])
	return k, err
}

// Public returns the key that checks what k signs.
func (k SecretKey) Public() PublicKey {
	return PublicKey{k.ID, bytes.Clone(k.key[ed25519.SeedSize:])}
}
