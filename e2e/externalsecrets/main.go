// Command externalsecrets is External Secrets of a cluster, as far as the registration of a fleet needs it, with files
// in the place of AWS Secrets Manager. The command externalsecrets KUBECONFIG NAMESPACE DIRECTORY makes the Secrets of
// the ExternalSecrets in a namespace, out of DIRECTORY/REGION/NAME, the JSON of each secret. Templates, conversions and
// the keys that an ExternalSecret manages are those of External Secrets itself. Its controller would bring the clients
// of forty clouds, so that the few steps between them are repeated here.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"time"

	esv1 "github.com/external-secrets/external-secrets/apis/externalsecrets/v1"
	"github.com/external-secrets/external-secrets/pkg/controllers/templating"
	"github.com/external-secrets/external-secrets/pkg/template"
	"github.com/external-secrets/external-secrets/pkg/utils"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// interval is how often all ExternalSecrets are looked at, whatever their refreshInterval.
const interval = 500 * time.Millisecond

type controller struct {
	client    client.Client
	namespace string
	directory string
	reported  map[string]string // by ExternalSecret
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: externalsecrets KUBECONFIG NAMESPACE DIRECTORY")
	}
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(esv1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		log.Fatal(err)
	}
	c := &controller{namespace: os.Args[2], directory: os.Args[3], reported: map[string]string{}}
	if c.client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		log.Fatal(err)
	}
	for ; ; time.Sleep(interval) {
		var all esv1.ExternalSecretList
		if err := c.client.List(context.Background(), &all, client.InNamespace(c.namespace)); err != nil {
			c.report("", err)
			continue
		}
		for i := range all.Items {
			c.report(all.Items[i].Name, c.reconcile(context.Background(), &all.Items[i]))
		}
	}
}

// report logs what became of an ExternalSecret, if that is another thing than before.
func (c *controller) report(name string, err error) {
	if text := fmt.Sprint(err); c.reported[name] != text {
		c.reported[name] = text
		log.Printf("%q: %s", name, text)
	}
}

// reconcile makes the Secret of an ExternalSecret, and says in its status whether it is there.
func (c *controller) reconcile(ctx context.Context, es *esv1.ExternalSecret) error {
	err := c.makeSecret(ctx, es)
	condition := esv1.ExternalSecretStatusCondition{Type: esv1.ExternalSecretReady, Status: corev1.ConditionTrue,
		Reason: esv1.ConditionReasonSecretSynced}
	if err != nil {
		condition.Status, condition.Reason = corev1.ConditionFalse, esv1.ConditionReasonSecretSyncedError
	}
	if old := es.Status.Conditions; len(old) == 1 && old[0].Status == condition.Status {
		return err
	}
	es.Status.Conditions = []esv1.ExternalSecretStatusCondition{condition}
	return errors.Join(err, c.client.Status().Update(ctx, es))
}

func (c *controller) makeSecret(ctx context.Context, es *esv1.ExternalSecret) error {
	data, err := c.read(ctx, es)
	if err != nil {
		return err
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: es.Namespace, Name: es.Spec.Target.Name}}
	err = c.client.Get(ctx, client.ObjectKeyFromObject(secret), secret)
	missing := apierrors.IsNotFound(err)
	if err != nil && !missing || missing && es.Spec.Target.CreationPolicy == esv1.CreatePolicyMerge {
		return err
	}
	before := secret.DeepCopy()
	if err := c.apply(es, secret, data); err != nil {
		return err
	}
	manager := client.FieldOwner("externalsecrets.external-secrets.io/" + es.Name)
	switch {
	case missing:
		return c.client.Create(ctx, secret, manager)
	case !equality.Semantic.DeepEqual(before, secret):
		return c.client.Update(ctx, secret, manager)
	}
	return nil
}

// read returns what the secrets of an ExternalSecret hold.
func (c *controller) read(ctx context.Context, es *esv1.ExternalSecret) (map[string][]byte, error) {
	var store esv1.GenericStore = &esv1.SecretStore{}
	key := client.ObjectKey{Namespace: es.Namespace, Name: es.Spec.SecretStoreRef.Name}
	if es.Spec.SecretStoreRef.Kind == esv1.ClusterSecretStoreKind {
		store, key.Namespace = &esv1.ClusterSecretStore{}, ""
	}
	if err := c.client.Get(ctx, key, store); err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for _, from := range es.Spec.DataFrom {
		if from.Extract == nil {
			return nil, errors.New("dataFrom without extract")
		}
		text, err := os.ReadFile(filepath.Join(c.directory, store.GetSpec().Provider.AWS.Region, from.Extract.Key))
		if err != nil {
			return nil, err
		}
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(text, &fields); err != nil {
			return nil, err
		}
		secret := map[string][]byte{}
		for name, value := range fields {
			secret[name] = value
			var text string
			if json.Unmarshal(value, &text) == nil {
				secret[name] = []byte(text)
			}
		}
		if secret, err = utils.ConvertKeys(from.Extract.ConversionStrategy, secret); err != nil {
			return nil, err
		}
		if secret, err = utils.DecodeMap(from.Extract.DecodingStrategy, secret); err != nil {
			return nil, err
		}
		maps.Copy(data, secret)
	}
	return data, nil
}

// apply changes a Secret to what an ExternalSecret wants of it: labels and annotations that it no longer names go.
func (c *controller) apply(es *esv1.ExternalSecret, secret *corev1.Secret, data map[string][]byte) error {
	labels, err := templating.GetManagedLabelKeys(secret, es.Name)
	if err != nil {
		return err
	}
	annotations, err := templating.GetManagedAnnotationKeys(secret, es.Name)
	if err != nil {
		return err
	}
	for _, key := range labels {
		delete(secret.Labels, key)
	}
	for _, key := range annotations {
		delete(secret.Annotations, key)
	}
	if es.Spec.Target.CreationPolicy == esv1.CreatePolicyOwner {
		secret.Data = nil
		if err := controllerutil.SetControllerReference(es, secret, c.client.Scheme()); err != nil {
			return err
		}
	}
	engine, err := template.EngineForVersion(es.Spec.Target.Template.EngineVersion)
	if err != nil {
		return err
	}
	parser := templating.Parser{Client: c.client, TargetSecret: secret, DataMap: data, Exec: engine}
	if err := parser.MergeTemplateFrom(context.Background(), es.Namespace, es.Spec.Target.Template); err != nil {
		return err
	}
	if err := parser.MergeMap(es.Spec.Target.Template.Data, esv1.TemplateTargetData); err != nil {
		return err
	}
	metav1.SetMetaDataLabel(&secret.ObjectMeta, esv1.LabelManaged, esv1.LabelManagedValue)
	return nil
}
