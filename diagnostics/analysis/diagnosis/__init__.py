"""Why a launch was slow or failed: rules over a launch and its evidence, each of them pure and small."""
