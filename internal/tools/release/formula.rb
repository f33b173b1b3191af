# Homebrew formula of fleet-cmp, made with each release.
class FleetCmp < Formula
  desc "Render, judge and compare the fleet of an Argo CD"
  homepage "https://github.com/eks-fleet-management/fleet-cmp"
  version "@version@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "https://github.com/eks-fleet-management/fleet-cmp/releases/download/v@version@/fleet-cmp_@version@_darwin_arm64.tar.gz"
      sha256 "@darwin_arm64@"
    end
    on_intel do
      url "https://github.com/eks-fleet-management/fleet-cmp/releases/download/v@version@/fleet-cmp_@version@_darwin_amd64.tar.gz"
      sha256 "@darwin_amd64@"
    end
  end
  on_linux do
    on_arm do
      url "https://github.com/eks-fleet-management/fleet-cmp/releases/download/v@version@/fleet-cmp_@version@_linux_arm64.tar.gz"
      sha256 "@linux_arm64@"
    end
    on_intel do
      url "https://github.com/eks-fleet-management/fleet-cmp/releases/download/v@version@/fleet-cmp_@version@_linux_amd64.tar.gz"
      sha256 "@linux_amd64@"
    end
  end

  def install
    libexec.install "fleet-cmp", "cmp-stages", "cmp-server"
    libexec.install_symlink libexec/"fleet-cmp" => "cmp"
    bin.install_symlink libexec/"fleet-cmp"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/fleet-cmp.bash" => "fleet-cmp"
    fish_completion.install "completions/fleet-cmp.fish"
    zsh_completion.install "completions/_fleet-cmp"
    doc.install "NOTICE"
  end

  def caveats
    <<~EOS
      The command is fleet-cmp, since cmp is another program. To call it cmp all the same:
        alias cmp=fleet-cmp
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/fleet-cmp version")
    # A fleet from nothing, rendered by all executables: cmp-stages makes the Applications.
    system bin/"fleet-cmp", "init", "fleet", "--hub", "hub", "--tenant", "platform", "--environment", "prod",
           "--region", "eu-west-1", "--repo-url", "https://git.example.com/fleet.git",
           "--component", "web=https://charts.example.com/web:1.0.0"
    assert_match "kind: Application", shell_output("#{bin}/fleet-cmp render fleet --group addons --cluster hub --stage applications")
  end
end
