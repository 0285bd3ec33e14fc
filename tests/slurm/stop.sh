#!/bin/bash
# Stop what start.sh started in a folder.
for daemon in slurmd.pid slurmctld.pid munge/pid; do
  [ -e "$1/$daemon" ] && kill "$(cat "$1/$daemon")"
done
exit 0
