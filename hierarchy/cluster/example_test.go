package cluster_test

import (
	"fmt"

	"github.com/eks-fleet-management/fleet-cmp/hierarchy/cluster"
)

// A cluster Secret is read without the credentials in it.
func ExampleParseSecrets() {
	clusters, err := cluster.ParseSecrets("clusters.yaml", []byte(`
kind: Secret
metadata:
  name: shop
  labels: {argocd.argoproj.io/secret-type: cluster, tenant: retail}
stringData: {name: Shop_1, server: "https://shop.example.com", config: secret}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(clusters[0].Name, clusters[0].NameNormalized(), clusters[0].Server, clusters[0].Labels["tenant"])
	// Output: Shop_1 shop-1 https://shop.example.com retail
}
