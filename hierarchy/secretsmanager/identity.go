package secretsmanager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"
	kjson "sigs.k8s.io/json"

	"github.com/eks-fleet-management/fleet-cmp/internal/fields"
	"github.com/eks-fleet-management/fleet-cmp/internal/problem"
	"github.com/eks-fleet-management/fleet-cmp/internal/safeyaml"
)

// An Identity is all that is kept of a secret.
type Identity struct {
	Name        string            `json:"name,omitempty"`        // cluster_name
	Server      string            `json:"server,omitempty"`      // the API server's URL
	Labels      map[string]string `json:"labels,omitempty"`      // addons
	Annotations map[string]string `json:"annotations,omitempty"` // metadata

	// Dropped are the keys of addons and metadata, as "metadata.token", that were left out since they hold credentials
	// or are named like one. External Secrets would write them to the cluster Secret: worth a warning.
	Dropped []string `json:"dropped,omitempty"`

	// Unread says why the secret of a hub could not be read, and nothing else is known then; nil if it was read.
	Unread *problem.Problem `json:"-"`
}

// content is the part of a secret that is decoded; the decoder skips all other keys, above all config. The keys are
// matched with their case, as External Secrets does, where encoding/json would also take "CONFIG" for "config".
type content struct {
	ClusterName json.RawMessage `json:"cluster_name"`
	Server      json.RawMessage `json:"server"`
	Metadata    json.RawMessage `json:"metadata"`
	Addons      json.RawMessage `json:"addons"`
}

const (
	maxName  = validation.DNS1123SubdomainMaxLength
	maxValue = 4 << 10 // bytes of an annotation; a longer one is no description of a cluster
	hintJSON = "write the secret as Terraform's jsonencode does: cluster_name, server, metadata, addons"
)

// parse reads a secret: a JSON object with the strings cluster_name and server, and the maps metadata and addons,
// each as a JSON object or as text that is JSON or YAML. The values of the maps become strings as External Secrets
// makes them: booleans "true" and "false", null "". A cause names keys, and no values.
func parse(raw []byte) (Identity, *cause) {
	var c content
	if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '{' {
		return Identity{}, &cause{message: "is no JSON object", hint: hintJSON}
	}
	if err := safeyaml.CheckJSON(raw, "the secret"); err != nil {
		return Identity{}, &cause{message: "is not valid JSON", hint: hintJSON}
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &c); err != nil {
		return Identity{}, &cause{message: "is not valid JSON", hint: hintJSON}
	}
	var identity Identity
	var failure *cause
	if identity.Name, failure = text("cluster_name", c.ClusterName, isName); failure != nil {
		return Identity{}, failure
	}
	if identity.Server, failure = text("server", c.Server, isServer); failure != nil {
		return Identity{}, failure
	}
	if identity.Annotations, failure = identity.keep("metadata", c.Metadata, checkAnnotation); failure != nil {
		return Identity{}, failure
	}
	if identity.Labels, failure = identity.keep("addons", c.Addons, checkLabel); failure != nil {
		return Identity{}, failure
	}
	return identity, nil
}

// text returns a scalar of the secret as text, "" if it is missing. A value that is not right is not quoted.
func text(key string, raw json.RawMessage, right func(string) bool) (string, *cause) {
	s, kind := scalar(decode(raw))
	switch {
	case kind != "":
		return "", wrong("has a key %q that must be a string, not %s", key, kind)
	case s != "" && (!right(s) || credentialValue.MatchString(s)):
		return "", wrong(
			"has a key %q whose value is none: a name of at most %d characters, or a URL without user and query",
			key, maxName)
	}
	return s, nil
}

func isName(s string) bool { return len(s) <= maxName && !strings.ContainsFunc(s, unicode.IsControl) }

// isServer accepts the URL of an API server and nothing that could hold credentials: no user, no query.
func isServer(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == ""
}

// keep returns the entries of a map of the secret, without those that hold credentials. It fails on the first
// entry, in the order of keys, that check refuses. Without entries the result is nil.
func (i *Identity) keep(name string, raw json.RawMessage, check func(key, value string) string) (map[string]string,
	*cause) {
	entries, failure := mapping(name, raw)
	if failure != nil {
		return nil, failure
	}
	if len(entries) == 0 {
		return nil, nil
	}
	kept := make(map[string]string, len(entries))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		if len(validation.IsQualifiedName(strings.ToLower(key))) > 0 {
			// Such a key may be anything, a line of a certificate too.
			return nil, wrong("has a key in %q that is no key of a Kubernetes label or annotation", name)
		}
		value, kind := scalar(entries[key])
		switch {
		case isCredential(key, value):
			i.Dropped = append(i.Dropped, name+"."+key)
			continue
		case kind != "":
			return nil, wrong("has a key %q in %q that must be a string, not %s", key, name, kind)
		}
		if message := check(key, value); message != "" {
			return nil, wrong("has a key %q in %q %s", key, name, message)
		}
		kept[key] = value
	}
	return kept, nil
}

func checkLabel(key, value string) string {
	switch {
	case len(validation.IsQualifiedName(key)) > 0:
		return "that is no key of a Kubernetes label: its prefix must be in lower case"
	case len(validation.IsValidLabelValue(value)) > 0:
		return "whose value is no value of a Kubernetes label: at most 63 letters, digits, and -_. between them"
	}
	return ""
}

func checkAnnotation(_, value string) string {
	if len(value) > maxValue {
		return fmt.Sprintf("whose value has %d bytes, more than %d", len(value), maxValue)
	}
	return ""
}

// mapping returns the entries of a JSON object, or of one in a string.
func mapping(name string, raw json.RawMessage) (map[string]any, *cause) {
	v := decode(raw)
	if text, ok := v.(string); ok {
		data := []byte(text)
		if !json.Valid(data) {
			var err error
			if data, err = safeyaml.ToJSON(data, name); err != nil {
				return nil, wrong("has a key %q whose text is neither JSON nor YAML", name)
			}
		}
		v = decode(data)
	}
	entries, ok := v.(map[string]any)
	if !ok && v != nil {
		return nil, wrong("has a key %q that must be a map, or the text of one", name)
	}
	return entries, nil
}

// decode returns a value of valid JSON, nil if there is none. Whole numbers keep all their digits: account numbers are
// such.
func decode(raw []byte) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil
	}
	return v
}

// scalar returns a scalar as the text that External Secrets makes of it (YAML into a map[string]string), or what kind
// of value it is instead.
func scalar(v any) (s, kind string) {
	if n, ok := v.(json.Number); ok {
		if f, err := n.Float64(); err == nil && strings.ContainsAny(n.String(), ".eE") {
			return strconv.FormatFloat(f, 'g', -1, 64), ""
		}
		return n.String(), ""
	}
	s, ok := fields.Text(v)
	if !ok {
		return "", fields.TypeName(v)
	}
	return s, ""
}

func wrong(format string, args ...any) *cause {
	return &cause{message: fmt.Sprintf(format, args...), hint: "correct it where Terraform writes the secret"}
}
