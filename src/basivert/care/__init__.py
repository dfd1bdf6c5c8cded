"""The patient's way through the clinic; knows persons and rules, no voxel."""
