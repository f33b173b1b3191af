package workers

import (
	"encoding/gob"
	"fmt"
	"io"

	"github.com/eks-fleet-management/fleet-cmp/cmd/internal/serving"
	"github.com/eks-fleet-management/fleet-cmp/plugin/server"
)

// A conversation is what a server and a worker say to each other.
type conversation struct {
	to        io.Writer
	requests  *gob.Encoder
	responses *gob.Decoder
}

func newConversation(to io.Writer, from io.Reader) *conversation {
	return &conversation{to: to, requests: gob.NewEncoder(to), responses: gob.NewDecoder(from)}
}

// ask sends a request, with the archive if the worker has not got it, and returns the answer.
func (c *conversation) ask(r serving.Request, archive *server.Archive, send bool) (serving.Response, error) {
	for {
		var response serving.Response
		r.Archive = 0
		if send {
			r.Archive = archive.Size()
		}
		err := c.requests.Encode(r)
		if err == nil && send {
			_, err = io.Copy(c.to, archive.Open())
		}
		if err == nil {
			err = c.responses.Decode(&response)
		}
		switch {
		case err != nil:
			return response, err
		case response.Unknown && send:
			return response, fmt.Errorf("the worker does not take the repository")
		case !response.Unknown:
			return response, nil
		}
		send = true
	}
}
