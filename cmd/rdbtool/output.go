package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/aof"
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

// filesOf returns the files that inputs of these names are read from: of an
// append-only file all that its manifest lists, those of the history too.
func (p *program) filesOf(names []string) []string {
	files := slices.Clone(names)
	for _, name := range names {
		info, err := p.stat(name)
		if name == "-" || err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		log, err := aof.Open(name, nil)
		if err != nil {
			continue // the input will not be read either
		}
		files = append(files, log.Files()...)
	}
	return files
}

// mayCreate tells what speaks against the output, which may not be one of the
// inputs named, nor a part of one. To be asked before work that takes long.
func (p *program) mayCreate(o *outputFlags, inputs ...string) error {
	there, err := os.Stat(o.path)
	if o.path == "" || o.path == "-" || err != nil {
		return nil
	}
	for _, name := range p.filesOf(inputs) {
		if info, err := p.stat(name); err == nil && os.SameFile(there, info) && !there.IsDir() && there.Mode()&os.ModeDevice == 0 {
			return &usageError{fmt.Sprintf("the output %s is the input", o.path)}
		}
	}
	if there.Mode().IsRegular() && !o.force {
		return &usageError{fmt.Sprintf("%s exists; --force replaces it", o.path)}
	}
	return nil
}

// create opens the output.
func (p *program) create(o *outputFlags, inputs ...string) (*output, error) {
	if o.path == "" || o.path == "-" {
		return &output{Writer: p.stdout}, nil
	}
	if err := p.mayCreate(o, inputs...); err != nil {
		return nil, err
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
