package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"
)

// program is one run of rdbtool.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	mu  sync.Mutex
	out *output // being written
}

// run carries out the command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	app := p.app()
	err := app.RunContext(ctx, permute(app, args))
	if err != nil {
		if text := message(err); text != "" {
			p.say("%s", text)
		}
	}
	return exitCode(err)
}

// say writes a message for the user.
func (p *program) say(format string, args ...any) {
	fmt.Fprintf(p.stderr, "rdbtool: "+format+"\n", args...)
}

// abandon removes what is half written.
func (p *program) abandon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out != nil {
		p.out.abort()
	}
}

func (p *program) app() *cli.App {
	return &cli.App{
		Name:                      "rdbtool",
		Usage:                     "read what Redis and Valkey leave on disk",
		UsageText:                 "rdbtool COMMAND [flags] FILE...",
		Version:                   version(),
		Description:               "FILE is an RDB snapshot, plain or packed with gzip, lz4 or zstd, or - for standard input.\nWhat a file is, is told by its content, never by its name.",
		Reader:                    p.stdin,
		Writer:                    p.stdout,
		ErrWriter:                 p.stderr,
		HideHelpCommand:           false,
		DisableSliceFlagSeparator: true,
		Commands:                  []*cli.Command{p.dumpCommand(), p.infoCommand()},
		CustomAppHelpTemplate:     cli.AppHelpTemplate + "\n" + exitHelp,
		OnUsageError:              usage,
		ExitErrHandler:            func(*cli.Context, error) {},
		CommandNotFound:           func(*cli.Context, string) {},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return &usageError{fmt.Sprintf("unknown command %q. %s", name, suggestion(c.App, name))}
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

// permute moves the flags of a command before its files, where the flag
// package looks for them: "dump FILE --limit 3" means what it says.
func permute(app *cli.App, args []string) []string {
	at := slices.IndexFunc(args[min(1, len(args)):], func(a string) bool { return !strings.HasPrefix(a, "-") }) + 1
	if at < 1 {
		return args
	}
	cmd := app.Command(args[at])
	if cmd == nil {
		return args
	}
	known, valued := map[string]bool{}, map[string]bool{}
	for _, f := range cmd.Flags {
		v, ok := f.(cli.DocGenerationFlag)
		for _, name := range f.Names() {
			known[name], valued[name] = true, ok && v.TakesValue()
		}
	}
	flags, files := slices.Clone(args[:at+1]), []string{}
	for i := at + 1; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			files = append(files, args[i+1:]...)
			i = len(args)
		case a == "-" || !strings.HasPrefix(a, "-"):
			files = append(files, a)
		default:
			name := strings.TrimLeft(a, "-")
			if !strings.HasPrefix(a, "--") && len(name) > 1 && valued[name[:1]] && name[1] != '=' && !known[name] { // -j4
				flags = append(flags, a[:2], a[2:])
				continue
			}
			flags = append(flags, a)
			if valued[name] && i+1 < len(args) {
				i++
				flags = append(flags, args[i])
			}
		}
	}
	return append(append(flags, "--"), files...)
}

// version returns the version that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
