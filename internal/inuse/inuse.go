// Package inuse tells whether another process has a file open, as far as the
// system lets us know.
package inuse

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// By names a process that has the file at path open, "" if none is known of.
// Processes of other users may be hidden, and systems other than Linux do not
// tell.
func By(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	self := strconv.Itoa(os.Getpid())
	base := filepath.Base(path)
	for _, fd := range fds {
		pid := strings.Split(fd, "/")[2]
		if pid == self {
			continue
		}
		// The name first: to look at a file behind a dead mount may take forever.
		if target, err := os.Readlink(fd); err != nil || filepath.Base(target) != base {
			continue
		}
		if open, err := os.Stat(fd); err == nil && os.SameFile(open, info) {
			name, _ := os.ReadFile("/proc/" + pid + "/comm")
			return fmt.Sprintf("process %s (%s)", pid, strings.TrimSpace(string(name)))
		}
	}
	return ""
}
