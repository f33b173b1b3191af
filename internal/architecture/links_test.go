package architecture

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	codeSpan = regexp.MustCompile("`[^`\n]*`")
	// links are the ways in which a document refers to something: inline and for images, by a name, and as HTML.
	links = []*regexp.Regexp{
		regexp.MustCompile(`\]\(([^)\s]+)(?: "[^"]*")?\)`),
		regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)`),
		regexp.MustCompile(`<(?:a|img|source)\s[^>]*(?:href|src|srcset)="([^"]*)"`),
		regexp.MustCompile(`<(https?:[^>]*)>`),
	}
)

// anchors returns the names under which the headings of a document can be linked.
func anchors(text string) []string {
	var names []string
	for _, found := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		title := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(found[1], "$1")
		name := strings.ToLower(strings.ReplaceAll(title, " ", "-"))
		name = regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(name, "")
		unique := name
		for n := 1; slices.Contains(names, unique); n++ {
			unique = fmt.Sprintf("%s-%d", name, n)
		}
		names = append(names, unique)
	}
	return names
}

// linksOf returns what a document links to. What is code has no links.
func linksOf(text string) []string {
	text = fence.ReplaceAllString(text, "")
	var targets []string
	for i, link := range links {
		in := text
		if i > 0 { // of an inline link, the text may be code
			in = codeSpan.ReplaceAllString(text, "")
		}
		for _, found := range link.FindAllStringSubmatch(in, -1) {
			targets = append(targets, found[1])
		}
	}
	return targets
}

// ownFiles are the addresses of the files and directories of this repository. Pages of docs link those outside of docs
// by them, so that docs is a site by itself.
var ownFiles = regexp.MustCompile(`^https://github\.com/eks-fleet-management/fleet-cmp/(?:blob|tree)/main/(.+)$`)

// checkLink says what is wrong with a link of a document, and which file of the repository it leads to, if it does. Of
// other sites only the address is looked at: tests need no network.
func checkLink(tree fs.FS, document, link string) (file string, err error) {
	if own := ownFiles.FindStringSubmatch(link); own != nil {
		document, link = ".", own[1]
	}
	address, err := url.Parse(link)
	switch {
	case err != nil:
		return "", err
	case address.Scheme == "mailto" && strings.Contains(address.Opaque, "@"):
		return "", nil
	case address.Scheme == "https" && strings.Contains(address.Host, ".") && address.User == nil:
		return "", nil
	case address.Scheme != "" || address.Host != "":
		return "", fmt.Errorf("the address %s, where https://HOST/ is wanted", link)
	case strings.HasPrefix(link, "/"):
		return "", fmt.Errorf("link to %s, which is no relative path", link)
	}
	file = document
	if address.Path != "" {
		file = path.Join(path.Dir(document), address.Path)
	}
	entry, err := fs.Stat(tree, file)
	if err != nil {
		return "", fmt.Errorf("link to %s, which does not exist", link)
	}
	if address.Fragment == "" {
		return file, nil
	}
	if entry.IsDir() || path.Ext(file) != ".md" {
		return "", fmt.Errorf("link to %s, which has no headings", link)
	}
	text, err := fs.ReadFile(tree, file)
	if err == nil && !slices.Contains(anchors(string(text)), address.Fragment) {
		err = fmt.Errorf("link to %s, which has no such heading", link)
	}
	return file, err
}

// TestLinks: what the documents link to in the repository is there: files, images, headings.
func TestLinks(t *testing.T) {
	for _, name := range markdown(t) {
		for _, link := range linksOf(read(t, name)) {
			if _, err := checkLink(repository, name, link); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestDocsAreASite: any generator of sites, which sees nothing but docs, finds what its pages link.
func TestDocsAreASite(t *testing.T) {
	for _, name := range markdown(t) {
		if !strings.HasPrefix(name, "docs/") {
			continue
		}
		for _, link := range linksOf(read(t, name)) {
			file, err := checkLink(repository, name, link)
			if err != nil || file == "" || ownFiles.MatchString(link) {
				require.False(t, strings.HasPrefix(file, "docs/"), "%s: of a page beside it, a relative link: %s", name,
					link)
				continue
			}
			require.True(t, strings.HasPrefix(file, "docs/"), "%s: outside of docs, by its address on GitHub: %s", name,
				link)
		}
	}
}

// TestEachPageIsLinked: from the README and docs/README.md, links lead to each document of docs and manifests.
func TestEachPageIsLinked(t *testing.T) {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		for _, link := range linksOf(read(t, name)) {
			if file, err := checkLink(repository, name, link); err == nil && path.Ext(file) == ".md" {
				visit(file)
			}
		}
	}
	visit("docs/README.md")
	require.True(t, seen["README.md"], "docs/README.md links the README")
	require.Contains(t, linksOf(read(t, "README.md")), "docs/README.md")
	for _, name := range markdown(t) {
		if !seen[name] && (strings.HasPrefix(name, "docs/") || strings.HasPrefix(name, "manifests/")) {
			t.Errorf("%s: no page that docs/README.md leads to links it", name)
		}
	}
}

// TestLinksThatLeadNowhere: the check finds what it is there for.
func TestLinksThatLeadNowhere(t *testing.T) {
	for link, want := range map[string]string{
		"README.md": "", "README.md#commands": "", "docs/lint.md#unread-file": "", "#commands": "", "docs": "",
		"docs/commands/render.md#flags": "", "docs/reference/fleet.md#specgroupsgrouppath": "",
		"https://example.com/a?b#c": "", "mailto:a@example.com": "", "docs/lint.schema.json": "does not exist",
		"docs/none.md": "does not exist", "README.md#nothing": "no such heading", "LICENSE#top": "no headings",
		"../README.md": "does not exist", "/README.md": "no relative path", "http://example.com": "is wanted",
		"https://localhost": "is wanted", "https://a:b@example.com": "is wanted",
		"https//example.com": "does not exist",
		"//example.com":      "is wanted", "mailto:nobody": "is wanted", "%zz": "invalid URL escape",
		"docs/images/none.png": "does not exist",
		"https://github.com/eks-fleet-management/fleet-cmp/blob/main/README.md#commands": "",
		"https://github.com/eks-fleet-management/fleet-cmp/blob/main/none.md":            "does not exist",
		"https://github.com/eks-fleet-management/fleet-cmp/blob/main/README.md#nothing":  "no such heading",
	} {
		_, err := checkLink(repository, "README.md", link)
		if want == "" {
			require.NoError(t, err, link)
		} else {
			require.ErrorContains(t, err, want, link)
		}
	}
	require.Equal(t, []string{"a.md", "b.png", "e.md", "c.md", "d.png", "https://example.com"}, linksOf(
		"[`x`](a.md) ![y](b.png \"title\") [z](e.md)\n[c]: c.md\n`<a href=\"no\">`\n<img alt=\"\" src=\"d.png\">\n"+
			"<https://example.com>\n```\n[no](no.md)\n```\n"))
	require.Equal(t, []string{"a-b", "a-b-1", "cmp-render", "a-link"},
		anchors("# A b\n## A, b\n# `cmp render`\n# A [link](x)\n"))
}

// TestPictures: the pictures of the documents are small, and documents show them (make pictures).
func TestPictures(t *testing.T) {
	shown := map[string]bool{}
	for _, name := range markdown(t) {
		for _, link := range linksOf(read(t, name)) {
			if file, err := checkLink(repository, name, link); err == nil {
				shown[file] = true
			}
		}
	}
	pictures := filesOf(t, ".png")
	require.NotEmpty(t, pictures)
	for _, name := range pictures {
		require.Less(t, len(read(t, name)), 150_000, name)
		require.True(t, shown[name], "no document shows %s", name)
	}
}
