#!/bin/bash
#SBATCH --job-name=tvgnn
#SBATCH --output=tvgnn-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --signal=USR1@300
#SBATCH --no-requeue

set -u
trap : TERM USR1

srun --cpus-per-task=1 tvgnn cluster graph.csv -k 7 --every 1min --checkpoint states
code=$?
exit "$code"
