package application

import (
	"maps"

	"sigs.k8s.io/yaml"
)

// switches are the fields of spec.syncPolicy.automated that somebody has written. Argo CD 3 keeps them in Applications, whereas the
// types of 2.14 lose those that are false, and do not know "enabled". Which values they have means the same to both.
type switches map[string]bool

// switchesOf returns those of an Application, or of its template.
func switchesOf(application map[string]any) switches {
	s := switches{}
	s.patch(application)
	return s
}

// patch changes the switches as a JSON merge patch of the Application does.
func (s switches) patch(application map[string]any) {
	patch := any(application)
	for _, key := range []string{"spec", "syncPolicy", "automated"} {
		fields, _ := patch.(map[string]any)
		value, written := fields[key]
		if !written {
			return
		}
		if value == nil {
			clear(s)
			return
		}
		patch = value
	}
	automated, _ := patch.(map[string]any)
	for key, value := range automated {
		if on, ok := value.(bool); ok {
			s[key] = on
		} else {
			delete(s, key)
		}
	}
}

// patched returns the switches after a rendered templatePatch.
func (s switches) patched(text string) switches {
	var patch map[string]any
	if yaml.Unmarshal([]byte(text), &patch) != nil {
		return s // which is reported where the patch is applied
	}
	out := maps.Clone(s)
	out.patch(patch)
	return out
}

// keep puts the switches of Argo CD 3 that are missing into the spec of an Application.
func (s switches) keep(spec map[string]any) {
	syncPolicy, _ := spec["syncPolicy"].(map[string]any)
	automated, _ := syncPolicy["automated"].(map[string]any)
	if automated == nil {
		return
	}
	for _, key := range []string{"prune", "selfHeal", "allowEmpty", "enabled"} {
		if on, written := s[key]; written {
			automated[key] = on
		}
	}
}
