package problem

// The names of the rules.
const (
	RuleAccount              = "account"
	RuleCentralSpokeNothing  = "central-spoke-gets-nothing"
	RuleChartUnavailable     = "chart-unavailable"
	RuleComponentReplaced    = "component-replaced"
	RuleConflicts            = "conflicts"
	RuleDeadValue            = "dead-value"
	RuleDeletesOnHandover    = "deletes-on-handover"
	RuleDeprecatedAPI        = "deprecated-api"
	RuleDuplicateKey         = "duplicate-key"
	RuleEmptyGroup           = "empty-group"
	RuleForeignCatalog       = "foreign-catalog"
	RuleFurtherDocument      = "further-document"
	RuleIAMPolicy            = "iam-policy"
	RuleIncompleteComponent  = "incomplete-component"
	RuleIncompleteMember     = "incomplete-member"
	RuleInvalidName          = "invalid-name"
	RuleMissingComponentFile = "missing-component-file"
	RuleMissingLabel         = "missing-label"
	RuleMissingMembers       = "missing-members"
	RuleNoEffect             = "no-effect"
	RuleNoRelease            = "no-release"
	RuleNotABoolean          = "not-a-boolean"
	RuleNumberAsString       = "number-as-string"
	RuleOtherRepository      = "other-repository"
	RulePlaceholder          = "placeholder"
	RuleRender               = "render"
	RuleSchema               = "schema"
	RuleSecrets              = "secrets"
	RuleSelectsEverybody     = "selects-everybody"
	RuleSelectsNobody        = "selects-nobody"
	RuleSkippedLevel         = "skipped-level"
	RuleTemplate             = "template"
	RuleTwoRevisions         = "two-revisions"
	RuleUnknownAPI           = "unknown-api"
	RuleUnknownCluster       = "unknown-cluster"
	RuleUnknownComponent     = "unknown-component"
	RuleUnknownEnvironment   = "unknown-environment"
	RuleUnknownField         = "unknown-field"
	RuleUnknownHub           = "unknown-hub"
	RuleUnknownKey           = "unknown-key"
	RuleUnknownLabel         = "unknown-label"
	RuleUnknownTenant        = "unknown-tenant"
	RuleUnknownVersion       = "unknown-version"
	RuleUnmatchedIgnore      = "unmatched-ignore"
	RuleUnreadFile           = "unread-file"
	RuleURL                  = "url"
	RuleWrongRegion          = "wrong-region"
)

// The stages at which rules begin, which package render has as well.
const (
	applicationSets = "applicationsets"
	applications    = "applications"
	manifests       = "manifests"
)

// rules are sorted by their names.
var rules = []Rule{
	{RuleAccount, Warning, applicationSets, "an AWS account has not 12 digits, or a region is none"},
	{RuleCentralSpokeNothing, Warning, applicationSets, "a spoke without its own Argo CD gets nothing from its hub"},
	{RuleChartUnavailable, Warning, applicationSets, "a chart cannot be had, so that its defaults are left out"},
	{RuleComponentReplaced, Error, applicationSets, "a layer replaces the map of a component by something else"},
	{RuleConflicts, Error, applicationSets, "two things have one name, or own one object"},
	{RuleDeadValue, Warning, applications, "a key of a values file changes nothing"},
	{RuleDeletesOnHandover, Error, applicationSets, "an ApplicationSet deletes what it hands over"},
	{RuleDeprecatedAPI, Warning, manifests, "the next Kubernetes removes the API version of an object"},
	{RuleDuplicateKey, Warning, applicationSets, "a key is given twice in one map"},
	{RuleEmptyGroup, Error, applicationSets, "a group has no component on a cluster that starts it"},
	{RuleForeignCatalog, Warning, applicationSets, "a release has its catalog elsewhere, and gets that of the fleet"},
	{RuleFurtherDocument, Warning, applicationSets, "a file has a second YAML document, which is not read"},
	{RuleIAMPolicy, Error, manifests, "AWS refuses a policy, since it is none"},
	{RuleIncompleteComponent, Error, applicationSets, "a component lacks a key that it needs"},
	{RuleIncompleteMember, Warning, applicationSets, "a member lacks a key that others need"},
	{RuleInvalidName, Error, applicationSets, "Kubernetes, Argo CD or Helm refuses a name, a label or a selector"},
	{RuleMissingComponentFile, Error, applicationSets, "a component file of a group does not exist, or is empty"},
	{RuleMissingLabel, Error, applicationSets, "a template needs a label or annotation that a cluster lacks"},
	{RuleMissingMembers, Error, applicationSets, "the directory of members, or of a hub's, does not exist"},
	{RuleNoEffect, Warning, applicationSets, "what is written has no effect where it stands"},
	{RuleNoRelease, Warning, applicationSets, "a cluster is on no release of its hub"},
	{RuleNotABoolean, Warning, applicationSets, "a switch is neither true nor false, and counts as false"},
	{RuleNumberAsString, Warning, applicationSets, "YAML makes a number of what is a string"},
	{RuleOtherRepository, Warning, applicationSets, "an annotation names another repository than fleet.yaml"},
	{RulePlaceholder, Warning, applicationSets, "nobody has filled in a placeholder"},
	{RuleRender, Error, applicationSets, "a part of the fleet cannot be rendered"},
	{RuleSchema, Error, manifests, "an object is not what its schema says"},
	{RuleSecrets, Warning, applications, "something looks like a credential"},
	{RuleSelectsEverybody, Warning, applicationSets, "a component has no selector, so that each cluster gets it"},
	{RuleSelectsNobody, Warning, applicationSets, "no cluster can get a component"},
	{RuleSkippedLevel, Warning, applicationSets, "a cluster lacks the label that a level of the hierarchy needs"},
	{RuleTemplate, Error, applicationSets, "a template cannot be read, or needs what nothing sets"},
	{RuleTwoRevisions, Warning, manifests, "a source and its value files are of two revisions of one repository"},
	{RuleUnknownAPI, Error, manifests, "the Kubernetes of a cluster does not serve the API of an object"},
	{RuleUnknownCluster, Warning, applications, "an Application is for a cluster that the fleet does not have"},
	{RuleUnknownComponent, Warning, applicationSets, "a level sets a component that no component file describes"},
	{RuleUnknownEnvironment, Warning, applicationSets, "the environment of a cluster has no directory"},
	{RuleUnknownField, Warning, applicationSets, "the Argo CD of the fleet does not know a field, or its value"},
	{RuleUnknownHub, Error, applicationSets, "members are of a hub that fleet.yaml does not describe"},
	{RuleUnknownKey, Warning, applicationSets, "nothing reads a key"},
	{RuleUnknownLabel, Warning, applicationSets, "no selector and no template uses a label, but nearly that one"},
	{RuleUnknownTenant, Error, applicationSets, "the tenant of a cluster has no directory"},
	{RuleUnknownVersion, Warning, applicationSets, "a version of Argo CD or Kubernetes is not known"},
	{RuleUnmatchedIgnore, Warning, applicationSets, "an entry of spec.lint.ignore matches nothing"},
	{RuleUnreadFile, Warning, applications, "no render of any cluster reads a file"},
	{RuleURL, Warning, applicationSets, "an address is none"},
	{RuleWrongRegion, Warning, applicationSets, "a secret is in another region than its store reads"},
}
