//go:build race

package lint

const oneOf = 10
