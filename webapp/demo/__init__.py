"""`make demo`: real launches of a small real program, in two versions of which the second is slower."""
