package verify

// The codes of signed files, and of signed sets of files.
const (
	CodeSigned           Code = "signature"
	CodeSignatureMissing Code = "signature-missing"
	CodeSignatureFormat  Code = "signature-format"
	CodeSignatureKey     Code = "signature-key"
	CodeSignatureComment Code = "signature-comment"
	CodeSignatureName    Code = "signature-name"
	CodeSetUnsigned      Code = "set-unsigned"
	CodeSetFormat        Code = "set-format"
	CodeSetMissing       Code = "set-missing"
	CodeSetRenamed       Code = "set-renamed"
	CodeSetChanged       Code = "set-changed"
	CodeSetExtra         Code = "set-extra"
)

// signatureRules are those of signed files.
var signatureRules = []Rule{
	{Code: CodeSigned, Severity: Error, Title: "the signature does not hold: the file is not the one that was signed"},
	{Code: CodeSignatureMissing, Severity: Error, Title: "no signature is beside the file"},
	{Code: CodeSignatureFormat, Severity: Error, Title: "what is beside the file is no signature"},
	{Code: CodeSignatureKey, Severity: Error, Title: "the signature was made with another key"},
	{Code: CodeSignatureComment, Severity: Error, Title: "the trusted comment of the signature has been changed"},
	{Code: CodeSignatureName, Severity: Error, Title: "the file was signed under another name"},
	{Code: CodeSetUnsigned, Severity: Warning, Title: "the signature of a backup set has not been checked: no public key was given"},
	{Code: CodeSetFormat, Severity: Error, Title: "the list of a backup set cannot be read, or leads out of its folder"},
	{Code: CodeSetMissing, Severity: Error, Title: "a file of a backup set is not there"},
	{Code: CodeSetRenamed, Severity: Error, Title: "a file of a backup set has another name"},
	{Code: CodeSetChanged, Severity: Error, Title: "a file of a backup set is not the one that was signed"},
	{Code: CodeSetExtra, Severity: Warning, Title: "a file lies among those of a backup set and is none of them"},
}
