package command

import "github.com/spf13/cobra"

// AddBuiltin adds the commands that cobra has by itself, help and completion, to a program that has its other commands
// and its output already. As cobra has them, they print help, and nothing of the mistake, for a command or a shell that
// does not exist.
func AddBuiltin(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, builtin := range root.Commands() {
		switch builtin.Name() {
		case "completion":
			builtin.Args = NoCommand
			builtin.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			builtin.Args = func(_ *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err != nil {
					return err
				}
				return NoCommand(found, rest)
			}
		}
	}
}
