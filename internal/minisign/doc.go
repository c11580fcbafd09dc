// Package minisign reads and writes the keys and signatures of minisign, and
// makes and checks them.
//
// A public key is two lines, the second of them base64:
//
//	untrusted comment: minisign public key 5A1F3C...
//	"Ed" | key ID 8 | key 32
//
// A secret key likewise:
//
//	"Ed" | "Sc" or 0 0 | "B2" | salt 32 | ops u64 | mem u64 | body 104
//	body: key ID 8 | seed 32 | public key 32 | BLAKE2b-256 of "Ed", ID, seed, key
//
// With "Sc" the body is XORed with what scrypt makes of the password, at a cost
// that ops and mem say; with 0 0 it stands as it is. Numbers are little endian.
//
// A signature is four lines:
//
//	untrusted comment: ...
//	"ED" | key ID 8 | signature 64 of the BLAKE2b-512 of the file
//	trusted comment: ...
//	signature 64 of the signature above and the trusted comment
//
// Older ones have "Ed" and sign the file itself. Signatures are Ed25519, checked
// by the rules of ZIP 215, so that one by one and many at a time come to the same.
package minisign
