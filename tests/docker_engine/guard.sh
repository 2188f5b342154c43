# Keeps a Docker engine for as long as this shell's standard input is open, then removes every trace of it.
#
# $1: the engine's home, a directory of its own, whose name its control groups have too. The rest: the engine's program and its
# arguments.
set -u
home=$1
shift

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

# What the kernel keeps beyond the processes: bridges of networks that were not removed, which are named after the numbers that the
# engine has written down, and control groups.
grep --text --only-matching --extended-regexp '[0-9a-f]{64}' "$home/data/network/files/local-kv.db" | cut -c 1-12 | sort -u |
  while read -r network; do
    if [ -e "/sys/class/net/br-$network" ]; then ip link delete "br-$network"; fi
  done
find /sys/fs/cgroup -maxdepth 2 -type d -name "${home##*/}" | while read -r group; do
  find "$group" -depth -type d -exec rmdir {} \;
done
rm -rf "$home"
