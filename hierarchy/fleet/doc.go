// Package fleet knows the fleet that fleet.yaml describes, or without one the built-in fleet. These are its groups, its
// clusters that are no members, its levels with their directories, and the findings that it wants to have ignored.
package fleet
