"""The questions asked of storage, one file per noun. Models import these, never the other way round."""
