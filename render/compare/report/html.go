package report

import (
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/eks-fleet-management/fleet-cmp/render/compare"
)

// The page, into which its style, its script and the data are put.
var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string
)

// How much of what differs is in the page: of one change, and of all.
const (
	mostOfText  = 128 << 10
	mostOfTexts = 64 << 20
)

// pageData is what the script shows. Clusters, components, texts and Applications are named by their places in the
// lists, so that the page is small; clusters of a change are runs of such numbers: first, last, first, last.
type pageData struct {
	Before       string            `json:"before"`
	After        string            `json:"after"`
	Stage        string            `json:"stage"`
	Totals       string            `json:"totals"`
	ClusterCount int               `json:"clusterCount"`
	Clusters     []pageCluster     `json:"clusters"`
	Components   []string          `json:"components"`
	Texts        []string          `json:"texts"`
	Changes      []pageChange      `json:"changes"`
	Applications []pageApplication `json:"applications"`
	Dangers      []pageDanger      `json:"dangers"`
	Failures     [][2]string       `json:"failures"` // side, message
}

type pageCluster struct {
	Name   string `json:"name"`
	Tenant string `json:"tenant,omitempty"`
}

type pageChange struct {
	Action       compare.Sides `json:"action"`
	Component    int           `json:"component"`
	APIVersion   string        `json:"apiVersion"`
	Object       string        `json:"object"`
	Text         int           `json:"text"`           // -1 for none
	Left         int           `json:"left,omitempty"` // lines that are not in the page
	Added        int           `json:"added"`
	Deleted      int           `json:"deleted"`
	Selector     string        `json:"selector,omitempty"`
	Clusters     []int         `json:"clusters"`
	Without      []string      `json:"without"`
	Causes       []string      `json:"causes"`
	Dangers      [][2]string   `json:"dangers"`      // kind, message
	Applications []int         `json:"applications"` // runs
}

type pageApplication struct {
	Name      string        `json:"name"`
	Was       string        `json:"was,omitempty"`
	Cluster   int           `json:"cluster"`
	Component int           `json:"component"`
	Action    compare.Sides `json:"action"`
	Kinds     []string      `json:"kinds"` // of its dangers
}

type pageDanger struct {
	Kind     string `json:"kind"`
	About    string `json:"about"`
	Clusters []int  `json:"clusters"`
}

// asHTML returns a result as a page that needs nothing else. The JSON in it has no < or >, so that nothing ends its
// element; its policy lets no script run but its own.
func asHTML(result *compare.Result) (string, error) {
	data, err := json.Marshal(dataOf(result))
	if err != nil {
		return "", err
	}
	return strings.NewReplacer("{{style}}", pageStyle, "{{script}}", pageScript, "{{data}}", string(data),
		"{{style hash}}", PolicyHash(pageStyle), "{{script hash}}", PolicyHash(pageScript)).Replace(pageHTML), nil
}

// PageData returns what the page of a result shows, as JSON, for a page that shows other things too. It fails for what
// JSON has not.
func PageData(result *compare.Result) ([]byte, error) { return json.Marshal(dataOf(harmless(result))) }

// PolicyHash returns the SHA-256 of a text as a Content-Security-Policy names it.
func PolicyHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}
