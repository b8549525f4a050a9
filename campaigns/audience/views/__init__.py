"""The pages of the audience room: one file for each."""
