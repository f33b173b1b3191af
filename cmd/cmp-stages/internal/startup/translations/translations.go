// Package translations keeps kubectl, which Argo CD's code links, from unpacking its translations when the program
// starts. Its import path comes before those of the packages that would have them translate something.
package translations

import "k8s.io/kubectl/pkg/util/i18n"

func init() {
	// The error says that they are loaded already, and then there is nothing left to save.
	_ = i18n.SetLoadTranslationsFunc(func() error { return nil })
}
