package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/urfave/cli/v2"
)

// program is one run of rdbtool.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	temp atomic.Pointer[string] // the file or folder being written
}

// run carries out the command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	app := p.app()
	args, err := arrange(app, args)
	if err == nil {
		err = app.RunContext(ctx, args)
	}
	p.report(err)
	return exitCode(err)
}

// report tells the user of an error.
func (p *program) report(err error) {
	if err != nil {
		if text := message(err); text != "" {
			p.say("%s", text)
		}
	}
}

// say writes a message for the user.
func (p *program) say(format string, args ...any) {
	fmt.Fprintf(p.stderr, "rdbtool: "+format+"\n", args...)
}

// abandon removes the temporary output of a command that goes on running; the
// process must end next.
func (p *program) abandon() {
	if temp := p.temp.Load(); temp != nil {
		os.RemoveAll(*temp)
	}
}

func (p *program) app() *cli.App {
	return &cli.App{
		Name:      "rdbtool",
		Usage:     "read, verify, repair, replay and convert what Redis and Valkey leave on disk",
		UsageText: "rdbtool COMMAND [flags] FILE...",
		Version:   version(),
		Description: "FILE is an RDB snapshot or an append-only file, plain or packed with gzip, lz4 or zstd; the folder or the manifest\nof an append-only file of several; or - for standard input.\nWhat a file is, is told by its content, never by its name.\n\n" +
			"A server does not start, or a backup is in doubt? This tells what is wrong, and what to do next:\n\n" +
			"rdbtool verify FOLDER",
		Reader:                    p.stdin,
		Writer:                    p.stdout,
		ErrWriter:                 p.stderr,
		DisableSliceFlagSeparator: true,
		Commands:                  []*cli.Command{p.dumpCommand(), p.infoCommand(), p.memoryCommand(), p.convertCommand(), p.digestCommand(), p.verifyCommand(), p.signCommand(), p.keygenCommand(), p.truncateCommand(), p.salvageCommand(), p.rewriteCommand()},
		CustomAppHelpTemplate:     cli.AppHelpTemplate + "\n" + exitHelp,
		OnUsageError:              usage,
		ExitErrHandler:            func(*cli.Context, error) {},
		CommandNotFound:           func(*cli.Context, string) {},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return unknownCommand(c.App, name)
			}
			cli.HelpPrinter(p.stderr, c.App.CustomAppHelpTemplate, c.App)
			return &usageError{"a command is missing"}
		},
	}
}

// suggestion names the command that name was probably meant to be.
func suggestion(app *cli.App, name string) string {
	return strings.TrimSpace(cli.SuggestCommand(app.Commands, name) + ` "rdbtool help" lists all`)
}

// usage turns what is wrong with the flags into a usageError.
func usage(c *cli.Context, err error, _ bool) error {
	hint := "rdbtool --help"
	if c.Command != nil && c.Command.Name != "" && c.Command.Name != "rdbtool" {
		hint = "rdbtool " + c.Command.Name + " --help"
	}
	return &usageError{fmt.Sprintf("%v; %q lists the flags", err, hint)}
}

// command returns a command with what all commands share.
func command(c cli.Command) *cli.Command {
	c.OnUsageError = usage
	c.CustomHelpTemplate = cli.CommandHelpTemplate + "\n" + exitHelp
	c.HideHelpCommand = true
	return &c
}

// version returns the version that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
