package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arrange puts the arguments of the command line in the order that the flag
// package wants: the flags of a command before its files. So "dump FILE --limit
// 3" means what it says, and so does -j4. A call for help drops everything
// else.
func arrange(app *cli.App, args []string) ([]string, error) {
	at := 1
	for at < len(args) && strings.HasPrefix(args[at], "-") {
		if isHelp(args[at]) {
			return []string{args[0], "--help"}, nil
		}
		at++
	}
	if at >= len(args) {
		return args, nil
	}
	name, rest := args[at], args[at+1:]
	cmd := app.Command(name)
	if name == "help" || name == "h" {
		if len(rest) > 0 && app.Command(rest[0]) == nil {
			return nil, unknownCommand(app, rest[0])
		}
		return args, nil
	}
	if cmd == nil {
		return args, nil
	}
	end := slices.Index(rest, "--")
	if end < 0 {
		end = len(rest)
	}
	if slices.ContainsFunc(rest[:end], isHelp) {
		return []string{args[0], name, "--help"}, nil
	}
	flags, files, err := sortArguments(cmd, rest[:end])
	if err != nil {
		return nil, err
	}
	if end < len(rest) {
		files = append(files, rest[end+1:]...)
	}
	return slices.Concat(args[:at+1], flags, []string{"--"}, files), nil
}

func isHelp(arg string) bool { return slices.Contains([]string{"-h", "--h", "-help", "--help"}, arg) }

// sortArguments tells the flags of a command from its files.
func sortArguments(cmd *cli.Command, args []string) (flags, files []string, err error) {
	known, valued := map[string]bool{}, map[string]bool{}
	for _, f := range cmd.Flags {
		v, ok := f.(cli.DocGenerationFlag)
		for _, name := range f.Names() {
			known[name], valued[name] = true, ok && v.TakesValue()
		}
	}
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "-" || !strings.HasPrefix(a, "-") {
			files = append(files, a)
			continue
		}
		name, _, hasValue := strings.Cut(strings.TrimLeft(a, "-"), "=")
		switch {
		case !strings.HasPrefix(a, "--") && !known[name] && len(name) > 1 && valued[name[:1]]: // -j4
			flags = append(flags, a[:2], a[2:])
		case valued[name] && !hasValue:
			if i+1 == len(args) {
				return nil, nil, &usageError{fmt.Sprintf("%s wants a value; %q tells more", a, "rdbtool "+cmd.Name+" --help")}
			}
			flags = append(flags, a, args[i+1])
			i++
		default:
			flags = append(flags, a)
		}
	}
	return flags, files, nil
}

func unknownCommand(app *cli.App, name string) error {
	return &usageError{fmt.Sprintf("unknown command %q. %s", name, suggestion(app, name))}
}
