#!/bin/bash
#SBATCH --job-name=big
#SBATCH --output=big-%j.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --gpus=1
#SBATCH --signal=USR1@120
#SBATCH --requeue

set -u
module load cuda
trap : TERM USR1

srun --cpus-per-task=2 tvgnn cluster graph.npz -k 20 --checkpoint states
code=$?
if [ "$code" -eq 75 ]; then scontrol requeue $SLURM_JOB_ID; fi
exit "$code"
