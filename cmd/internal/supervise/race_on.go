//go:build race

package supervise

// raceDetector is on: its own memory grows with that of the program, and fails in ways of its own where the kernel
// refuses it any.
const raceDetector = true
