package verify

import (
	"bytes"
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
	"unicode"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/minisign"
)

// SignatureSuffix is what the name of a signature has behind that of its file.
const SignatureSuffix = ".minisig"

// TrustedComment returns the comment that a signature of the file of that name
// signs too, as minisign has it: it tells when, and under which name.
func TrustedComment(name string, now time.Time) string {
	return "timestamp:" + strconv.FormatInt(now.Unix(), 10) + "\t" + SignedName(name) + "\thashed"
}

// SignedName is how a trusted comment names a file.
func SignedName(name string) string { return "file:" + printableName(filepath.Base(name)) }

// printableName writes control characters as Go does: a trusted comment is one
// line of words between tabs.
func printableName(name string) string {
	if strings.IndexFunc(name, unicode.IsControl) < 0 {
		return name
	}
	q := strconv.Quote(name)
	return q[1 : len(q)-1]
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
	return r.checkSignature(ctx, path, keys, func() (io.ReadCloser, error) { return regular(path) })
}

// regular opens a file that is no pipe, which nobody may ever write to.
func regular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("no regular file")}
	}
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

// CheckSignatureOf is CheckSignature for a file that has been read: what is
// checked are these bytes, and not what is there by now.
func (r *Report) CheckSignatureOf(ctx context.Context, path string, text []byte, keys []minisign.PublicKey) error {
	return r.checkSignature(ctx, path, keys, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil })
}

func (r *Report) checkSignature(ctx context.Context, path string, keys []minisign.PublicKey, open func() (io.ReadCloser, error)) error {
	found, id, err := checkSignature(ctx, path, keys, open)
	for _, f := range found {
		r.Add(f)
	}
	if err == nil && len(found) == 0 {
		r.Facts.SignedWith = id.String()
	}
	return err
}

func checkSignature(ctx context.Context, path string, keys []minisign.PublicKey, open func() (io.ReadCloser, error)) (all []Finding, id minisign.KeyID, err error) {
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
	f, err := open()
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
	if name := signedName(s.Trusted); name != "" && name != printableName(filepath.Base(path)) {
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
	f, err := regular(path)
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
