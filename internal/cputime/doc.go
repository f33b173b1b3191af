// Package cputime knows how much this process has computed.
package cputime
