// Package argo reads and compares ApplicationSets, Applications and what they make, as data: their fields, what deletes
// what they have, and in what they differ beyond the program that made them.
package argo
