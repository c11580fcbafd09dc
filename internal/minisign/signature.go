package minisign

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/hdevalence/ed25519consensus"
	"golang.org/x/crypto/blake2b"
)

// Signature is what minisign leaves beside a file.
type Signature struct {
	Hashed  bool // it signs a hash of the file, not the file itself
	ID      KeyID
	Sum     [ed25519.SignatureSize]byte
	Comment string // not signed
	Trusted string // signed
	Global  [ed25519.SignatureSize]byte
}

// ParseSignature reads a signature.
func ParseSignature(text []byte) (*Signature, error) {
	if len(text) > maxText {
		return nil, fmt.Errorf("signature: %w: %d bytes", ErrFormat, len(text))
	}
	lines := strings.Split(strings.TrimRight(string(text), "\r\n"), "\n")
	if len(lines) != 4 {
		return nil, fmt.Errorf("signature: %w: it has %d lines, 4 are due", ErrFormat, len(lines))
	}
	s := &Signature{}
	var ok, ok2 bool
	s.Comment, ok = strings.CutPrefix(strings.TrimRight(lines[0], "\r"), comment)
	s.Trusted, ok2 = strings.CutPrefix(strings.TrimRight(lines[2], "\r"), trusted)
	if !ok || !ok2 {
		return nil, fmt.Errorf("signature: %w: its comments do not begin as such", ErrFormat)
	}
	b, err := decode(lines[1], "signature", signedSize)
	if err != nil {
		return nil, err
	}
	global, err := decode(lines[3], "signature of the comment", ed25519.SignatureSize)
	if err != nil {
		return nil, err
	}
	switch string(b[:2]) {
	case algHashed:
		s.Hashed = true
	case algEd:
	default:
		return nil, fmt.Errorf("signature: %w: unknown algorithm %q", ErrFormat, b[:2])
	}
	copy(s.ID[:], b[2:])
	copy(s.Sum[:], b[2+idSize:])
	copy(s.Global[:], global)
	return s, nil
}

// Text returns the signature as a file.
func (s *Signature) Text() []byte {
	alg := algEd
	if s.Hashed {
		alg = algHashed
	}
	return fmt.Appendf(nil, "%s%s\n%s\n%s%s\n%s\n", comment, s.Comment,
		encode(slices.Concat([]byte(alg), s.ID[:], s.Sum[:])),
		trusted, s.Trusted, encode(s.Global[:]))
}

// NewHash returns the hash of a file that signatures sign.
func NewHash() hash.Hash {
	h, err := blake2b.New512(nil)
	if err != nil {
		panic(err) // only a key can be wrong
	}
	return h
}

// MaxLegacy is the largest file that is read for a signature that signs the file
// itself: it must be in memory as a whole.
const MaxLegacy = 1 << 30

// Message returns what s signs of the file that r gives.
func (s *Signature) Message(r io.Reader) ([]byte, error) {
	if s.Hashed {
		h := NewHash()
		if _, err := io.Copy(h, r); err != nil {
			return nil, err
		}
		return h.Sum(nil), nil
	}
	b, err := io.ReadAll(io.LimitReader(r, MaxLegacy+1))
	if err == nil && len(b) > MaxLegacy {
		err = errors.New("a file of more than a gigabyte with a signature of the old form: sign it anew")
	}
	return b, err
}

// ErrTooLong is for a trusted comment that minisign would not read.
var ErrTooLong = errors.New("the trusted comment is longer than 8000 bytes, or has several lines")

// Sign signs the file whose hash (see NewHash) is sum.
func (k SecretKey) Sign(sum []byte, trusted string) (*Signature, error) {
	if len(trusted) > 8000 || strings.ContainsAny(trusted, "\r\n") {
		return nil, ErrTooLong
	}
	s := &Signature{Hashed: true, ID: k.ID, Comment: "signature from rdbtool secret key", Trusted: trusted}
	copy(s.Sum[:], ed25519.Sign(k.key, sum))
	copy(s.Global[:], ed25519.Sign(k.key, s.global()))
	return s, nil
}

// global is what the second signature signs.
func (s *Signature) global() []byte { return append(s.Sum[:len(s.Sum):len(s.Sum)], s.Trusted...) }

// Check is a signature and what it is to be held against.
type Check struct {
	Key       PublicKey
	Signature *Signature
	Message   []byte // of the file: see Signature.Message
}

// Verify holds many signatures against their files at once. An error stands at
// the place of its check; nil if all hold.
func Verify(checks []Check) []error {
	batch := ed25519consensus.NewBatchVerifier()
	own := true
	for i := range checks {
		c := &checks[i]
		own = own && c.Signature.ID == c.Key.ID
		batch.Add(ed25519.PublicKey(c.Key.Key), c.Message, c.Signature.Sum[:])
		batch.Add(ed25519.PublicKey(c.Key.Key), c.Signature.global(), c.Signature.Global[:])
	}
	if own && (len(checks) == 0 || batch.Verify()) {
		return nil
	}
	errs := make([]error, len(checks))
	for i := range checks {
		errs[i] = checks[i].verify()
	}
	return errs
}

func (c *Check) verify() error {
	switch s := c.Signature; {
	case s.ID != c.Key.ID:
		return fmt.Errorf("%w: %s, not %s", ErrKey, s.ID, c.Key.ID)
	case !ed25519consensus.Verify(c.Key.Key, c.Message, s.Sum[:]):
		return ErrSignature
	case !ed25519consensus.Verify(c.Key.Key, s.global(), s.Global[:]):
		return ErrComment
	}
	return nil
}
