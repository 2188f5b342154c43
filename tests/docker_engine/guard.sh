# Keeps a Docker engine for as long as this shell's standard input is open, then removes every trace of it.
#
# $1: the engine's home, a directory of its own. $2: the pool of addresses of its networks. $3: the name of its control groups.
# The rest: the engine's program and its arguments.
set -u
home=$1
pool=$2
group=$3
shift 3

# The inner shell is the first process of a name space: when it ends, the kernel ends the engine, its containerd, the containers and
# what they have mounted. Where an engine writes whatever it is told, it gets empty directories that end with it as well: sockets in
# /run, a key in /etc/docker, plugins in /opt.
unshare --mount --pid --fork --kill-child --mount-proc sh -c '
  exec 3<&0 </dev/null
  for place in /run /etc/docker /opt; do
    if [ -d "$place" ]; then mount -t tmpfs tmpfs "$place"; fi
  done
  "$@" &
  engine=$!
  { cat <&3 >/dev/null; kill -KILL "$engine"; } &
  wait "$engine"
' sh "$@"

# What the kernel keeps beyond the processes: bridges of networks that were not removed, and control groups.
ip -oneline -4 address show to "$pool" type bridge | while read -r _ bridge _; do
  ip link delete "$bridge"
done
find /sys/fs/cgroup -maxdepth 2 -type d -name "$group" | while read -r top; do
  find "$top" -depth -type d -exec rmdir {} \;
done
rm -rf "$home"
