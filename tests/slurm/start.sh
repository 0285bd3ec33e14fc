#!/bin/bash
# Start a Slurm of one node in a folder: slurmctld, slurmd and munged, without systemd.
#   tests/slurm/start.sh DIR     then  export SLURM_CONF=DIR/slurm.conf
# Needs root and Debian's packages slurm-wlm and munge, which it installs where apt-get can.
set -eu
folder=$(realpath -m "$1")
[ "$(id -u)" -eq 0 ] || { echo "needs root"; exit 1; }
if ! command -v slurmctld > /dev/null || ! command -v munged > /dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && apt-get install -y --no-install-recommends slurm-wlm munge; } \
    > /dev/null 2>&1 || { echo "slurm-wlm and munge cannot be installed"; exit 1; }
fi
mkdir -p "$folder"/{state,spool,log}

# Of an own key and socket, beside whatever the machine runs.
if [ ! -e "$folder/munge.key" ]; then
  head -c 1024 /dev/urandom > "$folder/munge.key"
fi
chown -R munge: "$folder/munge.key"
chmod 400 "$folder/munge.key"
mkdir -p "$folder/munge"
chown munge: "$folder/munge"
chmod 755 "$folder" "$folder/munge"
runuser -u munge -- munged --force --key-file="$folder/munge.key" --socket="$folder/munge/socket" \
  --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"

host=$(hostname -s)
cores=$(nproc)
cat > "$folder/slurm.conf" <<CONF
ClusterName=tvgnn
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket,cred_expire=5
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
ReturnToService=2
MpiDefault=none
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld
SlurmdLogFile=$folder/log/slurmd
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cores State=UNKNOWN
PartitionName=low Nodes=$host Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=60
PartitionName=high Nodes=$host MaxTime=INFINITE State=UP PriorityTier=10
CONF
export SLURM_CONF="$folder/slurm.conf"
slurmctld
slurmd
for _ in $(seq 60); do
  if sinfo --noheader --format=%T 2> /dev/null | grep -q -E 'idle|mixed'; then exit 0; fi
  sleep 0.5
done
echo "no node is up"
tail -n 20 "$folder"/log/*
exit 1
