package verify

import "slices"

// The codes of what a caller expects of a file.
const (
	CodeTarget       Code = "target"
	CodeExpectKeys   Code = "expect-keys"
	CodeExpectDB     Code = "expect-db"
	CodeExpectAge    Code = "expect-max-age"
	CodeExpectDigest Code = "expect-digest"
	CodeMaxTailLoss  Code = "max-tail-loss"
)

// expectRules are the checks that a caller asks for.
var expectRules = []Rule{
	{Code: CodeTarget, Severity: Error, Title: "a server that must load the file does not"},
	{Code: CodeExpectKeys, Severity: Error, Title: "the number of keys is not the expected one"},
	{Code: CodeExpectDB, Severity: Error, Title: "a database does not hold what is expected"},
	{Code: CodeExpectAge, Severity: Error, Title: "the data is older than expected"},
	{Code: CodeExpectDigest, Severity: Error, Title: "the digest of the data is not the expected one"},
	{Code: CodeMaxTailLoss, Severity: Error, Title: "the torn end of a log is longer than is put up with"},
}

// Expected reports whether a code is about what a caller expects of a file, and
// not about the file alone.
func Expected(code Code) bool {
	return slices.ContainsFunc(expectRules, func(r Rule) bool { return r.Code == code })
}
