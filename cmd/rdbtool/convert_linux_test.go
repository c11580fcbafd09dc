package main

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// On a disk that is really full the output is absent, whether it is the output
// that finds no room or what must be kept beside it. Only root may make such a
// disk; TestConvertDiskFull is for all.
func TestConvertFullFileSystem(t *testing.T) {
	small := func(t *testing.T, dir string, kilobytes int) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
			t.Skipf("no small file system: %v", err)
		}
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
	}
	needsRoom := map[string]bool{"other target": true, "payloads": true}
	for name, flags := range conversions {
		t.Run(name, func(t *testing.T) {
			for _, kilobytes := range []int{4, 64, 900} {
				w := open(t, flags)
				small(t, w.dir, kilobytes)
				w.full(t, fmt.Sprintf("%d KB", kilobytes), w.command(t, flags), "no space left on device")
			}
			w := open(t, flags)
			temp := t.TempDir()
			small(t, temp, 16)
			cmd := w.command(t, flags)
			cmd.Env = append(os.Environ(), "TMPDIR="+temp)
			out, err := cmd.CombinedOutput()
			files := w.empty(t)
			if needsRoom[name] {
				if cmd.ProcessState.ExitCode() != exitFailure || len(files) > 0 {
					t.Errorf("without room for temporary files: %v, it leaves %s: %s", err, sizes(files), out)
				}
			} else if err != nil || len(files) != len(w.whole) {
				t.Errorf("it should need no temporary file: %v: %s", err, out)
			}
		})
	}
}
