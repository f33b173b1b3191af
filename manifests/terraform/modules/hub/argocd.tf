locals {
  sidecar = replace(file("${path.module}/../../../argo-helm/values.yaml"),
  "ghcr.io/eks-fleet-management/fleet-cmp:VERSION", "ghcr.io/eks-fleet-management/fleet-cmp:${var.fleet_cmp_version}")
}

resource "helm_release" "argocd" {
  count            = var.argocd_chart_version == null ? 0 : 1
  name             = "argocd"
  namespace        = var.argocd_namespace
  create_namespace = true
  repository       = "https://argoproj.github.io/argo-helm"
  chart            = "argo-cd"
  version          = var.argocd_chart_version
  values           = concat([local.sidecar], var.argocd_values)

  # Pods get their credentials as they start.
  depends_on = [aws_eks_pod_identity_association.argocd]
}

module "manifest" {
  source = "../manifest"
  count  = var.bootstrap == null ? 0 : 1
  text   = var.bootstrap
}

# A release of its own: the kinds of Argo CD must exist before.
resource "helm_release" "bootstrap" {
  count     = var.bootstrap == null ? 0 : 1
  name      = "fleet-bootstrap"
  namespace = var.argocd_namespace
  chart     = "${path.module}/chart"
  values = [yamlencode({
    cluster = {
      name        = var.name
      config      = module.identity.config
      labels      = merge(var.labels, var.addons)
      annotations = module.identity.metadata
    }
    objects = module.manifest[0].objects
  })]
  depends_on = [helm_release.argocd]
}
