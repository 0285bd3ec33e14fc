#!/bin/bash
#SBATCH --job-name=tvgnn
#SBATCH --output=tvgnn-%j.log
#SBATCH --open-mode=append
#SBATCH --time=02:00:00
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --signal=USR1@120
#SBATCH --requeue

set -u
trap : TERM USR1

srun --cpus-per-task=4 tvgnn cluster graph.csv -k 7 --checkpoint states
code=$?
if [ "$code" -eq 75 ]; then scontrol requeue $SLURM_JOB_ID; fi
exit "$code"
