package cloudmetadata_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/internal/cloudmetadata"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

func TestAddresses(t *testing.T) {
	for text, want := range map[string]bool{"169.254.169.254": false, "169.254.170.2": false, "fe80::1%eth0": false,
		"::ffff:169.254.169.254": false, "fd00:ec2::254": false, "fd20:ce::254": false, "100.100.100.200": false,
		"168.63.129.16": false, "127.0.0.1": true, "::1": true, "10.0.0.1": true, "192.168.1.1": true,
		"203.0.113.7": true, "2001:db8::1": true} {
		require.Equal(t, want, cloudmetadata.CheckHost(text) == nil, text)
		err := cloudmetadata.CheckConnection("tcp", net.JoinHostPort(text, "80"), nil)
		require.Equal(t, want, err == nil, text)
		if err != nil {
			require.Regexp(t, "^nothing is fetched from [0-9a-f.:]+, where clouds keep credentials$", err.Error())
			require.Equal(t, "give another address", problem.HintOf(err))
		}
	}
	require.NoError(t, cloudmetadata.CheckHost("metadata.example.com"))
	require.Error(t, cloudmetadata.CheckConnection("tcp", "nothing", nil))
}

// TestDialer proves that a connection is refused before it is made.
func TestDialer(t *testing.T) {
	dialer := net.Dialer{Control: cloudmetadata.CheckConnection}
	_, err := dialer.DialContext(t.Context(), "tcp", "169.254.169.254:80")
	require.ErrorContains(t, err, "where clouds keep credentials")
}
