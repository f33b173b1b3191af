package fleet

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy"
)

func TestFileSizeOfTheFleet(t *testing.T) {
	for text, want := range map[string]int64{
		"null": hierarchy.MaxFileSize, "": hierarchy.MaxFileSize, "1Ki": 1024, "1024": 1024, "'1024'": 1024,
		"0x400": 1024, "1024.5": 1025,
		"2k": 2000, "1.5Ki": 1536, "512Ki": 512 << 10, "0.5Mi": 512 << 10, ".5Mi": 512 << 10, "'1e6'": 1_000_000,
		"1e6": 1_000_000, "2M": 2_000_000, "+2Mi": 2 << 20, "5Mi": 5 << 20, "5MiB": 5 << 20, "10Mi": 10 << 20,
		"10485760": 10 << 20,
	} {
		fleet, err := loadFleet(t, "  limits:\n    fileSize: "+text+"\n")
		require.NoError(t, err, text)
		require.Equal(t, want, fleet.FileSize, text)
	}
	const wrong = "fleet.yaml:5: limits: fileSize must be a size from 1Ki to 10Mi, such as 512Ki, 5Mi or 2M, not "
	for _, text := range []string{
		"1023", "10485761", "11Mi", "1Gi", "0", "-5Mi", "5 Mi", "5mi", "5m", "Mi", "", "true", "1e+99", "5Ti",
		"99999999999999999999Gi", "NaN",
	} {
		_, err := loadFleet(t, "  limits:\n    fileSize: '"+text+"'\n")
		require.ErrorContains(t, err, wrong+strconv.Quote(text), text)
	}
	for spec, want := range map[string]string{
		"  limits: {size: 1Mi}\n":       `fleet.yaml:4: limits: unknown key "size"; known are applicationTimeout, fileSize, memory, timeout`,
		"  limits: 5Mi\n":               "fleet.yaml:4: spec: limits must be a map",
		"  limits: {fileSize: [5Mi]}\n": "fleet.yaml:4: limits: fileSize must be a string",
	} {
		_, err := loadFleet(t, spec)
		require.ErrorContains(t, err, want)
	}
}
