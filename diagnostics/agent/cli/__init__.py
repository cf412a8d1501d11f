"""The command lines of the agent: one file a command, each with ``parser()`` and ``main(arguments) -> exit code``."""
