"""What `make bench` runs: every promise of speed, measured on a real instance beside the limit of this machine."""
