// Package member knows the members of a fleet, which are spokes with a registration file. It reads, checks and writes
// these files, and says what all of the fleet's clusters are, with the sources of their labels and annotations.
package member
