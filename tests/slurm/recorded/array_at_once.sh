#!/bin/bash
#SBATCH --job-name=tvgnn
#SBATCH --output=tvgnn-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --partition=short
#SBATCH --account=lab
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --array=1-16%4
#SBATCH --signal=USR1@120
#SBATCH --requeue

set -u
trap : TERM USR1

srun --cpus-per-task=1 tvgnn cluster 'my graph.csv' -k 7 --restarts 16 --shards out --checkpoint=keep --shard "$SLURM_ARRAY_TASK_ID/16"
code=$?
if [ "$code" -eq 75 ]; then scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"; fi
exit "$code"
