package cluster

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsRegion(t *testing.T) {
	for _, region := range []string{"eu-west-2", "us-gov-west-1", "cn-north-1", "us-iso-east-1", "ap-southeast-7",
		"eusc-de-east-1", "mx-central-1", "r"} {
		require.True(t, IsRegion(region), region)
	}
	for _, text := range []string{"", "Europe", "eu west", "eu_west_2", "eu.west", "eu--west-2", "-eu", "eu-",
		"{{ .region }}", "<region>", "evil.example/#", "é", "eu-west-2\n"} {
		require.False(t, IsRegion(text), text)
	}
}
