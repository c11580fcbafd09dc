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

// CheckSignatures adds to the report what is wrong with the signatures beside the
// files at paths, each of which any of the keys may have made. They are verified
// all at once. The error is a failure to read.
func (r *Report) CheckSignatures(ctx context.Context, paths []string, keys []minisign.PublicKey) error {
	c := signatureCheck{report: r, keys: keys}
	for _, path := range paths {
		open := func() (io.ReadCloser, error) { return regular(path) }
		if err := c.file(ctx, path, open); err != nil {
			return c.end(err)
		}
	}
	return c.end(nil)
}

// CheckSignatureOf is CheckSignatures for a file that has been read: what is
// checked are these bytes, and not what is there by now.
func (r *Report) CheckSignatureOf(ctx context.Context, path string, text []byte, keys []minisign.PublicKey) error {
	c := signatureCheck{report: r, keys: keys}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	return c.end(c.file(ctx, path, open))
}

// signatureCheck gathers signatures to verify them at once.
type signatureCheck struct {
	report *Report
	keys   []minisign.PublicKey

	paths  []string // of the checks
	checks []minisign.Check

	id    minisign.KeyID // of the last key whose signature holds
	sound bool           // there is one, and nothing else
	bad   bool
}

// file takes a file and the signature beside it.
func (c *signatureCheck) file(ctx context.Context, path string, open func() (io.ReadCloser, error)) error {
	s, key, err := c.signature(path)
	if err != nil || s == nil {
		return err
	}
	f, err := open()
	if errors.Is(err, errNotRegular) {
		c.found(CodeSigned, path, "it is %v", errNotRegular)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return c.add(path, s, key, &contextReader{ctx, f})
}

// signature reads the signature beside the file at path and finds its key. It
// returns nil if it has found something wrong with it.
func (c *signatureCheck) signature(path string) (s *minisign.Signature, key minisign.PublicKey, err error) {
	text, err := readLimited(path+SignatureSuffix, maxSignature)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.found(CodeSignatureMissing, path, "there is no %s", path+SignatureSuffix)
		return nil, key, nil
	case err != nil:
		return nil, key, err
	}
	if s, err = minisign.ParseSignature(text); err != nil {
		c.found(CodeSignatureFormat, path, "%s: %v", path+SignatureSuffix, err)
		return nil, key, nil
	}
	for _, key := range c.keys {
		if key.ID == s.ID {
			return s, key, nil
		}
	}
	c.found(CodeSignatureKey, path, "signed with the key %s, and the key given is %s", s.ID, keyNames(c.keys))
	return nil, key, nil
}

// add takes a signature and what its file holds. One of the old form, which has
// the whole file in memory, is not kept for the others.
func (c *signatureCheck) add(path string, s *minisign.Signature, key minisign.PublicKey, r io.Reader) error {
	message, err := s.Message(r)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	c.paths = append(c.paths, path)
	c.checks = append(c.checks, minisign.Check{Key: key, Signature: s, Message: message})
	if !s.Hashed {
		c.verify()
	}
	return nil
}

// end verifies what is left, also where reading went wrong with err.
func (c *signatureCheck) end(err error) error {
	c.verify()
	if err == nil && c.sound {
		c.report.Facts.SignedWith = c.id.String()
	}
	return err
}

// verify verifies what has been gathered.
func (c *signatureCheck) verify() {
	errs := minisign.Verify(c.checks)
	for i := range c.checks {
		path, s := c.paths[i], c.checks[i].Signature
		var err error
		if errs != nil {
			err = errs[i]
		}
		name := signedName(s.Trusted)
		switch {
		case errors.Is(err, minisign.ErrComment):
			c.found(CodeSignatureComment, path, "%v", err)
		case err != nil:
			c.found(CodeSigned, path, "%v: the file, or its signature, has been changed", err)
		case name != "" && name != printableName(filepath.Base(path)):
			c.found(CodeSignatureName, path, "it was signed as %s", strconv.Quote(name))
		default:
			c.id, c.sound = s.ID, !c.bad
		}
	}
	c.paths, c.checks = nil, nil
}

func (c *signatureCheck) found(code Code, path, format string, args ...any) {
	c.bad, c.sound = true, false
	c.report.Add(about(code, path, format, args...))
}

// about returns a finding about a file as a whole.
func about(code Code, path, format string, args ...any) Finding {
	rule, _ := RuleOf(code)
	place := entry.Place{File: path, Offset: -1, Element: -1}
	return Finding{code, rule.Severity, place, fmt.Sprintf(format, args...)}
}

func keyNames(keys []minisign.PublicKey) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.ID.String()
	}
	return strings.Join(names, " or ")
}

var errNotRegular = errors.New("no regular file")

// regular opens a file that is no pipe, which nobody may ever write to.
func regular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errNotRegular}
	}
	if err != nil {
		return nil, err
	}
	return os.Open(path)
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
