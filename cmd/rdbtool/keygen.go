package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/rdbtool/rdbtool/internal/atomicfile"
	"github.com/rdbtool/rdbtool/internal/minisign"
)

// keygenOptions are the flags of keygen.
type keygenOptions struct {
	name       string
	force      bool
	noPassword bool
	password   passwordFlags
}

func (p *program) keygenCommand() *cli.Command {
	var o keygenOptions
	return command(cli.Command{
		Name:  "keygen",
		Usage: "make a pair of keys to sign backups with",
		Description: "Writes the secret key to NAME.key, which stays with you, and the public key to NAME.pub, which whoever verifies\n" +
			"needs. Both are in the format of minisign. The secret key is encrypted with a password that is asked for;\n" +
			"with --no-password it is not, for a job that has it from its own store of secrets.\n\n" +
			"rdbtool keygen -o backup\n" +
			"rdbtool sign --secret-key backup.key dump.rdb\n" +
			"rdbtool verify --public-key backup.pub dump.rdb",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write `NAME`.key and NAME.pub", Value: "rdbtool", Destination: &o.name},
			&cli.BoolFlag{Name: "force", Usage: "replace keys that exist; the old secret key is kept as .key.old", Destination: &o.force},
			&cli.BoolFlag{Name: "no-password", Usage: "do not encrypt the secret key", Destination: &o.noPassword},
			&cli.StringFlag{Name: "password-file", Usage: "read the password from `FILE`", DefaultText: passwordVariable + ", else the terminal", Destination: &o.password.file},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 0 {
				return &usageError{"keygen takes no FILE; --output names the keys"}
			}
			return p.keygen(&o)
		},
	})
}

func (p *program) keygen(o *keygenOptions) error {
	if o.noPassword && o.password.file != "" {
		return &usageError{"--no-password and --password-file exclude each other"}
	}
	secret, public := o.name+".key", o.name+".pub"
	for _, name := range []string{secret, public} {
		if _, err := os.Lstat(name); err == nil && !o.force {
			return &usageError{fmt.Sprintf("%s exists; --force replaces it, and keeps the old secret key as .key.old", name)}
		}
	}
	var password []byte
	if !o.noPassword {
		var err error
		if password, err = p.password(&o.password, "password for the new key", true); err != nil {
			return err
		}
		if len(password) == 0 {
			return &usageError{"the password is empty; --no-password makes a key without one"}
		}
	}
	k, err := minisign.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	text, err := k.Text(password)
	if err != nil {
		return err
	}
	if err := writePair(secret, text, public, k.Public().Text(), o.force); err != nil {
		return err
	}
	p.say("%s is the secret key, %s the public one:", secret, public)
	_, err = fmt.Fprintln(p.stdout, k.Public())
	return err
}

// writePair writes both keys before either gets its name. A secret key that is
// replaced is kept as .old: without it what it has signed is worth nothing.
func writePair(secret string, key []byte, public string, pub []byte, force bool) error {
	f, err := atomicfile.Create(secret, atomicfile.Options{Overwrite: force, Mode: 0o600})
	if err != nil {
		return err
	}
	defer f.Close()
	g, err := atomicfile.Create(public, atomicfile.Options{Overwrite: force})
	if err != nil {
		return err
	}
	defer g.Close()
	if _, err := f.Write(key); err != nil {
		return err
	}
	if _, err := g.Write(pub); err != nil {
		return err
	}
	if force {
		kept, err := freeName(secret + ".old")
		if err == nil {
			err = os.Link(secret, kept)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keeping the old key: %w", err)
		}
	}
	if err := g.Commit(); err != nil {
		return err
	}
	return f.Commit()
}

// writeWhole writes a small file, which appears whole or not at all.
func writeWhole(path string, text []byte, o atomicfile.Options) error {
	f, err := atomicfile.Create(path, o)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Abort())
	}
	return f.Commit()
}
