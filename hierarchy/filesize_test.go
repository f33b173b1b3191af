package hierarchy

import (
	"errors"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestFileSizeOfTheFleet(t *testing.T) {
	for text, want := range map[string]int64{
		"null": MaxFileSize, "": MaxFileSize, "1Ki": 1024, "1024": 1024, "'1024'": 1024, "0x400": 1024, "1024.5": 1025,
		"2k": 2000, "1.5Ki": 1536, "512Ki": 512 << 10, "0.5Mi": 512 << 10, ".5Mi": 512 << 10, "'1e6'": 1_000_000,
		"1e6": 1_000_000, "2M": 2_000_000, "+2Mi": 2 << 20, "5Mi": 5 << 20, "10Mi": 10 << 20, "10485760": 10 << 20,
	} {
		fleet, err := loadFleet(t, "  limits:\n    fileSize: "+text+"\n")
		require.NoError(t, err, text)
		require.Equal(t, want, fleet.FileSize, text)
	}
	const wrong = "fleet.yaml:5: limits: fileSize must be a size from 1Ki to 10Mi, such as 512Ki, 5Mi or 2M, not "
	for _, text := range []string{
		"1023", "10485761", "11Mi", "1Gi", "0", "-5Mi", "5 Mi", "5mi", "5MiB", "5MB", "5m", "Mi", "", "true", "1e+99", "5Ti",
		"99999999999999999999Gi", "NaN",
	} {
		_, err := loadFleet(t, "  limits:\n    fileSize: '"+text+"'\n")
		require.ErrorContains(t, err, wrong+strconv.Quote(text), text)
	}
	for spec, want := range map[string]string{
		"  limits: {size: 1Mi}\n":       `fleet.yaml:4: limits: unknown key "size"; known are fileSize`,
		"  limits: 5Mi\n":               "fleet.yaml:4: spec: limits must be a mapping",
		"  limits: {fileSize: [5Mi]}\n": "fleet.yaml:4: limits: fileSize must be a text",
	} {
		_, err := loadFleet(t, spec)
		require.ErrorContains(t, err, want)
	}
}

func TestTheFleetSaysHowLargeItsFilesMayBe(t *testing.T) {
	sized := func(size int) string { return "a: 1\n#" + strings.Repeat("x", size-len("a: 1\n#")) }
	all := files{
		"large.yaml": sized(MaxFileSize + 1), "larger.yaml": sized(2<<20 + 1),
		"charts/application-sets/values.yaml": sized(2 << 20), "charts/application-sets/values/a.yaml": sized(2<<20 + 1),
	}
	const hint = "; is this the right file? Only spec.limits.fileSize in fleet.yaml raises the limit"
	repo := all.repository()
	_, err := LoadFleet(repo)
	require.NoError(t, err)
	_, err = repo.Document("large.yaml")
	require.EqualError(t, err, "large.yaml: is larger than 1 MiB"+hint)

	repo = all.with(files{FleetFile: fleetHeader + "  limits: {fileSize: 2Mi}\n"}).repository()
	fleet, err := LoadFleet(repo)
	require.NoError(t, err)
	d, err := repo.Document("large.yaml")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": 1.0}, d.Values)
	_, err = repo.Document("larger.yaml")
	require.EqualError(t, err, "larger.yaml: is larger than 2 MiB"+hint)
	catalog, err := fleet.OpenCatalog(repo)
	require.NoError(t, err)
	_, err = catalog.Defaults()
	require.NoError(t, err)
	selected := map[string]any{"mergeValues": map[string]any{"a": map[string]any{"use": true}}}
	settings := Merge(nil, nil, []Layer{{Values: selected}})
	_, _, err = catalog.components(settings, false)
	require.EqualError(t, err, "charts/application-sets/values/a.yaml: is larger than 2 MiB"+hint)

	repo = all.with(files{FleetFile: fleetHeader + "  limits: {fileSize: 1500}\n"}).repository()
	_, err = LoadFleet(repo)
	require.NoError(t, err)
	_, err = repo.Document("large.yaml")
	require.EqualError(t, err, "large.yaml: is larger than 1500 bytes"+hint, "it can lower it too")

	header := fleetHeader + "  limits: {fileSize: 10Mi}\n"
	for size, want := range map[int]string{
		MaxFileSize:     "",
		MaxFileSize + 1: "fleet.yaml: is larger than 1 MiB; is this the right file? The limit cannot be raised",
	} {
		_, err = LoadFleet(files{FleetFile: header + "#" + strings.Repeat("x", size-len(header)-1)}.repository())
		if want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, want)
		}
	}
}

func TestReadAll(t *testing.T) {
	data, err := ReadAll(strings.NewReader("12345"), "f", 5)
	require.NoError(t, err)
	require.Equal(t, "12345", string(data))
	_, err = ReadAll(strings.NewReader("123456"), "f", 5)
	require.ErrorContains(t, err, "f: is larger than 5 bytes; is this the right file? Only spec.limits.fileSize in ")
	_, err = ReadAll(iotest.ErrReader(&fs.PathError{Op: "read", Path: "/machine/f", Err: errors.New("broken")}), "f", 5)
	require.EqualError(t, err, "f: cannot be read: broken")
	endless := &counter{}
	_, err = ReadAll(endless, "f", LargestFileSize)
	require.EqualError(t, err, "f: is larger than 10 MiB; is this the right file? The limit cannot be raised")
	require.LessOrEqual(t, endless.read, LargestFileSize+1)
}

// A counter is an endless file that counts what was read of it.
type counter struct{ read int }

func (c *counter) Read(p []byte) (int, error) {
	c.read += len(p)
	return len(p), nil
}

var _ io.Reader = (*counter)(nil)
