package worktree

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600))
	require.NoError(t, os.Symlink("file", filepath.Join(dir, "link")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sparse"), nil, 0o600))
	require.NoError(t, os.Truncate(filepath.Join(dir, "sparse"), 5<<30))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "directory"), 0o700))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	require.NoError(t, os.Symlink("pipe", filepath.Join(dir, "toPipe")))
	tree, err := Open(dir)
	require.NoError(t, err)
	for way, read := range map[string]func(string, int64) ([]byte, error){
		"tree":        func(name string, limit int64) ([]byte, error) { return ReadFile(tree, name, limit) },
		"file system": func(name string, limit int64) ([]byte, error) { return ReadFile(os.DirFS(dir), name, limit) },
		"path": func(name string, limit int64) ([]byte,
			error) {
			return ReadPath(filepath.Join(dir, name), limit)
		},
	} {
		for _, test := range []struct {
			name  string
			limit int64
			want  error
		}{
			{"file", 4, nil}, {"link", 4, nil}, {"file", 3, ErrTooLarge}, {"sparse", 1 << 20, ErrTooLarge},
			{"directory", 10, syscall.EISDIR},
			{"pipe", 10, ErrIrregular}, {"toPipe", 10, ErrIrregular}, {"nothing", 10, fs.ErrNotExist},
		} {
			data, err := read(test.name, test.limit)
			require.ErrorIs(t, err, test.want, "%s of %s", way, test.name)
			if test.want == nil {
				require.Equal(t, "text", string(data))
				continue
			}
			var pathError *fs.PathError
			require.ErrorAs(t, err, &pathError)
			require.Nil(t, data)
		}
	}
	_, err = ReadPath(os.DevNull, 10)
	require.ErrorIs(t, err, ErrIrregular)
	_, err = ReadPath("/dev/zero", 10)
	require.ErrorIs(t, err, ErrIrregular)
}
