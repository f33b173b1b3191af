package main

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/scripttest"
)

// In the scripts and the README, cmp is this executable, which does all that cmp does.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cmp": main})
}

func TestScripts(t *testing.T) { scripttest.Run(t, filepath.Join("..", "..")) }
