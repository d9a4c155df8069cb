#!/bin/sh
# Builds the image and tries it, hardened, alone and with compose, on a Debian 12 without a docker engine: with the
# buildah, podman and podman-compose that Debian packages. Needs root and 5 GB.
#
#   SCRATCH=/var/tmp/try docker/try-image.sh     where images and containers live meanwhile (default: below /tmp)
#   DEBIAN_MIRROR=… DEBIAN_SECURITY_MIRROR=…     default: where this machine's apt gets bookworm from
#
# debian:bookworm-slim, redis:7-bookworm and haproxy:3.0-alpine are made here from Debian's archive under the names of
# the real ones: the real redis and haproxy images are not tried. Without systemd podman complains that it cannot time
# health checks; they are run here.
set -eu
cd "$(dirname "$0")/.."
scratch=${SCRATCH:-/tmp/atende-try-image}
tree=$scratch/tree

say() { printf '\n== %s\n' "$*"; }
die() { echo "FAILED: $*" >&2; exit 1; }
# shellcheck disable=SC2016 # apt expands it
apt_source() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $1" 'Origin: Debian' | head -n 1; }

install_tools() {
    for tool in buildah podman podman-compose runc debootstrap iptables curl; do
        command -v "$tool" >/dev/null && continue
        apt-get update
        apt-get install -y --no-install-recommends buildah podman podman-compose runc debootstrap netavark aardvark-dns \
            iptables uidmap curl
        return
    done
}

# What containers in a container need: runc (crun wants systemd's cgroups), small limits, no isolation while building.
configure_tools() {
    mkdir -p "$scratch"
    export CONTAINERS_CONF="$scratch/containers.conf" CONTAINERS_STORAGE_CONF="$scratch/storage.conf"
    export BUILDAH_ISOLATION=chroot BUILDAH_FORMAT=docker # the OCI format knows no HEALTHCHECK
    cat >"$CONTAINERS_CONF" <<END
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "netavark"
END
    printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/storage"\nrunroot = "%s/run"\n' "$scratch" "$scratch" \
        >"$CONTAINERS_STORAGE_CONF"
}

make_base_images() {
    podman image exists docker.io/library/haproxy:3.0-alpine && return
    mirror=${DEBIAN_MIRROR:-$(apt_source bookworm)}
    security=${DEBIAN_SECURITY_MIRROR:-$(apt_source bookworm-security)}
    say "base images from $mirror and $security"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$scratch/rootfs" "$mirror" >"$scratch/debootstrap.log"
    printf 'deb %s bookworm main\ndeb %s bookworm-updates main\ndeb %s bookworm-security main\n' \
        "$mirror" "$mirror" "$security" >"$scratch/rootfs/etc/apt/sources.list"
    printf '#!/bin/sh\nexit 101\n' >"$scratch/rootfs/usr/sbin/policy-rc.d"
    chmod +x "$scratch/rootfs/usr/sbin/policy-rc.d"
    printf '%s\n' 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };' 'Dir::Cache::pkgcache "";' \
        'Dir::Cache::srcpkgcache "";' >"$scratch/rootfs/etc/apt/apt.conf.d/docker-clean" # as in Debian's own images
    rm -rf "$scratch"/rootfs/var/cache/apt/archives/*.deb "$scratch"/rootfs/var/lib/apt/lists/* \
        "$scratch"/rootfs/usr/share/doc/* "$scratch"/rootfs/usr/share/man/* "$scratch"/rootfs/usr/share/locale/*
    tar -C "$scratch/rootfs" -c . | podman import --change 'CMD ["bash"]' - docker.io/library/debian:bookworm-slim
    rm -rf "$scratch/rootfs"
    image_of redis-server redis:7-bookworm <<'END'
RUN install -d -o redis -g redis /data
VOLUME /data
WORKDIR /data
ENTRYPOINT ["/bin/sh", "-c", "exec \"$@\" --bind 0.0.0.0 --protected-mode no", "redis"]
CMD ["redis-server"]
END
    image_of haproxy haproxy:3.0-alpine <<'END'
USER haproxy
STOPSIGNAL SIGUSR1
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
END
}

image_of() { # package, name; the Dockerfile's end on standard input
    { printf 'FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y --no-install-recommends %s \\\n' "$1" &&
        printf '    && rm -rf /var/lib/apt/lists/*\n' && cat; } | buildah bud -t "docker.io/library/$2" -
}

# podman-compose 1.0.3 knows neither optional env files, nor profiles, nor --scale.
copy_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    cp -r .dockerignore Dockerfile docker-compose.yml CMakeLists.txt CMakePresets.json cmake docker include profiles src \
        web "$tree"
    sed -i -e '/^    env_file:/,/^        required: false/d; /^  caddy:/,/^$/d' \
        -e 's/^  agent:$/&\n    deploy:\n      replicas: 3/' "$tree/docker-compose.yml"
}

wait_for_health() {
    for _ in $(seq 50); do
        podman exec "$1" atende health >/dev/null 2>&1 && return
        sleep 0.2
    done
    podman logs "$1"
    die "$1 is not healthy after 10 s"
}

expect_lead_saved() {
    podman exec "$1" atende dm --timeout 20 'oi, tem a XY 150?' 'meu nome é Ana Souza' '(81) 99876-5432' | tee "$scratch/answer"
    grep -q 'Anotei seu contato' "$scratch/answer" || die 'the customer was not answered'
    podman exec "$1" grep -q 'Ana Souza' /data/leads.csv || die 'the lead is not in /data/leads.csv'
}

expect_clean_stop() {
    podman stop --time 30 "$1" >/dev/null
    code=$(podman inspect --format '{{.State.ExitCode}}' "$1")
    [ "$code" = 0 ] || die "SIGTERM ended $1 with $code"
    echo "SIGTERM: exit code 0"
}

try_alone() {
    say 'the image alone: read-only root, no capabilities, private Redis'
    podman run -d --name atende-alone --read-only --tmpfs /tmp --cap-drop all --security-opt no-new-privileges \
        --memory 256m --pids-limit 100 atende >/dev/null
    wait_for_health atende-alone
    podman healthcheck run atende-alone || die 'HEALTHCHECK says unhealthy'
    uid=$(podman exec atende-alone id -u)
    [ "$uid" = 10001 ] || die "runs as uid $uid"
    echo "healthy, uid $uid"
    podman exec atende-alone touch /usr/local/bin/x 2>/dev/null && die 'the root file system is writable'
    podman exec atende-alone grep -E '^(CapEff|NoNewPrivs)' /proc/1/status
    expect_lead_saved atende-alone
    expect_clean_stop atende-alone
    podman start atende-alone >/dev/null
    wait_for_health atende-alone
    podman exec atende-alone grep -q 'Ana Souza' /data/leads.csv || die 'the lead did not survive a restart'
    expect_clean_stop atende-alone
    podman rm -v atende-alone >/dev/null
}

# Until every request is taken, as the proxy has found the agents.
wait_for_proxy() {
    for _ in $(seq 50); do
        curl -fsS --max-time 2 http://127.0.0.1:8000/health >/dev/null 2>&1 && return
        sleep 0.2
    done
    podman logs "$(podman ps --format '{{.Names}}' | grep atende-try_proxy)"
    die 'nothing answers at http://127.0.0.1:8000 after 10 s'
}

try_compose() {
    say 'compose: three agents, redis and the proxy'
    (cd "$tree" && podman-compose -p atende-try up -d)
    agents=$(podman ps --format '{{.Names}}' | grep atende-try_agent)
    [ "$(echo "$agents" | wc -l)" = 3 ] || die "not three agents: $agents"
    for agent in $agents; do wait_for_health "$agent"; done
    wait_for_proxy
    victim=$(echo "$agents" | head -n 1)
    podman kill --signal KILL "$victim" >/dev/null
    for _ in $(seq 30); do
        curl -fsS --max-time 5 http://127.0.0.1:8000/health >/dev/null || die "a request was lost with $victim"
    done
    echo "30 requests after $victim was killed: none lost"
    agent=$(echo "$agents" | tail -n 1)
    podman exec "$agent" atende config | grep '^REDIS_URL='
    expect_lead_saved "$agent"
    podman logs "$agent"
    expect_clean_stop "$agent"
    (cd "$tree" && podman-compose -p atende-try down -v)
}

clean_up() {
    podman rm -f -v -a >/dev/null 2>&1 || true # of this scratch storage only
    podman network rm -f atende-try_default >/dev/null 2>&1 || true
}

[ "$(id -u)" = 0 ] || die 'run this as root'
install_tools
configure_tools
trap clean_up EXIT
make_base_images
copy_tree
say 'building'
buildah bud --layers -t localhost/atende "$tree"
podman images --format '{{.Repository}}:{{.Tag}} {{.Size}}'
try_alone
try_compose
say 'the image works'
