package problem

// The names of the rules.
const (
	RuleComponentReplaced    = "component-replaced"
	RuleConflicts            = "conflicts"
	RuleCentralSpokeNothing  = "central-spoke-gets-nothing"
	RuleDeadValue            = "dead-value"
	RuleDeprecatedAPI        = "deprecated-api"
	RuleMissingComponentFile = "missing-component-file"
	RuleMissingMembers       = "missing-members"
	RuleNoRelease            = "no-release"
	RuleNumberAsString       = "number-as-string"
	RuleRender               = "render"
	RuleSchema               = "schema"
	RuleSecrets              = "secrets"
	RuleSelectsEverybody     = "selects-everybody"
	RuleSelectsNobody        = "selects-nobody"
	RuleUnknownAPI           = "unknown-api"
	RuleUnknownComponent     = "unknown-component"
	RuleUnknownLabel         = "unknown-label"
	RuleUnknownTenant        = "unknown-tenant"
	RuleUnmatchedIgnore      = "unmatched-ignore"
	RuleUnreadFile           = "unread-file"
	RuleURL                  = "url"
)

// The stages at which rules begin, which package render has as well.
const (
	applicationSets = "applicationsets"
	applications    = "applications"
	manifests       = "manifests"
)

// rules are sorted by their names.
var rules = []Rule{
	{RuleCentralSpokeNothing, Warning, applicationSets, "a spoke without its own Argo CD gets nothing from its hub"},
	{RuleComponentReplaced, Error, applicationSets, "a layer replaces the map of a component by something else"},
	{RuleConflicts, Error, applicationSets, "two things have one name, or own one object"},
	{RuleDeadValue, Warning, applications, "a key of a values file changes nothing"},
	{RuleDeprecatedAPI, Warning, manifests, "the next Kubernetes removes the API version of an object"},
	{RuleMissingComponentFile, Error, applicationSets, "a component file of a group does not exist, or is empty"},
	{RuleMissingMembers, Error, applicationSets, "the directory of members, or of a hub's, does not exist"},
	{RuleNoRelease, Warning, applicationSets, "a cluster is on no release of its hub"},
	{RuleNumberAsString, Warning, applicationSets, "YAML makes a number of what is a string"},
	{RuleRender, Error, applicationSets, "a part of the fleet cannot be rendered"},
	{RuleSchema, Error, manifests, "an object is not what its schema says"},
	{RuleSecrets, Warning, applicationSets, "something looks like a credential"},
	{RuleSelectsEverybody, Warning, applicationSets, "a component has no selector, so that each cluster gets it"},
	{RuleSelectsNobody, Warning, applicationSets, "no cluster can get a component"},
	{RuleUnknownAPI, Error, manifests, "the Kubernetes of a cluster does not serve the API of an object"},
	{RuleUnknownComponent, Warning, applicationSets, "a level sets a component that no component file describes"},
	{RuleUnknownLabel, Warning, applicationSets, "no selector and no template uses a label, but nearly that one"},
	{RuleUnknownTenant, Error, applicationSets, "the tenant of a cluster has no directory"},
	{RuleUnmatchedIgnore, Warning, applicationSets, "an entry of spec.lint.ignore matches nothing"},
	{RuleUnreadFile, Warning, applications, "no render of any cluster reads a file"},
	{RuleURL, Warning, applicationSets, "an address is none"},
}
