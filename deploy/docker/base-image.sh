#!/usr/bin/env bash
# Makes a base image without any registry: Debian by debootstrap, this
# machine's Node, `docker import`.
#
#   deploy/docker/base-image.sh [IMAGE]      default: muster-base:local
#
# Needs root, debootstrap and Docker. Takes from the environment:
#   NODE     the Node that goes into the image   default: the one in PATH
#   SUITE    Debian's name                       default: bookworm
#   MIRROR   where its packages come from        default: apt's first one here
set -euo pipefail

image=${1:-muster-base:local}
node=$(readlink -f "${NODE:-$(command -v node)}")
suite=${SUITE:-bookworm}
mirror=${MIRROR:-$(apt-get indextargets --format '$(SITE)' \
  'Created-By: Packages' 'Origin: Debian' | head -n 1)}
mirror=${mirror:-http://deb.debian.org/debian}

root=$(mktemp -d)
# in memory where that is allowed: dpkg waits for the disk after each file
mount -t tmpfs -o size=1g,mode=0755 muster-base "$root" 2>/dev/null || true
clean_up() {
  ! mountpoint -q "$root" || umount "$root"
  rm -rf "$root" "$root.log"
}
trap clean_up EXIT

echo "base image: Debian $suite with tini"
debootstrap --variant=minbase --include=tini "$suite" "$root" "$mirror" \
  >"$root.log" 2>&1 || {
  tail -n 20 "$root.log" >&2
  exit 1
}

install -m 0755 "$node" "$root/usr/local/bin/node"
# fails here, and not in a container, when Node wants another C library
version=$(chroot "$root" /usr/local/bin/node --version)
echo "base image: Node $version"

# what nobody in a container reads
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* \
  "$root"/usr/share/{man,info,locale,lintian} "$root"/usr/share/doc-base
find "$root/usr/share/doc" -type f ! -name copyright -delete

tar --numeric-owner -C "$root" --exclude='./dev/*' --exclude='./proc/*' \
  --exclude='./sys/*' -c . |
  docker import \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'CMD ["node"]' \
    --change "LABEL muster.base.node=$version muster.base.suite=$suite" \
    ${BASE_LABEL:+--change "LABEL $BASE_LABEL"} \
    - "$image"
