// Command garbagecollector is Kubernetes' garbage collector, which kube-controller-manager has among many other
// controllers: garbagecollector KUBECONFIG deletes the objects whose owners are gone, and ends deletions in the
// foreground.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
)

const (
	workers  = 2
	interval = time.Second // between looks for new kinds of objects
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: garbagecollector KUBECONFIG")
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	config.QPS, config.Burst = 200, 200
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	objects, err := metadata.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	kinds := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	factory := informerfactory.NewInformerFactory(informers.NewSharedInformerFactory(client, 0), metadatainformer.NewSharedInformerFactory(objects, 0))
	started := make(chan struct{})
	collector, err := garbagecollector.NewGarbageCollector(ctx, client, objects, kinds, garbagecollector.DefaultIgnoredResources(), factory, started)
	if err != nil {
		log.Fatal(err)
	}
	go collector.Sync(ctx, client.Discovery(), interval)
	factory.Start(ctx.Done())
	close(started)
	collector.Run(ctx, workers, 30*time.Second)
}
