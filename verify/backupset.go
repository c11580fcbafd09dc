package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rdbtool/rdbtool/entry"
)

// BackupSet lists the files of a backup, and what they hold. It is written as
// JSON beside or above them, and signed: who has that signature needs none for
// each file.
type BackupSet struct {
	Format  int       `json:"rdbtool_backup_set"` // 1
	Created time.Time `json:"created"`
	Tool    string    `json:"tool"`
	Members []Member  `json:"members"` // by name
	Data    []DataSet `json:"data"`    // in the order in which they were given
}

// Member is a file of a backup set.
type Member struct {
	Name   string `json:"name"` // relative to the folder of the list, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// DataSet is what a snapshot, or the files of an append-only file, hold.
type DataSet struct {
	Name   string           `json:"name"`             // of the snapshot, of the log's file, manifest or folder
	Kind   Kind             `json:"kind"`             // rdb, aof
	Format string           `json:"format,omitempty"` // REDIS0011
	Server string           `json:"server,omitempty"` // that wrote it: redis 7.2.4
	Digest string           `json:"digest"`           // DEBUG DIGEST
	Keys   map[string]int64 `json:"keys"`             // by database
}

// backupSetFormat is the version of the list that this package writes and reads.
const backupSetFormat = 1

// MaxBackupSet is the largest list that is read.
const MaxBackupSet = 64 << 20

// backupSetMark is what such a list begins with, but for white space.
const backupSetMark = `{"rdbtool_`

// IsBackupSet reports whether a file that begins with head, some bytes of it, is
// such a list.
func IsBackupSet(head []byte) bool {
	var packed []byte
	for _, c := range head {
		if c > ' ' {
			packed = append(packed, c)
		}
	}
	return bytes.HasPrefix(packed, []byte(backupSetMark[:min(len(packed), len(backupSetMark))])) && len(packed) > len(`{"rdbto`)
}

// ParseBackupSet reads such a list. Names that lead out of its folder are an
// error.
func ParseBackupSet(text []byte) (*BackupSet, error) {
	s := &BackupSet{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("backup set: %w", err)
	}
	if s.Format != backupSetFormat {
		return nil, fmt.Errorf("backup set: %w: format %d", entry.ErrUnsupported, s.Format)
	}
	for _, m := range s.Members {
		if !filepath.IsLocal(filepath.FromSlash(m.Name)) {
			return nil, fmt.Errorf("backup set: the name %q leads out of its folder", m.Name)
		}
	}
	for _, d := range s.Data {
		if !filepath.IsLocal(filepath.FromSlash(d.Name)) {
			return nil, fmt.Errorf("backup set: the name %q leads out of its folder", d.Name)
		}
	}
	return s, nil
}

// NewBackupSet returns an empty list.
func NewBackupSet(tool string, now time.Time) *BackupSet {
	return &BackupSet{Format: backupSetFormat, Created: now.UTC().Truncate(time.Second), Tool: tool, Members: []Member{}, Data: []DataSet{}}
}

// NewMember reads the file at path, which gets that name in a list.
func NewMember(ctx context.Context, path, name string) (Member, error) {
	f, err := regular(path)
	if err != nil {
		return Member{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, &contextReader{ctx, f})
	if err != nil {
		return Member{}, fmt.Errorf("%s: %w", path, err)
	}
	return Member{Name: filepath.ToSlash(name), Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, nil
}

// Check holds the files below dir against the list: those that are missing,
// renamed or changed, and those that are there beside them. list is the name of
// the list itself. The error is a failure to read.
func (s *BackupSet) Check(ctx context.Context, dir, list string) (found []Finding, err error) {
	add := func(code Code, name, format string, args ...any) {
		found = append(found, about(code, filepath.Join(dir, filepath.FromSlash(name)), format, args...))
	}
	extra, err := s.extra(dir, list)
	if err != nil {
		return nil, err
	}
	var missing []Member
	for _, m := range s.Members {
		path := filepath.Join(dir, filepath.FromSlash(m.Name))
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing = append(missing, m)
			continue
		case err != nil:
			return found, err
		case !info.Mode().IsRegular():
			add(CodeSetChanged, m.Name, "it is %v", errNotRegular)
			continue
		case info.Size() != m.Size:
			add(CodeSetChanged, m.Name, "it has %d bytes, the one signed had %d", info.Size(), m.Size)
			continue
		}
		is, err := NewMember(ctx, path, m.Name)
		if err != nil {
			return found, err
		}
		if is.SHA256 != m.SHA256 {
			add(CodeSetChanged, m.Name, "its SHA-256 is not that of the file signed")
		}
	}
	for _, m := range missing {
		now, err := renamed(ctx, dir, m, extra)
		if err != nil {
			return found, err
		}
		if now == "" {
			add(CodeSetMissing, m.Name, "it is not there")
			continue
		}
		delete(extra, now)
		add(CodeSetRenamed, m.Name, "it is there as %s", now)
	}
	for _, name := range sortedKeys(extra) {
		add(CodeSetExtra, name, "it is none of the files of the set")
	}
	return found, nil
}

// renamed returns under which name a missing member is there, "" if it is not.
func renamed(ctx context.Context, dir string, m Member, extra map[string]int64) (string, error) {
	for _, name := range sortedKeys(extra) {
		if extra[name] != m.Size {
			continue
		}
		is, err := NewMember(ctx, filepath.Join(dir, filepath.FromSlash(name)), name)
		if err != nil {
			return "", err
		}
		if is.SHA256 == m.SHA256 {
			return name, nil
		}
	}
	return "", nil
}

// extra returns the files that lie in the folders of members and are none, by
// name with their sizes. Signatures, and the list itself, do not count.
func (s *BackupSet) extra(dir, list string) (map[string]int64, error) {
	listed, folders := map[string]bool{list: true}, map[string]bool{}
	for _, m := range s.Members {
		listed[m.Name] = true
		folder, _, _ := cutLast(m.Name, "/")
		folders[folder] = true
	}
	extra := map[string]int64{}
	for _, folder := range sortedKeys(folders) {
		all, err := os.ReadDir(filepath.Join(dir, filepath.FromSlash(folder)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			name := strings.TrimPrefix(folder+"/"+e.Name(), "/")
			info, err := e.Info()
			if err == nil && info.Mode().IsRegular() && !listed[name] && !strings.HasSuffix(name, SignatureSuffix) {
				extra[name] = info.Size()
			}
		}
	}
	return extra, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
