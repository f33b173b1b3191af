module github.com/eks-fleet-management/fleet-cmp/internal/tools/pictures

go 1.26.0

require github.com/yuin/goldmark v1.8.7
