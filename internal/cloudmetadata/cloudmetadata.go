// Package cloudmetadata knows the addresses at which clouds give credentials to whatever asks from one of their
// machines. Addresses of servers come from the fleet, and whoever renders it may not be who wrote them: nothing is
// asked there, whatever name, link or redirect leads to it.
package cloudmetadata

import (
	"net/netip"
	"slices"
	"syscall"

	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
)

// others are those that are not of the link: of AWS and Google over IPv6, of Alibaba, and of Azure.
var others = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd20:ce::254"),
	netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16")}

// CheckHost fails for a host that is such an address itself, which a proxy would ask too. Names pass.
func CheckHost(host string) error {
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return nil //nolint:nilerr // it is a name
	}
	return check(ip)
}

// CheckConnection fails for a connection to such an address, by whatever name: it is for [net.Dialer.Control].
func CheckConnection(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return check(at.Addr())
}

func check(ip netip.Addr) error {
	if ip = ip.Unmap().WithZone(""); ip.IsLinkLocalUnicast() || slices.Contains(others, ip) {
		return problem.Hinted("give another address", "nothing is fetched from %s, where clouds keep credentials", ip)
	}
	return nil
}
