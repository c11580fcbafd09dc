package minisign

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"slices"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/scrypt"
)

const (
	saltSize   = 32
	bodySize   = idSize + ed25519.PrivateKeySize + blake2b.Size256
	headSize   = 2 + 2 + 2 + saltSize + 8 + 8
	secretSize = headSize + bodySize

	// The cost of a password: what minisign asks for, a gigabyte of memory. More
	// is refused, as nobody can have meant it.
	maxOps = 1 << 25
	maxMem = 1 << 30
)

// ParseSecretKey reads a secret key: a file, or its second line by itself. For
// an encrypted one it asks for the password.
func ParseSecretKey(text []byte, password func() ([]byte, error)) (k SecretKey, err error) {
	b, err := keyLine(text, "secret key", secretSize)
	if err != nil {
		return k, err
	}
	kdf := string(b[2:4])
	if string(b[:2]) != algEd || string(b[4:6]) != sumBlake || kdf != kdfScrypt && kdf != kdfNone {
		return k, fmt.Errorf("secret key: %w: unknown algorithms %q", ErrFormat, b[:6])
	}
	body := b[headSize:]
	if kdf == kdfScrypt {
		if err := openBody(b[:headSize], body, password); err != nil {
			return k, err
		}
	}
	key := body[idSize : idSize+ed25519.PrivateKeySize]
	sum := bodySum(body)
	whole := subtle.ConstantTimeCompare(sum[:], body[len(body)-len(sum):]) == 1
	// Minisign leaves out the sum of a key without a password.
	if !whole && (kdf == kdfScrypt || !zero(body[len(body)-len(sum):])) {
		if kdf == kdfScrypt {
			return k, fmt.Errorf("secret key: %w", ErrPassword)
		}
		return k, fmt.Errorf("secret key: %w: its checksum does not hold", ErrFormat)
	}
	k.key = ed25519.NewKeyFromSeed(key[:ed25519.SeedSize])
	if !slices.Equal(k.key, ed25519.PrivateKey(key)) {
		return k, fmt.Errorf("secret key: %w: its two halves do not belong together", ErrFormat)
	}
	copy(k.ID[:], body)
	return k, nil
}

// openBody decrypts the body of a key.
func openBody(head, body []byte, password func() ([]byte, error)) error {
	ops, mem := binary.LittleEndian.Uint64(head[headSize-16:]), binary.LittleEndian.Uint64(head[headSize-8:])
	if ops > maxOps || mem > maxMem {
		return fmt.Errorf("secret key: %w: its password would cost more than %d MiB of memory", ErrFormat, maxMem>>20)
	}
	pass, err := password()
	if err != nil {
		return err
	}
	return mask(body, pass, head[6:6+saltSize], ops, mem)
}

// mask XORs the body with what scrypt makes of a password.
func mask(body, password, salt []byte, ops, mem uint64) error {
	logN, r, p := costs(ops, mem)
	stream, err := scrypt.Key(password, salt, 1<<logN, r, p, len(body))
	if err != nil {
		return fmt.Errorf("secret key: %w: %w", ErrFormat, err)
	}
	subtle.XORBytes(body, body, stream)
	return nil
}

// costs turns the limits in a key into the parameters of scrypt, as libsodium
// does.
func costs(ops, mem uint64) (logN, r, p int) {
	const minOps = 32768
	ops, r = max(ops, minOps), 8
	atMost := func(n uint64) (log int) {
		for log = 1; log < 63 && uint64(1)<<log <= n/2; log++ {
		}
		return log
	}
	if ops < mem/32 {
		return atMost(ops / uint64(4*r)), r, 1
	}
	logN = atMost(mem / uint64(128*r))
	return logN, r, max(int(min(ops/4>>logN, 0x3fffffff))/r, 1)
}

func bodySum(body []byte) [blake2b.Size256]byte {
	return blake2b.Sum256(append([]byte(algEd), body[:idSize+ed25519.PrivateKeySize]...))
}

func zero(b []byte) bool { return subtle.ConstantTimeCompare(b, make([]byte, len(b))) == 1 }

// Text returns the key as a file: encrypted with the password, which takes a
// gigabyte of memory and some seconds, or as it is if the password is nil.
func (k SecretKey) Text(password []byte) ([]byte, error) {
	b := make([]byte, secretSize)
	body := b[headSize:]
	copy(b, algEd+kdfNone+sumBlake)
	copy(body, k.ID[:])
	copy(body[idSize:], k.key)
	sum := bodySum(body)
	copy(body[idSize+len(k.key):], sum[:])
	label := "minisign secret key"
	if password != nil {
		label = "minisign encrypted secret key"
		copy(b[2:], kdfScrypt)
		salt := b[6 : 6+saltSize]
		if _, err := rand.Read(salt); err != nil {
			return nil, err
		}
		binary.LittleEndian.PutUint64(b[headSize-16:], maxOps)
		binary.LittleEndian.PutUint64(b[headSize-8:], maxMem)
		if err := mask(body, password, salt, maxOps, maxMem); err != nil {
			return nil, err
		}
	}
	return fmt.Appendf(nil, "%s%s\n%s\n", comment, label, encode(b)), nil
}
