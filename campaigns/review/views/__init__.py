"""The pages of the review room: form in, one verb, page out."""
