"""What the parts cost beside what one would use instead, both measured in the same run. `python -m benchmarks`."""
