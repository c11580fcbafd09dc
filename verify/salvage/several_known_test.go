package salvage

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"testing"
)

// Files that were once read wrongly, by what they cost.
var severalKnown = []struct {
	target string
	sizes  bool
	n      int
	seed   uint64
	run    int
	sum    uint32 // of the damaged file: another is not the one that was read wrongly
	why    string
}{
	{"rdb-12", true, 8, 77, 17, 0xa9b9ec52, "the record before one that is damaged was cut, not the one that is too short elsewhere"},
	{"rdb-12", true, 8, 77, 24, 0xdfea3122, "an empty compressed string was taken to prove its end"},
	{"rdb-12", true, 64, 77, 39, 0x4291143c, "a gap that begins like a record was taken for the rest of the one before"},
	{"rdb-12", true, 64, 77, 94, 0x03edc516, "random bytes became the expiry of the next key"},
	{"rdb-12", true, 64, 77, 144, 0x763b383f, "the last two members behind zeros became a string"},
	{"rdb-12", true, 64, 77, 164, 0xc981e780, "a length took in a hundred records, one of them damaged too"},
	{"rdb-12", true, 64, 77, 167, 0xa92f741c, "the same, in a set"},
	{"rdb-9", true, 64, 77, 82, 0x26bfb58c, "a record between two damaged ones, inside of what a wrong length takes in"},
	{"rdb-9", false, 64, 77, 127, 0x080fc79d, "a sorted set took in the next record"},
	{"valkey-9.0", false, 64, 77, 179, 0xfa2164b0, "random bytes became a database of another number"},
	{"rdb-12", true, 8, 99, 103, 0x0531526c, "a key with the head of the next record in it"},
	{"rdb-9", true, 1, 99, 31, 0xf7a1dfaa, "a changed length became the type of a string"},
	{"rdb-9", true, 64, 99, 69, 0x7964faa7, "random bytes announced the size of a database"},
	{"rdb-9", true, 64, 99, 77, 0xbc9371f7, "an expiry became an empty key, and the next key lost its own"},
	{"rdb-9", true, 64, 99, 171, 0xf7cb8d05, "a value took in the number of the next database"},
	{"rdb-9", true, 64, 99, 191, 0x84caaeb7, "a value took in the expiry of the next key"},
	{"rdb-12", true, 2, 1001, 704, 0xa1769639, "a short record between two damaged ones"},
	{"rdb-12", true, 64, 1001, 69, 0x8bac20ea, "a record between two damaged ones whose end is not proved"},
	{"rdb-12", true, 64, 1001, 297, 0xa40081bc, "two pieces of one value were counted as two keys"},
	{"rdb-9", true, 64, 1001, 281, 0xa1441051, "two records with strange keys in the place of two good ones"},
	{"rdb-9", false, 8, 1001, 354, 0x348c91e6, "a database of a number that is hardly used"},
	{"rdb-9", true, 64, 2002, 612, 0xb276a659, "early damage, before much was known of the keys"},
	{"rdb-12", true, 2, 3003, 259, 0x26954bb1, "a string with an expiry took in the next record"},
	{"rdb-12", false, 8, 3003, 191, 0x22c0d61e, "a string took in sixty records, some of them damaged too"},
	{"valkey-9.0", true, 64, 12345, 118, 0x3a5eaf6b, "a wrong byte before the expiry of a field made it that of the next key"},
	{"valkey-9.0", true, 64, 12345, 555, 0x15e19bca, "random bytes became a frequency, which no key of the file has"},
	{"rdb-12", true, 2, 12345, 230, 0xd2d48f36, "a hash of nothing, whose first field became a string"},
	{"rdb-12", true, 64, 31, 165, 0xa645f4d7, "members became a string, and another gap held two keys"},
	{"rdb-12", true, 8, 32, 123, 0x51f6ed99, "a string of nothing that was compressed"},
	{"valkey-9.0", true, 64, 33, 619, 0xc9a61165, "a gap behind a damaged record was taken for the rest of it"},
	{"rdb-12", true, 8, 34, 628, 0x95268eb2, "a key that took in where the next database begins"},
	{"rdb-12", true, 64, 101, 366, 0x01e24187, "a value took in one of the two opcodes of a database"},
	{"rdb-12", true, 8, 102, 386, 0x56ce8aaa, "a member took in the expiry of the next key, and nothing failed"},
	{"rdb-12", true, 64, 104, 513, 0xc3a89fa0, "a database begins between two damaged records"},
	{"rdb-9", true, 64, 104, 301, 0x6658f1ac, "the last bytes of a damaged value selected a database"},
	{"rdb-9", true, 64, 104, 559, 0x3daccc41, "a random byte was an opcode of newer servers"},
	{"rdb-9", true, 64, 105, 245, 0x838b13a6, "members became a sorted set that took in the head of the next record"},
	{"rdb-12", true, 2, 109, 294, 0xb90f36ff, "a damaged value took in the expiry of the next key"},
	{"rdb-9", true, 8, 107, 598, 0x540361c2, "what was left of a damaged list was counted as a damaged key"},
	{"rdb-12", true, 64, 108, 729, 0x3e233019, "a key took in the expiry of the next one"},
	{"rdb-12", true, 64, 113, 360, 0x8fb8e68c, "an empty key, with a list of nothing"},
	{"valkey-9.0", true, 64, 109, 490, 0x4699b2de, "a key took in the head of the next record, which is damaged too"},
	{"rdb-9", true, 64, 207, 43, 0xeec6146f, "a key took in the next one, behind a gap"},
	{"valkey-9.0", true, 1, 208, 595, 0x839e83b2, "a length took in all keys but forty"},
	{"rdb-9", true, 64, 208, 472, 0x3cc39f8c, "a record between two damaged ones, inside of what a wrong length takes in"},
	{"rdb-12", true, 8, 303, 46, 0x711c1742, "a wrong length ended where a good record begins"},
	{"rdb-12", false, 2, 501, 57, 0x7b077528, "a length took in two records and the head of a damaged one"},
	{"valkey-9.0", false, 64, 501, 370, 0x66334173, "members became a string"},
	{"rdb-9", true, 64, 712, 214, 0x859d8193, "a length that took in a whole record, and nothing failed"},
	{"rdb-12", true, 1, 801, 540, 0xd7205479, "the rest of a string selected a database"},
	{"rdb-12", true, 8, 804, 203, 0xc6652793, "a member looked more like a key than the record behind another gap"},
	{"rdb-12", true, 64, 804, 337, 0x4a133a07, "the rest of a set was an opcode"},
	{"rdb-12", true, 8, 810, 168, 0x7771fbe4, "a length took in where the next database begins, and as many keys as were too many"},
	{"rdb-12", true, 64, 812, 118, 0xb7da2a62, "a hash whose fields expire took in a hundred records"},
	{"rdb-9", true, 64, 813, 782, 0x353bef66, "the rest of a string was a function that holds the next record"},
	{"valkey-9.0", true, 1, 820, 70, 0x2457055f, "a string took in where the next database begins, and as many keys as were too many"},
	{"rdb-12", true, 64, 820, 575, 0xa04978e1, "members looked more like a key than the record behind another gap"},
	{"rdb-9", true, 64, 901, 94, 0x5c85d270, "a set took in the next record, behind it members that look like one"},
	{"rdb-12", true, 64, 903, 497, 0x11aed22e, "a set took in where the next database begins, and the key of its first record"},
	{"rdb-12", true, 8, 907, 645, 0xf184a57c, "a set took in where the next database begins, and exactly as many keys as follow"},
	{"rdb-9", true, 64, 912, 621, 0x48297b92, "a wrong length ended where a good record begins, and another one took in as many"},
	{"rdb-12", true, 64, 920, 688, 0x26d2f5ed, "no number tells that a zset took in where the next database begins"},
	{"valkey-9.0", true, 64, 934, 316, 0x1e7f19c8, "the rest of a zset was a field of the header that took in most of the file"},
	{"rdb-12", true, 8, 931, 778, 0x6634fe2e, "zeros were an empty key, and another gap held two keys"},
	{"rdb-12", true, 64, 934, 724, 0xf6ae58b5, "random bytes were an expiry in seconds, which no key of the file has"},
	{"valkey-9.0", true, 64, 938, 238, 0xa09bd590, "a set took in the head of the next record, and the one behind it is damaged"},
	{"rdb-9", true, 8, 912, 415, 0xb9211d31, "a whole record stood alone in what a wrong length took in"},
	{"rdb-9", true, 8, 917, 247, 0x79ae414b, "a gap on both sides of a field was counted as two keys"},
	{"rdb-9", true, 64, 917, 443, 0xeac96086, "members stood twice in what was left of a set"},
	{"rdb-9", true, 64, 918, 172, 0x6d78e6bd, "random bytes were the head of a hash whose fields expire"},
	{"rdb-9", true, 1, 918, 164, 0x852d844f, "a hash in which a field stands twice took in the next record"},
	{"rdb-9", true, 64, 811, 620, 0xbb6c92f5, "a hash in which a field stands twice took in the expiry of the next key"},
	{"rdb-9", true, 8, 819, 673, 0xea51dc5e, "zeros were an empty key, and another gap held two keys"},
	{"rdb-12", true, 8, 2002, 614, 0xaa12aefa, "zeros were an empty key again, after they had been banned"},
	{"valkey-9.0", true, 64, 2006, 418, 0x65156c19, "random bytes were an import of slots"},
	{"rdb-9", true, 64, 2007, 632, 0x0a83473d, "members behind zeros became a string, and a length took in the next record"},
	{"rdb-9", true, 64, 2042, 680, 0xb9fdbdf4, "a hash took in the expiry of the next key, beside another damaged one"},
	{"rdb-9", true, 64, 3004, 567, 0xababe9e3, "the last bytes of a set became the expiry of the next key"},
	{"rdb-9", true, 2, 4003, 299, 0x96366b48, "behind a damaged value that is too short members took in a whole record"},
	{"rdb-9", true, 64, 4005, 77, 0xafce562a, "random bytes announced a database whose number is higher than that of the next"},
	{"rdb-12", true, 8, 4008, 541, 0xccd2ab9e, "random bytes were the frequency of a hash, which no key of the file has"},
	{"rdb-12", true, 64, 5004, 3, 0xd0f5076f, "a hash whose fields expire took in the head of the next record, and zeros followed it"},
	{"rdb-12", true, 64, 5007, 771, 0xbcb7819b, "the same"},
	{"rdb-9", true, 64, 5007, 580, 0xabc998cd, "the end of a damaged value looked like an expiry, and another gap held one"},
	{"rdb-12", true, 2, 8008, 500, 0xaf85900f, "a stream that is unsound was looked into, and held a string"},
	{"rdb-12", true, 64, 8006, 259, 0x71616ed2, "zeros behind a set that took in the next record were an empty key"},
	{"rdb-12", true, 64, 9003, 299, 0x4f7b080e, "a damaged hash whose fields have expiries led to a string of half the file, and what stands inside it was not looked at"},
	{"rdb-9", false, 64, 9201, 185, 0x88f3476c, "a member took in a hundred records, damaged ones among them, and nothing told how many there were"},
	{"rdb-9", false, 8, 9201, 289, 0x5ec168c9, "likewise"},
	{"valkey-9.0", false, 64, 9202, 726, 0x84d0aaf2, "where a database begins, between two damaged values, went unseen"},
	{"rdb-9", false, 2, 9204, 280, 0xc62682ed, "the first byte of a damaged value was one that selects a database"},
	{"valkey-9.0", false, 64, 9208, 236, 0xc0f29983, "the first key was damaged, and nobody noticed that databases announce no keys"},
	{"rdb-9", false, 8, 9213, 38, 0x19429b21, "a swallowed record held the first database again, and all databases were held for unordered"},
	{"valkey-9.0", false, 64, 9223, 406, 0xab2ad39c, "a database selected behind damage was no longer in doubt once the search began there anew"},
	{"rdb-12", true, 64, 9411, 33, 0xcc85808c, "a field of the header in damaged bytes hid that the gap before stood for a key"},
}

func TestSalvageSeveralKnown(t *testing.T) {
	for _, k := range severalKnown {
		name := fmt.Sprintf("%s sizes %v bytes %d seed %d run %d", k.target, k.sizes, k.n, k.seed, k.run)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := twoHundred(t, k.target, k.sizes)
			rnd := rand.New(rand.NewPCG(k.seed, uint64(k.n)))
			for range k.run {
				severalValues(o, rnd, k.n)
			}
			file, hit := severalValues(o, rnd, k.n)
			if sum := crc32.ChecksumIEEE(file); sum != k.sum {
				t.Fatalf("another file than it was: %#08x, not %#08x", sum, k.sum)
			}
			checkSeveral(t, o, file, hit, k.sizes, k.why)
		})
	}
}
