// Command manual writes the pages about the commands of cmp, as Markdown and for man. Both are made of the commands
// themselves: what a command says with --help, its flags and its examples.
//
//	go run ./cmd/internal/manual -markdown docs/commands
//	go run ./cmd/internal/manual -man DIRECTORY -name fleet-cmp -version v1.0.0
//
// It is below cmd, since the commands are internal there. The same commands give the same bytes: a page for man has a
// date only if one is given, with -date or as SOURCE_DATE_EPOCH.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}

// run writes what the flags ask for. It fails for wrong usage, and as files do.
func run(args []string) error {
	flags := flag.NewFlagSet("manual", flag.ContinueOnError)
	markdown := flags.String("markdown", "", "directory for the pages in Markdown; others in it are removed")
	man := flags.String("man", "", "directory for the pages of man")
	name := flags.String("name", "cmp", "name of the program in the pages of man")
	version := flags.String("version", "", "version of the program in the pages of man")
	date := flags.String("date", "", "date in the pages of man, as 2026-01-31; by default that of SOURCE_DATE_EPOCH")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *markdown == "" && *man == "" {
		return errors.New("give -markdown DIRECTORY or -man DIRECTORY, and no arguments")
	}
	if *markdown != "" {
		if err := write(*markdown, ".md", Markdown(Commands("cmp"))); err != nil {
			return err
		}
	}
	if *man == "" {
		return nil
	}
	day, err := dayOf(*date, os.Getenv("SOURCE_DATE_EPOCH"))
	if err != nil {
		return err
	}
	return write(*man, ".1", Man(Commands(*name), *version, day))
}

// dayOf returns the date of the pages: the given one, else that of a number of seconds since 1970, else none.
func dayOf(date, epoch string) (string, error) {
	if date != "" {
		_, err := time.Parse(time.DateOnly, date)
		return date, err
	}
	if epoch == "" {
		return "", nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return "", fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly), nil
}

// write writes files into a directory, and removes others that end as they do.
func write(directory, ending string, files map[string]string) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	entries, err := fs.Glob(os.DirFS(directory), "*"+ending)
	if err != nil {
		return err
	}
	for _, name := range entries {
		if _, is := files[name]; is {
			continue
		}
		if err := os.Remove(filepath.Join(directory, name)); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
