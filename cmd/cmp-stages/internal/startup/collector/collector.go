// Package collector keeps the garbage collector off while packages initialize, which leaves no garbage worth
// collecting. Go initializes packages in the order of their import paths as far as their own imports let it, so that
// this one, which imports nearly nothing, is among the first.
package collector

import "runtime/debug"

// percent is what GOGC says.
var percent int

func init() { percent = debug.SetGCPercent(-1) }

// On turns the collector on, as it was set.
func On() { debug.SetGCPercent(percent) }
