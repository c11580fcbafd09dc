package verify

// signatureRules are those of signed files.
var signatureRules = []Rule{}
