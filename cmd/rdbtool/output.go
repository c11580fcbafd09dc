package main

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/internal/atomicfile"
	"github.com/rdbtool/rdbtool/internal/compress"
)

// outputFlags say where data goes.
type outputFlags struct {
	path  string
	force bool
}

func (o *outputFlags) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`, whole or not at all; .gz, .lz4 and .zst pack it", Destination: &o.path},
		&cli.BoolFlag{Name: "force", Usage: "let --output replace a file that exists", Destination: &o.force},
	}
}

// output is where data goes: standard output, or a file that appears when it
// is complete.
type output struct {
	io.Writer
	file   *atomicfile.File
	packer io.WriteCloser
}

// stat describes the file of that name, "-" for standard input.
func (p *program) stat(name string) (os.FileInfo, error) {
	if f, ok := p.stdin.(*os.File); ok && name == "-" {
		return f.Stat()
	}
	return os.Stat(name)
}

// create opens the output. It may not be one of the inputs named.
func (p *program) create(o *outputFlags, inputs ...string) (*output, error) {
	if o.path == "" || o.path == "-" {
		return &output{Writer: p.stdout}, nil
	}
	if there, err := os.Stat(o.path); err == nil {
		for _, name := range inputs {
			if info, err := p.stat(name); err == nil && os.SameFile(there, info) && !there.IsDir() && there.Mode()&os.ModeDevice == 0 {
				return nil, &usageError{fmt.Sprintf("the output %s is the input", o.path)}
			}
		}
		if there.Mode().IsRegular() && !o.force {
			return nil, &usageError{fmt.Sprintf("%s exists; --force replaces it", o.path)}
		}
	}
	f, err := atomicfile.Create(o.path, atomicfile.Options{Overwrite: o.force})
	if err != nil {
		return nil, err
	}
	out := &output{Writer: f, file: f}
	if format, _ := compress.FormatByName(o.path); format != compress.None {
		if out.packer, err = compress.NewWriter(f, format); err != nil {
			f.Abort()
			return nil, err
		}
		out.Writer = out.packer
	}
	if temp := f.Temp(); temp != "" {
		p.temp.Store(&temp)
	}
	return out, nil
}

// provable calls check with the path of what has been written so far, if it is a
// file that can be read.
func (p *program) provable(o *output, check func(path string) error) error {
	if o.file == nil || o.file.Temp() == "" {
		return nil
	}
	if o.packer != nil {
		if err := o.packer.Close(); err != nil {
			return err
		}
		o.packer = nil
	}
	return check(o.file.Temp())
}

// finish completes the output if err is nil and drops it otherwise.
func (o *output) finish(err error) error {
	if o.file == nil {
		return err
	}
	if o.packer != nil && err == nil {
		err = o.packer.Close()
	}
	if err != nil {
		o.abort()
		return err
	}
	return o.file.Commit()
}

func (o *output) abort() {
	o.file.Abort()
	if o.packer != nil {
		o.packer.Close() // ends its goroutines; what it writes goes nowhere
	}
}
