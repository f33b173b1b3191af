package address

import (
	"net/url"
	"regexp"
)

var urlInText = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s"']+`)

// Strip is stricter than [Redact]: it takes user, query and fragment out of every URL in a string, whatever they are.
// It is for what comes from elsewhere, as the messages of servers do, where any parameter may be a token.
func Strip(text string) string {
	return urlInText.ReplaceAllStringFunc(text, func(found string) string {
		u, err := url.Parse(found)
		if err != nil {
			return "[a URL]"
		}
		return StripURL(u)
	})
}

// StripURL returns of a URL what [Strip] leaves of it: scheme, host and path.
func StripURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
