package verify

// expectRules are what a caller expects of a file.
var expectRules = []Rule{}

// signatureRules are those of signed files.
var signatureRules = []Rule{}
