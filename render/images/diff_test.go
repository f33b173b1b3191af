package images_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/eks-fleet-management/fleet-cmp/render"
	"github.com/eks-fleet-management/fleet-cmp/render/images"
)

// compare returns what differs after the files of an archive are there, a line for each change.
func compare(t testing.TB, filter images.Filter, before, after string) (*images.Difference, []string) {
	t.Helper()
	var progress [][2]int
	o := images.Options{Filter: filter, Output: render.Output{
		Progress: func(done, total int) { progress = append(progress, [2]int{done, total}) }}}
	d, err := images.Compare(t.Context(), images.Side{Name: "main", Session: open(t, before), Options: o},
		images.Side{Name: "now", Session: open(t, after), Options: o})
	require.NoError(t, err)
	require.NotEmpty(t, progress)
	lines := []string{}
	for _, c := range d.Clusters {
		for action, list := range map[string][]images.Change{"+": c.Added, "-": c.Removed, "~": c.Changed} {
			for _, change := range list {
				require.NotEmpty(t, change.Uses)
				lines = append(lines, strings.Join([]string{c.Cluster, action, change.Before, change.After}, " "))
			}
		}
	}
	return d, lines
}

const redis = "quay.io/shop/redis:"

func job(image string) string {
	return `
-- charts/job/templates/job.yaml --
apiVersion: batch/v1
kind: CronJob
metadata: {name: job}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: "` + image + `"}]}}}}}
`
}

func TestDifferences(t *testing.T) {
	spoke := images.Filter{Cluster: "spoke-1"}
	for name, test := range map[string]struct {
		filter        images.Filter
		before, after string
		want          []string
	}{
		"nothing": {want: []string{}},
		"another tag in one environment": {
			after: "-- apps/tenants/shops/environments/test/core/web/values.yaml --\ntag: '2.0'",
			want:  []string{"spoke-2 ~ " + web + "1.1 " + web + "2.0", "spoke-3 ~ " + web + "1.1 " + web + "2.0"}},
		"the same in other words": {filter: spoke, after: job("docker.io/library/busybox"), want: []string{}},
		"an image that is there already": {filter: spoke, before: job(redis + "1"), after: job("busybox"),
			want: []string{"spoke-1 ~ " + redis + "1 " + busybox}},
		"an image that another container still has": {filter: spoke, after: job(redis + "1"),
			want: []string{"spoke-1 ~ " + busybox + " " + redis + "1"}},
		"a container of another name": {filter: spoke, before: job(redis + "1"),
			after: strings.Replace(job(redis+"2"), "name: job, image", "name: other, image", 1),
			want:  []string{"spoke-1 ~ " + redis + "1 " + redis + "2"}},
		"an image that comes, and one that goes": {filter: spoke, before: job(redis + "1"),
			after: strings.Replace(job("quay.io/shop/valkey:1"), "name: job, image", "name: other, image", 1),
			want:  []string{"spoke-1 + quay.io/shop/valkey:1", "spoke-1 - " + redis + "1"}},
		"a cluster that comes": {after: "-- members/hub-b/spoke-4.yaml --\ntenant: shops\nenvironment: test",
			want: []string{"spoke-4 + " + busybox, "spoke-4 + " + web + "1.1"}},
		"a component that only one side has": {filter: images.Filter{Components: []string{"db"}, Cluster: "hub-a"},
			after: "-- parts/values/side.yaml --\ndb: {enabled: true, namespace: db, path: charts/job, chartName: " +
				"db, " +
				"defaultVersion: '1'}", want: []string{"hub-a + " + busybox}},
		"a group that only one side has": {filter: images.Filter{Group: "more", Cluster: "hub-a"},
			after: strings.Replace(fleet, "    side:",
				"    more: {path: apps, components: [base], useSelectors: false}\n"+
					"    side:", 1), want: []string{"hub-a + " + busybox, "hub-a + " + web + "0"}},
	} {
		t.Run(name, func(t *testing.T) {
			d, lines := compare(t, test.filter, test.before, test.after)
			require.Empty(t, d.Failures)
			for i := range lines {
				lines[i] = strings.Join(strings.Fields(lines[i]), " ")
			}
			require.ElementsMatch(t, test.want, lines)
		})
	}
}

// TestWhatOneSideCannotRender proves that images of which nobody knows are neither added nor removed.
func TestWhatOneSideCannotRender(t *testing.T) {
	for name, broken := range map[string]string{
		"an Application": "-- charts/web/templates/web.yaml --\n{{ fail \"no\" }}",
		"a group":        "-- parts/values/base.yaml --\na: [",
		"an ApplicationSet": "-- parts/values/base.yaml --\nweb: {enabled: true, namespace: web, " +
			"path: 'charts/{{.x.y}}', chartName: web, defaultVersion: '1'}",
	} {
		t.Run(name, func(t *testing.T) {
			for _, sides := range [][2]string{{broken, ""}, {"", broken}} {
				d, lines := compare(t, images.Filter{}, sides[0], sides[1])
				require.NotEmpty(t, d.Failures)
				require.Empty(t, lines)
			}
			d, lines := compare(t, images.Filter{}, broken, broken)
			require.NotEmpty(t, d.Failures)
			require.Empty(t, lines)
		})
	}
}

func TestWhatNeitherSideHas(t *testing.T) {
	side := images.Side{Name: "main", Session: open(t), Options: images.Options{Filter: images.Filter{Group: "none"}}}
	_, err := images.Compare(t.Context(), side, side)
	require.ErrorIs(t, err, render.ErrIncomplete)
	require.ErrorContains(t, err, `there is no group "none"`)
}
