package command

import "github.com/spf13/pflag"

// possible is the annotation of a flag that has what the flag can be.
const possible = "fleet-cmp/values"

// Values says what a flag can be, which shells then propose. To refuse all else is up to [OneOf].
func Values(flags *pflag.FlagSet, name string, values []string) {
	_ = flags.SetAnnotation(name, possible, values) // which fails for a flag that is not there, as tests would see
}

// ValuesOf returns what a flag can be, as [Values] says; nil for a flag that can be anything.
func ValuesOf(flag *pflag.Flag) []string { return flag.Annotations[possible] }
