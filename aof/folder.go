package aof

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// folder is what lies in a folder, and in the folders inside it.
type folder struct {
	manifests []string
	single    string   // a file of the name that servers before Redis 7.0 give it
	parts     []string // that look like files of an append-only file of several
	snapshots []string
}

// partName is the form of names that servers give to base and incr files.
var partName = regexp.MustCompile(`^.+\.\d+\.(base\.(rdb|aof)|incr\.aof)$`)

// survey looks through the folder at dir.
func survey(dir string) (*folder, error) {
	f := &folder{}
	for _, pattern := range []string{"*", filepath.Join("*", "*")} {
		all, err := fs.Glob(os.DirFS(dir), filepath.ToSlash(pattern))
		if err != nil {
			return nil, err
		}
		for _, name := range all {
			path, base := filepath.Join(dir, filepath.FromSlash(name)), filepath.Base(name)
			if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
				continue // a link to nowhere, a folder, a pipe
			}
			switch {
			case strings.HasPrefix(base, "temp-"):
			case strings.HasSuffix(base, ".manifest"):
				f.manifests = append(f.manifests, path)
			case partName.MatchString(base):
				f.parts = append(f.parts, path)
			case base == singleName && name == base:
				f.single = path
			case strings.HasSuffix(base, ".rdb") && name == base:
				f.snapshots = append(f.snapshots, path)
			}
		}
		if len(f.manifests) > 0 {
			break
		}
	}
	slices.Sort(f.manifests)
	return f, nil
}

// Stray reports whether files of an append-only file of several lie in the folder
// dir without a manifest.
func Stray(dir string) bool {
	f, err := survey(dir)
	return err == nil && len(f.manifests) == 0 && slices.ContainsFunc(f.parts, func(path string) bool { return filepath.Dir(path) == filepath.Clean(dir) })
}

// find returns what a server would load of the folder dir: a manifest in it or
// in a folder inside it, else a single file.
func find(dir string) (string, error) {
	f, err := survey(dir)
	if err != nil {
		return "", err
	}
	switch {
	case len(f.manifests) == 1:
		return f.manifests[0], nil
	case len(f.manifests) > 1:
		return "", &fs.PathError{Op: "open", Path: dir, Err: fmt.Errorf("the folder holds %w: %s", ErrSeveral, strings.Join(f.manifests, ", "))}
	case f.single != "":
		return f.single, nil
	}
	return "", &fs.PathError{Op: "open", Path: dir, Err: ErrNoLog}
}

// OpenDamaged opens the append-only file at path as Open does, and all of it that
// can be found, whatever is wrong with the manifest and the folder: see
// Log.Faults. The log has no parts if nothing can be found.
func OpenDamaged(path string, o *LogOptions) (*Log, error) {
	l := &Log{lenient: true}
	if o != nil {
		l.o = *o
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		f, err := survey(path)
		if err != nil {
			return nil, err
		}
		text, is := "", error(nil)
		switch {
		case len(f.manifests) > 1:
			text, is = "the folder holds several manifests: "+strings.Join(f.manifests, ", "), ErrSeveral
		case len(f.manifests) == 1:
			path = f.manifests[0]
		case f.single != "":
			path = f.single
		case len(f.parts) > 0:
			text, is = fmt.Sprintf("no manifest lists %s: a server starts with an empty data set", strings.Join(f.parts, ", ")), ErrNoManifest
		case len(f.snapshots) > 0:
			text, is = fmt.Sprintf("the folder holds %s alone, which a server with appendonly yes does not read: it starts with an empty data set", strings.Join(f.snapshots, ", ")), ErrOnlySnapshot
		default:
			return nil, &fs.PathError{Op: "open", Path: path, Err: ErrNoLog}
		}
		if is != nil {
			l.Faults = append(l.Faults, corrupt(path, -1, "", text, is))
			return l, nil
		}
	}
	return l, l.open(path)
}

// Unlisted returns the files beside the manifest that look like files of the log
// and are not listed, by name. A server does not look at them.
func (l *Log) Unlisted() ([]string, error) {
	if l.Manifest == nil {
		return nil, nil
	}
	entries, err := os.ReadDir(filepath.Dir(l.Manifest.Path))
	if err != nil {
		return nil, err
	}
	prefix := strings.TrimSuffix(filepath.Base(l.Manifest.Path), ".manifest") + "."
	var names []string
	for _, e := range entries {
		listed := func(f ManifestFile) bool { return f.Name == e.Name() }
		if strings.HasPrefix(e.Name(), prefix) && partName.MatchString(e.Name()) && !slices.ContainsFunc(l.Manifest.Files, listed) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
