package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/minisign"
)

// SignatureSuffix is what the name of a signature has behind that of its file.
const SignatureSuffix = ".minisig"

// TrustedComment returns the comment that a signature of the file of that name
// signs too, as minisign has it: it tells when, and under which name.
func TrustedComment(name string, now time.Time) string {
	return "timestamp:" + strconv.FormatInt(now.Unix(), 10) + "\tfile:" + filepath.Base(name) + "\thashed"
}

// signedName returns the name that a trusted comment has, "" if it has none.
func signedName(comment string) string {
	for _, word := range strings.Split(comment, "\t") {
		if name, ok := strings.CutPrefix(word, "file:"); ok {
			return name
		}
	}
	return ""
}

// maxSignature is more than any signature has.
const maxSignature = 64 << 10

// CheckSignature adds to the report what is wrong with the signature beside the
// file at path, which any of the keys may have made. The error is a failure to
// read.
func (r *Report) CheckSignature(ctx context.Context, path string, keys []minisign.PublicKey) error {
	found, id, err := checkSignature(ctx, path, keys)
	for _, f := range found {
		r.Add(f)
	}
	if err == nil && len(found) == 0 {
		r.Facts.SignedWith = id.String()
	}
	return err
}

func checkSignature(ctx context.Context, path string, keys []minisign.PublicKey) (all []Finding, id minisign.KeyID, err error) {
	found := func(code Code, format string, args ...any) []Finding {
		rule, _ := RuleOf(code)
		place := entry.Place{File: path, Offset: -1, Element: -1}
		return []Finding{{code, rule.Severity, place, fmt.Sprintf(format, args...)}}
	}
	text, err := readLimited(path+SignatureSuffix, maxSignature)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return found(CodeSignatureMissing, "there is no %s", path+SignatureSuffix), id, nil
	case err != nil:
		return nil, id, err
	}
	s, err := minisign.ParseSignature(text)
	if err != nil {
		return found(CodeSignatureFormat, "%s: %v", path+SignatureSuffix, err), id, nil
	}
	key, ok := keyOf(s.ID, keys)
	if !ok {
		return found(CodeSignatureKey, "signed with the key %s, and the key given is %s", s.ID, keyNames(keys)), id, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, id, err
	}
	defer f.Close()
	message, err := s.Message(&contextReader{ctx, f})
	if err != nil {
		return nil, id, err
	}
	errs := minisign.Verify([]minisign.Check{{Key: key, Signature: s, Message: message}})
	switch {
	case errs == nil:
	case errors.Is(errs[0], minisign.ErrComment):
		return found(CodeSignatureComment, "%v", errs[0]), id, nil
	default:
		return found(CodeSigned, "%v: the file, or its signature, has been changed", errs[0]), id, nil
	}
	if name := signedName(s.Trusted); name != "" && name != filepath.Base(path) {
		return found(CodeSignatureName, "it was signed as %s", strconv.Quote(name)), id, nil
	}
	return nil, s.ID, nil
}

func keyOf(id minisign.KeyID, keys []minisign.PublicKey) (minisign.PublicKey, bool) {
	for _, k := range keys {
		if k.ID == id {
			return k, true
		}
	}
	return minisign.PublicKey{}, false
}

func keyNames(keys []minisign.PublicKey) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.ID.String()
	}
	return strings.Join(names, " or ")
}

// readLimited reads a small file.
func readLimited(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r *contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}
