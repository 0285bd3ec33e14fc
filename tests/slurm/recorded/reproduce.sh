#!/bin/bash
#SBATCH --job-name=tvgnn
#SBATCH --output=tvgnn-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --time=04:00:00
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --array=1-8
#SBATCH --signal=USR1@120
#SBATCH --requeue

set -u
trap : TERM USR1

srun --cpus-per-task=2 tvgnn reproduce table1 --results rows --shard "$SLURM_ARRAY_TASK_ID/8"
code=$?
if [ "$code" -eq 75 ]; then scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"; fi
exit "$code"
