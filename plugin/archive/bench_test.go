package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkRead is what it takes to unpack a repository of so many files of 2 KiB.
func BenchmarkRead(b *testing.B) {
	for _, files := range []int{3000, 30_000} {
		var all []tar.Header
		for i := range files {
			all = append(all, file(fmt.Sprintf("charts/c%d/templates/%d.yaml", i/30, i), fmt.Sprint(i)+
				strings.Repeat("key: value\n", 186)))
		}
		data := packed(b, all...)
		for _, memory := range []int64{0, 1 << 20} {
			b.Run(fmt.Sprint(files, " files, memory ", memory), func(b *testing.B) {
				for b.Loop() {
					tree, err := Read(bytes.NewReader(data), Limits{Bytes: 1 << 30, Memory: memory, Files: 100_000,
						Directory: b.TempDir()})
					require.NoError(b, err)
					tree.Close()
				}
			})
		}
	}
}
