# The sidecar of argocd-repo-server: fleet-cmp and the link cmp, cmp-stages, cmp-server, plugin.yaml, CA certificates
# and licence, nothing else. It has no shell: what starts in it is cmp-server. Argo CD's own argocd-cmp-server, which
# the pod's init container puts into the volume var-files, can be started in its place.
#
#   docker build --build-arg VERSION=v1.0.0 --build-arg REVISION=$(git rev-parse HEAD) \
#     -t ghcr.io/eks-fleet-management/fleet-cmp:v1.0.0 .

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
# Modules and compiled packages are in caches, and only what is linked is fetched, not what the tests need. For a module
# proxy of your own: --build-arg GOPROXY=https://…
ARG GOPROXY
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o bin/ \
    ./cmd/cmp ./cmd/cmp-stages ./cmd/cmp-server && \
    mv bin/cmp bin/fleet-cmp && ln -s fleet-cmp bin/cmp

FROM scratch
ARG VERSION=dev
ARG REVISION
LABEL org.opencontainers.image.title="fleet-cmp" \
      org.opencontainers.image.description="Argo CD Config Management Plugin that renders the addons of a fleet" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/eks-fleet-management/fleet-cmp" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# The whole directory, so that the link stays one.
COPY --from=build /src/bin/ /usr/local/bin/
COPY LICENSE NOTICE /usr/share/doc/fleet-cmp/
COPY plugin.yaml /home/argocd/cmp-server/config/plugin.yaml
ENV PATH=/usr/local/bin
# the user of Argo CD's containers, who shares the volumes var-files and plugins
USER 999
ENTRYPOINT ["/usr/local/bin/cmp-server"]
