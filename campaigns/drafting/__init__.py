"""Words: revisions, drafters and the check that each sentence rests on an issue."""
