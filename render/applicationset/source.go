package applicationset

import "github.com/eks-fleet-management/fleet-cmp/hierarchy"

// sources returns the sources of the Application (rule source-order in docs/rules/applications.md): the values, the pod
// identity, the component itself, additional resources.
func (c *component) sources(s *settings) []any {
	if c.plugin {
		s = s.withAllLevels()
	}
	var sources []any
	if s.repoURL != "" { // else it is not needed
		sources = append(sources,
			withoutEmpty(Object{"repoURL": s.repoURL, "targetRevision": s.revision, "ref": "values"}))
	}
	if c.usePodIdentity {
		sources = append(sources, c.podIdentitySource(s))
	}
	sources = append(sources, c.mainSource(s))
	return append(sources, c.additionalSources(s)...)
}

func (c *component) mainSource(s *settings) Object {
	source := Object{
		"repoURL":        "{{ .values.addonChartRepository }}",
		"chart":          "{{ .values.chart }}",
		"targetRevision": "{{.values.addonChartVersion }}",
	}
	if c.path != "" {
		source = gitSource(s, c.path)
		if len(c.directory) > 0 {
			source["directory"] = c.directory
		}
	}
	if !c.manifest {
		source["helm"] = withoutEmpty(Object{
			"releaseName":             c.releaseName,
			"ignoreMissingValueFiles": true,
			"valuesObject":            hierarchy.MergeMaps(s.globalValuesObject, c.valuesObject),
			"valueFiles":              c.valueFiles(s, "", c.valuesFileName),
		})
	}
	return source
}

// podIdentitySource returns the source with the component's IAM role (rule pod-identity-source in
// docs/rules/applications.md).
func (c *component) podIdentitySource(s *settings) Object {
	source := gitSource(s, c.podIdentity.path)
	if c.podIdentity.path == "" {
		source = chartSource(c.podIdentity.repoURL, c.podIdentity.chart, c.podIdentity.chartVersion)
	}
	source["helm"] = withoutEmpty(Object{
		"releaseName":             "{{ .name }}-" + c.chartName,
		"ignoreMissingValueFiles": true,
		"valuesObject": Object{
			"create":    `{{default "true" (index .metadata.annotations "ack_create")}}`,
			"region":    "{{ .metadata.annotations.aws_region }}",
			"accountId": "{{ .metadata.annotations.aws_account_id}}",
			"podIdentityAssociation": Object{
				"clusterName": "{{ .name }}",
				"namespace":   c.namespace,
			},
		},
		"valueFiles": c.valueFiles(s, "pod-identity", s.valuesFileName),
	})
	return source
}

// additionalSources returns the sources of additionalResources (rule additional-resources in
// docs/rules/applications.md): a path, a chart, or both; Helm values belong to the last.
func (c *component) additionalSources(s *settings) []any {
	a := c.additional
	if a == nil {
		return nil
	}
	var sources []any
	if a.path != "" {
		p := a.path
		if a.kind == "manifests" {
			p = join(s.basePath, s.valueFilesPrefix, "clusters/{{.nameNormalized}}", a.manifestPath)
		}
		sources = append(sources, gitSource(s, p))
	}
	if a.chart != "" {
		sources = append(sources, chartSource(a.repoURL, a.chart, a.chartVersion))
	}
	if a.helm && len(sources) > 0 {
		last, _ := sources[len(sources)-1].(Object)
		last["helm"] = withoutEmpty(Object{
			"releaseName":             "{{ .name }}-" + a.releaseName,
			"ignoreMissingValueFiles": true,
			"valuesObject":            hierarchy.MergeMaps(s.globalValuesObject, a.valuesObject),
			"valueFiles":              c.valueFiles(s, a.kind, s.valuesFileName),
		})
	}
	return sources
}

func gitSource(s *settings, path string) Object {
	return withoutEmpty(Object{"repoURL": s.repoURL, "targetRevision": s.revision, "path": path})
}

func chartSource(repoURL, chart, version string) Object {
	return withoutEmpty(Object{"repoURL": repoURL, "chart": chart, "targetRevision": version})
}

// valueFiles returns the value files of a source (rule value-file-paths in docs/rules/applications.md): the settings'
// entries, completed with the group, the chart and the part.
func (c *component) valueFiles(s *settings, part, file string) []any {
	var files []any
	for _, entry := range s.valueFiles {
		if s.withoutPrefix && s.valueFilesPrefix != "" {
			files = append(files, "$values/"+join(s.basePath, entry, s.group, c.chartName, part, file))
		}
		files = append(files, "$values/"+join(s.basePath, s.valueFilesPrefix, entry, s.group, c.chartName, part, file))
	}
	return files
}
