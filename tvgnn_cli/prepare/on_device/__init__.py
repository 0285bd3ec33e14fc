"""Preparation on the device that trains: what takes long on the CPU, in torch."""
