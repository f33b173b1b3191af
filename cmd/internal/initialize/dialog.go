package initialize

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/start"
)

// maxAnswer is how long an answer can be.
const maxAnswer = 4096

// errNoAnswer is the error where the answers end too early.
var errNoAnswer = errors.New("there is no answer, so nothing was written; give the flags, see 'cmp init --help'")

// A dialog asks for what is missing.
type dialog struct {
	in  *bufio.Scanner
	out io.Writer
}

func newDialog(in io.Reader, out io.Writer) *dialog {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxAnswer)
	return &dialog{scanner, out}
}

// complete asks for what a fleet lacks. It asks again for what is wrong, and fails if there are no more answers.
func (d *dialog) complete(f *start.Fleet) error {
	for _, q := range start.Questions {
		if *q.Value(f) != "" {
			continue
		}
		err := d.ask(q.Text, func(answer string) (bool, error) {
			*q.Value(f) = answer
			return true, q.Check(answer)
		})
		if err != nil {
			return err
		}
	}
	if len(f.Components) == 0 {
		err := d.ask("addons, as NAME=REPOSITORY/CHART:VERSION each (an empty line ends)",
			func(answer string) (bool, error) {
				if answer == "" && len(f.Components) > 0 {
					return true, nil
				}
				c, err := start.ParseComponent(answer)
				if err == nil {
					f.Components = append(f.Components, c)
				}
				return false, err
			})
		if err != nil {
			return err
		}
	}
	if len(f.Members) > 0 {
		return nil
	}
	return d.ask("spokes, as NAME:TENANT:ENVIRONMENT each (an empty line ends)", func(answer string) (bool, error) {
		if answer == "" {
			return true, nil
		}
		m, err := start.ParseMember(answer)
		if err == nil {
			f.Members = append(f.Members, m)
		}
		return false, err
	})
}

// ask asks until take has enough, and says what it finds wrong.
func (d *dialog) ask(text string, take func(answer string) (enough bool, err error)) error {
	for {
		if _, err := fmt.Fprintf(d.out, "%s: ", text); err != nil {
			return err
		}
		if !d.in.Scan() {
			return errors.Join(d.in.Err(), errNoAnswer)
		}
		enough, err := take(strings.TrimSpace(d.in.Text()))
		switch {
		case err != nil:
			if _, err := fmt.Fprintln(d.out, err); err != nil {
				return err
			}
		case enough:
			return nil
		}
	}
}
